"""Pages of the app that the back office has in another form: stock under a thumb, orders, a photo for a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.finding import wares
from retail.analytics.pocket.manifest import AT
from retail.comms import message_pages
from retail.kit.errors import Invalid
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.responses import render
from retail.stock import levels
from retail.stock.counts import queries as counts
from retail.stock.counts.queries import CountFacts
from retail.stock.levels import Narrowed, StockLevel
from retail.stock.reordering.queries import Suggested
from retail.stock.reordering.summing import in_short
from retail.stock.reordering.words import cost, why
from retail.stock.scanning import scanned
from retail.tenants import queries as tenants

MOST_FOUND: Final = 24
MOST_COUNTS: Final = 4
MOST_ORDERED: Final = 60
MOST_PRODUCTS: Final = 8


@dataclass(frozen=True, slots=True)
class Held:
    """A product with what each store has of it."""

    name: str
    sku: str
    href: str
    levels: Sequence[StockLevel]


async def stock(request: Request) -> Response:
    """Show what is low, what is being counted, and what a few letters or a scanned code find."""
    asked = Asked.of(request, f"{AT}/stock")
    typed = asked.search()
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
        low = [(one, await levels.low_stock(read, one.id)) for one in stores]
        found = await _found(read, typed) if typed else []
        going: Sequence[CountFacts] = (await counts.counts(read, store=None, state="open", limit=MOST_COUNTS)).items
    return render(
        request,
        "analytics/pocket/stock.html",
        asked.status,
        bar="stock",
        typed=typed,
        found=found,
        low_lists=[(str(one.id), one.name, items) for one, items in low],
        counts=[one for one in going if one.store in {store.id for store in stores}],
        live=_live(request, [str(one.id) for one in stores]),
    )


async def _found(read: Read, typed: str) -> list[Held]:
    """Find by SKU, barcode or the number of a piece, which a camera reads; else by words."""
    try:
        narrowed = Narrowed(product=(await scanned(read, typed)).product)
    except Invalid:
        narrowed = Narrowed(text=typed)
    rows = (await levels.levels(read, narrowed, limit=MOST_FOUND)).items
    return [
        Held(own[0].name, own[0].sku, f"/stock/{id}", own)
        for id, own in ((id, list(group)) for id, group in groupby(rows, lambda one: one.product))
    ]


async def orders(request: Request) -> Response:
    """List what should be ordered, supplier by supplier: what purchasing will write its orders from."""
    asked = Asked.of(request, f"{AT}/orders")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
        wanted = await in_short(read, most=MOST_ORDERED)

    def seller(one: Suggested) -> tuple[bool, str]:
        return (not one.supplier_name, one.supplier_name)

    shown = sorted(wanted.first, key=seller)
    lots = [(key[1], [(one, why(one), cost(one)) for one in group]) for key, group in groupby(shown, seller)]
    return render(
        request,
        "analytics/pocket/orders.html",
        asked.status,
        bar="orders",
        lots=lots,
        more=wanted.count - len(wanted.first),
        total=wanted.cost_minor,
        one_store=len(stores) == 1,
        live=_live(request, [str(one.id) for one in stores]),
    )


def _live(request: Request, stores: Sequence[str]) -> str | None:
    topics = urlencode([("topic", f"stock:{store}") for store in stores])
    return f"{edge(request).base}/live?{topics}" if topics else None


async def messages(request: Request) -> Response:
    """List the reader's threads, within the app."""
    return await message_pages.index(request)


async def photo(request: Request) -> Response:
    """Show the page on which a photo finds its product. The photo itself is still on the device alone."""
    return render(request, "analytics/pocket/photo.html")


async def photo_products(request: Request) -> Response:
    """Give the products that a few letters or a code name, each a button that gives it the photo."""
    typed = request.query_params.get("q", "").strip()[:100]
    async with db(request).read(scope(request)) as read:
        found = await wares(read, typed, MOST_PRODUCTS) if typed else []
    return render(request, "analytics/pocket/_products.html", typed=typed, found=found)


async def offline(request: Request) -> Response:
    """Give the page for a time without a network: the same words for everybody of a business, or of none; no figure."""
    return render(request, "analytics/pocket/offline.html")
