"""A whole business's rollups anew, a month at a time: each in a transaction of its own, so tills and relay go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from retail.analytics.rollups.keeping import rebuild_days
from retail.analytics.rollups.pace import refresh_pace
from retail.analytics.rollups.sources import PATIENCE_SECONDS, ROLLUPS
from retail.runtime.db import Database, Read
from retail.runtime.tenancy import Scope

JOB: Final = "analytics.rebuild"
Told = Callable[[int, int], Awaitable[None]]

# From the first to the last day that a sale or any rollup has: what no sale says any more goes too.
_ENDS: Final = " UNION ALL ".join(
    f"SELECT min(k.{day}) AS first, max(k.{day}) AS last FROM {table} k WHERE k.tenant_id = $1"  # noqa: S608 - constants
    for table, day in (("sale", "business_date"), *((one.table, one.day) for one in ROLLUPS))
)
_SPAN: Final = f"SELECT min(a.first) AS first, max(a.last) AS last FROM ({_ENDS}) AS a"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild went through: its first and last business day and the months; all None or 0 without sales."""

    first: date | None
    last: date | None
    months: int


async def rebuild_all(db: Database, scope: Scope, told: Told) -> Rebuilt:
    """Work out every rollup of a business anew; `told(done, total)` is awaited after each month."""
    async with db.read(scope, seconds=PATIENCE_SECONDS) as read:
        first, last = await _span(read)
    spans = months(first, last) if first and last else []
    for done, (begin, end) in enumerate(spans):
        await told(done, len(spans))
        async with db.begin(scope) as tx:
            await rebuild_days(tx, begin, end)
    async with db.begin(scope) as tx:
        await refresh_pace(tx)
    await told(len(spans), len(spans))
    return Rebuilt(first, last, len(spans))


async def _span(read: Read) -> tuple[date | None, date | None]:
    row = await read.fetchrow(_SPAN, read.tenant)
    return (row["first"], row["last"]) if row else (None, None)


def months(first: date, last: date) -> list[tuple[date, date]]:
    """Part a span of days into calendar months, whole ones: their first and last days."""
    found = []
    begin = first.replace(day=1)
    while begin <= last:
        after = (begin + timedelta(days=31)).replace(day=1)
        found.append((begin, after - timedelta(days=1)))
        begin = after
    return found
