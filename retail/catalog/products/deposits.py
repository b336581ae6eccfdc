"""Which deposits go with a product: its own, and those of everything that is in it. docs/algorithms/goods.md, 4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

# As deep as kit_parts goes. A weighed part has one deposit for each kit that it is in, as a weighed line has one.
_ALONG: Final = """
WITH RECURSIVE inside AS (
    SELECT p.id AS top, p.id, p.deposit_id, 1::numeric AS quantity, 0 AS depth
      FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
     UNION ALL
    SELECT i.top, p.id, p.deposit_id, i.quantity * CASE WHEN p.decimals > 0 THEN 1 ELSE c.quantity END, i.depth + 1
      FROM inside i
      JOIN component c ON c.tenant_id = $1 AND c.kit_id = i.id
      JOIN product p ON p.tenant_id = $1 AND p.id = c.part_id
     WHERE i.depth < 4)
SELECT i.top, i.deposit_id, ceil(sum(i.quantity))::integer AS each
  FROM inside i WHERE i.deposit_id IS NOT NULL
 GROUP BY i.top, i.deposit_id ORDER BY i.top, min(i.depth), i.deposit_id
"""
_CARRIERS: Final = """
WITH RECURSIVE around AS (
    SELECT p.id, 0 AS depth FROM product p WHERE p.tenant_id = $1 AND p.deposit_id = ANY ($2::uuid[])
     UNION
    SELECT p.id, 0 FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($3::uuid[])
     UNION
    SELECT c.kit_id, a.depth + 1 FROM around a JOIN component c ON c.tenant_id = $1 AND c.part_id = a.id
     WHERE a.depth < 4)
SELECT DISTINCT id FROM around
"""


async def deposits_of(read: Read, products: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int]]]:
    """Give each product's deposits with how many go with one of it; its own first. Those without any are left out."""
    found: defaultdict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for top, deposit, each in await read.fetch(_ALONG, read.tenant, list(products)):
        found[top].append((deposit, each))
    return dict(found)


async def carriers(read: Read, deposits: Sequence[UUID], parts: Sequence[UUID] = ()) -> list[UUID]:
    """Give the products that any of these deposits goes with, and these products with the kits that hold them."""
    rows = await read.fetch(_CARRIERS, read.tenant, list(deposits), list(parts))
    return [row["id"] for row in rows]
