"""Cash that moves without a sale, and drawers that are opened without one."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from retail.cash import queries, rules
from retail.cash.errors import NoSuchShift, ShiftClosed
from retail.cash.events import CashMoved, DrawerOpened
from retail.cash.posting import post_drawer
from retail.cash.rules import CashMove
from retail.identity.approval_rules import Act, act_hash
from retail.identity.approval_uses import Use, require
from retail.identity.permissions import PAY_OUT
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx

REASON_MOST: Final = 200
MOVE_MOST_MINOR: Final = 10**11
"""What a person or a program may move at once; what a till's journal tells has happened, whatever the amount."""


async def move_cash(  # noqa: PLR0917 - a cash move has these facts
    tx: Tx, id: UUID, shift: UUID, kind: str, amount_minor: int, reason: str, at: datetime
) -> CashMove:
    """Move cash into or out of an open drawer without a sale; the same id again gives the first result.

    `kind` is one of rules.CASH_KINDS; `amount_minor` is above zero. Holds the shift. Raises NoSuchShift, ShiftClosed,
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
    await post_drawer(tx, held, f"cash_{kind}", id, at=at, memo=reason, postings=postings)
    tx.audit("cash.moved", "shift", shift, move=id, kind=kind, amount=amount_minor, reason=reason)
    tx.emit(CashMoved(shift, held.store, held.till, kind, amount_minor))
    return wanted


async def move_cash_now(  # noqa: PLR0917 - as move_cash
    tx: Tx, id: UUID, shift: UUID, kind: str, amount_minor: int, reason: str, at: datetime, approval: UUID | None = None
) -> CashMove:
    """Move cash as move_cash does, for somebody who is still to do it: no more can leave than the drawer holds.

    Locks the shift where cash leaves, so that two of them can't take the same notes. Raises Forbidden, ApprovalNeeded
    where what leaves the house is over the actor's limit.
    """
    if amount_minor > MOVE_MOST_MINOR:
        raise Invalid({"amount": [_("No drawer holds that much. Check the amount.")]})
    if kind in rules.OUTWARD and amount_minor > 0 and await queries.find_cash_move(tx, id) is None:
        held = await queries.lock_shift(tx, shift)
        if held.closed_at is None and amount_minor > await queries.drawer_minor(tx, shift):
            raise Invalid({"amount": [_("There is less than this in the drawer. Count it, or type a smaller amount.")]})
        if kind in rules.LEAVING:
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
    tx.emit(DrawerOpened(shift, held.store, held.till, id))


def _check_move(kind: str, amount_minor: int, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if kind not in rules.CASH_KINDS:
        errors["kind"] = [_("Choose pay-in, pay-out, change brought, drop or pick-up.")]
    if amount_minor <= 0:
        errors["amount"] = [_("Type an amount above zero.")]
    if not 1 <= len(reason) <= REASON_MOST:
        errors["reason"] = [_("Say in a few words why, at most 200 letters.")]
    if errors:
        raise Invalid(errors)


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
