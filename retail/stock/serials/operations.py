"""Receiving pieces by their numbers, writing them off, putting a returned one back for sale, setting a place right."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _, ngettext
from retail.runtime.db import Tx
from retail.stock import stockroom
from retail.stock.following import begin_to_follow
from retail.stock.queries import is_recorded, lock_levels
from retail.stock.rules import Arrival, Document, Move, Named, Taken, trace_of
from retail.stock.serials.errors import WrongPiece
from retail.stock.serials.handing import change
from retail.stock.serials.marking import Change, add_unnamed, hold_pieces, put
from retail.stock.serials.queries import PieceFacts, piece
from retail.stock.serials.rules import HERE, IN_STOCK, RETURNED

NUMBERS_MOST: Final = 500
NUMBER_MOST: Final = 60


async def receive_pieces(
    tx: Tx, document: Document, product: UUID, unit_cost: Decimal, numbers: Sequence[str]
) -> list[Move]:
    """Put pieces on the shelf, each known by its number from now on; a number is unique for its product.

    Raises Invalid that names the numbers which are known already, NotFound, Forbidden, IdempotencyConflict.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    _check(numbers)
    await lock_levels(tx, [(document.store, product)])
    if (await begin_to_follow(tx, document.store, [product])).get(product) != "serial":
        raise Invalid({"code": [_("This product isn't followed by piece. Switch that on at the product first.")]})
    arrivals = [Arrival(product, Decimal(len(numbers)), unit_cost, trace_of(Named(serials=tuple(numbers))))]
    if await is_recorded(tx, document.id):
        return await stockroom.receive(tx, document, arrivals)
    ids = {number: new_id() for number in numbers}
    new = await tx.fetch(
        """INSERT INTO serial (tenant_id, id, product_id, number, state, store_id, created_at, updated_at)
           SELECT $1, u.id, $2, u.number, 'in_stock', $3, $4, $4 FROM unnest($5::uuid[], $6::text[]) AS u (id, number)
            ORDER BY u.number ON CONFLICT DO NOTHING RETURNING number""",
        tx.tenant, product, document.store, tx.now, list(ids.values()), list(ids),
    )  # fmt: skip
    known = [number for number in numbers if number not in {row["number"] for row in new}]
    if known:
        said = ngettext(
            "The number %(numbers)s is known already. Take it off the list, or look it up.",
            "The numbers %(numbers)s are known already. Take them off the list, or look them up.",
            len(known),
        )
        raise Invalid({"serials": [said % {"numbers": ", ".join(known[:10])}]})
    await put(
        tx,
        [
            Change(
                id, product, number, None, IN_STOCK, document.store, document.store, document.id, document.reason,
                tx.actor.name, document.at,
            )
            for number, id in ids.items()
        ],
    )  # fmt: skip
    return await stockroom.receive(tx, document, arrivals)


async def scrap(tx: Tx, document: Document, id: UUID) -> PieceFacts:
    """Write a piece off that lies in the store; posts it to waste. Raises WrongPiece, NotFound, Forbidden."""
    tx.scope.require_in(MOVE_STOCK, document.store)
    facts = await piece(tx, id)
    await lock_levels(tx, [(document.store, facts.product)])
    if facts.state not in HERE:
        raise WrongPiece(facts.number, facts.state)
    await stockroom.waste(tx, document, [Taken(facts.product, Decimal(1), facts.number)])
    return await piece(tx, id)


async def put_back_for_sale(tx: Tx, document: Document, id: UUID) -> PieceFacts:
    """Note that a piece that was brought back is as good as new. Raises WrongPiece, NotFound, Forbidden."""
    tx.scope.require_in(MOVE_STOCK, document.store)
    facts = await piece(tx, id)
    await lock_levels(tx, [(document.store, facts.product)])
    if facts.state != RETURNED:
        raise WrongPiece(facts.number, facts.state)
    await change(tx, document, [(facts.product, facts.number)], IN_STOCK)
    tx.audit("stock.piece_put_back", "product", facts.product, serial=facts.number, store=document.store)
    return await piece(tx, id)


async def find_here(tx: Tx, document: Document, product: UUID, number: str) -> PieceFacts:
    """Give a piece without a number its number, or set right where one lies: it was seen in the document's store.

    What the balances say stays; where a store has more pieces with a number than it has at all, it is told so.
    Raises Invalid, NotFound, Forbidden.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    _check([number])
    held = await tx.fetchrow(
        "SELECT store_id, state FROM serial WHERE tenant_id = $1 AND product_id = $2 AND number = $3",
        tx.tenant, product, number,
    )  # fmt: skip
    stores = {document.store, *([held["store_id"]] if held and held["state"] in HERE else [])}
    await lock_levels(tx, [(store, product) for store in stores])
    for store in sorted(stores):
        if (await begin_to_follow(tx, store, [product])).get(product) != "serial":
            raise Invalid({"code": [_("This product isn't followed by piece. Switch that on at the product first.")]})
    known = (await hold_pieces(tx, [(product, number)])).get((product, number))
    if known and known.state in HERE and known.store == document.store:
        return await piece(tx, known.id)
    if known and known.state in HERE and known.store not in stores:
        raise WrongPiece(number, "elsewhere")
    id = known.id if known else new_id()
    await put(
        tx,
        [
            Change(
                id, product, number, known.state if known else None, IN_STOCK, document.store, document.store,
                document.id, document.reason, tx.actor.name, document.at, odd=known is not None,
            )
        ],
    )  # fmt: skip
    shifted = {(document.store, product): Decimal(-1)}
    if known and known.state in HERE and known.store:
        shifted[known.store, product] = Decimal(1)
    await add_unnamed(tx, shifted)
    tx.audit("stock.piece_found", "product", product, serial=number, store=document.store)
    return await piece(tx, id)


def _check(numbers: Sequence[str]) -> None:
    if not numbers:
        raise Invalid({"serials": [_("Scan at least one serial number.")]})
    if len(numbers) > NUMBERS_MOST:
        raise Invalid({"serials": [_("Receive at most 500 pieces at once, and then the next ones.")]})
    long = [number for number in numbers if len(number) > NUMBER_MOST or not number.isprintable()]
    if long:
        raise Invalid({"serials": [_("A serial number has at most 60 letters and digits. Scan this one again.")]})
    if len(set(numbers)) < len(numbers):
        raise Invalid({"serials": [_("Each number may be there once.")]})
