"""What the stores have; reads to plain values and frozen dataclasses, and the locks of the stock room."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from retail.runtime.db import Read

# One statement, one snapshot: a fold moves a quantity from deltas to the balance in one commit, so no reader can
# see it twice or not at all.
_ON_HAND = """
SELECT u.product_id,
       coalesce((SELECT b.on_hand FROM stock_balance b
                  WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = u.product_id), 0)
     + coalesce((SELECT sum(d.quantity) FROM stock_delta d
                  WHERE d.tenant_id = $1 AND d.store_id = $2 AND d.product_id = u.product_id), 0) AS on_hand
  FROM unnest($3::uuid[]) AS u (product_id)
"""

_UNIT_COSTS = """
SELECT p.id, coalesce(b.unit_cost, p.unit_cost) AS unit_cost
  FROM unnest($3::uuid[]) AS u (product_id)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = p.id
"""


async def on_hand(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Tell what a store has of some products, exactly as of now; 0 for what never moved."""
    rows = await read.fetch(_ON_HAND, read.tenant, store, list(set(products)))
    return {row["product_id"]: row["on_hand"] for row in rows}


async def unit_costs(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Tell what a unit costs a store, in minor units with six decimals: its moving average, else the product's cost.

    Unknown products are left out.
    """
    rows = await read.fetch(_UNIT_COSTS, read.tenant, store, list(set(products)))
    return {row["id"]: row["unit_cost"] for row in rows}
