"""Pages of waste: what was written off and what it cost, writing something off, and the shop's own reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import SCAN_MOST, Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.forms import SERIALS_LENGTH
from retail.stock.move_pages import choose
from retail.stock.rules import Document, Move, Named, Taken, trace_of
from retail.stock.serials.errors import WrongPiece
from retail.stock.serials.rules import numbers_in
from retail.stock.store_choices import store_choices
from retail.stock.wasting import operations, reasons
from retail.tenants import queries as tenants

DAYS: Final = ("30", "90", "365")


async def index(request: Request) -> Response:
    """List what was written off, with what each reason cost."""
    asked = Asked.of(request, "/stock/waste")
    async with db(request).read(scope(request)) as read:
        known = await reasons.reasons(read)
        stores = await tenants.stores(read)
        store = asked.one_of("store", {one.id for one in stores})
        choices = await store_choices(read, stores, store)
        why, days = asked.one_of("reason", {reasons.NO_REASON, *(one.id for one in known)}), asked.option("days", DAYS)
        since = read.now - timedelta(days=int(days or DAYS[0]))
        page = await asked.page(
            lambda after: operations.written_off(
                read, store=store, why=why, since=since, limit=DEFAULT_LIMIT, after=after
            )
        )
        costs = await operations.cost_by_reason(read, store=store, why=why, since=since)
    return render(
        request,
        "stock/waste/index.html",
        asked.status,
        asked=asked,
        rows=page.items,
        costs=costs,
        reason_choices=[
            *((str(one.id), one.name) for one in known),
            (str(reasons.NO_REASON), reasons.no_reason()),
        ],
        store_choices=choices,
        days=[("90", _("Last 90 days")), ("365", _("Last year"))],
        next=asked.next(page),
    )


async def new(request: Request) -> Response:
    """Show the form that writes something off."""
    return await _form(request, {"code": request.query_params.get("code", "")[:SCAN_MOST]}, {})


async def create(request: Request) -> Response:
    """Write something off."""
    fields = await Fields.read(request)
    document = fields.uuid("id", required=False) or new_id()
    store, why = fields.uuid("store"), fields.uuid("reason")
    code = fields.raw("pick") or fields.scan("code", required=True)
    quantity = fields.quantity("quantity")
    note = fields.text("note", 200)
    serials = tuple(numbers_in(fields.text("serials", SERIALS_LENGTH)))
    async with db(request).read(scope(request)) as read:
        choice = await choose(read, code)
    if code and choice.product is None:
        fields.error("code", _("No product has this SKU or barcode. Scan it again, or search in the list of stock."))
    if quantity <= 0 and "quantity" not in fields.errors:
        fields.error("quantity", _("Type a quantity above zero."))
    try:
        fields.check()
        if store is None or why is None or choice.product is None:
            raise Invalid(fields.errors)
        goods = [Taken(choice.product.id, quantity, trace_of(Named(serials=serials)) if choice.by_piece else "")]
        said = await db(request).run(scope(request), _write_off, (document, store, note), why, goods)
    except Invalid as wrong:
        return await _form(request, fields.values | {"code": code}, wrong.errors, 422)
    except DomainError as refused:
        field = "serials" if isinstance(refused, WrongPiece) else ""
        return await _form(request, fields.values | {"code": code}, {field: [refused.sentence()]}, refused.status)
    return redirect(request, "/stock/waste", said=_("Written off.") if said else "")


async def _write_off(tx: Tx, document: tuple[UUID, UUID, str], why: UUID, goods: list[Taken]) -> list[Move]:
    id, store, note = document
    return await operations.write_off(tx, Document(id, store, note, tx.now), why, goods)


async def _form(
    request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await reasons.reasons(read)
        stores = await tenants.open_stores(read)
        choice = await choose(read, values.get("code", ""))
    filled = (
        {"code": "", "store": "", "reason": "", "quantity": "", "note": "", "serials": ""}
        | dict(values)
        | {"id": str(new_id())}
    )
    if len(stores) == 1:
        filled["store"] = str(stores[0].id)
    return render(
        request,
        "stock/waste/new.html",
        status,
        values=filled,
        errors=errors,
        found=choice.found,
        product=choice.product,
        by_piece=choice.by_piece,
        reason_choices=[(str(one.id), one.name) for one in known],
        store_choices=[(str(one.id), one.name) for one in stores],
    )


async def reason_list(request: Request) -> Response:
    """Show the shop's reasons, each with its account."""
    return await _reasons(request, {}, {})


async def put_reason(request: Request) -> Response:
    """Add a reason, change it, or take it out of use."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    name, purpose = fields.text("name", reasons.NAME_MOST), fields.text("purpose", 40)
    try:
        fields.check()
        await db(request).run(scope(request), _put, (id, name, purpose), fields.flag("archived"))
    except Invalid as wrong:
        return await _reasons(request, fields.values, wrong.errors, 422)
    return redirect(request, "/stock/waste/reasons", said=_("Saved."))


async def _put(tx: Tx, reason: tuple[UUID, str, str], archived: bool) -> None:  # noqa: FBT001 - the form's own
    id, name, purpose = reason
    await reasons.put_reason(tx, id, name, purpose, archived=archived)


async def _reasons(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await reasons.reasons(read, archived=True)
    return render(
        request,
        "stock/waste/reasons.html",
        status,
        reasons=known,
        purposes=list(reasons.purpose_words().items()),
        typed=typed,
        errors=errors,
        fresh=str(new_id()),
    )
