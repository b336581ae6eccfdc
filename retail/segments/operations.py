"""Keeping what a run over past visits found, and letting go of who was erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from retail.customers.segmented import Segment
from retail.runtime.db import Tx
from retail.runtime.jobs import current_job, hold
from retail.segments.past import Hour
from retail.segments.rules import LOOKED_BACK, Days, Standing

JOB: Final = "segments.work_out"
PORTION: Final = 5_000
"""So many rows are written, or cleared, in one transaction."""

OPEN: Final = """
INSERT INTO segment_state (tenant_id, begun, shown, customers, history_days, risk_known)
VALUES ($1, 0, 0, 0, 0, false) ON CONFLICT (tenant_id) DO NOTHING
"""
_KEEP: Final = """
INSERT INTO customer_standing (tenant_id, run, customer_id, segment, recency, frequency, money, visits, sales,
                               spend_minor, first_on, last_on, interval_days, next_on, risk_permille, value_minor)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[], $5::smallint[], $6::smallint[], $7::smallint[], $8::integer[],
                             $9::integer[], $10::bigint[], $11::date[], $12::date[], $13::integer[], $14::date[],
                             $15::smallint[], $16::bigint[])
"""
_KEEP_MOVES: Final = """
INSERT INTO segment_move (tenant_id, customer_id, moved_on, was, became)
SELECT $1, * FROM unnest($2::uuid[], $3::date[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING
"""
_KEEP_COHORTS: Final = """
INSERT INTO segment_cohort (tenant_id, run, first_month, later, customers, came)
SELECT $1, $2, * FROM unnest($3::date[], $4::smallint[], $5::integer[], $6::integer[])
"""
_KEEP_RHYTHM: Final = """
INSERT INTO segment_rhythm (tenant_id, run, weekday, hour, sales, spend_minor)
SELECT $1, $2, * FROM unnest($3::smallint[], $4::smallint[], $5::integer[], $6::bigint[])
"""
_SHOW: Final = """
UPDATE segment_state s
   SET shown = $2, worked_out_at = $3, first_day = $4, last_day = $5, standing = $6, customers = $7, history_days = $8,
       pause_days = $9, lost_days = $10, model = $11, value_method = $12, value_days = $13, value_error_minor = $14,
       floor_error_minor = $15, value_told_minor = $16, value_came_minor = $17, risk_known = $18,
       risk_auc_permille = $19, risk_low_permille = $20, risk_high_permille = $21, risk_all_permille = $22
  FROM (SELECT shown FROM segment_state WHERE tenant_id = $1 FOR UPDATE) o
 WHERE s.tenant_id = $1 AND s.shown < $2 RETURNING o.shown
"""
# Who was erased while the run reckoned has no row left in any run, and gets none.
_STRIKES: Final = tuple(
    f"""DELETE FROM {TABLE} n USING customer c
 WHERE n.tenant_id = $1 AND c.tenant_id = $1 AND c.id = n.customer_id AND c.erased_at IS NOT NULL"""  # noqa: S608
    for TABLE in ("customer_standing", "segment_move")
)
_TOTALS: Final = """
INSERT INTO segment_total (tenant_id, run, segment, customers, sales, spend_minor, value_minor, at_high)
SELECT $1, $2, segment, count(*), sum(sales), sum(spend_minor), sum(value_minor),
       count(*) FILTER (WHERE risk_permille >= $3)
  FROM customer_standing WHERE tenant_id = $1 AND run = $2 GROUP BY segment
"""
# A second run on the same day starts from where everybody was before the first: who is back there hasn't moved.
_BACK: Final = """
DELETE FROM segment_move m USING customer_standing n
 WHERE m.tenant_id = $1 AND m.moved_on = $3 AND n.tenant_id = $1 AND n.run = $2 AND n.customer_id = m.customer_id
   AND m.was = n.segment RETURNING m.customer_id
"""
_MOVED: Final = """
INSERT INTO segment_move (tenant_id, customer_id, moved_on, was, became)
SELECT $1, n.customer_id, $3, o.segment, n.segment
  FROM customer_standing n
  LEFT JOIN customer_standing o ON o.tenant_id = $1 AND o.run = $4 AND o.customer_id = n.customer_id
 WHERE n.tenant_id = $1 AND n.run = $2 AND o.segment IS DISTINCT FROM n.segment AND n.customer_id <> ALL ($5::uuid[])
    ON CONFLICT (tenant_id, customer_id, moved_on) DO UPDATE SET became = excluded.became
"""
# Somebody who moved twice in the month is counted once: from where they began it to where they ended it.
_FLOWS: Final = """
INSERT INTO segment_flow (tenant_id, month, was, became, customers)
SELECT $1, $2, coalesce(was, ''), became, count(*) FROM (
  SELECT (array_agg(m.was ORDER BY m.moved_on))[1] AS was,
         (array_agg(m.became ORDER BY m.moved_on DESC))[1] AS became
    FROM segment_move m
   WHERE m.tenant_id = $1 AND m.moved_on >= $2 AND m.moved_on < ($2::date + interval '1 month')::date
   GROUP BY m.customer_id) x
 WHERE was IS DISTINCT FROM became GROUP BY was, became
"""
_SHOWN: Final = "(SELECT shown FROM segment_state WHERE tenant_id = $1)"
_CLEAR: Final = f"""
DELETE FROM customer_standing WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
  SELECT a.ctid FROM customer_standing a WHERE a.tenant_id = $1 AND a.run < {_SHOWN} LIMIT $2))
"""  # noqa: S608 - constants alone
_CLEAR_SUMS: Final = tuple(
    f"DELETE FROM {TABLE} WHERE tenant_id = $1 AND run < {_SHOWN}"  # noqa: S608 - constants alone
    for TABLE in ("segment_total", "segment_cohort", "segment_rhythm")
)
_FORGET: Final = tuple(
    f"DELETE FROM {TABLE} WHERE tenant_id = $1 AND customer_id = ANY ($2::uuid[])"  # noqa: S608 - constants alone
    for TABLE in ("customer_standing", "segment_move")
)


@dataclass(frozen=True, slots=True)
class Row:
    """How a customer stands, as a run found it."""

    customer: UUID
    segment: Segment
    recency: int
    frequency: int
    money: int
    visits: int
    sales: int
    spend: int
    first: date
    last: date
    interval: int
    next: date
    risk: int
    value: int


Moved = tuple[UUID, date, Segment | None, Segment]
"""Who moved, when, from (None: had not bought before) and to."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run read and found of the whole business; what could not be told is None. Shares in thousandths."""

    days: Days
    standing: Standing
    customers: int
    history: int
    pause: int | None = None
    lost: int | None = None
    model: dict[str, Any] | None = None
    value: tuple[str | int | None, ...] = (None,) * 6
    risk_known: bool = False
    risk: tuple[int | None, ...] = (None,) * 4


async def begin(tx: Tx) -> int:
    """Begin a run in the running job; gives its number. Locks the business's state. Raises LostClaim."""
    await hold(tx)
    await tx.execute(OPEN, tx.tenant)
    run: int = await tx.fetchval(
        "UPDATE segment_state SET begun = begun + 1, job_id = $2 WHERE tenant_id = $1 RETURNING begun",
        tx.tenant,
        current_job(),
    )
    return run


async def keep(tx: Tx, run: int, rows: Sequence[Row]) -> None:
    """Write a portion of how customers stand; nobody sees it yet. Raises LostClaim."""
    await hold(tx)
    columns = [[getattr(row, name) for row in rows] for name in Row.__slots__]
    await tx.execute(_KEEP, tx.tenant, run, *columns)


async def keep_moves(tx: Tx, moves: Sequence[Moved]) -> None:
    """Write a portion of moves of the past; those that are there stay. Raises LostClaim."""
    await hold(tx)
    await tx.execute(_KEEP_MOVES, tx.tenant, *(list(column) for column in zip(*moves, strict=True)))


async def keep_sums(tx: Tx, run: int, cohorts: Sequence[tuple[date, int, int, int]], hours: Sequence[Hour]) -> None:
    """Write who came back month by month, and when people come; nobody sees it yet. Raises LostClaim."""
    await hold(tx)
    if cohorts:
        await tx.execute(_KEEP_COHORTS, tx.tenant, run, *(list(column) for column in zip(*cohorts, strict=True)))
    columns = [[getattr(one, name) for one in hours] for name in Hour.__slots__]
    await tx.execute(_KEEP_RHYTHM, tx.tenant, run, *columns)


async def show(tx: Tx, run: int, found: Outcome, high: int) -> bool:
    """Let a run count from now on, with who moved since the one before; False where a later one counts already.

    `high` is the risk, in thousandths, from which it is a high one. Raises LostClaim.
    """
    await hold(tx)
    before = await tx.fetchval(
        _SHOW, tx.tenant, run, tx.now, found.days.first, found.days.last, found.standing, found.customers,
        found.history, found.pause, found.lost, json.dumps(found.model) if found.model else None, *found.value,
        found.risk_known, *found.risk,
    )  # fmt: skip
    if before is None:
        return False
    for strike in _STRIKES:
        await tx.execute(strike, tx.tenant)
    await tx.execute(_TOTALS, tx.tenant, run, high)
    if await tx.fetchval(
        "SELECT EXISTS (SELECT FROM customer_standing WHERE tenant_id = $1 AND run = $2)", tx.tenant, before
    ):
        back = await tx.fetch(_BACK, tx.tenant, run, found.days.last)
        ids = [row["customer_id"] for row in back]
        await tx.execute(_MOVED, tx.tenant, run, found.days.last, before, ids)
    oldest = found.days.last - LOOKED_BACK
    await tx.execute("DELETE FROM segment_move WHERE tenant_id = $1 AND moved_on < $2", tx.tenant, oldest)
    await tx.execute("DELETE FROM segment_flow WHERE tenant_id = $1 AND month < $2", tx.tenant, oldest)
    return True


async def add_up_moves(tx: Tx, month: date) -> None:
    """Add up anew who moved in a month, given by its first day. Raises LostClaim."""
    await hold(tx)
    await tx.execute("DELETE FROM segment_flow WHERE tenant_id = $1 AND month = $2", tx.tenant, month)
    await tx.execute(_FLOWS, tx.tenant, month)


async def clear(tx: Tx) -> bool:
    """Clear a portion of what earlier runs found; claims that more may be left. Raises LostClaim."""
    await hold(tx)
    for of_sums in _CLEAR_SUMS:
        await tx.execute(of_sums, tx.tenant)
    return await tx.execute(_CLEAR, tx.tenant, PORTION) == f"DELETE {PORTION}"


async def forget(tx: Tx, customers: Sequence[UUID]) -> int:
    """Remove how these customers stood and moved, in every run; gives how many rows there were."""
    rows = 0
    for forgetting in _FORGET:
        rows += int((await tx.execute(forgetting, tx.tenant, list(customers))).split()[-1])
    return rows
