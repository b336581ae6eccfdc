"""The list of sales: found by number, store, till, days and kind, sorted, and told of sales that came meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.responses import render
from retail.sales import listing
from retail.sales.behind import NAMES, behind_in
from retail.sales.labels import Label, read_label, receipt_label
from retail.sales.risk_words import level_words
from retail.sales.risks import CHOICES, Sight, sight_of
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts, TillFacts

_SHOW: Final = ("return", "payment", "exceptions", "unlisted")


async def index(request: Request) -> Response:
    """List sales; number, store, till, days, kind and order are in the address."""
    asked = Asked.of(request, "/sales")
    async with db(request).read(scope(request)) as read:
        stores, tills = await tenants.stores(read), await tenants.tills(read)
        sight = sight_of(scope(request))
        wanted = wanted_in(asked, stores, tills, sight)
        order = asked.order(listing.ORDERS if sight else listing.PLAIN_ORDERS)
        page = await asked.page(
            lambda after: listing.sales(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
        waiting = await listing.waiting(read)
        newest = order == listing.NEWEST and not asked.typed("after") and not asked.errors
        mark = listing.seen(page, read.now) if newest else ""
    return render(
        request,
        "sales/index.html",
        asked.status,
        asked=asked,
        sales=page.items,
        label=receipt_label,
        store_choices=[(str(one.id), one.name) for one in stores],
        till_choices=[(str(one.id), f"{one.code} · {one.store_name}") for one in tills],
        shows=[
            ("return", _("Returns")),
            ("payment", _("Down payments")),
            ("exceptions", _("Needs a look")),
            ("unlisted", _("Not in the catalogue")),
        ],
        behind=[name for name in NAMES if name in asked.kept],
        waiting=waiting,
        risks=[(level, level_words(level)) for level in CHOICES] if sight else [],
        level_words=level_words,
        next=asked.next(page),
        news="/sales/news?" + urlencode(asked.kept | {"since": mark}) if mark else None,
        live=f"{edge(request).base}/live?topic=sales" if newest else None,
    )


async def news(request: Request) -> Response:
    """Say how many sales of the list came since it was read; `since` is the list's own mark, without it none did."""
    asked = Asked.of(request, "/sales")
    async with db(request).read(scope(request)) as read:
        wanted = wanted_in(asked, await tenants.stores(read), await tenants.tills(read), sight_of(scope(request)))
        asked.check()
        mark = request.query_params.get("since")
        count = await listing.news(read, wanted, mark) if mark else 0
    return render(request, "sales/_news.html", asked=asked, count=count)


def wanted_in(
    asked: Asked, stores: Sequence[StoreFacts], tills: Sequence[TillFacts], sight: Sight | None
) -> listing.Wanted:
    """Read from an address which sales are wanted; what can't be is told by `asked.errors`."""
    typed = asked.search()
    read = read_label(typed) if typed else None
    codes = {till.code: till.id for till in tills}
    unknown = bool(typed) and (read is None or (bool(read.till_code) and read.till_code not in codes))
    store = asked.one_of("store", {one.id for one in stores})
    till = asked.one_of("till", {one.id for one in tills})
    first, last = asked.period()
    show = asked.option("show", _SHOW)
    return listing.Wanted(
        number=-1 if unknown else (read.number if read else None),
        store=store,
        till=till or (codes.get(read.till_code) if read and read.till_code else None),
        first_day=first,
        last_day=last,
        kind=_kind(show, read),
        only_exceptions=show == "exceptions",
        only_unlisted=show == "unlisted",
        behind=behind_in(asked),
        risk=asked.option("risk", CHOICES) if sight else "",
        sight=sight,
    )


def _kind(show: str, typed: Label | None) -> str:
    """Say which kinds are meant: a number may be that of a payment too, for it shares the till's series."""
    if show in {"return", "payment"}:
        return show
    if typed is None:
        return ""
    return {"return": "return", "sale": "series"}.get(typed.kind, "any")
