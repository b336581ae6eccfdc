"""Pages of reservations: what is kept for whom until when, and the form that keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.reserving import operations, queries
from retail.stock.reserving.rules import ENDINGS
from retail.stock.scanning import scanned
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

_HERE_CALLED = {"expires_at": "until", "store": "wish_store"}
_NAMES = ("store", "code", "quantity", "until", "note")


def state_names() -> dict[str, str]:
    """Name how a reservation stands."""
    return {"live": _("Kept"), "released": _("Released"), "used": _("Fetched"), "expired": _("Expired")}


async def index(request: Request) -> Response:
    """List reservations; those that have ended too where that is asked for."""
    return await _index(request)


async def create(request: Request) -> Response:
    """Keep goods for somebody."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    store, code = fields.uuid("wish_store"), fields.scan("code", required=True)
    quantity, note = fields.quantity("quantity"), fields.text("note", operations.NOTE_MOST)
    until = _moment(fields, "until", ZoneInfo(tenant(request).timezone))

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        assert until is not None  # noqa: S101 - the same
        found = await scanned(tx, code)
        await operations.reserve(tx, operations.Wish(id, store, found.product, quantity, until, note))

    return await _do(request, fields, run, _("Kept."))


async def ending(request: Request) -> Response:
    """Give goods free, or note that they were fetched."""
    fields = await Fields.read(request)
    how = fields.choice("ending", ENDINGS)

    async def run(tx: Tx) -> None:
        fields.check()
        await operations.release(tx, _id(request), how)

    return await _do(request, fields, run, _("Fetched.") if how == "used" else _("Released."))


async def longer(request: Request) -> Response:
    """Keep goods for a day more than the page said; the same form twice is one day."""
    fields = await Fields.read(request)
    seen = _moment(fields, "kept_until", ZoneInfo("UTC"))

    async def run(tx: Tx) -> None:
        fields.check()
        assert seen is not None  # noqa: S101 - check() has refused a missing one
        await operations.prolong(tx, _id(request), seen + timedelta(days=1))

    return await _do(request, fields, run, _("Kept for a day more."))


def _moment(fields: Fields, name: str, zone: ZoneInfo) -> datetime | None:
    """Read a moment as browsers send it, 2026-11-20T18:30, on the clock of the business."""
    typed = fields.text(name, 30, required=True)
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        fields.error(name, _("Pick a day and a time."))
        return None


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["reservation"]
    return found


async def _do(request: Request, fields: Fields, act: Callable[[Tx], Awaitable[None]], said: str) -> Response:
    try:
        await db(request).run(scope(request), act)
    except Invalid as wrong:
        errors = {_HERE_CALLED.get(name, name): of for name, of in wrong.errors.items()}
        return await _index(request, fields.values, errors, wrong.status)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        field = "quantity" if refused.code == "not_available" else ""
        return await _index(request, fields.values, {field: [refused.sentence()]}, refused.status)
    return redirect(request, "/stock/reservations", said=said)


async def _index(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    asked = Asked.of(request, "/stock/reservations")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, ended = asked.one_of("store", {one.id for one in stores}), asked.option("ended", ("1",)) == "1"
        choices = await store_choices(read, stores, store)
        text = asked.search()
        page = await asked.page(
            lambda after: queries.reservations(
                read, store=store, live=not ended, text=text, limit=DEFAULT_LIMIT, after=after
            )
        )
        open_stores = await tenants.open_stores(read)
        now = read.now
    return render(
        request,
        "stock/reservations/index.html",
        status if errors else asked.status,
        asked=asked,
        rows=[(one, one.state(now)) for one in page.items],
        states=state_names(),
        next=asked.next(page),
        store_choices=choices,
        open_choices=[(str(one.id), one.name) for one in open_stores],
        values=dict.fromkeys((*_NAMES, "wish_store"), "")
        | {"code": request.query_params.get("code", "")[:60]}
        | (values or {}),
        errors=errors or {},
        id=str(new_id()),
    )
