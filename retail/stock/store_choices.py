"""Which stores the pages of stock offer: those in use, and closed ones for as long as something lies in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.tenants.queries import StoreFacts

_HOLD: Final = """
SELECT s.id FROM unnest($2::uuid[]) AS s (id)
 WHERE EXISTS (SELECT FROM stock_balance b WHERE b.tenant_id = $1 AND b.store_id = s.id AND b.on_hand <> 0)
    OR EXISTS (SELECT FROM stock_delta d WHERE d.tenant_id = $1 AND d.store_id = s.id)
"""


async def store_choices(read: Read, stores: Sequence[StoreFacts], picked: UUID | None = None) -> list[tuple[str, str]]:
    """Give the stores that a filter offers; one that is closed only where it holds stock, or was `picked`."""
    closed = [one.id for one in stores if one.archived_at is not None]
    kept = {row["id"] for row in await read.fetch(_HOLD, read.tenant, closed)} | {picked} if closed else set()
    return [(str(one.id), one.called) for one in stores if one.archived_at is None or one.id in kept]
