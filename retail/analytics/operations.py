"""Keeping the rollups: a few additions per sale behind the relay, or all of it anew from the sales themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from retail.analytics.sources import HOURS, PATIENCE_SECONDS, PATIENTLY, PRODUCT_DAYS, WAITING
from retail.kit.clock import business_day
from retail.kit.quantity import to_milli
from retail.runtime import jobs
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.events import SaleCompleted
from retail.tenants.queries import stores

_ADD_HOURS: Final = """
INSERT INTO sales_hour AS kept (tenant_id, store_id, business_date, local_hour, sales, units, revenue_minor, tax_minor,
                                cost_minor, refunds, refunds_minor)
SELECT $1, u.store_id, u.business_date, u.local_hour, u.sales, u.units * 0.001, u.revenue, u.tax, u.cost, u.refunds,
       u.refunded
  FROM unnest($2::uuid[], $3::date[], $4::smallint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[])
       AS u (store_id, business_date, local_hour, sales, units, revenue, tax, cost, refunds, refunded)
ON CONFLICT (tenant_id, store_id, business_date, local_hour) DO UPDATE
   SET sales = kept.sales + excluded.sales, units = kept.units + excluded.units,
       revenue_minor = kept.revenue_minor + excluded.revenue_minor, tax_minor = kept.tax_minor + excluded.tax_minor,
       cost_minor = kept.cost_minor + excluded.cost_minor, refunds = kept.refunds + excluded.refunds,
       refunds_minor = kept.refunds_minor + excluded.refunds_minor
"""

_ADD_PRODUCT_DAYS: Final = """
INSERT INTO product_day AS kept (tenant_id, store_id, product_id, business_date, sales, units, revenue_minor, tax_minor,
                                 cost_minor)
SELECT $1, u.store_id, u.product_id, u.business_date, u.sales, u.units * 0.001, u.revenue, u.tax, u.cost
  FROM unnest($2::uuid[], $3::uuid[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
       AS u (store_id, product_id, business_date, sales, units, revenue, tax, cost)
ON CONFLICT (tenant_id, store_id, product_id, business_date) DO UPDATE
   SET sales = kept.sales + excluded.sales, units = kept.units + excluded.units,
       revenue_minor = kept.revenue_minor + excluded.revenue_minor, tax_minor = kept.tax_minor + excluded.tax_minor,
       cost_minor = kept.cost_minor + excluded.cost_minor
"""

# The last 28 whole days, or as many as the store has been selling.
_PACE: Final = """
INSERT INTO product_pace (tenant_id, store_id, product_id, as_of, days, units)
SELECT $1, d.store_id, d.product_id, w.today, w.days, sum(d.units)
  FROM (SELECT u.store_id, u.today, least($4::integer, u.today - min(h.business_date)) AS days
          FROM unnest($2::uuid[], $3::date[]) AS u (store_id, today)
          JOIN sales_hour h ON h.tenant_id = $1 AND h.store_id = u.store_id
           AND h.business_date BETWEEN u.today - $4::integer AND u.today - 1
         GROUP BY u.store_id, u.today) AS w
  JOIN product_day d ON d.tenant_id = $1 AND d.store_id = w.store_id
   AND d.business_date BETWEEN w.today - $4::integer AND w.today - 1
 GROUP BY d.store_id, d.product_id, w.today, w.days HAVING sum(d.units) > 0
"""

PACE_JOB: Final = "analytics.refresh_pace"
PACE_DAYS: Final = 28
_WHOLE_TENANT: Final = (date.min, date.max)


async def project_sales(tx: Tx, events: Sequence[Event]) -> None:
    """Add completed sales and returns to both rollups, two statements for any number of events.

    Rows are written in the order of their keys, so that two transactions wait for each other instead of deadlocking.
    """
    sold = [event for event in events if isinstance(event, SaleCompleted)]
    await _add(tx, _ADD_HOURS, _hours(sold))
    await _add(tx, _ADD_PRODUCT_DAYS, _product_days(sold))
    if sold:
        # The id is the day's own, so that a tenant's job is queued once however many batches the day has.
        day = max(sale.business_date for sale in sold)
        await jobs.enqueue(tx, PACE_JOB, id=uuid5(tx.tenant, f"{PACE_JOB} {day}"))


async def refresh_pace(tx: Tx) -> None:
    """Work out how fast each product sells in each store: the pace that `runs out` goes by; replaces the last one."""
    days = [(one.id, business_day(tx.now, one.timezone, one.day_cutoff_hour)) for one in await stores(tx)]
    await tx.execute(PATIENTLY)
    await tx.execute("DELETE FROM product_pace WHERE tenant_id = $1", tx.tenant)
    await tx.conn.execute(
        _PACE, tx.tenant, [id for id, _day in days], [day for _id, day in days], PACE_DAYS, timeout=PATIENCE_SECONDS
    )


async def rebuild(tx: Tx, first: date | None = None, last: date | None = None) -> None:
    """Work out both rollups anew from the sales of these business days (all without them), both days included.

    A sale whose event still waits for the relay is left to it, so that it counts once. Holds the tenant's head from
    here to the commit: no relay adds meanwhile. What was there for those days is replaced.
    """
    await tx.execute(
        "INSERT INTO live_head (tenant_id, version) VALUES ($1, 0) ON CONFLICT (tenant_id) DO NOTHING", tx.tenant
    )
    await tx.fetchval("SELECT version FROM live_head WHERE tenant_id = $1 FOR UPDATE", tx.tenant)
    await tx.execute(PATIENTLY)
    days = (first or _WHOLE_TENANT[0], last or _WHOLE_TENANT[1])
    for table, source in (("sales_hour", HOURS), ("product_day", PRODUCT_DAYS)):
        for sql in (
            f"DELETE FROM {table} WHERE tenant_id = $1 AND business_date BETWEEN $2 AND $3",  # noqa: S608 - constants
            f"""WITH {WAITING} INSERT INTO {table} (tenant_id, {source.columns})
                SELECT $1::uuid, {source.columns} FROM ({source.sql}) AS worked_out ORDER BY {source.keys}""",  # noqa: S608
        ):
            await tx.conn.execute(sql, tx.tenant, *days, timeout=PATIENCE_SECONDS)
    await refresh_pace(tx)


async def _add(tx: Tx, sql: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        await tx.execute(sql, tx.tenant, *map(list, zip(*rows, strict=True)))


def _hours(sold: Iterable[SaleCompleted]) -> list[tuple[Any, ...]]:
    sums: dict[tuple[UUID, date, int], list[int]] = defaultdict(lambda: [0] * 7)
    for sale in sold:
        returned = sale.kind == "return"
        _plus(
            sums[sale.store, sale.business_date, sale.local_hour],
            (
                0 if returned else 1,
                to_milli(sale.units),
                sale.total_minor,
                sale.tax_minor,
                sale.cost_minor,
                1 if returned else 0,
                -sale.total_minor if returned else 0,
            ),
        )
    return [(*key, *sums[key]) for key in sorted(sums)]


def _product_days(sold: Iterable[SaleCompleted]) -> list[tuple[Any, ...]]:
    sums: dict[tuple[UUID, UUID, date], list[int]] = defaultdict(lambda: [0] * 5)
    for sale in sold:
        for ware in sale.products:
            _plus(
                sums[sale.store, UUID(ware["product"]), sale.business_date],
                (
                    0 if sale.kind == "return" else 1,
                    to_milli(ware["quantity"]),
                    ware["revenue_minor"] + ware["tax_minor"],
                    ware["tax_minor"],
                    ware["cost_minor"],
                ),
            )
    return [(*key, *sums[key]) for key in sorted(sums)]


def _plus(sums: list[int], figures: Sequence[int]) -> None:
    for place, figure in enumerate(figures):
        sums[place] += figure
