"""Pages of stock: levels, what is low, one product's history, and the form that moves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.asking import outcome, picked, refused
from retail.catalog.bulk import Change, change_products
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Invalid, NotFound
from retail.kit.money import format_cost, mul_div
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _, ngettext
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render, toast
from retail.stock import levels, moved
from retail.stock.admitting import refuse_parts_of
from retail.stock.levels import Narrowed, StockLevel
from retail.stock.reordering.effects import FIRST, Row, effect_rows
from retail.stock.reordering.queries import needs
from retail.stock.reordering.rules import ending
from retail.stock.store_choices import store_choices
from retail.stock.whereabouts import whereabouts
from retail.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level with its finished amounts."""

    level: StockLevel
    cost_minor: int
    href: str


async def index(request: Request) -> Response:
    """List what the stores have; filters and order are in the address."""
    return await _list(request, Asked.of(request, "/stock"))


async def change(request: Request) -> Response:
    """Set the reorder point of the ticked products; one that somebody else changed stays ticked and is named (409)."""
    fields = await Fields.read(request)
    picks = picked(fields)
    point = fields.quantity("new_reorder_point", required=False)
    if point < 0:
        fields.error("new_reorder_point", _("This can't be below zero."))
    if not fields.errors:
        async with db(request).read(scope(request)) as read:
            try:
                await refuse_parts_of(read, [(one.id, point) for one in picks], "new_reorder_point")
            except Invalid as cut:
                fields.errors |= cut.errors
    if fields.errors:
        return refused(fields)
    value = point if fields.raw("new_reorder_point").strip() else None
    done = await db(request).run(scope(request), change_products, picks, Change("reorder_point", value))
    said = ngettext(
        "%(num)d product has its new reorder point.", "%(num)d products have the new reorder point.", done.products
    ) % {"num": done.products}
    response = await _list(request, Asked("/stock", QueryParams(fields.raw("back"))), done.passed_over)
    return toast(response, outcome(said, done), "warn" if done.passed_over else "ok")


async def _list(request: Request, asked: Asked, passed_over: frozenset[UUID] = frozenset()) -> Response:
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        wanted, order = wanted_in(asked, stores), asked.order(levels.ORDERS)
        page = await asked.page(
            lambda after: levels.levels(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
        figures = await levels.worth(read, wanted.store)
        shown = [one for one in stores if wanted.store in {None, one.id} and one.archived_at is None]
        choices = await store_choices(read, stores, wanted.store)
        low = [(one, await levels.low_stock(read, one.id)) for one in shown]
    return render(
        request,
        "stock/index.html",
        409 if passed_over else asked.status,
        asked=asked,
        rows=_rows(page.items),
        passed_over=passed_over,
        worth=figures,
        store_choices=choices,
        low_lists=[(str(one.id), one.name, items) for one, items in low],
        next=asked.next(page),
        live=_live(request, [one.id for one in shown]),
    )


def wanted_in(asked: Asked, stores: Sequence[tenants.StoreFacts]) -> Narrowed:
    """Read from an address which levels are wanted; what can't be is told by `asked.errors`."""
    return Narrowed(
        store=asked.one_of("store", {one.id for one in stores}),
        text=asked.search(),
        low=asked.option("low", ("1",)) == "1",
    )


async def low(request: Request) -> Response:
    """Give the list of what one store should reorder, as the stock page shows it; of all, the page that lists it."""
    store = _store(request)
    if store is None:
        return redirect(request, "/stock?low=1")
    async with db(request).read(scope(request)) as read:
        await tenants.store(read, store)
        found = await levels.low_stock(read, store)
    return render(request, "stock/_low.html", store=store, low=found)


async def product(request: Request) -> Response:
    """Show what each store has of one product, and everything that moved it."""
    wanted: UUID = request.path_params["product"]
    after = request.query_params.get("after")
    async with db(request).read(scope(request)) as read:
        here = await levels.levels(read, Narrowed(product=wanted, archived=True), limit=500)
        if not here.items:
            raise NotFound("product")
        hidden = any(one.hidden for one in here.items)
        history = (
            Page([], None) if hidden else await moved.moves(read, product=wanted, limit=DEFAULT_LIMIT, after=after)
        )
        today = read.now.astimezone(ZoneInfo(tenant(request).timezone)).date()
        known = {"lying": (), "lots": (), "unnamed": ()} if hidden else await whereabouts(read, wanted, today)
        needed = {} if hidden else await needs(read, wanted)
        effects = effect_rows([
            Row(one.store_name, needed[one.store], one.unit_cost, (one.store, wanted))
            for one in here.items[:FIRST]
            if one.store in needed
        ])  # fmt: skip
    return render(
        request,
        "stock/show.html",
        product=here.items[0],
        rows=_rows(here.items),
        hidden=hidden,
        costless=[
            one.store_name for one in here.items if one.costless and not hidden and scope(request).holds(VIEW_COSTS)
        ],
        endings=[
            (one.store_name, ending(needed[one.store], today))
            for one in here.items
            if one.store in needed and needed[one.store].sells
        ],
        effects=effects,
        moves=history.items,
        kinds=kind_names(),
        cost_words=_cost_words(request),
        next=_further(f"/stock/{wanted}", {}, history.next),
        first=_further(f"/stock/{wanted}", {}, "") if after else None,
        **known,
    )


async def moves(request: Request) -> Response:
    """List all moves, newest first."""
    asked = Asked.of(request, "/stock/moves")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, kind = asked.one_of("store", {one.id for one in stores}), asked.option("kind", kind_names())
        choices = await store_choices(read, stores, store)
        text = asked.search()
        page = await asked.page(
            lambda after: moved.moves(read, store=store, kind=kind, text=text, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request,
        "stock/moves.html",
        asked.status,
        asked=asked,
        moves=page.items,
        kinds=kind_names(),
        cost_words=_cost_words(request),
        store_choices=choices,
        next=asked.next(page),
    )


def _cost_words(request: Request) -> Callable[[Decimal], str]:
    facts = tenant(request)
    return partial(format_cost, currency=facts.money, locale=facts.locale)


def _rows(items: Sequence[StockLevel]) -> list[LevelRow]:
    return [LevelRow(one, _whole(one.unit_cost), f"/stock/{one.product}") for one in items]


def _whole(unit_cost: Decimal) -> int:
    return mul_div(int(unit_cost.scaleb(6)), 1, 10**6)


def _store(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params["store"]) if request.query_params.get("store") else None
    except ValueError as wrong:
        raise NotFound("store") from wrong


def _further(path: str, kept: dict[str, str], after: str | None) -> str | None:
    if after is None:
        return None
    query = {name: value for name, value in (kept | {"after": after}).items() if value}
    return f"{path}?{urlencode(query)}" if query else path


def _live(request: Request, stores: Sequence[UUID]) -> str:
    return f"{edge(request).base}/live?{urlencode([('topic', f'stock:{store}') for store in stores])}"


def kind_names() -> dict[str, str]:
    """Name the kinds of moves."""
    return {
        "receipt": _("Receipt"),
        "adjustment": _("Correction"),
        "waste": _("Waste"),
        "count": _("Count"),
        "transfer": _("Transfer"),
        "dispatch": _("Sent to another store"),
        "arrival": _("Arrived from another store"),
        "opening": _("Opening stock"),
        "sale": _("Sale"),
        "return": _("Return"),
    }
