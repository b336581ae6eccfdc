"""Pages of lots: what expires when, receiving a delivery, writing off, and where a lot went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.codes.reading import read_elements
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.forms import read_unit_cost
from retail.stock.handlers import kind_names
from retail.stock.known_costs import known_cost
from retail.stock.lots import operations, queries
from retail.stock.move_pages import choose
from retail.stock.rules import Document
from retail.stock.scanning import scanned
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

AHEAD: Final = ("0", "3", "7", "14", "30", "90")
_NAMES: Final = ("lot_store", "code", "quantity", "lot", "expires_on", "unit_cost", "reason")


async def index(request: Request) -> Response:
    """List lots, what expires first in front; `days` narrows to what expires within so many days."""
    asked = Asked.of(request, "/stock/lots")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, text = asked.one_of("store", {one.id for one in stores}), asked.search()
        choices = await store_choices(read, stores, store)
        days = asked.option("days", AHEAD)
        today = _today(read, request)
        until = queries.last_day(today, int(days)) if days else None
        page = await asked.page(
            lambda after: queries.lots(read, store=store, text=text, until=until, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request,
        "stock/lots/index.html",
        asked.status,
        asked=asked,
        rows=[(one, one.days_left(today)) for one in page.items],
        next=asked.next(page),
        ahead=[(days, _ahead(days)) for days in AHEAD],
        store_choices=choices,
        id=str(new_id()),
    )


async def show(request: Request) -> Response:
    """Show where a lot came from and where it went: what a recall asks."""
    return await _show(request)


async def new_lot(request: Request) -> Response:
    """Show the form that receives a delivery of one lot."""
    asked = {name: request.query_params.get(name, "")[:200] for name in _NAMES}
    return await _form(request, asked | _said_by(request, asked["code"]), {})


async def create(request: Request) -> Response:
    """Receive a delivery of one lot."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    store, code = fields.uuid("lot_store"), fields.scan("code", required=True)
    quantity, reason = fields.quantity("quantity", above=Decimal(0)), fields.text("reason", 200)
    lot, expires_on = _lot_of(request, fields, code)
    cost = read_unit_cost(fields, tenant(request).money)

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        product = (await scanned(tx, code)).product
        each = cost if cost is not None else await known_cost(tx, store, product)
        delivery = operations.Delivery(product, quantity, each, lot, expires_on)
        await operations.receive_lot(tx, Document(id, store, reason, tx.now), delivery)

    try:
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        errors = {{"store": "lot_store"}.get(name, name): of for name, of in wrong.errors.items()}
        return await _form(request, fields.values, errors, wrong.status)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _form(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, "/stock/lots", said=_("Received."))


def _lot_of(request: Request, fields: Fields, code: str) -> tuple[str, date | None]:
    """Read the lot and how long it keeps: as typed, else as the scanned label says; a past day only if it is meant."""
    said = read_elements(code, db(request).clock.now().year)
    lot = fields.text("lot", 60) or (said.lot if said else "")
    if not lot:
        fields.error("lot", _("Fill this in."))
    expires_on = fields.day("expires_on", required=False) or (said.use_by if said else None)
    if expires_on and expires_on < _day(db(request).clock.now(), request) and not fields.flag("expired"):
        fields.error("expires_on", _("This day is past. Correct it, or tick that the lot is out of date already."))
    return lot, expires_on


async def write_off(request: Request) -> Response:
    """Throw away what a store has of a lot."""
    fields = await Fields.read(request)
    store, id = fields.uuid("store"), fields.uuid("id", required=False) or new_id()
    quantity = fields.quantity("quantity", required=False, above=Decimal(0))
    reason = fields.text("reason", 200) or _("Expired")

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        await operations.write_off(tx, Document(id, store, reason, tx.now), _id(request), quantity or None)

    return await _do(request, fields, run, _("Written off."))


async def naming(request: Request) -> Response:
    """Give goods without a lot to this one."""
    fields = await Fields.read(request)
    store, quantity = fields.uuid("store"), fields.quantity("quantity")

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        lot = await queries.lot(tx, _id(request))
        await operations.name_goods(tx, Document(new_id(), store, "", tx.now), lot.product, lot.code, quantity)

    return await _do(request, fields, run, _("Named."))


def _ahead(days: str) -> str:
    if days == "0":
        return _("Expired, or today")
    return _("Within %(days)s days") % {"days": days}


def _today(read: Read, request: Request) -> date:
    return _day(read.now, request)


def _day(moment: datetime, request: Request) -> date:
    return moment.astimezone(ZoneInfo(tenant(request).timezone)).date()


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["lot"]
    return found


async def _do(request: Request, fields: Fields, act: Callable[[Tx], Awaitable[None]], said: str) -> Response:
    try:
        await db(request).run(scope(request), act)
    except Invalid as wrong:
        errors = wrong.errors if "quantity" in fields else {"": [one for of in wrong.errors.values() for one in of]}
        return await _show(request, fields.values, errors, 422)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _show(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/lots/{_id(request)}", said=said)


async def _show(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    async with db(request).read(scope(request)) as read:
        lot = await queries.lot(read, _id(request))
        here = (await queries.lots(read, product=lot.product, text=lot.code, limit=500)).items
        moves = await queries.lot_moves(read, lot.id)
        unnamed = [one for one in await queries.unnamed(read, lot.product) if one.quantity > 0]
        today = _today(read, request)
    return render(
        request,
        "stock/lots/show.html",
        status,
        lot=lot,
        left=lot.days_left(today),
        here=[one for one in here if one.id == lot.id],
        moves=moves,
        kinds=kind_names(),
        unnamed=unnamed,
        values=values or {},
        errors=errors or {},
        id=str(new_id()),
    )


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
        choice = await choose(read, values.get("code", ""))
    typed = {name: value for name, value in values.items() if value}
    fills = _said_by(request, choice.code)
    filled = dict.fromkeys((*_NAMES, "expired"), "") | {"id": str(new_id())} | fills | typed
    if choice.product is not None:
        filled["code"] = fills["code"] = choice.product.sku
    if len(stores) == 1:
        filled["lot_store"] = str(stores[0].id)
    return render(
        request,
        "stock/lots/new.html",
        status,
        values=filled,
        errors=errors,
        store_choices=[(str(one.id), one.name) for one in stores],
        product=choice.product,
        fills={"asked": values.get("code", "")} | fills,
    )


def _said_by(request: Request, code: str) -> dict[str, str]:
    """Give the lot and the day that the scanned label itself says, as the form has them."""
    said = read_elements(code, db(request).clock.now().year)
    if said is None:
        return {}
    found = {"lot": said.lot, "expires_on": said.use_by.isoformat() if said.use_by else ""}
    return {name: value for name, value in found.items() if value}
