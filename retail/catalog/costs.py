"""What products cost the business: the one definition, docs/algorithms/costing.md, section 6.

Catalogue is below stock, so the balances are read by the name of their table alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

# One statement for all that is asked about and lies in its kits. Each is found by its index, whatever the planner
# guesses of how many parts there are: a page of fifty never reads the whole catalogue.
# A balance without a cost says nothing; a kit of goods of which one has no known cost has none either.
_COSTS: Final = """
WITH wanted AS MATERIALIZED (
  SELECT p.id, p.kind, p.unit_cost FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])),
inside AS MATERIALIZED (
  SELECT * FROM kit_parts(ARRAY(SELECT w.id FROM wanted w WHERE w.kind = 'kit'))),
each_one AS MATERIALIZED (
  SELECT u.id, p.kind, round(coalesce(h.cost, p.unit_cost), 6) AS cost
    FROM (SELECT w.id FROM wanted w WHERE w.kind <> 'kit' UNION SELECT i.part_id FROM inside i) u
   CROSS JOIN LATERAL (SELECT a.kind, a.unit_cost FROM product a
                        WHERE a.tenant_id = $1 AND a.id = u.id OFFSET 0) p
   CROSS JOIN LATERAL (
         SELECT coalesce(sum(b.on_hand * b.unit_cost) FILTER (WHERE b.on_hand > 0)
                         / sum(b.on_hand) FILTER (WHERE b.on_hand > 0),
                         (array_agg(b.unit_cost ORDER BY b.updated_at DESC, b.store_id))[1]) AS cost
           FROM stock_balance b
          WHERE b.tenant_id = $1 AND b.product_id = u.id AND b.unit_cost > 0) h),
kits AS (
  SELECT i.kit_id, round(sum(i.quantity * e.cost), 6) AS cost
    FROM inside i JOIN each_one e ON e.id = i.part_id
   GROUP BY i.kit_id HAVING bool_and(e.cost > 0 OR e.kind <> 'goods'))
SELECT w.id, CASE w.kind WHEN 'kit' THEN coalesce(nullif(k.cost, 0), w.unit_cost) ELSE e.cost END AS cost
  FROM wanted w
  LEFT JOIN each_one e ON e.id = w.id
  LEFT JOIN kits k ON k.kit_id = w.id
"""


async def costs(read: Read, products: Collection[UUID]) -> dict[UUID, Decimal]:
    """Tell what one of each costs the business, in minor units with up to six decimals; 0 where nobody knows.

    Goods: the mean of the stores by what each has on hand; where none has any, the mean that was known last; where
    none ever had any, what was typed. A kit: its parts by quantity, however deep, else what was typed.
    """
    if not products:
        return {}
    rows = await read.fetch(_COSTS, read.tenant, list(products))
    return {row["id"]: row["cost"] for row in rows}


async def cost_of(read: Read, product: UUID) -> Decimal:
    """Tell what one of a product costs the business, as `costs` does; 0 too where there is no such product."""
    return (await costs(read, [product])).get(product, Decimal(0))


async def costs_by_sku(read: Read, skus: Sequence[str]) -> dict[str, Decimal]:
    """Tell by SKU what one of each costs the business, as `costs` does."""
    rows = await read.fetch("SELECT id, sku FROM product WHERE tenant_id = $1 AND sku = ANY ($2)", read.tenant, skus)
    found = await costs(read, [row["id"] for row in rows])
    return {row["sku"]: found[row["id"]] for row in rows}
