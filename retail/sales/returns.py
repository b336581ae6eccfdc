"""Goods that come back: never more than was sold, whoever asks at the same moment, and to the last unit what was paid.

Two walls. A lock per original sale makes returns of one sale come one after the other, so that the second one gets a
clear no. Beneath it a unique index: a return's line says how much was back before it, and no two lines of a sold line
can start from the same standing.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from retail.cash import NoSuchShift, Shift, ShiftClosed, hold_shift, open_shift_on
from retail.identity.approval_rules import Act, ActLine, act_hash
from retail.identity.approval_uses import Use, require
from retail.identity.permissions import REFUND
from retail.kit.errors import IdempotencyConflict
from retail.kit.quantity import MILLI
from retail.runtime.db import Read, Tx
from retail.sales import queries
from retail.sales.assess import Seller
from retail.sales.documents import Outcome, ReturnIn, StoredSale
from retail.sales.errors import NoOpenShift, NoSuchTill, NotReturnable
from retail.sales.holds import refuse_promised, release
from retail.sales.oddities import CASH
from retail.sales.operations import lock_numbers
from retail.sales.refund import Desk, Refund, document, work_out
from retail.sales.rules import Priced
from retail.sales.standing import lock_returns, next_return, returned
from retail.sales.writing import follow_up, insert
from retail.stock.queries import named_of
from retail.stock.rules import Named


async def return_goods(tx: Tx, original: UUID, back: ReturnIn, *, method: str = CASH) -> Outcome:
    """Take goods of a sale back, pay out their share of what was paid, put them back into stock.

    The same return again is answered again (`replayed`). Without tenders all of it is paid out by `method`.
    Holds the shift, locks the returns of the sale, its approval and the till's series of numbers. Raises NoSuchSale,
    NoSuchTill, Forbidden, ApprovalNeeded where the refund is over the actor's limit,
    NoSuchShift, NoOpenShift, ShiftClosed, NotReturnable, OverReturned, IdempotencyConflict, Invalid.
    Emits SaleCompleted (kind return).
    """
    shift = await _hold_shift(tx, back)
    await lock_returns(tx, original)
    before = await queries.stored_sales(tx, [back.id])
    if before:
        if (before[0].original, before[0].body_hash) != (original, back.body_hash):
            raise IdempotencyConflict
        return Outcome(back.id, "replayed", before[0])
    desk = await _desk(tx, back.till, _usable(shift, back))
    sold = await queries.stored_sale(tx, original)
    if sold.kind != "sale":
        raise NotReturnable
    standing = await returned(tx, original)
    priced = await _worked_out(tx, sold, back, standing)
    await require(
        tx, desk.store, Use(REFUND, -priced.total, back.id, act_hash(act_of_return(back)), tx.now), back.approval
    )
    paid_before = await _paid_back(tx, original)
    await lock_numbers(tx, back.till)
    number = await next_return(tx, back.till)
    named, parts = await _named(tx, sold, back), await queries.parts_of(tx, original)
    parts_back = await queries.tax_parts_back(tx, original) if any(tax.parts for tax in sold.taxes) else {}
    refund = Refund(back, sold, standing, priced, paid_before, method, named, parts, parts_back)
    made = document(refund, desk, number, Seller(tx.actor.id, tx.actor.name, tx.now))
    if made.id not in await insert(tx, [made]):
        raise IdempotencyConflict
    await follow_up(tx, [made])
    tx.audit("sales.returned", "sale", original, returned=made.id, number=number, total=made.total)
    return Outcome(made.id, "created", made)


def act_of_return(back: ReturnIn) -> Act:
    """Give a return as approvals see it: which lines, how much of each."""
    return Act(back.id, 0, [ActLine(line, None, milli, 0) for line, milli in back.quantities.items()])


async def _worked_out(tx: Tx, sold: StoredSale, back: ReturnIn, standing: Mapping[UUID, int]) -> Priced:
    """Work out what goes back; what is promised to a till is as good as back. Raises OverReturned, Invalid."""
    await refuse_promised(tx, sold, back.quantities, back.id, standing)
    await release(tx, back.till, back.id)
    return work_out(sold, standing, back.quantities, await _pieces(tx, sold, back))


async def _pieces(read: Read, sold: StoredSale, back: ReturnIn) -> set[UUID]:
    """Find those of the products that are sold by the piece, where a part of a piece would come back."""
    parted = {line for line, milli in back.quantities.items() if milli % MILLI}
    products = [line.product for line in sold.lines if line.id in parted and line.product]
    if not products:
        return set()
    rows = await read.fetch(
        "SELECT id FROM product WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND decimals = 0", read.tenant, products
    )
    return {row["id"] for row in rows}


async def _named(read: Read, sold: StoredSale, back: ReturnIn) -> dict[UUID, Named]:
    """Tell which lot or pieces come back: those that the return names, else those that left if they are as many."""
    left = await named_of(read, sold.id)
    named = dict(back.named)
    for line in sold.lines:
        names = left.get(line.product, []) if line.product else []
        if line.id in named or line.id not in back.quantities or not names:
            continue
        if len(names) == 1:
            named[line.id] = Named(lot=names[0])
        elif len(names) * MILLI == back.quantities[line.id]:
            named[line.id] = Named(serials=tuple(names))
    return named


async def _hold_shift(tx: Tx, back: ReturnIn) -> Shift | None:
    """Hold the shift that is named, else the till's open one; whether it will do is only asked of a new return."""
    wanted = back.shift
    if wanted is None:
        current = await open_shift_on(tx, back.till)
        wanted = current.id if current else None
    return (await hold_shift(tx, [wanted])).get(wanted) if wanted else None


def _usable(shift: Shift | None, back: ReturnIn) -> UUID:
    if shift is None or shift.till != back.till:
        raise NoSuchShift if back.shift else NoOpenShift
    if shift.closed_at is not None:
        raise ShiftClosed(shift.id)
    return shift.id


async def _desk(read: Read, till: UUID, shift: UUID) -> Desk:
    row = await read.fetchrow(
        """SELECT k.store_id, s.timezone, s.day_cutoff_hour, t.cash_unit_minor, t.locale
             FROM till k
             JOIN store s ON s.tenant_id = k.tenant_id AND s.id = k.store_id
             JOIN tenant t ON t.id = k.tenant_id
            WHERE k.tenant_id = $1 AND k.id = $2""",
        read.tenant,
        till,
    )
    if row is None:
        raise NoSuchTill
    store, timezone, cutoff, unit = row["store_id"], row["timezone"], row["day_cutoff_hour"], row["cash_unit_minor"]
    return Desk(till, store, timezone, cutoff, unit, shift, row["locale"])


async def _paid_back(read: Read, original: UUID) -> int:
    return int(
        await read.fetchval(
            "SELECT coalesce(-sum(total_minor), 0)::bigint FROM sale WHERE tenant_id = $1 AND original_id = $2",
            read.tenant,
            original,
        )
    )
