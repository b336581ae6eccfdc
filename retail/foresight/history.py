"""What was sold a day, by store, category and product: what forecasts are made from. Plain rows; no numerics here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.planned import AHEAD, Planned, planned
from retail.kit.clock import business_day
from retail.runtime.db import Read, Row
from retail.tenants.queries import StoreFacts, stores, this_tenant

Level = Literal["total", "store", "category", "product"]
Measure = Literal["revenue", "units"]

_BOTH: Final[tuple[Measure, ...]] = ("revenue", "units")
YEARS_DAYS: Final = 3 * 366
MOST_PRODUCTS: Final = 5_000
"""Series of products: those that brought most in the last 91 days."""

_STORES: Final = """
SELECT h.store_id, h.business_date AS day, sum(h.units) AS units,
       sum(h.revenue_minor + h.refunds_minor)::bigint AS revenue
  FROM sales_hour h WHERE h.tenant_id = $1 AND h.business_date BETWEEN $2 AND $3 GROUP BY 1, 2
"""
_CATEGORIES: Final = """
SELECT c.category_id, c.business_date AS day, sum(c.units) AS units, sum(c.revenue_minor)::bigint AS revenue
  FROM category_day c WHERE c.tenant_id = $1 AND c.business_date BETWEEN $2 AND $3 GROUP BY 1, 2
"""
_PRODUCTS: Final = """
WITH best AS (
  SELECT d.store_id, d.product_id FROM product_day d
    JOIN product p ON p.tenant_id = $1 AND p.id = d.product_id AND p.archived_at IS NULL
   WHERE d.tenant_id = $1 AND d.business_date BETWEEN $3::date - 90 AND $3
   GROUP BY 1, 2 HAVING sum(d.units) > 0 ORDER BY sum(d.revenue_minor) DESC, 1, 2 LIMIT $4)
SELECT d.store_id, d.product_id, d.business_date AS day, d.units
  FROM best b JOIN product_day d ON d.tenant_id = $1 AND d.store_id = b.store_id AND d.product_id = b.product_id
 WHERE d.business_date BETWEEN $2 AND $3
"""

Subject = tuple[UUID, UUID]
"""A store and a category or product; NOBODY for all stores, or for none."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What series sold: (store, subject) to amounts by day, in minor units or units. Days without one sold nothing."""

    level: Level
    measure: Measure
    amounts: dict[Subject, dict[date, float]]


@dataclass(frozen=True, slots=True)
class History:
    """All series of a business up to the last day that is over, and on which days each store was open."""

    first: date
    last: date
    country: str
    opened: dict[UUID, set[date]]
    sold: tuple[Sold, ...]
    planned: tuple[Planned, ...] = ()
    """Offers on products, on days that are over and on those to come."""


async def history(read: Read) -> History | None:
    """Read what was sold on the days that are over in every store, at most three years back; None without a sale."""
    places = [one for one in await stores(read) if one.archived_at is None]
    last = last_day(read, places)
    begun: date | None = await read.fetchval(
        "SELECT min(business_date) FROM sales_hour WHERE tenant_id = $1", read.tenant
    )
    if begun is None or begun > last:
        return None
    first = max(begun, last - timedelta(days=YEARS_DAYS - 1))
    days = (first, last)
    known = {one.id for one in places}
    held = _Held()
    for row in await read.fetch(_STORES, read.tenant, *days):
        held.opened.setdefault(row["store_id"], set()).add(row["day"])
        held.add("total", (NOBODY, NOBODY), row)
        if row["store_id"] in known:
            held.add("store", (row["store_id"], NOBODY), row)
    for row in await read.fetch(_CATEGORIES, read.tenant, *days):
        held.add("category", (NOBODY, row["category_id"]), row)
    for row in await read.fetch(_PRODUCTS, read.tenant, *days, MOST_PRODUCTS):
        if row["store_id"] in known:
            held.add("product", (row["store_id"], row["product_id"]), row, ("units",))
    facts = await this_tenant(read)
    whole = tuple(Sold(level, measure, amounts) for (level, measure), amounts in held.sums.items())
    offers = await planned(read, first, last + timedelta(days=AHEAD))
    return History(first, last, facts.country, held.opened, whole, tuple(offers))


class _Held:
    """What is being gathered."""

    def __init__(self) -> None:
        self.opened: dict[UUID, set[date]] = {}
        self.sums: dict[tuple[Level, Measure], dict[Subject, dict[date, float]]] = {}

    def add(
        self, level: Level, subject: Subject, row: Row, measures: tuple[Measure, ...] = ("revenue", "units")
    ) -> None:
        for measure in measures:
            days = self.sums.setdefault((level, measure), {}).setdefault(subject, {})
            days[row["day"]] = days.get(row["day"], 0.0) + float(row[measure])


def last_day(read: Read, places: Sequence[StoreFacts]) -> date:
    """Give the last business day that is over in each of these stores."""
    todays = [business_day(read.now, one.timezone, one.day_cutoff_hour) for one in places]
    return min(todays, default=read.now.date()) - timedelta(days=1)
