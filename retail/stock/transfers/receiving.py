"""Receiving what was sent, and deciding who bears what is missing, too much, or broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK, SETTLE_TRANSFERS
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import place
from retail.runtime.db import Tx
from retail.stock.admitting import refuse_parts_of
from retail.stock.errors import NotEnoughStock
from retail.stock.following import begin_to_follow
from retail.stock.queries import lock_levels
from retail.stock.rules import Document, Move
from retail.stock.serials.handing import change
from retail.stock.serials.marking import hold_pieces
from retail.stock.serials.rules import IN_TRANSIT, SCRAPPED
from retail.stock.stockroom import record
from retail.stock.transfers import queries
from retail.stock.transfers.errors import TransferMovedOn
from retail.stock.transfers.operations import NOTE_MOST, QUANTITY_MOST, hold, named, put_back, step
from retail.stock.transfers.queries import TransferFacts
from retail.stock.transfers.rules import AGREES, DECISIONS, RECEIVED, SENDER, SHELF, Line, settle

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found of a line: how much arrived whole, and how much broken."""

    arrived: Decimal
    damaged: Decimal = _ZERO


async def note_arrival(tx: Tx, transfer: UUID, product: UUID, trace: str = "", quantity: Decimal = Decimal(1)) -> UUID:
    """Count something in while a transfer is unpacked, as each scan does; it is on the shelf once it is received.

    Gives its line. Any number of people may scan one delivery. What nobody sent becomes a line of its own, of which
    zero was sent.
    Raises TransferMovedOn, Forbidden, NoSuchTransfer, Invalid.
    """
    facts = await _unpacked(tx, transfer)
    await refuse_parts_of(tx, [(product, quantity)])
    rows = await tx.fetch(
        """SELECT id, trace, quantity, coalesce(arrived, 0) AS arrived FROM transfer_line
            WHERE tenant_id = $1 AND transfer_id = $2 AND product_id = $3 ORDER BY position, id""",
        tx.tenant,
        transfer,
        product,
    )
    fitting = [row for row in rows if row["trace"] == trace] if trace else list(rows)
    line = next((row for row in fitting if row["arrived"] < row["quantity"]), fitting[0] if fitting else None)
    if line is None:
        found = await _add_line(tx, facts, product, trace, quantity)
    else:
        found = line["id"]
        await tx.execute(
            "UPDATE transfer_line SET arrived = coalesce(arrived, 0) + $3 WHERE tenant_id = $1 AND id = $2",
            tx.tenant, found, quantity,
        )  # fmt: skip
    tx.audit("stock.transfer_unpacked", "transfer", transfer, product=product, trace=trace, quantity=quantity)
    return found


async def receive(tx: Tx, transfer: UUID, receipt: UUID, found: Mapping[UUID, Found], note: str = "") -> TransferFacts:
    """Put what arrived on the receiver's shelf; what differs from what was sent stays on the way until it is decided.

    `found` by line; a line that isn't in it counts as it was scanned. `receipt` is a client-made id: the same again
    changes nothing. Locks the transfer, then the receiver's balances. Raises TransferMovedOn, Forbidden, Invalid.
    """
    await tx.fetchval("SELECT 1 FROM transfer WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, transfer)
    if receipt == await tx.fetchval(
        "SELECT receipt_id FROM transfer WHERE tenant_id = $1 AND id = $2 AND state = 'received'", tx.tenant, transfer
    ):
        return await queries.transfer(tx, transfer)
    facts = await _unpacked(tx, transfer)
    lines = _counted([one.line for one in await queries.lines(tx, transfer)], found)
    if len(note) > NOTE_MOST:
        raise Invalid({"note": [_("Use at most 200 letters.")]})
    for line in lines:
        if line.id in found and line.arrived != line.quantity:
            one = found[line.id]
            await refuse_parts_of(tx, [(line.product, one.arrived), (line.product, one.damaged)], f"arrived-{line.id}")
    document = Document(receipt, facts.to_store, note or facts.note, tx.now)
    came = [line for line in lines if line.sound]
    levels = await lock_levels(tx, [(facts.to_store, line.product) for line in came]) if came else {}
    came = await named(tx, document, came)
    await record(tx, document, "arrival", levels, [_arrival(document, line) for line in came])
    await _close(tx, transfer, receipt, lines)
    await step(tx, facts, "received", note)
    return await queries.transfer(tx, transfer)


async def decide(tx: Tx, transfer: UUID, decisions: Mapping[UUID, str], reason: str) -> TransferFacts:
    """Say who bears the differences of a received transfer, by line; posts each to the books of that store.

    Lines that are decided already, or agree, are let alone. Raises NoSuchTransfer, TransferMovedOn, Forbidden,
    NotEnoughStock where more came than the sender's shelf had, Invalid.
    """
    await tx.fetchval("SELECT 1 FROM transfer WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, transfer)
    facts = await queries.transfer(tx, transfer)
    if facts.state != RECEIVED:
        raise TransferMovedOn(transfer, facts.state, await queries.last_actor(tx, transfer))
    wrong = {f"line-{line}": [_("Pick one of the choices.")] for line, one in decisions.items() if one not in DECISIONS}
    if not reason.strip():
        wrong["reason"] = [_("Say in a few words why.")]
    if len(reason) > NOTE_MOST:
        wrong["reason"] = [_("Use at most 200 letters.")]
    if wrong:
        raise Invalid(wrong)
    open_lines = [one.line for one in await queries.lines(tx, transfer) if one.line.decision is None]
    decided = [(line, decisions[line.id]) for line in open_lines if line.id in decisions]
    if not decided:
        raise Invalid({"": [_("Nothing is left to decide here.")]})
    for line, decision in decided:
        tx.scope.require_in(SETTLE_TRANSFERS, facts.to_store)
        if decision in {SHELF, SENDER}:
            tx.scope.require_in(SETTLE_TRANSFERS, facts.from_store)
        await _settle(tx, facts, line, decision, reason)
    await step(tx, facts, "decided", reason)
    return await queries.transfer(tx, transfer)


async def _settle(tx: Tx, facts: TransferFacts, line: Line, decision: str, reason: str) -> None:
    outcome = settle(line, decision)
    bearer = facts.from_store if outcome.sender_bears else facts.to_store
    document = Document(line.id, bearer, reason, tx.now)
    if outcome.shelf_quantity > 0:
        await put_back(tx, document, [replace(line, quantity=outcome.shelf_quantity)])
    elif outcome.shelf_quantity < 0:
        await _take_unnoticed(tx, document, line, -outcome.shelf_quantity)
    if line.trace:
        pieces = await hold_pieces(tx, [(line.product, line.trace)])
        lost = [one for one, piece in pieces.items() if piece.state == IN_TRANSIT]
        await change(tx, document, lost, SCRAPPED)
    off = outcome.lost + outcome.wasted + outcome.rounding
    if off or outcome.lost or outcome.wasted:
        books = await place(tx, bearer)
        postings = (
            Posting("stock_difference", outcome.lost),
            Posting("waste", outcome.wasted),
            Posting("rounding", outcome.rounding),
            Posting("in_transit", -off),
        )
        entry = Entry(
            new_id(), bearer, "transfer_settled", line.id, tx.now, books.business_date(tx.now), books.currency, reason,
            postings,
        )  # fmt: skip
        await post(tx, [entry])
    await tx.execute(
        "UPDATE transfer_line SET decision = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, line.id, decision
    )


async def _take_unnoticed(tx: Tx, document: Document, line: Line, quantity: Decimal) -> None:
    """Take off the sender's shelf what left it unnoticed, at the cost that the rest left with."""
    levels = await lock_levels(tx, [(document.store, line.product)])
    level = levels[document.store, line.product]
    if level.on_hand < quantity:
        raise NotEnoughStock(line.product, level.on_hand, quantity)
    tracked = await begin_to_follow(tx, document.store, [line.product])
    trace = "" if tracked.get(line.product) == "serial" else line.trace  # which piece it was is found out by looking
    left = Move(
        new_id(), document.store, line.product, "dispatch", -quantity, line.unit_cost, document.reason, document.id,
        document.at, trace,
    )  # fmt: skip
    await record(tx, document, "dispatch", levels, [left])


async def _unpacked(tx: Tx, transfer: UUID) -> TransferFacts:
    facts = await hold(tx, transfer, RECEIVED)
    tx.scope.require_in(MOVE_STOCK, facts.to_store)
    return facts


async def _add_line(tx: Tx, facts: TransferFacts, product: UUID, trace: str, quantity: Decimal) -> UUID:
    made: UUID | None = await tx.fetchval(
        """INSERT INTO transfer_line (tenant_id, id, transfer_id, product_id, trace, position, quantity, unit_cost,
                                      arrived)
           SELECT $1, $2, $3, p.id, $5, (SELECT coalesce(max(o.position), 0) + 1 FROM transfer_line o
                                          WHERE o.tenant_id = $1 AND o.transfer_id = $3), 0,
                  coalesce((SELECT b.unit_cost FROM stock_balance b
                             WHERE b.tenant_id = $1 AND b.store_id = $6 AND b.product_id = p.id), p.unit_cost), $7
             FROM product p WHERE p.tenant_id = $1 AND p.id = $4 RETURNING id""",
        tx.tenant, new_id(), facts.id, product, trace, facts.from_store, quantity,
    )  # fmt: skip
    if made is None:
        raise Invalid(
            {"code": [_("No product has this SKU or barcode. Scan it again, or search in the list of stock.")]}
        )
    return made


def _counted(lines: Sequence[Line], found: Mapping[UUID, Found]) -> list[Line]:
    """Give the lines as they were found, those that agree marked so."""
    errors: dict[str, list[str]] = {}
    counted = []
    for line in lines:
        one = found.get(line.id) or (Found(line.arrived, line.broken) if line.arrived is not None else None)
        if one is None:
            errors[f"arrived-{line.id}"] = [_("Type how many arrived; zero if none did.")]
            continue
        if not (0 <= one.arrived <= QUANTITY_MOST and 0 <= one.damaged <= QUANTITY_MOST):
            errors[f"arrived-{line.id}"] = [_("This can't be below zero.")]
        looked_at = replace(line, arrived=one.arrived, damaged=one.damaged)
        counted.append(replace(looked_at, decision=None if looked_at.differs else AGREES))
    if errors:
        raise Invalid(errors)
    return counted


def _arrival(document: Document, line: Line) -> Move:
    return Move(
        new_id(), document.store, line.product, "arrival", line.sound, line.unit_cost, document.reason, document.id,
        document.at, line.trace,
    )  # fmt: skip


async def _close(tx: Tx, transfer: UUID, receipt: UUID, lines: Sequence[Line]) -> None:
    await tx.execute(
        """UPDATE transfer_line l SET arrived = u.arrived, damaged = u.damaged, decision = u.decision
             FROM unnest($2::uuid[], $3::numeric[], $4::numeric[], $5::text[]) AS u (id, arrived, damaged, decision)
            WHERE l.tenant_id = $1 AND l.id = u.id""",
        tx.tenant,
        [line.id for line in lines],
        [line.sound for line in lines],
        [line.broken for line in lines],
        [line.decision for line in lines],
    )
    await tx.execute(
        """UPDATE transfer SET state = 'received', received_at = $3, receipt_id = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, transfer, tx.now, receipt,
    )  # fmt: skip
