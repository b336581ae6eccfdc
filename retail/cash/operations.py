"""Opening and closing a drawer's shift, and the cash that moves without a sale."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from retail.cash import queries, rules
from retail.cash.errors import NoSuchShift, ShiftClosed, ShiftOpen, TillRetired
from retail.cash.events import CashMoved, DrawerOpened, ShiftEnded, ShiftOpened
from retail.cash.rules import CashMove, Postings, Shift, Takings, ZReport
from retail.identity.approval_rules import Act, act_hash
from retail.identity.approval_uses import Use, require
from retail.identity.permissions import PAY_OUT
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.ledger import Entry, post
from retail.ledger.queries import place
from retail.runtime.db import Tx

REASON_MOST = 200
MOVE_MOST_MINOR = 10**11
"""What a person or a program may move at once; what a till's journal tells has happened, whatever the amount."""


async def open_shift(tx: Tx, id: UUID, till: UUID, opening_float_minor: int, at: datetime) -> Shift:
    """Open a till's drawer with a float; the same id and float again give the first result.

    Locks the till's row, so that two openings of one till come one after the other. Posts the float out of the safe.
    Raises ShiftOpen, TillRetired, Invalid (an unknown till too), IdempotencyConflict. Emits ShiftOpened.
    """
    if opening_float_minor < 0:
        raise Invalid({"opening_float": [_("A float can't be below zero. Type what is in the drawer, or 0.")]})
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
    await tx.execute(
        """INSERT INTO shift (tenant_id, id, store_id, till_id, number, business_date, opened_at, opened_by,
                              opened_by_name, opening_float_minor)
           SELECT $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, $6, $7, $8, $9
             FROM shift WHERE tenant_id = $1 AND till_id = $4""",
        tx.tenant,
        id,
        store,
        till,
        books.business_date(at),
        at,
        tx.actor.id,
        tx.actor.name,
        opening_float_minor,
    )
    opened = await queries.shift(tx, id)
    postings = rules.float_postings(opening_float_minor)
    await _post(tx, opened, "shift_opened", id, at=at, memo="Float", postings=postings)
    tx.audit("cash.shift_opened", "shift", id, till=till, opening_float=opening_float_minor)
    tx.emit(ShiftOpened(id, store, till, opened.number, opening_float_minor, opened.business_date))
    return opened


async def move_cash(  # noqa: PLR0917 - a cash move has these facts
    tx: Tx, id: UUID, shift: UUID, kind: str, amount_minor: int, reason: str, at: datetime
) -> CashMove:
    """Pay cash in or out of an open drawer, or drop it into the safe; the same id again gives the first result.

    `kind` is pay_in, pay_out or drop; `amount_minor` is above zero. Holds the shift. Raises NoSuchShift, ShiftClosed,
    Invalid, IdempotencyConflict. Emits CashMoved.
    """
    reason = reason.strip()
    _check_move(kind, amount_minor, reason)
    held = (await queries.hold_shift(tx, [shift])).get(shift)
    if held is None:
        raise NoSuchShift
    wanted = CashMove(id, shift, kind, amount_minor, reason, tx.actor.name, at)
    stored = await tx.fetchval(
        """INSERT INTO cash_move (tenant_id, id, shift_id, kind, amount_minor, reason, actor_id, actor_name,
                                  occurred_at, created_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE $11
           ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant,
        id,
        shift,
        kind,
        amount_minor,
        reason,
        tx.actor.id,
        tx.actor.name,
        at,
        tx.now,
        held.closed_at is None,
    )
    if stored is None:
        return await _moved_before(tx, wanted)
    postings = rules.move_postings(kind, amount_minor)
    await _post(tx, held, f"cash_{kind}", id, at=at, memo=reason, postings=postings)
    tx.audit("cash.moved", "shift", shift, move=id, kind=kind, amount=amount_minor, reason=reason)
    tx.emit(CashMoved(shift, held.store, held.till, kind, amount_minor))
    return wanted


async def move_cash_now(  # noqa: PLR0917 - as move_cash
    tx: Tx, id: UUID, shift: UUID, kind: str, amount_minor: int, reason: str, at: datetime, approval: UUID | None = None
) -> CashMove:
    """Move cash as move_cash does, for somebody who is still to do it: no more can leave than the drawer holds.

    Locks the shift where cash leaves, so that two of them can't take the same notes. Raises Forbidden, ApprovalNeeded
    where a pay-out is over the actor's limit.
    """
    if amount_minor > MOVE_MOST_MINOR:
        raise Invalid({"amount": [_("No drawer holds that much. Check the amount.")]})
    if kind in rules.OUTWARD and amount_minor > 0 and await queries.find_cash_move(tx, id) is None:
        held = await queries.lock_shift(tx, shift)
        if held.closed_at is None and amount_minor > await queries.drawer_minor(tx, shift):
            raise Invalid({"amount": [_("There is less than this in the drawer. Count it, or type a smaller amount.")]})
        if kind == "pay_out":
            await require(tx, held.store, Use(PAY_OUT, amount_minor, id, act_hash(Act(id)), tx.now), approval)
    return await move_cash(tx, id, shift, kind, amount_minor, reason, at)


async def open_drawer(tx: Tx, id: UUID, shift: UUID, reason: str, at: datetime) -> None:
    """Record that a drawer was opened without a sale, and why; the same id again changes nothing.

    Holds the shift. Raises NoSuchShift, ShiftClosed, Invalid. Emits DrawerOpened.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MOST:
        raise Invalid({"reason": [_("Say in a few words why, at most 200 letters.")]})
    held = (await queries.hold_shift(tx, [shift])).get(shift)
    if held is None:
        raise NoSuchShift
    stored = await tx.fetchval(
        """INSERT INTO drawer_event (tenant_id, id, shift_id, reason, actor_id, actor_name, occurred_at, created_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE $9
           ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant,
        id,
        shift,
        reason,
        tx.actor.id,
        tx.actor.name,
        at,
        tx.now,
        held.closed_at is None,
    )
    if stored is None:
        before = await tx.fetchval("SELECT shift_id FROM drawer_event WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
        if before is None:
            raise ShiftClosed(shift)
        if before != shift:
            raise IdempotencyConflict
        return
    tx.audit("cash.drawer_opened", "shift", shift, event=id, reason=reason)
    tx.emit(DrawerOpened(shift, held.store, held.till))


async def close_shift(  # noqa: PLR0917 - a closing has these facts
    tx: Tx,
    shift: UUID,
    counted_minor: int,
    denominations: Mapping[str, int] | None,
    at: datetime,
    takings: Takings,
) -> ZReport:
    """Count a drawer and end its shift; the same count again gives the first report.

    The caller adds up `takings` after lock_shift() in this transaction. `denominations` maps a coin's or note's value
    in minor units, as text, to the number of pieces, and must add up to `counted_minor`. Posts the count to the safe
    and the variance to over and short. Raises NoSuchShift, ShiftClosed, Invalid. Emits ShiftEnded.
    """
    _check_count(counted_minor, denominations)
    held = await queries.lock_shift(tx, shift)
    if held.closed_at is not None:
        before = await queries.z_report(tx, shift)
        if before is None or before.counted_minor != counted_minor:
            raise ShiftClosed(shift)
        return before
    moves = await queries.cash_sums(tx, shift)
    report = rules.report_of(held, takings, moves, await queries.drawer_openings(tx, shift))
    expected = report["expected"]
    variance = counted_minor - expected
    report |= {"counted": counted_minor, "variance": variance, "closed_at": at.isoformat(), "closed_by": tx.actor.name}
    z = ZReport(shift, expected, counted_minor, variance, denominations, report, at, tx.actor.name)
    await _store_z(tx, z)
    postings = rules.closing_postings(expected, counted_minor)
    await _post(tx, held, "shift_closed", shift, at=at, memo="Count", postings=postings)
    tx.audit("cash.shift_closed", "shift", shift, expected=expected, counted=counted_minor, variance=variance)
    tx.emit(
        ShiftEnded(shift, held.store, held.till, held.number, expected, counted_minor, variance, held.business_date)
    )
    return z


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


def _check_move(kind: str, amount_minor: int, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if kind not in rules.CASH_KINDS:
        errors["kind"] = [_("Choose pay-in, pay-out or drop.")]
    if amount_minor <= 0:
        errors["amount"] = [_("Type an amount above zero.")]
    if not 1 <= len(reason) <= REASON_MOST:
        errors["reason"] = [_("Say in a few words why, at most 200 letters.")]
    if errors:
        raise Invalid(errors)


def _check_count(counted_minor: int, denominations: Mapping[str, int] | None) -> None:
    if counted_minor < 0:
        raise Invalid({"counted": [_("A count can't be below zero. Type what is in the drawer, or 0.")]})
    if denominations is not None and rules.counted_from(denominations) != counted_minor:
        raise Invalid({"counted": [_("The coins and notes don't add up to this amount. Count again.")]})


async def _moved_before(tx: Tx, wanted: CashMove) -> CashMove:
    before = await queries.find_cash_move(tx, wanted.id)
    if before is None:
        raise ShiftClosed(wanted.shift)
    if (before.shift, before.kind, before.amount_minor, before.reason) != (
        wanted.shift,
        wanted.kind,
        wanted.amount_minor,
        wanted.reason,
    ):
        raise IdempotencyConflict
    return before


async def _store_z(tx: Tx, z: ZReport) -> None:
    await tx.execute(
        """WITH ended AS (UPDATE shift SET closed_at = $8 WHERE tenant_id = $1 AND id = $2)
           INSERT INTO z_report (tenant_id, shift_id, counted_minor, expected_minor, variance_minor, denominations,
                                 report, closed_at, closed_by, closed_by_name)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        tx.tenant,
        z.shift,
        z.counted_minor,
        z.expected_minor,
        z.variance_minor,
        None if z.denominations is None else json.dumps(dict(z.denominations)),
        json.dumps(dict(z.report)),
        z.closed_at,
        tx.actor.id,
        z.closed_by_name,
    )


async def _post(tx: Tx, shift: Shift, kind: str, source: UUID, *, at: datetime, memo: str, postings: Postings) -> None:
    """Post what happened at a drawer; a float or count of zero that changes nothing leaves no entry."""
    if not any(posting.amount_minor for posting in postings):
        return
    books = await place(tx, shift.store)
    await post(
        tx,
        [Entry(new_id(), shift.store, kind, source, at, books.business_date(at), books.currency, memo, postings)],
    )
