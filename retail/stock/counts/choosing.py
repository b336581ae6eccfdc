"""Which products a count begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.stock.insights import classes_of

# What waits to be folded counts too: a product that was received a moment ago is on the shelf.
_ALL: Final = """
SELECT b.product_id FROM stock_balance b JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
 WHERE b.tenant_id = $1 AND b.store_id = $2 AND (b.on_hand <> 0 OR p.archived_at IS NULL) AND p.kind = 'goods'
   AND ($3::uuid IS NULL OR p.category_id = $3)
 UNION
SELECT d.product_id FROM stock_delta d JOIN product p ON p.tenant_id = d.tenant_id AND p.id = d.product_id
 WHERE d.tenant_id = $1 AND d.store_id = $2 AND p.kind = 'goods' AND ($3::uuid IS NULL OR p.category_id = $3)
"""


async def chosen(read: Read, store: UUID, kind: str, classes: Sequence[str], category: UUID | None) -> list[UUID]:
    """Give the goods that ever moved in the store, narrowed to a group and, for a cycle, to classes."""
    rows = await read.fetch(_ALL, read.tenant, store, category)
    products = [row["product_id"] for row in rows]
    if kind != "cycle":
        return products
    known = await classes_of(read, store)
    return [product for product in products if known.get(product, "C") in classes]
