"""Pages about money in stock: its value at any moment, what earns and what only lies there, and corrected costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.responses import render
from retail.stock import insights
from retail.stock.costing.between import value_between
from retail.stock.costing.valuation import value_by_product, value_by_store
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants

MOST: Final = 200
VIEWS: Final = ("dead", "classes", "turnover")
DAYS: Final = ("30", "90", "180", "365")
_LIKE: Final = "%Y-%m-%dT%H:%M"


def moment(asked: Asked, zone: str, now: datetime) -> datetime:
    """Read the moment that is asked about, on the business's own clock; now where none is given."""
    typed = asked.raw("at").strip()
    if not typed:
        return now
    try:
        there = datetime.strptime(typed[:16], _LIKE).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        asked.error("at", _("Type a day and a time, like 2026-01-31 18:00."))
        return now
    if there > now:
        asked.error("at", _("This moment is still to come. Pick one that is over."))
        return now
    return there


async def valuation(request: Request) -> Response:
    """Show what the stock was worth at a moment, beside the books of then."""
    asked = Asked.of(request, "/stock/valuation")
    async with db(request).read(scope(request), seconds=30) as read:
        stores = await tenants.stores(read)
        store, at = asked.one_of("store", {one.id for one in stores}), moment(asked, tenant(request).timezone, read.now)
        choices = await store_choices(read, stores, store)
        closed = {one.id for one in stores if one.archived_at is not None}
        places = [] if asked.errors else await value_by_store(read, at, store)
        between = None if asked.errors or store else await value_between(read, at)
        products = [] if asked.errors else await value_by_product(read, at, store, MOST)
    return render(
        request,
        "stock/value/index.html",
        asked.status,
        asked=asked,
        at=at,
        typed=asked.typed("at") or at.astimezone(ZoneInfo(tenant(request).timezone)).strftime(_LIKE),
        places=[one for one in places if one.store not in closed or one.says_something],
        closed=closed,
        products=products,
        most=MOST,
        between=between,
        store=store,
        total=sum(one.value for one in places) + (between.value if between else 0),
        store_choices=choices,
    )


async def insight(request: Request) -> Response:
    """Show dead stock, classes or turnover."""
    asked = Asked.of(request, "/stock/insights")
    async with db(request).read(scope(request), seconds=30) as read:
        stores = await tenants.stores(read)
        view, days, store = view_asked(asked, stores)
        choices = await store_choices(read, stores, store)
        rows = [] if asked.errors else await find(view, read, store, days, MOST)
        first, today = insights.whole_days(read, days)
    return render(
        request,
        "stock/value/insights.html",
        asked.status,
        asked=asked,
        view=view,
        views=[
            {"label": words, "href": asked.address(view=name), "current": name == view}
            for name, words in view_words().items()
        ],
        rows=rows,
        most=MOST,
        first=first,
        last=today - timedelta(days=1),
        day_choices=[(name, _("%(num)s days") % {"num": name}) for name in DAYS],
        store_choices=choices,
    )


def view_asked(asked: Asked, stores: list[tenants.StoreFacts]) -> tuple[str, int, UUID | None]:
    """Read from an address which insight is wanted, of how many days and which store."""
    view = asked.option("view", VIEWS) or VIEWS[0]
    return view, int(asked.option("days", DAYS) or insights.DAYS), asked.one_of("store", {one.id for one in stores})


async def find(view: str, read: Read, store: UUID | None, days: int, most: int | None) -> list[Any]:
    """Give the rows of an insight, the first `most` of them or all."""
    if view == "dead":
        return list(await insights.dead(read, store, days, most))
    if view == "classes":
        return list(await insights.classed(read, store, days, most))
    return list(await insights.turned(read, store, days, most))


def view_words() -> dict[str, str]:
    """Name the insights."""
    return {"dead": _("Dead stock"), "classes": _("ABC classes"), "turnover": _("Turnover")}
