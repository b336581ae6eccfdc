"""What lies in blocked places: it is on hand and worth something, and nobody sells or promises it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

BLOCKED: Final = """coalesce((SELECT sum(c.on_hand) FROM stock_place c
    JOIN location o ON o.tenant_id = c.tenant_id AND o.id = c.location_id AND o.kind = 'blocked'
   WHERE c.tenant_id = $1 AND c.store_id = {store} AND c.product_id = {product}), 0)"""
"""SQL of how much of a product lies in blocked places of a store."""

ALL_BLOCKED: Final = """SELECT c.store_id, c.product_id, sum(c.on_hand) AS quantity FROM stock_place c
               JOIN location o ON o.tenant_id = c.tenant_id AND o.id = c.location_id AND o.kind = 'blocked'
              WHERE c.tenant_id = $1 AND c.on_hand > 0 GROUP BY 1, 2"""
"""The same of everything at once, to be joined where many rows ask."""


async def blocked(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Add up what lies in blocked places of a store, of some products; 0 where nothing does."""
    rows = await read.fetch(
        f"SELECT u.id, {BLOCKED.format(store='$2', product='u.id')} AS blocked"  # noqa: S608 - constants
        " FROM unnest($3::uuid[]) AS u (id)",
        read.tenant,
        store,
        list(set(products)),
    )
    return {row["id"]: row["blocked"] for row in rows}
