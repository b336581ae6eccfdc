"""The verbs of the stock room: open, receive, adjust, waste, count, transfer.

Each is a document with a client-made id: its moves carry the id as `source`, its journal entry too, and the same id
again gives the moves of the first time. All lock the balances they touch, sorted by store and product, so they come
one after the other; sales, which only append, never wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.kit.quantity import to_milli
from retail.kit.text import _
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import place
from retail.runtime.db import Tx
from retail.stock import queries
from retail.stock.admitting import refuse_closed, refuse_heaps, refuse_parts
from retail.stock.costing import settling
from retail.stock.costing.rules import taken_cost
from retail.stock.errors import NotEnoughStock
from retail.stock.known_costs import costs_of_coming
from retail.stock.operations import fold_these, move
from retail.stock.places.drawing import draw
from retail.stock.queries import Level
from retail.stock.rules import Arrival, Counted, Document, Move, Taken, counterpart, value_minor
from retail.stock.serials.leaving import bring_over, write_off

REASON_MOST = 200


async def receive(tx: Tx, document: Document, arrivals: Sequence[Arrival]) -> list[Move]:
    """Put goods that arrived on the shelf and move the average cost; posts stock against goods received.

    `arrivals` have quantities above zero and unit costs in minor units. Raises Invalid, NotFound, IdempotencyConflict.
    """
    return await _arrive(tx, document, arrivals, "receipt")


async def open_stock(tx: Tx, document: Document, arrivals: Sequence[Arrival]) -> list[Move]:
    """Record what a shop had when it began with the product; posts stock against opening balances."""
    return await _arrive(tx, document, arrivals, "opening")


async def adjust(tx: Tx, document: Document, changes: Sequence[Taken]) -> list[Move]:
    """Correct what is on hand by signed quantities, with a reason; posts to stock differences.

    Raises NotEnoughStock where a product would fall below zero, Invalid, NotFound, IdempotencyConflict.
    """
    _check(document, [change.quantity for change in changes], signed=True)
    return await _take(tx, document, changes, "adjustment")


async def waste(tx: Tx, document: Document, losses: Sequence[Taken], purpose: str = "waste") -> list[Move]:
    """Write off goods that can't be sold, quantities above zero, with a reason; posts to the account of `purpose`.

    Raises NotEnoughStock, Invalid, NotFound, IdempotencyConflict.
    """
    _check(document, [loss.quantity for loss in losses])
    return await _take(tx, document, [replace(loss, quantity=-loss.quantity) for loss in losses], "waste", purpose)


async def count(tx: Tx, document: Document, counts: Sequence[Counted]) -> list[Move]:
    """Set what is on hand to what was counted at `document.at`; posts the difference to stock differences.

    The count is compared with the books as of the moment it was made, so what was sold since stays sold. A count that
    agrees leaves a move of zero: proof that somebody looked. Raises Invalid, NotFound, IdempotencyConflict.
    """
    _check(document, [one.quantity for one in counts], least=Decimal(0))
    products = [one.product for one in counts]
    levels = await queries.lock_levels(tx, [(document.store, product) for product in products])
    before = await _recorded(tx, document, "count", {one.product: None for one in counts})
    if before is not None:
        return before
    if any(one.quantity for one in counts):
        await refuse_closed(tx, document.store)
    refuse_parts(levels, document.store, [(one.product, one.quantity) for one in counts])
    held = await queries.held_at(tx, document.store, dict.fromkeys(products, document.at))
    expected = {one.product: held[one.product] if one.expected is None else one.expected for one in counts}
    differing = [(levels[document.store, one.product], one.quantity - expected[one.product]) for one in counts]
    coming = await costs_of_coming(tx, levels, [level.key for level, more in differing if more > 0])
    moves = [_move(document, "count", level, more, coming.get(level.key)) for level, more in differing]
    await record(tx, document, "count", levels, moves)
    return moves


async def transfer(tx: Tx, document: Document, to_store: UUID, goods: Sequence[Taken]) -> list[Move]:
    """Bring goods, quantities above zero, from a store to another at their cost; nothing is posted.

    The receiving store's average cost moves as with a receipt. Raises NotEnoughStock, Invalid, NotFound,
    IdempotencyConflict.
    """
    _check(document, [one.quantity for one in goods])
    if to_store == document.store:
        raise Invalid({"to_store": [_("Pick another store: goods can't be moved to where they are.")]})
    await place(tx, to_store)
    ends = [(store, one.product) for store in (document.store, to_store) for one in goods]
    levels = await queries.lock_levels(tx, ends)
    before = await _recorded(tx, document, "transfer", _sums([replace(one, quantity=-one.quantity) for one in goods]))
    if before is not None:
        return before
    await refuse_closed(tx, to_store, "to_store")
    refuse_parts(levels, document.store, [(one.product, -one.quantity) for one in goods], mending=True)
    leaving = await costs_of_leaving(tx, levels, document.store, goods)
    moves: list[Move] = []
    standing = dict(levels)
    for one in goods:
        here, there = standing[document.store, one.product], standing[to_store, one.product]
        _refuse_shortage(here, -one.quantity)
        moves.append(_move(document, "transfer", here, -one.quantity, leaving[here.key], one.trace))
        moves.append(_move(document, "transfer", there, one.quantity, leaving[here.key], one.trace))
        standing[here.key] = replace(here, on_hand=here.on_hand - one.quantity)
    await bring_over(tx, document, to_store, goods, levels)
    await record(tx, document, "transfer", levels, moves, to_store=to_store)
    return moves


async def _arrive(tx: Tx, document: Document, arrivals: Sequence[Arrival], kind: str) -> list[Move]:
    _check(document, [arrival.quantity for arrival in arrivals])
    if any(arrival.unit_cost < 0 for arrival in arrivals):
        raise Invalid({"unit_cost": [_("A cost can't be below zero.")]})
    levels = await queries.lock_levels(tx, [(document.store, arrival.product) for arrival in arrivals])
    before = await _recorded(tx, document, kind, _sums(arrivals))
    if before is not None:
        return before
    await refuse_closed(tx, document.store)
    refuse_parts(levels, document.store, [(one.product, one.quantity) for one in arrivals])
    moves = [
        _move(document, kind, levels[document.store, one.product], one.quantity, one.unit_cost, one.trace)
        for one in arrivals
    ]
    await record(tx, document, kind, levels, moves)
    return moves


async def _take(
    tx: Tx, document: Document, changes: Sequence[Taken], kind: str, purpose: str | None = None
) -> list[Move]:
    levels = await queries.lock_levels(tx, [(document.store, change.product) for change in changes])
    before = await _recorded(tx, document, kind, _sums(changes))
    if before is not None:
        return before
    if any(one.quantity > 0 for one in changes):
        await refuse_closed(tx, document.store)
    refuse_parts(levels, document.store, [(one.product, one.quantity) for one in changes], mending=True)
    leaving = await costs_of_leaving(tx, levels, document.store, _negated(changes))
    moves = []
    standing = dict(levels)
    for change in changes:
        level = standing[document.store, change.product]
        _refuse_shortage(level, change.quantity)
        moves.append(_move(document, kind, level, change.quantity, leaving[level.key], change.trace))
        standing[level.key] = replace(level, on_hand=level.on_hand + change.quantity)
    await write_off(tx, document, changes, levels)
    await record(tx, document, kind, levels, moves, purpose=purpose)
    return moves


def _negated(changes: Sequence[Taken]) -> list[Taken]:
    return [replace(change, quantity=-change.quantity) for change in changes]


async def costs_of_leaving(
    tx: Tx, levels: Mapping[tuple[UUID, UUID], Level], store: UUID, goods: Sequence[Taken]
) -> dict[tuple[UUID, UUID], Decimal]:
    """Tell at what unit cost goods leave a store's locked balances: the average, or that of the layers they are of.

    Quantities above zero leave; the others come, at the cost that the balance has, or else at the one that is known.
    """
    wanted = {(store, product): quantity or Decimal(0) for product, quantity in _sums(goods).items()}
    held = await settling.pools(tx, {key: (levels[key].on_hand, levels[key].unit_cost) for key in wanted})
    coming = await costs_of_coming(tx, levels, [key for key, quantity in wanted.items() if quantity < 0])
    return {key: settling.unit_cost(taken_cost(held[key], to_milli(wanted[key]))) for key in wanted} | coming


def _move(  # noqa: PLR0917 - a move has these facts
    document: Document, kind: str, level: Level, quantity: Decimal, unit_cost: Decimal | None = None, trace: str = ""
) -> Move:
    cost = level.unit_cost if unit_cost is None else unit_cost
    return Move(
        new_id(), level.store, level.product, kind, quantity, cost, document.reason, document.id, document.at, trace
    )


def _sums(goods: Sequence[Arrival | Taken]) -> dict[UUID, Decimal | None]:
    """Add up what a document wants of each product: two lots of one are two of its lines."""
    sums: dict[UUID, Decimal | None] = {}
    for one in goods:
        sums[one.product] = (sums.get(one.product) or Decimal(0)) + one.quantity
    return sums


def _refuse_shortage(level: Level, quantity: Decimal) -> None:
    if quantity < 0 and level.on_hand + quantity < 0:
        raise NotEnoughStock(level.product, level.on_hand, -quantity)


def _check(
    document: Document, quantities: Sequence[Decimal], *, signed: bool = False, least: Decimal | None = None
) -> None:
    errors: dict[str, list[str]] = {}
    if not quantities:
        errors[""] = [_("Add at least one product.")]
    if signed and any(quantity == 0 for quantity in quantities):
        errors["quantity"] = [_("Type how many to add, or with a minus how many to take off.")]
    if least is not None and any(quantity < least for quantity in quantities):
        errors["quantity"] = [_("A count can't be below zero. Type how many you counted, or 0.")]
    if not signed and least is None and any(quantity <= 0 for quantity in quantities):
        errors["quantity"] = [_("Type a quantity above zero.")]
    if len(document.reason) > REASON_MOST:
        errors["reason"] = [_("Use at most 200 letters.")]
    if errors:
        raise Invalid(errors)


async def _recorded(tx: Tx, document: Document, kind: str, wanted: dict[UUID, Decimal | None]) -> list[Move] | None:
    """Give the moves of the first time. Called under the balances' locks, so that two repeats can't both be first."""
    before = await queries.moves_of(tx, document.id)
    if not before:
        return None
    found: dict[UUID, Decimal] = {}
    for one in before:
        if one.store == document.store:
            found[one.product] = found.get(one.product, Decimal(0)) + one.quantity
    same = {one.kind for one in before} == {kind} and found.keys() == wanted.keys()
    if not same or any(quantity is not None and found[product] != quantity for product, quantity in wanted.items()):
        raise IdempotencyConflict
    return before


async def record(
    tx: Tx,
    document: Document,
    kind: str,
    levels: Mapping[tuple[UUID, UUID], Level],
    moves: Sequence[Move],
    *,
    purpose: str | None = None,
    source: UUID | None = None,
    **facts: object,
) -> None:
    """Append the moves, post their worth, leave the audit trail: one record of the whole, one in each history.

    `levels` are the locked ones, as they were before. `source` is what the books name as the entry's cause, where a
    document is recorded in portions: the first move of this one. Raises Invalid for more than a balance or the books
    can hold.
    """
    refuse_heaps(levels, moves)
    await move(tx, moves)
    await fold_these(tx, sorted({(one.store, one.product) for one in moves}))
    facts |= {"document": document.id, "reason": document.reason}
    tx.audit(f"stock.{kind}", "store", document.store, products=len(moves), **facts)
    standing = {key: level.on_hand for key, level in levels.items()}
    for one in moves:
        had = standing[one.store, one.product]
        standing[one.store, one.product] = had + one.quantity
        on_hand = {"before": {"on_hand": had}, "after": {"on_hand": had + one.quantity}}
        tx.audit(f"stock.{kind}", "product", one.product, store=one.store, **on_hand, **facts)
    for store in {one.store: None for one in moves if one.quantity < 0}:
        left = {product: on_hand for (where, product), on_hand in standing.items() if where == store}
        await draw(tx, store, document.id, document.reason, left)
    purpose = purpose or counterpart(kind)
    worth = sum(value_minor(one.quantity, one.unit_cost) for one in moves)
    if purpose is None or not worth:
        return
    books = await place(tx, document.store)
    postings = (Posting("stock", worth), Posting(purpose, -worth))
    entry = Entry(
        new_id(),
        document.store,
        f"stock_{kind}",
        source or document.id,
        document.at,
        books.business_date(document.at),
        books.currency,
        document.reason,
        postings,
    )
    await post(tx, [entry])
