"""Pages about money in stock: its value at any moment, what earns and what only lies there, and corrected costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, Invalid
from retail.kit.quantity import Ambiguous, is_plain, plain_number
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock import insights
from retail.stock.costing.between import value_between
from retail.stock.costing.corrections import correct_cost, receipt
from retail.stock.costing.rules import FIFO
from retail.stock.costing.settling import method_of
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


async def cost_form(request: Request) -> Response:
    """Show the form that corrects what a receipt cost."""
    return await _cost(request, {}, {})


def _new_cost(request: Request, fields: Fields) -> Decimal:
    """Read the cost in minor units; below zero where it is none, which the operation refuses."""
    try:
        typed = plain_number(fields.text("unit_cost", 20, required=True), fields.locale)
    except Ambiguous as either:
        raise Invalid({"unit_cost": [str(either)]}) from either
    return Decimal(typed if is_plain(typed) else -1).scaleb(tenant(request).money.exponent)


async def put_cost(request: Request) -> Response:
    """Correct what a receipt cost."""
    move: UUID = request.path_params["move"]
    fields = await Fields.read(request)
    reason = fields.text("reason", 200, required=True)
    try:
        cost = _new_cost(request, fields)
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
        by_layers = await method_of(read) == FIFO
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
        explained=_explained(by_layers=by_layers),
        now=f"{now:f}",
        values={"unit_cost": "", "reason": ""} | dict(values),
        errors=errors,
    )


def _explained(*, by_layers: bool) -> str:
    """Say what becomes of the difference: on average nobody knows which pieces are of which receipt."""
    if by_layers:
        return _(
            "Sales keep the cost they were sold at. What is left of this receipt is revalued today;"
            " the difference of what is gone goes to cost differences."
        )
    return _(
        "Sales keep the cost they were sold at. With average costs, all that is on hand counts as part of this receipt,"
        " up to the quantity received, and is revalued today; the difference of the rest goes to cost differences."
    )
