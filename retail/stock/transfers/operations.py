"""Drafting, sending and cancelling transfers. docs/algorithms/stockroom.md says what each step moves and posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import Forbidden, IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.kit.quantity import LINE_MOST, TooMany
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.stock.admitting import is_whole, refuse_closed, too_fine
from retail.stock.errors import NotStocked
from retail.stock.events import TransferMoved
from retail.stock.following import begin_to_follow
from retail.stock.queries import lock_levels
from retail.stock.rules import Document, Move
from retail.stock.serials.handing import hand_over
from retail.stock.stockroom import record
from retail.stock.transfers import queries
from retail.stock.transfers.errors import NoSuchTransfer, TransferMovedOn
from retail.stock.transfers.packing import pack
from retail.stock.transfers.queries import TransferFacts
from retail.stock.transfers.rules import CANCELLED, DRAFT, NEXT, SENT, Line

NOTE_MOST: Final = 200
LINES_MOST: Final = 1000
QUANTITY_MOST: Final = LINE_MOST


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A transfer as it is drafted: a client-made id, from where, to where, and why."""

    id: UUID
    from_store: UUID
    to_store: UUID
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a product a draft is to hold; `trace` names one lot or one piece of it."""

    product: UUID
    quantity: Decimal
    trace: str = ""


async def draft(tx: Tx, new: NewTransfer) -> TransferFacts:
    """Begin a transfer, which either end may do; the same one again gives that of the first time.

    Raises Invalid, NotFound, Forbidden, IdempotencyConflict.
    """
    if not any(tx.scope.may_in(MOVE_STOCK, store) for store in (new.from_store, new.to_store)):
        raise Forbidden(MOVE_STOCK)
    names = await _check(tx, new)
    await tx.fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"transfers:{new.from_store}")
    before = await tx.fetchrow(
        "SELECT from_store_id, to_store_id FROM transfer WHERE tenant_id = $1 AND id = $2", tx.tenant, new.id
    )
    if before is not None:
        if tuple(before) != (new.from_store, new.to_store):
            raise IdempotencyConflict
        return await queries.transfer(tx, new.id)
    await refuse_closed(tx, new.to_store, "to_store")
    await tx.execute(
        """INSERT INTO transfer (tenant_id, id, number, from_store_id, to_store_id, from_name, to_name, state, note,
                                 created_at)
           SELECT $1, $2, coalesce(max(t.number), 0) + 1, $3, $4, $5, $6, 'draft', $7, $8
             FROM transfer t WHERE t.tenant_id = $1 AND t.from_store_id = $3""",
        tx.tenant, new.id, new.from_store, new.to_store, names[new.from_store], names[new.to_store], new.note, tx.now,
    )  # fmt: skip
    facts = await queries.transfer(tx, new.id)
    await step(tx, facts, "drafted", new.note)
    return facts


async def put_line(tx: Tx, transfer: UUID, wanted: Wanted) -> TransferFacts:
    """Have a draft hold so much of a product, or no more of it at zero. Raises NotFound, TransferMovedOn, Invalid."""
    facts = await hold(tx, transfer, DRAFT)
    _either_end(tx, facts)
    if not 0 <= wanted.quantity <= QUANTITY_MOST:
        few, many = _("Type a quantity above zero; zero takes the product off the list."), str(TooMany())
        raise Invalid({"quantity": [few if wanted.quantity < 0 else many]})
    if wanted.quantity == 0:
        await tx.execute(
            "DELETE FROM transfer_line WHERE tenant_id = $1 AND transfer_id = $2 AND product_id = $3 AND trace = $4",
            tx.tenant, transfer, wanted.product, wanted.trace,
        )  # fmt: skip
    else:
        await _put(tx, facts, wanted, add=False)
    tx.audit("stock.transfer_changed", "transfer", transfer, product=wanted.product, quantity=wanted.quantity)
    return await queries.transfer(tx, transfer)


async def add_to_line(tx: Tx, transfer: UUID, wanted: Wanted) -> TransferFacts:
    """Put more of a product into a draft, as each scan does. Raises NotFound, TransferMovedOn, Invalid."""
    facts = await hold(tx, transfer, DRAFT)
    _either_end(tx, facts)
    await _put(tx, facts, wanted, add=True)
    tx.audit("stock.transfer_changed", "transfer", transfer, product=wanted.product, added=wanted.quantity)
    return await queries.transfer(tx, transfer)


async def send(tx: Tx, transfer: UUID) -> TransferFacts:
    """Take the goods off the sender's shelf; they are on the way then, at what they cost, also in the books.

    Locks the transfer, then the sender's balances. Raises TransferMovedOn, Forbidden, and Invalid with a sentence at
    each line of which too little is there that nobody else has reserved.
    """
    facts = await hold(tx, transfer, SENT)
    tx.scope.require_in(MOVE_STOCK, facts.from_store)
    await refuse_closed(tx, facts.to_store, "to_store")
    lines = [one.line for one in await queries.lines(tx, transfer)]
    if not lines:
        raise Invalid({"code": [_("Put in at least one product before you send it.")]})
    levels = await lock_levels(tx, [(facts.from_store, line.product) for line in lines])
    lines = await pack(tx, facts, lines, levels)
    document = Document(transfer, facts.from_store, facts.note, tx.now)
    await record(
        tx, document, "dispatch", levels, [_move(document, "dispatch", line, -line.quantity) for line in lines]
    )
    await tx.execute(
        "UPDATE transfer SET state = 'sent', sent_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, transfer, tx.now
    )
    await step(tx, facts, "sent", "")
    return await queries.transfer(tx, transfer)


async def cancel(tx: Tx, transfer: UUID, reason: str) -> TransferFacts:
    """Call a transfer off; what was sent is put back on the sender's shelf at the cost it left with.

    Raises TransferMovedOn where it was received meanwhile, Forbidden, Invalid.
    """
    facts = await hold(tx, transfer, CANCELLED)
    if len(reason) > NOTE_MOST:
        raise Invalid({"reason": [_("Use at most 200 letters.")]})
    back = new_id()
    if facts.state == DRAFT:
        _either_end(tx, facts)
    else:
        tx.scope.require_in(MOVE_STOCK, facts.from_store)
        lines = [one.line for one in await queries.lines(tx, transfer) if one.line.quantity]
        await put_back(tx, Document(back, facts.from_store, reason, tx.now), lines)
    await tx.execute(
        "UPDATE transfer SET state = 'cancelled', receipt_id = $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant, transfer, back,
    )  # fmt: skip
    await step(tx, facts, "cancelled", reason)
    return await queries.transfer(tx, transfer)


async def put_back(tx: Tx, document: Document, lines: Sequence[Line]) -> None:
    """Put goods that are on the way on a store's shelf, at the cost they have there; posts them out of transit."""
    levels = await lock_levels(tx, [(document.store, line.product) for line in lines])
    lines = await named(tx, document, lines)
    await record(tx, document, "arrival", levels, [_move(document, "arrival", line, line.quantity) for line in lines])


async def named(tx: Tx, document: Document, lines: Sequence[Line]) -> list[Line]:
    """Put the pieces among what came into the document's store; the name of one that was not on its way is let go.

    The balances are held.
    """
    tracked = await begin_to_follow(tx, document.store, [line.product for line in lines])
    pieces = [(line.product, line.trace) for line in lines if tracked.get(line.product) == "serial" and line.trace]
    handed = await hand_over(tx, document, pieces)
    lost = frozenset(pieces) - handed
    return [replace(line, trace="") if (line.product, line.trace) in lost else line for line in lines]


async def hold(tx: Tx, transfer: UUID, state: str) -> TransferFacts:
    """Lock a transfer that may come to a state (DRAFT: that is one). Raises NoSuchTransfer, TransferMovedOn."""
    await tx.fetchval("SELECT 1 FROM transfer WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, transfer)
    facts = await queries.transfer(tx, transfer)
    if facts.state != DRAFT if state == DRAFT else state not in NEXT[facts.state]:
        raise TransferMovedOn(transfer, facts.state, await queries.last_actor(tx, transfer))
    return facts


async def step(tx: Tx, facts: TransferFacts, what: str, reason: str) -> None:
    """Note what was done with a transfer, in its history and the audit trail, and tell both stores."""
    await tx.execute(
        """INSERT INTO transfer_event (tenant_id, id, transfer_id, what, reason, actor_name, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        tx.tenant, new_id(), facts.id, what, reason, tx.actor.name, tx.now,
    )  # fmt: skip
    done = f"transfer_{what}"
    tx.audit(
        f"stock.{done}", "transfer", facts.id, number=facts.number, from_store=facts.from_store,
        to_store=facts.to_store, reason=reason,
    )  # fmt: skip
    for store in (facts.from_store, facts.to_store):
        tx.emit(TransferMoved(store, facts.id, what))


def _move(document: Document, kind: str, line: Line, quantity: Decimal) -> Move:
    return Move(
        new_id(), document.store, line.product, kind, quantity, line.unit_cost, document.reason, document.id,
        document.at, line.trace,
    )  # fmt: skip


def _either_end(tx: Tx, facts: TransferFacts) -> None:
    if not any(tx.scope.may_in(MOVE_STOCK, store) for store in (facts.from_store, facts.to_store)):
        raise Forbidden(MOVE_STOCK)


async def _check(tx: Tx, new: NewTransfer) -> dict[UUID, str]:
    if new.from_store == new.to_store:
        raise Invalid({"to_store": [_("Pick another store: goods can't be moved to where they are.")]})
    if len(new.note) > NOTE_MOST:
        raise Invalid({"note": [_("Use at most 200 letters.")]})
    rows = await tx.fetch(
        "SELECT id, name FROM store WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant,
        [new.from_store, new.to_store],
    )
    names = {row["id"]: row["name"] for row in rows}
    errors = {
        name: [_("Pick one from the list.")]
        for name, store in (("from_store", new.from_store), ("to_store", new.to_store))
        if store not in names
    }
    if errors:
        raise Invalid(errors)
    return names


async def _put(tx: Tx, facts: TransferFacts, wanted: Wanted, *, add: bool) -> None:
    known = await tx.fetchrow(
        "SELECT decimals, tracking, kind FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted.product
    )
    if known is None:
        raise Invalid(
            {"code": [_("No product has this SKU or barcode. Scan it again, or search in the list of stock.")]}
        )
    if known["kind"] != "goods":
        raise Invalid({"code": [NotStocked(wanted.product).sentence()]})
    if not is_whole(wanted.quantity, known["decimals"]):
        raise Invalid({"quantity": [too_fine(known["decimals"])]})
    if known["tracking"] == "serial" and wanted.trace and (add or wanted.quantity != 1):
        wanted = replace(wanted, quantity=Decimal(1))
        add = False
    if facts.lines >= LINES_MOST:
        raise Invalid({"code": [_("A transfer holds at most 1,000 lines. Send this one, and begin another.")]})
    await tx.execute(
        """INSERT INTO transfer_line AS l (tenant_id, id, transfer_id, product_id, trace, position, quantity)
           SELECT $1, $2, $3, $4, $5, coalesce(max(o.position), 0) + 1, $6
             FROM transfer_line o WHERE o.tenant_id = $1 AND o.transfer_id = $3
           ON CONFLICT (tenant_id, transfer_id, product_id, trace)
           DO UPDATE SET quantity = excluded.quantity + CASE WHEN $7 THEN l.quantity ELSE 0 END""",
        tx.tenant, new_id(), facts.id, wanted.product, wanted.trace, wanted.quantity, add,
    )  # fmt: skip


__all__ = ["NewTransfer", "NoSuchTransfer", "Wanted", "add_to_line", "cancel", "draft", "put_line", "send"]
