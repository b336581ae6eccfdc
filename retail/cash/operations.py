"""Opening and closing a drawer's shift. What happens in between is in moves.py and counting.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.cash import counting, queries, rules, sealing
from retail.cash.errors import ShiftClosed, ShiftOpen, TillRetired
from retail.cash.events import ShiftEnded, ShiftOpened
from retail.cash.posting import post_drawer
from retail.cash.rules import Shift, Takings, ZReport
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.ledger.queries import place
from retail.runtime.db import Tx

_INSERT = """
INSERT INTO shift (tenant_id, id, store_id, till_id, number, business_date, opened_at, opened_by, opened_by_name,
                   opening_float_minor, opening_denominations, opening_left_minor)
SELECT $1, $2, $3, $4, coalesce(max(h.number), 0) + 1, $5, $6, $7, $8, $9, $10,
       (SELECT z.left_minor FROM shift b JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = b.id
         WHERE b.tenant_id = $1 AND b.till_id = $4 ORDER BY b.number DESC LIMIT 1)
  FROM shift h WHERE h.tenant_id = $1 AND h.till_id = $4
"""


async def open_shift(  # noqa: PLR0917 - an opening has these facts
    tx: Tx,
    id: UUID,
    till: UUID,
    opening_float_minor: int,
    at: datetime,
    denominations: Mapping[str, int] | None = None,
) -> Shift:
    """Open a till's drawer with a float; the same id and float again give the first result.

    `denominations` maps a coin's or note's value in minor units, as text, to pieces, and must add up to the float.
    Locks the till's row, so that two openings of one till come one after the other. Posts the float out of the safe,
    or, where the last close left cash in the drawer, what differs from that to over and short.
    Raises ShiftOpen, TillRetired, Invalid (an unknown till too), IdempotencyConflict. Emits ShiftOpened.
    """
    _check_float(opening_float_minor, denominations)
    store = await _lock_till(tx, till)
    before = await queries.find_shift(tx, id)
    if before is not None:
        if (before.till, before.opening_float_minor) != (till, opening_float_minor):
            raise IdempotencyConflict
        return before
    current = await queries.open_shift_on(tx, till)
    if current is not None:
        raise ShiftOpen(current.id, current.opened_by_name)
    books = await place(tx, store)
    by = (tx.actor.id, tx.actor.name)
    stored = counting.stored_pieces(denominations)
    await tx.execute(_INSERT, tx.tenant, id, store, till, books.business_date(at), at, *by, opening_float_minor, stored)
    opened = await queries.shift(tx, id)
    postings = rules.float_postings(opening_float_minor, opened.opening_left_minor)
    await post_drawer(tx, opened, "shift_opened", id, at=at, memo="Float", postings=postings)
    tx.audit("cash.shift_opened", "shift", id, till=till, opening_float=opening_float_minor, **_against_left(opened))
    tx.emit(ShiftOpened(id, store, till, opened.number, opening_float_minor, opened.business_date))
    return opened


@dataclass(frozen=True, slots=True)
class _Counted:
    minor: int
    denominations: Mapping[str, int] | None
    left_minor: int


async def close_shift(  # noqa: PLR0917 - a closing has these facts
    tx: Tx,
    shift: UUID,
    counted_minor: int,
    denominations: Mapping[str, int] | None,
    at: datetime,
    takings: Takings,
    left_minor: int = 0,
) -> ZReport:
    """Count a drawer and end its shift; the same count again gives the first report.

    The caller adds up `takings` after lock_shift() in this transaction. `denominations` maps a coin's or note's value
    in minor units, as text, to pieces, and must add up to the count; `left_minor` stays in the drawer as the next
    float, the rest is posted to the safe, and the variance to over and short. Seals the report.
    Raises NoSuchShift, ShiftClosed, Invalid. Emits ShiftEnded.
    """
    counting.check_count(counted_minor, denominations)
    if not 0 <= left_minor <= counted_minor:
        raise Invalid({"left": [_("No more can stay in the drawer than was counted. Type a smaller amount.")]})
    held = await queries.lock_shift(tx, shift)
    if held.closed_at is not None:
        before = await queries.z_report(tx, shift)
        if before is None or before.counted_minor != counted_minor:
            raise ShiftClosed(shift)
        return before
    z = await _report(tx, held, _Counted(counted_minor, denominations, left_minor), at, takings)
    await _store_z(tx, z)
    await sealing.seal(tx, held, z.report, gross_minor=takings.gross_minor)
    postings = rules.closing_postings(z.expected_minor, z.counted_minor, left_minor)
    await post_drawer(tx, held, "shift_closed", shift, at=at, memo="Count", postings=postings)
    figures = (z.expected_minor, z.counted_minor, z.variance_minor)
    tx.audit("cash.shift_closed", "shift", shift, expected=figures[0], counted=figures[1], variance=figures[2])
    tx.emit(ShiftEnded(shift, held.store, held.till, held.number, *figures, held.business_date))
    return z


async def _report(tx: Tx, held: Shift, counted: _Counted, at: datetime, takings: Takings) -> ZReport:
    moves = await queries.cash_sums(tx, held.id)
    report = rules.report_of(held, takings, moves, await queries.drawer_openings(tx, held.id))
    await sealing.lock_papers(tx, held.till)
    report |= {
        "counted": counted.minor,
        "variance": counted.minor - report["expected"],
        "left": counted.left_minor,
        "closed_at": at.isoformat(),
        "closed_by": tx.actor.name,
        "counts": await _counts(tx, held.id, counted.minor, at),
        "grand_total": await sealing.grand_total(tx, held.till) + takings.gross_minor,
    }
    figures = (report["expected"], counted.minor, report["variance"])
    return ZReport(held.id, *figures, counted.denominations, report, at, tx.actor.name, counted.left_minor or None)


async def _counts(tx: Tx, shift: UUID, counted_minor: int, at: datetime) -> list[dict[str, Any]]:
    """List what was counted, the count that closes at the end; it stands once where it was told before."""
    told = [
        {"counted": one.counted_minor, "at": one.counted_at.isoformat(), "by": one.actor_name}
        for one in await counting.counts(tx, shift)
    ]
    if told and told[-1]["counted"] == counted_minor:
        return told
    return [*told, {"counted": counted_minor, "at": at.isoformat(), "by": tx.actor.name}]


def _against_left(shift: Shift) -> dict[str, int]:
    if shift.opening_left_minor is None:
        return {}
    return {"left": shift.opening_left_minor, "difference": shift.opening_difference_minor}


async def _lock_till(tx: Tx, till: UUID) -> UUID:
    """Lock a till against another opening, but not against sales that refer to it; give its store."""
    row = await tx.fetchrow(
        "SELECT store_id, retired_at FROM till WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tx.tenant, till
    )
    if row is None:
        raise Invalid({"till": [_("We don't know this till.")]})
    if row["retired_at"] is not None:
        raise TillRetired
    store: UUID = row["store_id"]
    return store


def _check_float(opening_float_minor: int, denominations: Mapping[str, int] | None) -> None:
    if opening_float_minor < 0:
        raise Invalid({"opening_float": [_("A float can't be below zero. Type what is in the drawer, or 0.")]})
    if denominations is not None and rules.counted_from(denominations) != opening_float_minor:
        raise Invalid({"opening_float": [_("The coins and notes don't add up to this amount. Count again.")]})


async def _store_z(tx: Tx, z: ZReport) -> None:
    await tx.execute(
        """WITH ended AS (UPDATE shift SET closed_at = $8 WHERE tenant_id = $1 AND id = $2)
           INSERT INTO z_report (tenant_id, shift_id, counted_minor, expected_minor, variance_minor, denominations,
                                 report, closed_at, closed_by, closed_by_name, left_minor)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant,
        z.shift,
        z.counted_minor,
        z.expected_minor,
        z.variance_minor,
        counting.stored_pieces(z.denominations),
        json.dumps(dict(z.report)),
        z.closed_at,
        tx.actor.id,
        z.closed_by_name,
        z.left_minor,
    )
