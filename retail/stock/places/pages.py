"""Pages of places: what each store has beside its main place, what lies there, and the form that moves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.members import called, renamed
from retail.stock.places import operations, queries
from retail.stock.places.queries import KINDS
from retail.stock.rules import Document
from retail.stock.scanning import scanned
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

MAIN = "main"
"""How a form names the place that the till sells from."""


def kind_names() -> dict[str, str]:
    """Name the kinds of places."""
    return {
        "storage": _("Store room"),
        "cold": _("Cold room"),
        "display": _("Display"),
        "blocked": _("Blocked, not for sale"),
    }


async def index(request: Request) -> Response:
    """List the places of the stores, with what moved between them, and the forms to open one and to move goods."""
    return await _index(request)


async def create(request: Request) -> Response:
    """Open a place."""
    fields = await Fields.read(request)
    store, name = fields.uuid("place_store"), fields.text("name", operations.NAME_MOST, required=True)
    kind = fields.choice("kind", KINDS)
    id = fields.uuid("id", required=False) or new_id()

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        await operations.open_location(tx, id, store, name, kind)

    return await _do(request, fields, run, "/stock/places", _("The place is there."))


async def show(request: Request) -> Response:
    """Show what lies in a place."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Call a place something else."""
    fields = await Fields.read(request)
    name, kind = fields.text("name", operations.NAME_MOST, required=True), fields.choice("kind", KINDS)
    id = _id(request)
    try:
        fields.check()
        await db(request).run(scope(request), operations.rename_location, id, name, kind)
    except Invalid as wrong:
        return await _show(request, fields.values, wrong.errors, 422)
    return redirect(request, f"/stock/places/{id}", said=_("Saved."))


async def closure(request: Request) -> Response:
    """Close a place in which nothing lies."""
    try:
        await db(request).run(scope(request), operations.close_location, _id(request))
    except DomainError as refused:
        if refused.status != 409:
            raise
        return await _show(request, None, {"": [refused.sentence()]}, 409)
    return redirect(request, "/stock/places", said=_("Closed."))


async def shift(request: Request) -> Response:
    """Move goods from a place to another one of the same store."""
    fields = await Fields.read(request)
    code, quantity = fields.scan("code", required=True), fields.quantity("quantity")
    start, end = fields.text("from_place", 60, required=True), fields.text("to_place", 60, required=True)
    reason, id = fields.text("reason", 200), fields.uuid("id", required=False) or new_id()

    async def run(tx: Tx) -> None:
        fields.check()
        (store, start_at), (end_store, end_at) = await _end(tx, start, "from_place"), await _end(tx, end, "to_place")
        if store != end_store:
            raise Invalid({"to_place": [_("These are two stores. Make a transfer for that.")]})
        found = await scanned(tx, code)
        move = operations.Shift(found.product, quantity, start_at, end_at)
        with renamed(called({"to_location": "to_place"})):
            await operations.shift(tx, Document(id, store, reason, tx.now), [move])

    return await _do(request, fields, run, "/stock/places", _("Moved."))


async def _end(tx: Tx, typed: str, name: str) -> tuple[UUID, UUID | None]:
    """Read where a move begins or ends: "main@STORE", or the id of a place."""
    try:
        if typed.startswith(f"{MAIN}@"):
            return UUID(typed.removeprefix(f"{MAIN}@")), None
        place = await queries.location(tx, UUID(typed))
    except ValueError as wrong:
        raise Invalid({name: [_("Pick one from the list.")]}) from wrong
    return place.store, place.id


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["place"]
    return found


async def _do(request: Request, fields: Fields, act: Callable[[Tx], Awaitable[None]], path: str, said: str) -> Response:
    try:
        await db(request).run(scope(request), act)
    except Invalid as wrong:
        return await _index(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status == 403:
            raise
        field = "quantity" if refused.code == "not_enough_there" else ""
        return await _index(request, fields.values, {field: [refused.sentence()]}, refused.status)
    return redirect(request, path, said=said)


async def _index(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    asked = Asked.of(request, "/stock/places")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store = asked.one_of("store", {one.id for one in stores})
        choices = await store_choices(read, stores, store)
        page = await asked.page(lambda after: queries.place_moves(read, store=store, limit=DEFAULT_LIMIT, after=after))
        places = await queries.locations(read, store)
    ends = []
    for one in [one for one in stores if str(one.id) in dict(choices)]:
        ends.append((f"{MAIN}@{one.id}", _("%(store)s: shop floor") % {"store": one.name}))
        ends += [(str(o.id), f"{one.name}: {o.name}") for o in places if o.store == one.id]
    return render(
        request,
        "stock/places/index.html",
        status if errors else asked.status,
        asked=asked,
        places=places,
        moves=page.items,
        next=asked.next(page),
        kinds=kind_names(),
        ends=ends,
        store_choices=choices,
        values=dict.fromkeys(
            ("code", "quantity", "from_place", "to_place", "reason", "name", "kind", "place_store"), ""
        )
        | {name: request.query_params.get(name, "")[:60] for name in ("code", "from_place", "to_place")}
        | (values or {}),
        errors=errors or {},
        ids=(str(new_id()), str(new_id())),
    )


async def _show(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    asked = Asked.of(request, f"/stock/places/{_id(request)}")
    async with db(request).read(scope(request)) as read:
        place = await queries.location(read, _id(request))
        page = await asked.page(lambda after: queries.held(read, place, limit=DEFAULT_LIMIT, after=after))
    return render(
        request,
        "stock/places/show.html",
        status if errors else asked.status,
        asked=asked,
        place=place,
        held=page.items,
        next=asked.next(page),
        kinds=kind_names(),
        values={"name": place.name, "kind": place.kind} | (values or {}),
        errors=errors or {},
    )
