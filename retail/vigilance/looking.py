"""Looking at what stores sold: a day far off what was expected is kept, and told once. anomalies.md, 5."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from retail.analytics.rollups.sources import NOBODY
from retail.kit.clock import business_day, local_hour
from retail.kit.ids import new_id
from retail.risk.opening import figure
from retail.risk.tuning import DAYS, Tuned
from retail.runtime import jobs
from retail.runtime.db import Read, Tx
from retail.runtime.notices import post_notice
from retail.tenants.queries import StoreFacts
from retail.vigilance.usual import LOOKED_BACK, WHOLE, Off, Past

JOB: Final = "vigilance.look"
NOTICE: Final = "unusual_sales"

_HOURS: Final = """
SELECT h.store_id, h.business_date, h.local_hour, (h.revenue_minor + h.refunds_minor)::bigint AS sold
  FROM sales_hour h WHERE h.tenant_id = $1 AND h.store_id = ANY ($2::uuid[]) AND h.business_date BETWEEN $3 AND $4"""
_FOUND: Final = """
SELECT count(*) FILTER (WHERE v.verdict = 'dismissed') AS dismissed,
       count(*) FILTER (WHERE v.verdict = 'confirmed') AS confirmed
  FROM unusual_day u JOIN unusual_verdict v ON v.tenant_id = u.tenant_id AND v.unusual_id = u.id
 WHERE u.tenant_id = $1 AND u.store_id = $2 AND v.decided_at > $3"""
_KEEP: Final = """
INSERT INTO unusual_day (tenant_id, id, store_id, business_date, hour, sold_minor, expected_minor, low_minor,
                         high_minor, z, threshold, severity, found_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
ON CONFLICT (tenant_id, store_id, business_date) DO UPDATE
   SET hour = excluded.hour, sold_minor = excluded.sold_minor, expected_minor = excluded.expected_minor,
       low_minor = excluded.low_minor, high_minor = excluded.high_minor, z = excluded.z,
       threshold = excluded.threshold, severity = excluded.severity, updated_at = excluded.updated_at
 WHERE unusual_day.hour < excluded.hour
   AND NOT EXISTS (SELECT FROM unusual_verdict v WHERE v.tenant_id = $1 AND v.unusual_id = unusual_day.id)
RETURNING id"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A day of a store (NOBODY: of all together) that is unusual."""

    store: UUID
    day: date
    off: Off


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of all stores, and whether any of them is still to sell today."""

    seen: Sequence[Seen]
    goes_on: bool


async def tuned_for(read: Read, store: UUID) -> Tuned:
    """Give how a store's threshold of unusual days stands."""
    row = await read.fetchrow(_FOUND, read.tenant, store, read.now - timedelta(days=DAYS))
    return Tuned(row["dismissed"], row["confirmed"]) if row else Tuned(0, 0)


async def look(read: Read, stores: Sequence[StoreFacts]) -> Look:
    """Judge each store's day so far by its hours that are over, and yesterday as a whole; then all together."""
    spans = {one.id: _reached(one, read.now) for one in stores}
    known = await _known(read, stores, max((day for day, _hour in spans.values()), default=read.now.date()))
    if len(stores) > 1:
        known[NOBODY] = _together(known)
        day = min(day for day, _hour in spans.values())
        spans[NOBODY] = (day, min(hour for of, hour in spans.values() if of == day))
    seen, goes_on = [], False
    for store, (day, hour) in spans.items():
        days = known.get(store, {})
        past = Past({one: hours for one, hours in days.items() if one < day})
        times = float((await tuned_for(read, store)).threshold)
        plan = past.plan(day)
        goes_on |= plan is not None and plan.shares[hour] < 1.0
        yesterday = day - timedelta(days=1)
        for of, until in ((yesterday, WHOLE), (day, hour)):
            off = past.judge(of, days.get(of, {}), until, times)
            if off is not None and off.unusual and (until < WHOLE or of in days):
                seen.append(Seen(store, of, off))
    return Look(seen, goes_on)


async def keep(tx: Tx, found: Look) -> None:
    """Keep what was seen, told at the bell the first time; look again in an hour while somebody sells. Locks none."""
    await jobs.hold(tx)
    for one in found.seen:
        off, id = one.off, new_id()
        kept = await tx.fetchval(
            _KEEP, tx.tenant, id, one.store, one.day, off.hour, off.sold, off.expected, off.low, off.high,
            figure(off.z), figure(off.threshold), off.severity, tx.now,
        )  # fmt: skip
        if kept == id:
            tx.audit("sales.unusual", "unusual_day", id, store=one.store, day=one.day.isoformat())
            store = None if one.store == NOBODY else one.store
            await post_notice(tx, NOTICE, subject=id, store=store, key=str(id), below=off.z < 0)
    if found.goes_on:
        await look_soon(tx)


async def look_soon(tx: Tx) -> None:
    """Have a look once this hour is over; however often it is asked for, it is one."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    await jobs.enqueue(tx, JOB, run_after=hour + timedelta(minutes=1), id=uuid5(tx.tenant, f"{JOB} {hour.isoformat()}"))


def _reached(one: StoreFacts, now: datetime) -> tuple[date, int]:
    """Give a store's business day, and how many of its hours are over."""
    day = business_day(now, one.timezone, one.day_cutoff_hour)
    return day, (local_hour(now, one.timezone) - one.day_cutoff_hour) % WHOLE


async def _known(read: Read, stores: Sequence[StoreFacts], last: date) -> dict[UUID, dict[date, dict[int, int]]]:
    cutoffs = {one.id: one.day_cutoff_hour for one in stores}
    begin = last - timedelta(days=LOOKED_BACK)
    known: dict[UUID, dict[date, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in await read.fetch(_HOURS, read.tenant, list(cutoffs), begin, last):
        hour = (row["local_hour"] - cutoffs[row["store_id"]]) % WHOLE
        known[row["store_id"]][row["business_date"]][hour] = row["sold"]
    return known


def _together(known: dict[UUID, dict[date, dict[int, int]]]) -> dict[date, dict[int, int]]:
    found: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for days in known.values():
        for day, hours in days.items():
            for hour, sold in hours.items():
                found[day][hour] += sold
    return found


def share(off_sold: int, expected: int) -> Decimal:
    """Give by what share a day is off, to a hundredth: -0.60 is 60 % less than expected."""
    return (Decimal(off_sold - expected) / max(1, expected)).quantize(Decimal("0.01"))
