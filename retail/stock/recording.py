"""One move as a form or a program says it, turned into the right document of the stock room."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from retail.catalog import queries as catalog
from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.stock import stockroom
from retail.stock.forms import MoveForm
from retail.stock.known_costs import known_cost
from retail.stock.rules import TRACE_MOST, Arrival, Counted, Document, Move, Named, Taken, trace_of
from retail.stock.wasting.operations import write_off

_FINEST: Final = Decimal("0.000001")


async def record(tx: Tx, form: MoveForm) -> list[Move]:
    """Record one move of one product, found by SKU or barcode. Raises what the stock room raises."""
    product = await _product(tx, form.code)
    try:
        return await record_of(tx, form, product)
    except Invalid as wrong:
        if "product" in wrong.errors:  # on the page its code stands for it
            wrong.errors["code"] = wrong.errors.pop("product")
        raise


async def record_of(tx: Tx, form: MoveForm, product: UUID) -> list[Move]:
    """Record one move of a product whose id is known; the form's `code` is not looked at.

    Packs are moved as the pieces in them: two cases of 24 that arrived are 48 bottles.
    Raises Forbidden where the actor may not move stock in one of its stores, NotStocked for other kits and services,
    Invalid for waste without a reason, and for a receipt of goods that are followed by lot or by piece.
    """
    product, form = await _unpacked(tx, product, form)
    for store in filter(None, (form.store, form.to_store)):
        tx.scope.require_in(MOVE_STOCK, store)
    if form.kind == "waste" and form.why is None and not form.reason.strip():
        raise Invalid({"reason": [_("Say in a few words why.")]})
    document = Document(form.id, form.store, form.reason, tx.now)
    if form.kind == "receipt":
        await _refuse_unnamed(tx, product)
        cost = form.unit_cost
        if cost is None:
            cost = await known_cost(tx, form.store, product)
        return await stockroom.receive(tx, document, [Arrival(product, form.quantity, cost)])
    if form.kind == "count":
        return await stockroom.count(tx, document, [Counted(product, form.quantity)])
    taken = [Taken(product, form.quantity, await _named(tx, product, form))]
    if form.kind == "waste":
        return await (write_off(tx, document, form.why, taken) if form.why else stockroom.waste(tx, document, taken))
    if form.kind == "transfer" and form.to_store is not None:
        return await stockroom.transfer(tx, document, form.to_store, taken)
    return await stockroom.adjust(tx, document, taken)


async def _unpacked(read: Read, product: UUID, form: MoveForm) -> tuple[UUID, MoveForm]:
    """Give the goods in a pack and the move as it is for them; whatever else it is stays as it is.

    A count stays too, and is refused: there may be loose pieces beside the packs.
    """
    inside = await read.fetch("SELECT part_id, quantity FROM kit_parts(ARRAY[$1::uuid])", product)
    if len(inside) != 1 or form.kind == "count":
        return product, form
    part, factor = inside[0]
    cost = None if form.unit_cost is None else (form.unit_cost / factor).quantize(_FINEST, ROUND_HALF_UP)
    return part, replace(form, quantity=form.quantity * factor, unit_cost=cost)


async def _named(read: Read, product: UUID, form: MoveForm) -> str:
    """Give the numbers of the pieces that leave, as a move carries them. Raises Invalid."""
    if not form.serials:
        return ""
    if await _tracking(read, product) != "serial":
        raise Invalid({"serials": [_("This product isn't followed by piece. Leave the serial numbers out.")]})
    if form.kind == "adjustment" and form.quantity > 0:
        raise Invalid({"serials": [_("Pieces that come get their numbers on the page Serial numbers.")]})
    if any(len(one) > TRACE_MOST or not one.isprintable() for one in form.serials):
        raise Invalid({"serials": [_("A serial number has at most 60 letters and digits. Scan this one again.")]})
    return trace_of(Named(serials=form.serials))


async def _refuse_unnamed(read: Read, product: UUID) -> None:
    """Refuse a receipt of followed goods: nobody said of which lot they are, or which pieces. Raises Invalid."""
    tracking = await _tracking(read, product)
    if tracking == "lot":
        raise Invalid({"product": [_("This product is followed by lot. Receive it with its lot, on the page Lots.")]})
    if tracking == "serial":
        said = _("This product is followed by piece. Receive it with its numbers, on the page Serial numbers.")
        raise Invalid({"product": [said]})


async def _tracking(read: Read, product: UUID) -> str:
    sql = "SELECT tracking FROM product WHERE tenant_id = $1 AND id = $2"
    return await read.fetchval(sql, read.tenant, product) or "none"


async def _product(read: Read, code: str) -> UUID:
    """Find a product on sale by its SKU, else by a barcode. Raises Invalid."""
    for wanted in (catalog.Wanted(sku=code), catalog.Wanted(barcode=code)):
        page = await catalog.products(read, wanted, limit=1, after=None)
        if page.items:
            return page.items[0].id
    raise Invalid({"code": [_("No product has this SKU or barcode. Scan it again, or search in the list of stock.")]})
