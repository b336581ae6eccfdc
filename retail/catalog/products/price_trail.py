"""How a product's price came to be what it is, as the audit trail has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A price that was set: when, by whom, and what it was before (None: it was new)."""

    at: datetime
    actor_name: str
    before_minor: int | None
    price_minor: int


async def prices(read: Read, product: UUID) -> list[PriceStep]:
    """List the changes of a product's own price, the newest first, at most MOST."""
    rows = await read.fetch(
        """SELECT e.at, e.actor_name, (e.facts -> 'before' ->> 'price_minor')::bigint AS before,
                  (e.facts -> 'after' ->> 'price_minor')::bigint AS price
             FROM audit_event e
            WHERE e.tenant_id = $1 AND e.subject_id = $2 AND e.subject_kind = 'product'
              AND e.facts -> 'after' ? 'price_minor'
            ORDER BY e.id DESC LIMIT $3""",
        read.tenant,
        product,
        MOST,
    )
    return [PriceStep(*row) for row in rows]
