"""Pages of stock: levels, what is low, one product's history, and the form that moves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import NotFound
from retail.kit.money import mul_div
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.responses import redirect, render
from retail.stock import levels
from retail.stock.levels import Narrowed, StockLevel
from retail.tenants import queries as tenants


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level with its finished amounts."""

    level: StockLevel
    cost_minor: int
    href: str


async def index(request: Request) -> Response:
    """List what the stores have; filters are in the address."""
    query = request.query_params
    store = _store(request)
    wanted = Narrowed(store=store, text=query.get("q", "")[:100], low=query.get("low") == "1")
    async with db(request).read(scope(request)) as read:
        page = await levels.levels(read, wanted, limit=DEFAULT_LIMIT, after=query.get("after"))
        figures = await levels.worth(read, store)
        stores = await tenants.stores(read)
        shown = [one for one in stores if store in {None, one.id}]
        low = [(one, await levels.low_stock(read, one.id)) for one in shown]
    kept = {"q": wanted.text, "store": str(store or ""), "low": "1" if wanted.low else ""}
    return render(
        request,
        "stock/index.html",
        rows=_rows(page.items),
        worth=figures,
        store_choices=_choices(stores),
        wanted=kept,
        low_lists=[(str(one.id), one.name, items) for one, items in low],
        next=_further("/stock", kept, page.next),
        first=_further("/stock", kept, "") if query.get("after") else None,
        live=_live(request, [one.id for one in shown]),
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
        history = await levels.moves(read, product=wanted, limit=DEFAULT_LIMIT, after=after)
    return render(
        request,
        "stock/show.html",
        product=here.items[0],
        rows=_rows(here.items),
        moves=history.items,
        kinds=kind_names(),
        next=_further(f"/stock/{wanted}", {}, history.next),
        first=_further(f"/stock/{wanted}", {}, "") if after else None,
    )


async def moves(request: Request) -> Response:
    """List all moves, newest first."""
    query = request.query_params
    store = _store(request)
    kind = query.get("kind", "") if query.get("kind") in kind_names() else ""
    async with db(request).read(scope(request)) as read:
        page = await levels.moves(read, store=store, kind=kind, limit=DEFAULT_LIMIT, after=query.get("after"))
        stores = await tenants.stores(read)
    kept = {"store": str(store or ""), "kind": kind}
    return render(
        request,
        "stock/moves.html",
        moves=page.items,
        kinds=kind_names(),
        store_choices=_choices(stores),
        wanted=kept,
        next=_further("/stock/moves", kept, page.next),
        first=_further("/stock/moves", kept, "") if query.get("after") else None,
    )


def _choices(stores: Sequence[tenants.StoreFacts]) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in stores]


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
        "opening": _("Opening stock"),
        "sale": _("Sale"),
        "return": _("Return"),
    }
