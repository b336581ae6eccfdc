"""Keeping the rollups: one statement per round behind the relay, or all of it anew from the sales themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import uuid5

from retail.analytics.rollups.categories import MEET, follow_all
from retail.analytics.rollups.pace import PACE_JOB, refresh_pace
from retail.analytics.rollups.sources import (
    ADDING,
    CATEGORY_DAY,
    NOBODY,
    PATIENCE_SECONDS,
    PATIENTLY,
    ROLLUPS,
    WAITING,
    Rollup,
    of_days,
)
from retail.runtime import jobs
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.events import SaleCompleted

_ALL_DAYS: Final = (date.min, date.max)

# Products that sold on these days, and whose category nobody has counted yet.
_MEET_SOLD: Final = f"""
INSERT INTO counted_category (tenant_id, product_id, category_id)
SELECT $1::uuid, p.id, coalesce(p.category_id, '{NOBODY}'::uuid)
  FROM (SELECT DISTINCT k.product_id FROM product_day k WHERE {CATEGORY_DAY.within()}) AS d
  JOIN product p ON p.tenant_id = $1 AND p.id = d.product_id
ON CONFLICT (tenant_id, product_id) DO NOTHING
"""  # noqa: S608


async def project_sales(tx: Tx, events: Sequence[Event]) -> None:
    """Add completed sales and returns to every rollup: two statements for any number of events.

    The relay holds the tenant's head, so that nobody else adds to this tenant's rollups meanwhile.
    """
    sold = [event for event in events if isinstance(event, SaleCompleted)]
    if not sold:
        return
    ids = [sale.sale for sale in sold]
    await tx.execute(MEET, tx.tenant, ids)
    await tx.execute(ADDING, tx.tenant, ids)
    # The id is the day's own, so that a tenant's job is queued once however many batches the day has.
    day = max(sale.business_date for sale in sold)
    await jobs.enqueue(tx, PACE_JOB, id=uuid5(tx.tenant, f"{PACE_JOB} {day}"))


async def rebuild(tx: Tx, first: date | None = None, last: date | None = None) -> None:
    """Work out every rollup anew from the sales of these business days (all without them), both days included.

    A sale whose event still waits for the relay is left to it, so that it counts once. Holds the tenant's head from
    here to the commit: no relay adds meanwhile. What was there for those days is replaced.
    """
    await rebuild_days(tx, first or _ALL_DAYS[0], last or _ALL_DAYS[1])
    await refresh_pace(tx)


async def rebuild_days(tx: Tx, first: date, last: date) -> None:
    """Work out the rollups of these business days anew, and nothing else: a part of a longer rebuild."""
    await tx.execute(
        "INSERT INTO live_head (tenant_id, version) VALUES ($1, 0) ON CONFLICT (tenant_id) DO NOTHING", tx.tenant
    )
    await tx.fetchval("SELECT version FROM live_head WHERE tenant_id = $1 FOR UPDATE", tx.tenant)
    await tx.execute(PATIENTLY)
    await follow_all(tx)
    for one in ROLLUPS:
        if one is CATEGORY_DAY:
            await _patiently(tx, _MEET_SOLD, first, last)
        await _patiently(tx, f"DELETE FROM {one.table} AS k WHERE {one.within()}", first, last)  # noqa: S608 - constants
        await _patiently(tx, _writing(one), first, last)


def _writing(one: Rollup) -> str:
    source = f"({of_days(one)}) AS worked_out"
    return f"""WITH {WAITING} INSERT INTO {one.table} (tenant_id, {one.columns})
               SELECT $1::uuid, {one.columns} FROM {source} ORDER BY {one.keys}"""  # noqa: S608 - constants


async def _patiently(tx: Tx, sql: str, first: date, last: date) -> None:
    await tx.conn.execute(sql, tx.tenant, first, last, timeout=PATIENCE_SECONDS)
