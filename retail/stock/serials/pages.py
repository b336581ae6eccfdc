"""Pages of serial numbers: where is this piece, receiving many by scanning, and the life of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, ngettext
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.forms import SERIALS_LENGTH, read_unit_cost
from retail.stock.known_costs import known_cost
from retail.stock.rules import Document
from retail.stock.scanning import scanned
from retail.stock.serials import operations, queries
from retail.stock.serials.rules import HERE, STATES, numbers_in
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

_HERE_CALLED: Final = {"store": "piece_store", "serials": "numbers"}
_NAMES: Final = ("piece_store", "code", "numbers", "unit_cost", "reason")


def state_names() -> dict[str, str]:
    """Name what has become of a piece."""
    return {
        "in_stock": _("In stock"),
        "in_transit": _("On its way"),
        "sold": _("Sold"),
        "returned": _("Brought back"),
        "scrapped": _("Written off"),
    }


async def index(request: Request) -> Response:
    """Tell where a piece is by its number; without one, list the pieces that changed last."""
    asked = Asked.of(request, "/stock/serials")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, state = asked.one_of("store", {one.id for one in stores}), asked.option("state", STATES)
        choices = await store_choices(read, stores, store)
        number = asked.search()
        page = await asked.page(
            lambda after: queries.pieces(
                read, number=number, store=store, state=state, limit=DEFAULT_LIMIT, after=after
            )
        )
    if number and len(page.items) == 1 and not asked.errors:
        return redirect(request, f"/stock/serials/{page.items[0].id}")
    return render(
        request,
        "stock/serials/index.html",
        asked.status,
        asked=asked,
        pieces=page.items,
        states=state_names(),
        next=asked.next(page),
        store_choices=choices,
    )


async def show(request: Request) -> Response:
    """Show where a piece is and what has become of it."""
    return await _show(request)


async def new_pieces(request: Request) -> Response:
    """Show the form that receives pieces."""
    return await _form(request, {"code": request.query_params.get("code", "")[:60]}, {})


async def create(request: Request) -> Response:
    """Receive pieces by the numbers that were scanned."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    store, code = fields.uuid("piece_store"), fields.scan("code", required=True)
    numbers = numbers_in(typed := fields.text("numbers", SERIALS_LENGTH, required=True))
    reason, found_again = fields.text("reason", 200), fields.flag("seen")
    cost = read_unit_cost(fields, tenant(request).money)

    async def run(tx: Tx) -> None:
        fields.check()
        assert store is not None  # noqa: S101 - check() has refused a missing one
        page = await catalog.products(tx, catalog.Wanted(sku=code), limit=1, after=None)
        product = page.items[0].id if page.items else (await scanned(tx, code)).product
        document = Document(id, store, reason, tx.now)
        if found_again:
            for number in numbers:
                await operations.find_here(tx, document, product, number)
            return
        each = cost if cost is not None else await known_cost(tx, store, product)
        await operations.receive_pieces(tx, document, product, each, numbers)

    try:
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        errors = {_HERE_CALLED.get(name, name): of for name, of in wrong.errors.items()}
        return await _form(request, fields.values, errors, wrong.status)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _form(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, "/stock/serials", said=_recorded(numbers, typed))


def _recorded(numbers: list[str], typed: str) -> str:
    many, again = len(numbers), sum(1 for line in typed.splitlines() if line.strip()) - len(numbers)
    said = ngettext("%(num)d piece is recorded.", "%(num)d pieces are recorded.", many) % {"num": many}
    if not again:
        return said
    twice = ngettext(
        "%(num)d line named a number once more and was not counted again.",
        "%(num)d lines named a number once more and were not counted again.",
        again,
    )
    return f"{said} {twice % {'num': again}}"


async def scrapping(request: Request) -> Response:
    """Write a piece off."""
    return await _act(request, operations.scrap, _("Written off."), reason_needed=True)


async def shelving(request: Request) -> Response:
    """Put a piece that was brought back up for sale again."""
    return await _act(request, operations.put_back_for_sale, _("It is for sale again."))


Act = Callable[[Tx, Document, UUID], Awaitable[object]]


async def _act(request: Request, act: Act, said: str, *, reason_needed: bool = False) -> Response:
    fields = await Fields.read(request)
    reason, id = fields.text("reason", 200, required=reason_needed), fields.uuid("id", required=False) or new_id()
    wanted: UUID = request.path_params["piece"]

    async def run(tx: Tx) -> None:
        fields.check()
        piece = await queries.piece(tx, wanted)
        if piece.store is None:
            raise Invalid({"reason": [_("This piece is on its way between stores. Receive the transfer first.")]})
        await act(tx, Document(id, piece.store, reason, tx.now), wanted)

    try:
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        return await _show(request, wrong.errors, 422)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _show(request, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/serials/{wanted}", said=said)


async def _show(request: Request, errors: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        piece = await queries.piece(read, request.path_params["piece"])
        life = await queries.life(read, piece.id)
    return render(
        request,
        "stock/serials/show.html",
        status,
        piece=piece,
        life=life,
        states=state_names(),
        here=piece.state in HERE,
        errors=errors or {},
        id=str(new_id()),
    )


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
    filled = dict.fromkeys((*_NAMES, "seen"), "") | {"id": str(new_id())} | values
    if len(stores) == 1:
        filled["piece_store"] = str(stores[0].id)
    return render(
        request,
        "stock/serials/new.html",
        status,
        values=filled,
        errors=errors,
        store_choices=[(str(one.id), one.name) for one in stores],
    )
