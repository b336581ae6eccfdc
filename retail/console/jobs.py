"""What the overview goes by: each sale counts for its minute and its store's day, behind the relay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.sales.events import SaleCompleted

FOLD_JOB: Final = "console.fold_tallies"
MOST_CHANGES: Final = 20
"""So many changes of a tally are left as they are."""

# A day that is long over when its sales come (a till was away) is nobody's today.
_COUNT: Final = """
WITH sold AS (
  INSERT INTO pulse_minute AS kept (tenant_id, minute, sales)
  SELECT $1, date_trunc('minute', $2::timestamptz), $3::bigint WHERE $3::bigint > 0
  ON CONFLICT (tenant_id, minute) DO UPDATE SET sales = kept.sales + excluded.sales),
taken AS (
  INSERT INTO pulse_day AS kept (tenant_id, store_id, business_date, ends_at, sales, revenue_minor)
  SELECT $1, u.store_id, u.day, (u.day + 1 + make_interval(hours => s.day_cutoff_hour)) AT TIME ZONE s.timezone,
         u.sales, u.revenue
    FROM unnest($4::uuid[], $5::date[], $6::bigint[], $7::bigint[]) AS u (store_id, day, sales, revenue)
    JOIN store s ON s.tenant_id = $1 AND s.id = u.store_id
   WHERE u.day >= $2::date - 2 ORDER BY u.store_id, u.day
  ON CONFLICT (tenant_id, store_id, business_date) DO UPDATE
     SET sales = kept.sales + excluded.sales, revenue_minor = kept.revenue_minor + excluded.revenue_minor,
         ends_at = excluded.ends_at),
over AS (DELETE FROM pulse_minute WHERE tenant_id = $1 AND minute < $2 - interval '2 hours')
DELETE FROM pulse_day WHERE tenant_id = $1 AND business_date < $2::date - 3
"""

_RECOUNT: Final = """
INSERT INTO pulse_day (tenant_id, store_id, business_date, ends_at, sales, revenue_minor)
SELECT $1, h.store_id, h.business_date,
       (h.business_date + 1 + make_interval(hours => s.day_cutoff_hour)) AT TIME ZONE s.timezone,
       sum(h.sales), sum(h.revenue_minor)
  FROM sales_hour h JOIN store s ON s.tenant_id = $1 AND s.id = h.store_id
 WHERE h.tenant_id = $1 AND h.business_date >= $2::date - 2 GROUP BY 2, 3, 4
"""


async def recount_days(tx: Tx) -> None:
    """Work out the takings of the last days anew from the sales by hour, where sales came past the relay."""
    await tx.execute("DELETE FROM pulse_day WHERE tenant_id = $1", tx.tenant)
    await tx.execute(_RECOUNT, tx.tenant, tx.now)


async def count_sales(tx: Tx, events: Sequence[Event]) -> None:
    """Count completed sales and returns: one statement for any number of events; a return is no sale."""
    days: defaultdict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0, 0])
    made = 0
    for event in events:
        if isinstance(event, SaleCompleted):
            sold = int(event.kind == "sale")
            made += sold
            day = days[event.store, event.business_date]
            day[0] += sold
            day[1] += event.total_minor
    if days:
        stores, dates = [store for store, _day in days], [day for _store, day in days]
        sales, revenue = [one[0] for one in days.values()], [one[1] for one in days.values()]
        await tx.execute(_COUNT, tx.tenant, tx.now, made, stores, dates, sales, revenue)


@job(FOLD_JOB)
async def fold_tallies(db: Database, scope: Scope) -> None:
    """Add up what has been tallied: one row per business and kind instead of one per change."""
    async with db.begin(scope) as tx:
        await hold(tx)
        await tx.fetchval("SELECT auth_fold_tallies($1)", MOST_CHANGES)


PROJECTIONS: Final[dict[type[Event], Callable[[Tx, Sequence[Event]], Awaitable[None]]]] = {SaleCompleted: count_sales}
