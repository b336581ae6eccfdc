"""What goods are worth that come to a store and nobody says what they cost: the cost that somebody knows.

docs/algorithms/costing.md, section 3. A cost of zero that nobody typed would make a gift of them: they would be in the
books at nothing, and every sale of them all profit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.costs import costs
from retail.runtime.db import Read
from retail.stock.queries import Level

_HERE: Final = """
SELECT p.id, coalesce(nullif(b.unit_cost, 0), p.unit_cost) AS unit_cost
  FROM unnest($3::uuid[]) AS u (product_id)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = p.id
"""
# Of suppliers in the business's own money: what others ask needs a rate, and a guess isn't a cost.
_ASKED: Final = """
SELECT DISTINCT ON (x.product_id) x.product_id, x.cost
  FROM product_supplier x
  JOIN supplier s ON s.tenant_id = x.tenant_id AND s.id = x.supplier_id
  JOIN tenant t ON t.id = x.tenant_id
 WHERE x.tenant_id = $1 AND x.product_id = ANY ($2::uuid[]) AND x.cost > 0 AND s.archived_at IS NULL
   AND s.currency = t.currency
 ORDER BY x.product_id, x.preferred DESC, x.updated_at DESC, x.supplier_id
"""


async def known_costs(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Tell what one of each is worth that comes to a store without a cost of its own; 0 where nobody knows any.

    The store's own cost, else what was typed on the product, else what it costs other stores, else what a supplier
    asks, the preferred one first. Minor units with six decimals; unknown products are left out.
    """
    rows = await read.fetch(_HERE, read.tenant, store, list(set(products)))
    found: dict[UUID, Decimal] = {row["id"]: row["unit_cost"] for row in rows}
    if missing := [product for product, cost in found.items() if not cost]:
        found |= await costs(read, missing)
    if missing := [product for product, cost in found.items() if not cost]:
        found |= {row["product_id"]: row["cost"] for row in await read.fetch(_ASKED, read.tenant, missing)}
    return found


async def known_cost(read: Read, store: UUID, product: UUID) -> Decimal:
    """Tell what one of a product is worth that comes to a store without a cost of its own; 0 where nobody knows."""
    return (await known_costs(read, store, [product])).get(product, Decimal(0))


async def costs_of_coming(
    read: Read, levels: Mapping[tuple[UUID, UUID], Level], coming: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Decimal]:
    """Tell at what unit cost goods that turn up come to these balances: as they cost there, else as is known."""
    found = {key: levels[key].unit_cost for key in coming}
    for store in {key[0] for key, cost in found.items() if not cost}:
        missing = [product for (where, product), cost in found.items() if where == store and not cost]
        found |= {(store, product): cost for product, cost in (await known_costs(read, store, missing)).items()}
    return found
