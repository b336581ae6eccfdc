"""Figures of a period and of what it is compared with, from the rollups alone: one statement, whatever was sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.analytics.rules import Period, Totals, Window, total
from retail.runtime.db import Read, Row

# Two ranges of the primary key per store. `counted` marks what may be compared: past days, and of a store's today the
# hours that are over; the hour that runs would set a quarter of an hour against a whole one.
_FIGURES: Final = """
SELECT h.business_date < w.first AS before,
       CASE WHEN h.business_date < w.first THEN h.business_date + $8 ELSE h.business_date END AS day,
       CASE WHEN $9 THEN h.local_hour ELSE 0 END AS hour,
       CASE WHEN h.business_date < w.first THEN h.business_date + $8 ELSE h.business_date END < w.today
         OR (h.business_date IN (w.today, w.today - $8) AND (h.local_hour - w.cutoff + 24) % 24 < w.reached) AS counted,
       sum(h.sales)::bigint AS sales, sum(h.units) AS units, sum(h.revenue_minor)::bigint AS revenue,
       sum(h.tax_minor)::bigint AS tax, sum(h.cost_minor)::bigint AS cost, sum(h.refunds)::bigint AS returns,
       sum(h.refunds_minor)::bigint AS refunds
  FROM unnest($2::uuid[], $3::date[], $4::date[], $5::date[], $6::smallint[], $7::smallint[])
       AS w (store_id, first, last, today, cutoff, reached)
 CROSS JOIN LATERAL (VALUES (0), ($8::integer)) AS past (days)
  JOIN sales_hour h ON h.tenant_id = $1 AND h.store_id = w.store_id
   AND h.business_date BETWEEN w.first - past.days AND w.last - past.days
 GROUP BY 1, 2, 3, 4
"""

_KPIS: Final = """
SELECT coalesce(sum(sales), 0)::bigint AS sales, coalesce(sum(units), 0) AS units,
       coalesce(sum(revenue_minor), 0)::bigint AS revenue, coalesce(sum(tax_minor), 0)::bigint AS tax,
       coalesce(sum(cost_minor), 0)::bigint AS cost, coalesce(sum(refunds), 0)::bigint AS returns,
       coalesce(sum(refunds_minor), 0)::bigint AS refunds
  FROM sales_hour WHERE tenant_id = $1 AND business_date BETWEEN $2 AND $3 AND ($4::uuid IS NULL OR store_id = $4)
"""

Spot = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures by spot: (business day, hour); the hour is 0 where figures are by day.

    `before` has the same spots, one comparison period earlier. `counted` are the sums of what may be compared.
    """

    now: Mapping[Spot, Totals]
    before: Mapping[Spot, Totals]
    counted_now: Totals
    counted_before: Totals

    @property
    def total(self) -> Totals:
        """Give the sum of the period."""
        return total(self.now.values())


async def plan_for_any_business(read: Read) -> None:
    """Have this transaction's statements planned once for all tenants, and not for the one that asks.

    A plan for one tenant believes what the statistics say of it; of one that opened after they were gathered they say
    that it has one row of everything, and the planner then takes any index: the list of the latest sales took 2.5 s
    instead of 1 ms.
    """
    await read.execute("SET LOCAL plan_cache_mode = force_generic_plan")


async def figures(read: Read, period: Period, windows: Sequence[Window]) -> Figures:
    """Read a period's figures in each store's own days: by hour for one day, else by day."""
    rows = await read.fetch(
        _FIGURES,
        read.tenant,
        [one.store for one in windows],
        [one.first for one in windows],
        [one.last for one in windows],
        [one.today for one in windows],
        [one.cutoff for one in windows],
        [one.reached for one in windows],
        period.back.days,
        period.days == 1,
    )
    now: dict[Spot, Totals] = {}
    before: dict[Spot, Totals] = {}
    counted_now = counted_before = Totals()
    for row in rows:
        spot, sums = (row["day"], row["hour"]), totals(row)
        side = before if row["before"] else now
        side[spot] = side.get(spot, Totals()) + sums
        if row["counted"] and row["before"]:
            counted_before += sums
        elif row["counted"]:
            counted_now += sums
    return Figures(now, before, counted_now, counted_before)


async def kpis(read: Read, first: date, last: date, store: UUID | None = None) -> Totals:
    """Add up the business days from `first` to `last`, both included, of one store or of all."""
    row = await read.fetchrow(_KPIS, read.tenant, first, last, store)
    return totals(row) if row else Totals()


def totals(row: Row) -> Totals:
    """Read figures off a row that names its columns like the fields of Totals."""
    return Totals(
        row["sales"], row["units"], row["revenue"], row["tax"], row["cost"], row["returns"], row["refunds"],
        row.get("discount") or 0,
    )  # fmt: skip
