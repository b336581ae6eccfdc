"""How a product's own price came to be what it is, whatever changed it: its page, a file, many at once, an undo."""

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
        """SELECT effective_at, actor_name, from_minor, to_minor FROM price_change
            WHERE tenant_id = $1 AND product_id = $2 AND list_id IS NULL AND applied_at IS NOT NULL
            ORDER BY effective_at DESC, id DESC LIMIT $3""",
        read.tenant,
        product,
        MOST,
    )
    return [PriceStep(*row) for row in rows]
