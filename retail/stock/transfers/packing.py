"""What goes into the box: enough of each product, of which lots, which pieces, at which cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.quantity import from_milli, quantity_text, to_milli
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.stock.following import begin_to_follow
from retail.stock.lots.giving import shelves
from retail.stock.lots.rules import Drop, Shelf, after, give
from retail.stock.queries import Level, on_hand
from retail.stock.reserving.queries import reserved
from retail.stock.reserving.rules import available
from retail.stock.rules import Document, Taken
from retail.stock.serials.handing import send_off
from retail.stock.stockroom import costs_of_leaving
from retail.stock.transfers.queries import TransferFacts
from retail.stock.transfers.rules import Line

Levels = Mapping[tuple[UUID, UUID], Level]


async def pack(tx: Tx, transfer: TransferFacts, lines: Sequence[Line], levels: Levels) -> list[Line]:
    """Settle what a transfer sends: lines with their cost, split by lots, pieces taken on their way; writes them.

    The balances `levels` are held. Raises Invalid with a sentence at each line that can't be sent, WrongPiece.
    """
    store = transfer.from_store
    await _refuse_shortage(tx, store, lines, levels)
    tracked = await begin_to_follow(tx, store, [line.product for line in lines])
    errors = {
        f"line-{line.id}": [_("Scan the serial number of each piece: take this line off, and scan the pieces.")]
        for line in lines
        if tracked.get(line.product) == "serial" and not (line.trace and line.quantity == 1)
    }
    if errors:
        raise Invalid(errors)
    pieces = [(line.product, line.trace) for line in lines if tracked.get(line.product) == "serial"]
    await send_off(tx, Document(transfer.id, store, transfer.note, tx.now), pieces)
    by_lot = [line for line in lines if tracked.get(line.product) == "lot"]
    whole = [line for line in lines if tracked.get(line.product) != "lot"]
    packed = [*whole, *(await _split(tx, store, by_lot) if by_lot else [])]
    leaving = await costs_of_leaving(tx, levels, store, [Taken(line.product, line.quantity) for line in packed])
    packed = [replace(line, unit_cost=leaving[store, line.product]) for line in packed]
    await _write(tx, transfer.id, packed)
    return packed


async def _refuse_shortage(tx: Tx, store: UUID, lines: Sequence[Line], levels: Levels) -> None:
    there = {line.product: levels[store, line.product].on_hand for line in lines}
    errors = _short(lines, there, await reserved(tx, store, list(there)))
    if errors:
        raise Invalid(errors)


async def shortages(read: Read, store: UUID, lines: Sequence[Line]) -> dict[str, list[str]]:
    """Say at each line of a draft that more is wanted than the store has and may give; as of now, nothing is held."""
    products = list({line.product: None for line in lines})
    return _short(lines, await on_hand(read, store, products), await reserved(read, store, products))


def _short(lines: Sequence[Line], there: Mapping[UUID, Decimal], kept: Mapping[UUID, Decimal]) -> dict[str, list[str]]:
    wanted: dict[UUID, Decimal] = {}
    for line in lines:
        wanted[line.product] = wanted.get(line.product, Decimal(0)) + line.quantity
    errors: dict[str, list[str]] = {}
    for line in lines:
        free = available(there[line.product], kept[line.product])
        if free < wanted[line.product]:
            said = _("Only %(left)s on hand and not reserved. Send fewer, or count the shelf.")
            errors[f"line-{line.id}"] = [said % {"left": quantity_text(max(to_milli(free), 0))}]
    return errors


async def _split(tx: Tx, store: UUID, lines: Sequence[Line]) -> list[Line]:
    """Give lines to lots, named ones first; what no lot has goes without one."""
    wanted: dict[tuple[UUID, UUID], list[str]] = {}
    for line in lines:
        wanted.setdefault((store, line.product), []).extend([line.trace] if line.trace else [])
    on_shelf: dict[tuple[UUID, UUID], Shelf] = await shelves(tx, wanted)
    found: dict[tuple[UUID, str], Line] = {}
    errors: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda one: not one.trace):
        shelf = on_shelf[store, line.product]
        named = next((one for one in shelf.lots.values() if line.trace and one.code == line.trace), None)
        if line.trace and (named is None or named.milli < to_milli(line.quantity)):
            said = _("Only %(left)s of this lot here. Send fewer, or leave the lot empty.")
            errors[f"line-{line.id}"] = [said % {"left": quantity_text(max(named.milli, 0) if named else 0)}]
            continue
        shares = give(shelf, Drop(-to_milli(line.quantity), line.trace, tx.now.date()))
        on_shelf[store, line.product] = after(shelf, shares)
        for lot, milli in shares:
            code = shelf.lots[lot].code if lot else ""
            key = line.product, code
            part = found.get(key) or replace(line, id=new_id(), trace=code, quantity=Decimal(0))
            found[key] = replace(part, quantity=part.quantity - from_milli(milli))
    if errors:
        raise Invalid(errors)
    return list(found.values())


async def _write(tx: Tx, transfer: UUID, lines: Sequence[Line]) -> None:
    """Put these lines in the place of a draft's, in this order."""
    await tx.execute("DELETE FROM transfer_line WHERE tenant_id = $1 AND transfer_id = $2", tx.tenant, transfer)
    await tx.execute(
        """INSERT INTO transfer_line (tenant_id, id, transfer_id, product_id, trace, position, quantity, unit_cost)
           SELECT $1, u.id, $2, u.product_id, u.trace, u.position, u.quantity, u.unit_cost
             FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::integer[], $7::numeric[], $8::numeric[])
                  AS u (id, product_id, trace, position, quantity, unit_cost)""",
        tx.tenant,
        transfer,
        [line.id for line in lines],
        [line.product for line in lines],
        [line.trace for line in lines],
        list(range(1, len(lines) + 1)),
        [line.quantity for line in lines],
        [line.unit_cost for line in lines],
    )
