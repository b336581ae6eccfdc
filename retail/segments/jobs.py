"""The worker's part: every night and on demand, segments, values and risks are worked out anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from retail.customers.segmented import Segment
from retail.identity.permissions import EDIT_CUSTOMERS
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue, job, progress
from retail.runtime.tenancy import Scope
from retail.segments.operations import (
    JOB,
    OPEN,
    PORTION,
    Moved,
    Outcome,
    Row,
    add_up_moves,
    begin,
    clear,
    keep,
    keep_moves,
    keep_sums,
    show,
)
from retail.segments.past import Past, past_visits
from retail.segments.rules import risk_bounds

if TYPE_CHECKING:
    from retail.segments.reckoning import Found

PATIENCE: Final = 300
_READ: Final = 30
"""How far the bar is when the sales are read."""
_RECKONED: Final = 60
_WHOLE: Final = 100
_RUNNING: Final = """
SELECT j.id FROM segment_state s
  JOIN job j ON j.tenant_id = s.tenant_id AND j.id = s.job_id AND j.finished_at IS NULL AND j.failed_at IS NULL
 WHERE s.tenant_id = $1 FOR NO KEY UPDATE OF s
"""
_KEPT: Final = """
SELECT s.model::text AS model,
       EXISTS (SELECT FROM customer_standing c WHERE c.tenant_id = $1 AND c.run = s.shown) AS told
  FROM segment_state s WHERE s.tenant_id = $1
"""


async def ask(tx: Tx) -> UUID:
    """Have the worker work everything out anew; gives the job, that of a run under way where there is one.

    Locks the business's state. Raises Forbidden.
    """
    tx.scope.require(EDIT_CUSTOMERS)
    await tx.execute(OPEN, tx.tenant)
    await tx.fetchval("SELECT begun FROM segment_state WHERE tenant_id = $1 FOR NO KEY UPDATE", tx.tenant)
    running: UUID | None = await tx.fetchval(_RUNNING, tx.tenant)
    if running is not None:
        return running
    job = await enqueue(tx, JOB)
    await tx.execute("UPDATE segment_state SET job_id = $2 WHERE tenant_id = $1", tx.tenant, job)
    tx.audit("segments.asked", "customer", None)
    return job


@job(JOB, tries=3, lease_seconds=120)
async def work_out(db: Database, scope: Scope) -> None:
    """Work out how customers stand; until the last row is written, everybody sees what was known before."""
    run = await db.run(scope, begin)
    await progress(0, _WHOLE)
    async with db.read(scope, seconds=PATIENCE) as read:
        kept, told = await _kept(read)
        past = await past_visits(read)
    await progress(_READ, _WHOLE)
    found = await asyncio.to_thread(_reckon, past, kept, not told)
    await progress(_RECKONED, _WHOLE)
    await _write(db, scope, run, past, found)
    await db.run(scope, show, run, _outcome(past, found), risk_bounds("high")[0])
    moved_on = {past.days.last, *(on for _who, on, _was, _became in found.moves)}
    for month in sorted({day.replace(day=1) for day in moved_on}):
        await db.run(scope, add_up_moves, month)
    while await db.run(scope, clear):
        pass
    await progress(_WHOLE, _WHOLE)


async def _kept(read: Read) -> tuple[dict[str, Any] | None, bool]:
    """Give the clusters that are kept, and whether anything was told before."""
    row = await read.fetchrow(_KEPT, read.tenant)
    return (json.loads(row["model"]) if row["model"] else None, row["told"]) if row else (None, False)


def _reckon(past: Past, kept: dict[str, Any] | None, backwards: bool) -> Found:  # noqa: FBT001 - of to_thread
    import numpy as np  # noqa: PLC0415 - the worker alone has 100 MB for it; web processes know this job by name only

    from retail.segments.clusters import Model  # noqa: PLC0415 - the same
    from retail.segments.history import Visits  # noqa: PLC0415 - the same
    from retail.segments.reckoning import reckon  # noqa: PLC0415 - the same

    columns = (np.frombuffer(one, dtype=np.int64) for one in (past.who, past.day, past.sales, past.spend))
    known = Visits(len(past.customers), *columns)
    return reckon(known, past.days.last.toordinal(), Model.of_json(kept) if kept else None, backwards=backwards)


async def _write(db: Database, scope: Scope, run: int, past: Past, found: Found) -> None:
    await db.run(scope, keep_sums, run, found.cohorts, past.hours if found.of is not None else ())
    for moved in _moved(past, found):
        await db.run(scope, keep_moves, moved)
    written, all_of_them = 0, len(found.segments) + 1
    for rows in _portions(past, found):
        await db.run(scope, keep, run, rows)
        written += len(rows)
        await progress(_RECKONED + (_WHOLE - _RECKONED) * written // all_of_them, _WHOLE)


def _moved(past: Past, found: Found) -> Iterator[Sequence[Moved]]:
    for at in range(0, len(found.moves), PORTION):
        part = found.moves[at : at + PORTION]
        yield [(past.customers[who], on, was, became) for who, on, was, became in part]


def _portions(past: Past, found: Found) -> Iterator[Sequence[Row]]:
    """Give how customers stand as rows with their ids, PORTION by PORTION."""
    of = found.of
    if of is None or found.scores is None:
        return
    risk = [0] * len(of) if found.risk is None else [round(one * 1000) for one in found.risk.tolist()]
    value = [0] * len(of) if found.value is None else found.value.tolist()
    interval = [max(1, round(one)) for one in of.interval.tolist()]
    columns = [found.segments, interval, risk, value] + [
        one.tolist() for one in (of.who, *found.scores, of.visits, of.sales, of.spend, of.first, of.last)
    ]
    for at in range(0, len(of), PORTION):
        part = zip(*(column[at : at + PORTION] for column in columns), strict=True)
        yield [_row(past.customers, *one) for one in part]


def _row(  # noqa: PLR0917 - the columns of what was found
    customers: Sequence[UUID], segment: Segment, interval: int, risk: int, value: int, who: int, *rest: int
) -> Row:
    recency, frequency, money, visits, sales, spend, first, last = rest
    came = date.fromordinal(last)
    return Row(
        customers[who], segment, recency, frequency, money, visits, sales, spend, date.fromordinal(first), came,
        interval, came + timedelta(days=interval), risk, value,
    )  # fmt: skip


def _outcome(past: Past, found: Found) -> Outcome:
    of, model, value, risk = found.of, found.model, found.valued, found.tested
    if of is None or model is None:
        return Outcome(past.days, found.standing, found.customers, found.history)
    return Outcome(
        past.days, found.standing, found.customers, found.history, round(of.pause), round(model.silent),
        model.as_json(),
        (value.method, value.days, value.error, value.floor, value.told, value.came) if value else (None,) * 6,
        found.risk is not None,
        tuple(_permille(one) for one in (risk.auc, risk.low, risk.high, risk.all)) if risk else (None,) * 4,
    )  # fmt: skip


def _permille(share: float | None) -> int | None:
    return None if share is None else round(share * 1000)
