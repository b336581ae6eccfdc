"""What a record of a till's journal does, kind by kind: sales as one set, the drawer's records through cash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from retail.cash import drawer_minor, move_cash, open_drawer, open_shift_on
from retail.cash.queries import find_shift
from retail.cash.rules import LEAVING, OUTWARD
from retail.identity.approval_rules import Act, act_hash
from retail.identity.approval_uses import Use
from retail.identity.device_rules import TRIES_A_DAY
from retail.identity.permissions import OPEN_DRAWER, PAY_OUT, VOID_LINE, VOID_SALE
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.money import MAX_MINOR
from retail.payments import note_settled, note_started
from retail.runtime.db import Tx
from retail.sales.allowance import missing, vouched
from retail.sales.beyond import beyond
from retail.sales.chain import Record
from retail.sales.documents import Outcome, ProofIn, SaleIn, Status
from retail.sales.held import end_sold, end_voided, note_brought, note_held, twice_sold
from retail.sales.held_reading import read_brought, read_held
from retail.sales.layaways.paying import take_payment
from retail.sales.layaways.reading import PaymentIn, read_payment
from retail.sales.members import Reader
from retail.sales.operations import complete_batch
from retail.sales.payloads import moment_of, read_object, wrong_kind
from retail.sales.payments import read_settled, read_started
from retail.sales.reading import MAX_OWN_NUMBER, parse_json, read_proofs, read_sale
from retail.sales.receipts.copies import MOST_COPIES, Copy, note_copy
from retail.sales.remarks import Remark
from retail.sales.return_reading import read_till_return
from retail.sales.shift_records import close_drawer, count_drawer, open_drawer_with
from retail.sales.short_shares import beyond_shares
from retail.sales.till_returns import take_return
from retail.sales.voids import VoidIn, note_undone, note_void, read_undone, read_void
from retail.sales.writing import remark


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a record. `reason` says why it had no effect; `carries_marks`: its sale carries its remarks."""

    status: Status
    exceptions: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] | None = None
    reason: str = ""
    code: str = ""
    carries_marks: bool = False

    def with_marks(self, marks: Sequence[Remark]) -> Told:
        """Add what is off about the record itself, and why it had no effect."""
        told = [*_exceptions(marks)]
        if self.reason:
            told.append({"code": self.code, "facts": {"reason": self.reason}})
        return replace(self, exceptions=(*self.exceptions, *told))


async def take_sales(
    tx: Tx, till: UUID, records: Sequence[tuple[Record, Sequence[Remark]]], signed: Sequence[Record] = ()
) -> list[Told]:
    """Store the sales of some records as one set, each with its remarks; one that is no sale doesn't harm the others.

    A record stands for the sale it names: another id or another till inside is no sale of this journal. Only `signed`
    ones may bring approvals that were given without a network.
    """
    read = [_read(till, record, signed=record in signed) for record, _marks in records]
    told: list[Told] = []
    for _payment, group in groupby(zip(records, read, strict=True), key=lambda one: isinstance(one[1], PaymentIn)):
        some = list(group)
        payments = [(one, marks) for (_record, marks), one in some if isinstance(one, PaymentIn)]
        told += [_told(await take_payment(tx, one, marks)) for one, marks in payments]
        if not payments:
            told += await _take_set(tx, till, [record for record, _one in some], [one for _record, one in some])
    return told


async def _take_set(
    tx: Tx,
    till: UUID,
    records: Sequence[tuple[Record, Sequence[Remark]]],
    read: Sequence[SaleIn | PaymentIn | Invalid],
) -> list[Told]:
    sales = [one for one in read if isinstance(one, SaleIn)]
    ids = [UUID(record.id) for record, _marks in records]
    odd, short = await beyond(tx, till, sales), await beyond_shares(tx, till, sales)
    twice = await twice_sold(tx, [sale.id for sale in sales])
    extra = {
        id: [*marks, *odd.get(id, ()), *short.get(id, ()), *twice.get(id, ())]
        for id, (_record, marks) in zip(ids, records, strict=True)
    }
    stored = await complete_batch(tx, sales, {id: marks for id, marks in extra.items() if marks}) if sales else []
    await end_sold(tx, [one.id for one in stored if one.sale is not None])
    outcomes = iter(stored)
    return [_no_sale(one) if isinstance(one, Invalid) else _told(next(outcomes)) for one in read]


async def act(
    tx: Tx, till: UUID, record: Record, *, signed: bool = False, current: bool = True
) -> Mapping[str, Any] | Told | None:
    """Let a record that is no sale have its effect; give what the till shows for it. Raises DomainError.

    `current`: its device still has the till; the count of one that lost it doesn't end its successor's shift.
    """
    read = read_object(record.payload)
    proofs = vouched(read_proofs(read.of), signed=signed)
    at = moment_of(record.at, tx.now)
    id = read.uuid("id")
    match record.kind:
        case "shift_opened":
            return await open_drawer_with(tx, till, id, read, at)
        case "shift_counted":
            return await count_drawer(tx, await _drawer_of(tx, till, read.uuid("shift")), id, read, at)
        case "cash_moved":
            await _move_cash(tx, till, id, read, at, proofs)
        case "drawer_opened":
            await _open_drawer(tx, till, id, read, at, proofs)
        case "shift_closed":
            read.check()
            shift_id = await _drawer_of(tx, till, id) if current else id
            return await close_drawer(tx, shift_id, read, at)
        case "line_voided" | "sale_voided":
            await _void(tx, till, read_void(read, record.kind, at), proofs)
        case "void_undone":
            await note_undone(tx, till, read_undone(read, at))
        case "goods_returned":
            return await _take_back(tx, till, read, at, signed=signed)
        case kind if kind in _NOTED:
            await _NOTED[kind](tx, till, read, at)
        case _:
            _note_wrong_pin(tx, record.kind, read, at)
    return None


async def _payment_started(tx: Tx, till: UUID, read: Reader, at: datetime) -> None:
    await note_started(tx, till, read_started(read, at))


async def _payment_settled(tx: Tx, till: UUID, read: Reader, at: datetime) -> None:
    await note_settled(tx, till, read_settled(read, at))


async def _held(tx: Tx, till: UUID, read: Reader, at: datetime) -> None:
    await note_held(tx, till, read_held(read, at))


async def _brought(tx: Tx, till: UUID, read: Reader, at: datetime) -> None:
    await note_brought(tx, till, read_brought(read, at))


async def _receipt_copied(tx: Tx, till: UUID, read: Reader, at: datetime) -> None:
    id, sale, n = read.uuid("id"), read.uuid("sale"), read.whole("n", 1, MOST_COPIES)
    read.check()
    await note_copy(tx, Copy(id, sale, n, at, till))


_NOTED: Final[Mapping[str, Callable[[Tx, UUID, Reader, datetime], Awaitable[None]]]] = {
    "payment_started": _payment_started,
    "payment_settled": _payment_settled,
    "sale_held": _held,
    "sale_recalled": _brought,
    "receipt_copied": _receipt_copied,
}
"""Records that are written down and answer nothing; the device's own kinds stay above."""


async def _take_back(tx: Tx, till: UUID, read: Reader, at: datetime, *, signed: bool) -> Told:
    back = read_till_return(read, till, at)
    made = await take_return(tx, replace(back, proofs=vouched(back.proofs, signed=signed)))
    result = {"number": made.number, "total": made.total, "after_close": made.after_close}
    return Told("created", tuple(_exceptions(made.remarks)), result)


async def _look(  # noqa: PLR0917 - an act has these facts
    tx: Tx, till: UUID, right: tuple[str, int | None], done: Act, at: datetime, proofs: Sequence[ProofIn]
) -> None:
    """Remark where the cashier did what they may not do alone, without a valid approval."""
    store = await tx.fetchval("SELECT store_id FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till)
    found = await missing(tx, store, till, Use(*right, done.id, act_hash(done), at), proofs)
    if found is not None:
        await remark(tx, till, [replace(found, facts={**found.facts, "id": str(done.id)})])


async def refused_by(tx: Tx, till: UUID) -> Mapping[str, Any] | None:
    """Give the shift that stood in the way of an opening, for the till to sell on in."""
    shift = await open_shift_on(tx, till)
    if shift is None:
        return None
    return {
        "id": str(shift.id),
        "opened_at": shift.opened_at.isoformat(),
        "opening_float": shift.opening_float_minor,
        "opened_by": shift.opened_by_name,
    }


async def _drawer_of(tx: Tx, till: UUID, shift: UUID) -> UUID:
    """Give the shift whose drawer it was: the till's open one, remarked on, where the named one was never opened."""
    current = None if await find_shift(tx, shift) else await open_shift_on(tx, till)
    if current is None:
        return shift
    await remark(tx, till, [Remark("other_shift", {"shift": str(shift)})])
    return current.id


async def _open_drawer(  # noqa: PLR0917 - an opening has these facts
    tx: Tx, till: UUID, id: UUID, read: Reader, at: datetime, proofs: Sequence[ProofIn]
) -> None:
    shift, reason = read.uuid("shift"), read.text("reason", 200)
    read.check()
    await open_drawer(tx, id, await _drawer_of(tx, till, shift), reason, at)
    await _look(tx, till, (OPEN_DRAWER, None), Act(id), at, proofs)


def _note_wrong_pin(tx: Tx, kind: str, read: Reader, at: datetime) -> None:
    """Put a wrong PIN that was typed while the server was away onto the trail. Only an enrolled device has PINs."""
    if kind != "pin_wrong" or tx.scope.device is None:
        raise wrong_kind(kind)
    person, failures = read.uuid("person"), read.whole("failures", 1, TRIES_A_DAY)
    read.check()
    tx.audit("pin.wrong", "person", person, device=tx.scope.device, failures=failures, offline_at=at.isoformat())


async def _void(tx: Tx, till: UUID, void: VoidIn, proofs: Sequence[ProofIn]) -> None:
    await note_void(tx, till, void)
    if void.kind == "sale":
        await end_voided(tx, void.basket, void.id)
    right = VOID_LINE if void.kind == "line" else VOID_SALE
    await _look(tx, till, (right, None), void.act, void.at, proofs)


async def _move_cash(  # noqa: PLR0917 - a cash move has these facts
    tx: Tx, till: UUID, id: UUID, read: Reader, at: datetime, proofs: Sequence[ProofIn]
) -> None:
    """Store cash that has moved; where more left than the drawer held, somebody hears of it."""
    shift, kind, amount = read.uuid("shift"), read.text("kind", 20), read.whole("amount", 1, MAX_MINOR)
    reason = read.text("reason", 200)
    read.check()
    shift = await _drawer_of(tx, till, shift)
    await move_cash(tx, id, shift, kind, amount, reason, at)
    if kind in LEAVING:
        await _look(tx, till, (PAY_OUT, amount), Act(id), at, proofs)
    if kind in OUTWARD and await drawer_minor(tx, shift) < 0:
        await remark(tx, till, [Remark("drawer_short", {"amount": amount, "reason": reason, "id": str(id)})])


def _read(till: UUID, record: Record, *, signed: bool) -> SaleIn | PaymentIn | Invalid:
    try:
        document = parse_json(record.payload)
        payment = read_payment(document) if isinstance(document, dict) and document.get("kind") == "payment" else None
        sale = payment.sale if payment else read_sale(document, MAX_OWN_NUMBER)
        sale = replace(sale, approvals=vouched(sale.approvals, signed=signed))
    except Invalid as wrong:
        return wrong
    if (sale.id, sale.till) != (UUID(record.id), till):
        return Invalid({"id": [IdempotencyConflict().sentence()]})
    return replace(payment, sale=sale) if payment else sale


def _told(outcome: Outcome) -> Told:
    if outcome.sale is not None:
        sale = outcome.sale
        total = sale.claimed_total if sale.kind == "payment" else sale.total
        result = {"number": sale.number, "total": total, "after_close": sale.after_close}
        created = outcome.status == "created"
        return Told(outcome.status, tuple(_exceptions(sale.remarks)), result, carries_marks=created)
    if outcome.status == "conflict":
        return Told("conflict", reason=IdempotencyConflict().sentence(), code=IdempotencyConflict.code)
    return _no_sale(Invalid(outcome.errors or {}))


def _no_sale(wrong: Invalid) -> Told:
    sentences = [f"{name}: {sentence}".lstrip(": ") for name, of in wrong.errors.items() for sentence in of]
    return Told("invalid", reason=" ".join(sentences), code=wrong.code)


def _exceptions(remarks: Sequence[Remark]) -> list[dict[str, Any]]:
    return [{"code": one.code, "facts": dict(one.facts)} for one in remarks]
