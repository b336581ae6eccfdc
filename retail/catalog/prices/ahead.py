"""What prices will be at a moment to come: what the last plan up to then sets, or else what holds now.

In the order in which they are applied: by their moments, then by their ids (retail/catalog/prices/applying.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

# Plans that stand: neither applied nor taken back, and of no batch that is still written or is being undone.
AHEAD: Final = """
  FROM price_change a LEFT JOIN price_batch ab ON ab.tenant_id = a.tenant_id AND ab.id = a.batch_id
 WHERE a.tenant_id = $1 AND a.applied_at IS NULL AND a.undone_at IS NULL
   AND (a.batch_id IS NULL OR (ab.ready_at IS NOT NULL AND ab.undoing_at IS NULL))
"""
_OWN: Final = f"""
SELECT coalesce((SELECT a.to_minor {AHEAD} AND a.product_id = p.id AND a.list_id IS NULL AND a.effective_at <= $3
                  ORDER BY a.effective_at DESC, a.id DESC LIMIT 1), p.price_minor)
  FROM product p WHERE p.tenant_id = $1 AND p.id = $2
"""  # noqa: S608 - of constants


async def own_price_at(read: Read, product: UUID, at: datetime | None) -> int | None:
    """Tell what a product's own price will be right before a plan for `at` (None: for now); None: no such product."""
    price: int | None = await read.fetchval(_OWN, read.tenant, product, at)
    return price
