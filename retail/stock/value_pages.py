"""Pages about money in stock: its value at any moment, what earns and what only lies there, and corrected costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.quantity import is_plain, quantity_text, to_milli, ungrouped
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock import insights
from retail.stock.costing.corrections import correct_cost, receipt
from retail.stock.costing.valuation import value_by_product, value_by_store
from retail.stock.files import csv_file
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
        places = [] if asked.errors else await value_by_store(read, at, store)
        products = [] if asked.errors else await value_by_product(read, at, store, MOST)
    return render(
        request,
        "stock/value/index.html",
        asked.status,
        asked=asked,
        at=at,
        typed=asked.typed("at") or at.astimezone(ZoneInfo(tenant(request).timezone)).strftime(_LIKE),
        places=places,
        products=products,
        most=MOST,
        total=sum(one.value for one in places),
        store_choices=[(str(one.id), one.name) for one in stores],
    )


async def valuation_file(request: Request) -> Response:
    """Give the value of each product at a moment as a file."""
    asked = Asked.of(request, "/stock/valuation")
    async with db(request).read(scope(request), seconds=60) as read:
        store = asked.one_of("store", {one.id for one in await tenants.stores(read)})
        at = moment(asked, tenant(request).timezone, read.now)
        asked.check()
        found = await value_by_product(read, at, store)
    money = tenant(request).money
    rows = [
        [
            one.sku, one.name, one.store_name, quantity_text(to_milli(one.on_hand)), one.unit, one.unit_cost,
            Decimal(one.value_minor).scaleb(-money.exponent),
        ]
        for one in found
    ]  # fmt: skip
    columns = ["sku", "name", "store", "on_hand", "unit", "unit_cost_minor", "value"]
    return await csv_file(request, "stock-value", columns, rows, at=at.isoformat(), store=store)


async def insight(request: Request) -> Response:
    """Show dead stock, classes or turnover."""
    asked = Asked.of(request, "/stock/insights")
    async with db(request).read(scope(request), seconds=30) as read:
        stores = await tenants.stores(read)
        view, days, store = _asked(asked, stores)
        rows = [] if asked.errors else await _find(view, read, store, days, MOST)
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
        days=days,
        day_choices=[(name, _("%(num)s days") % {"num": name}) for name in DAYS],
        store_choices=[(str(one.id), one.name) for one in stores],
    )


async def insight_file(request: Request) -> Response:
    """Give the same, all of it, as a file."""
    asked = Asked.of(request, "/stock/insights")
    async with db(request).read(scope(request), seconds=60) as read:
        view, days, store = _asked(asked, await tenants.stores(read))
        asked.check()
        rows = await _find(view, read, store, days, None)
    exponent = tenant(request).money.exponent
    columns, written = _written(view, rows, lambda minor: Decimal(minor).scaleb(-exponent))
    return await csv_file(request, f"stock-{view}", columns, written, days=days, store=store)


def _asked(asked: Asked, stores: list[tenants.StoreFacts]) -> tuple[str, int, UUID | None]:
    view = asked.option("view", VIEWS) or VIEWS[0]
    return view, int(asked.option("days", DAYS) or insights.DAYS), asked.one_of("store", {one.id for one in stores})


async def _find(view: str, read: Read, store: UUID | None, days: int, most: int | None) -> list[Any]:
    if view == "dead":
        return list(await insights.dead(read, store, days, most))
    if view == "classes":
        return list(await insights.classed(read, store, days, most))
    return list(await insights.turned(read, store, days, most))


def _written(view: str, rows: list[Any], major: Callable[[int], Decimal]) -> tuple[list[str], list[list[object]]]:
    if view == "dead":
        return ["sku", "name", "store", "on_hand", "value", "last_sold"], [
            [one.sku, one.name, one.store_name, one.on_hand, major(one.value), one.last_sold] for one in rows
        ]
    if view == "classes":
        return ["sku", "name", "class", "revenue", "share", "value"], [
            [one.sku, one.name, one.abc, major(one.revenue), round(one.share, 6), major(one.value)] for one in rows
        ]
    return ["sku", "name", "sold_at_cost", "margin", "average_stock", "turns_per_year", "days"], [
        [one.sku, one.name, major(one.cost), major(one.margin), major(one.lay), one.turns, one.lasts] for one in rows
    ]


def view_words() -> dict[str, str]:
    """Name the insights."""
    return {"dead": _("Dead stock"), "classes": _("ABC classes"), "turnover": _("Turnover")}


async def cost_form(request: Request) -> Response:
    """Show the form that corrects what a receipt cost."""
    return await _cost(request, {}, {})


async def put_cost(request: Request) -> Response:
    """Correct what a receipt cost."""
    move: UUID = request.path_params["move"]
    fields = await Fields.read(request)
    typed = ungrouped(fields.text("unit_cost", 20, required=True), fields.locale)
    typed = typed.replace(",", ".") if "." not in typed else typed
    reason = fields.text("reason", 200, required=True)
    cost = Decimal(typed if is_plain(typed) else -1).scaleb(tenant(request).money.exponent)
    try:
        fields.check()
        await db(request).run(scope(request), correct_cost, move, cost, reason)
    except Invalid as wrong:
        return await _cost(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _cost(request, fields.values, {"": [refused.sentence()]}, refused.status)
    async with db(request).read(scope(request)) as read:
        known = await receipt(read, move)
    return redirect(request, f"/stock/{known.product}", said=_("Corrected. The difference is in the books of today."))


async def _cost(
    request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await receipt(read, request.path_params["move"])
        name = await read.fetchval(
            "SELECT name FROM product WHERE tenant_id = $1 AND id = $2", read.tenant, known.product
        )
    now = known.unit_cost.scaleb(-tenant(request).money.exponent).normalize()
    return render(
        request,
        "stock/value/cost.html",
        status,
        receipt=known,
        name=name,
        now=f"{now:f}",
        values={"unit_cost": "", "reason": ""} | dict(values),
        errors=errors,
    )
