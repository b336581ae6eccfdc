"""Past baskets as the worker reads them: which days, and which product was in which sale."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.recommending.rules import MOST_SALES, Window, longest, window
from retail.runtime.db import Read
from retail.tenants.queries import stores, this_tenant

_PREFETCH: Final = 5_000
_COUNT: Final = """
SELECT count(*) FROM (SELECT FROM sale WHERE tenant_id = $1 AND kind = 'sale' AND business_date BETWEEN $2 AND $3
                       LIMIT $4) AS s
"""
# A line that hangs on another is a deposit: bought because of it, not with it. What all came back wasn't liked.
_LINES: Final = """
WITH baskets AS (
  SELECT s.id FROM sale s WHERE s.tenant_id = $1 AND s.kind = 'sale' AND s.business_date BETWEEN $2 AND $3
   ORDER BY s.business_date DESC, s.id DESC LIMIT $4)
SELECT b.id AS sale, l.product_id AS product FROM baskets b
  JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = b.id
 WHERE l.product_id IS NOT NULL AND l.parent_id IS NULL AND l.quantity > 0
   AND NOT EXISTS (SELECT FROM sale_line r
                    WHERE r.tenant_id = $1 AND r.original_sale_id = l.sale_id AND r.original_line_id = l.id
                      AND r.returned_before - r.quantity >= l.quantity)
"""


@dataclass(frozen=True, slots=True)
class Baskets:
    """Lines of past sales: `basket[k]` holds product `products[item[k]]`; products stand in the order of their ids."""

    products: Sequence[UUID]
    basket: array[int]
    item: array[int]


async def window_of(read: Read) -> Window:
    """Choose the days to read."""
    tenant = await this_tenant(read)
    days = [business_day(read.now, one.timezone, one.day_cutoff_hour) for one in await stores(read)]
    today = max(days, default=business_day(read.now, tenant.timezone))
    year = longest(today)
    return window(today, await read.fetchval(_COUNT, read.tenant, year.first, year.last, MOST_SALES))


async def past_baskets(read: Read, days: Window) -> Baskets:
    """Read what was in each sale of these days, the newest 300,000 of them; returns are left out."""
    rows = await read.fetch("SELECT id FROM product WHERE tenant_id = $1 ORDER BY id", read.tenant)
    products = [row["id"] for row in rows]
    places = {id: place for place, id in enumerate(products)}
    sales: dict[UUID, int] = {}
    found = Baskets(products, array("q"), array("q"))
    async for row in read.conn.cursor(_LINES, read.tenant, days.first, days.last, MOST_SALES, prefetch=_PREFETCH):
        found.basket.append(sales.setdefault(row["sale"], len(sales)))
        found.item.append(places[row["product"]])
    return found
