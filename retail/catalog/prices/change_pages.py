"""Pages of what prices were and will be: of all products, and of one with what each store asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.costs import cost_of
from retail.catalog.handlers import uuid_in
from retail.catalog.prices import history, reading
from retail.catalog.prices.explaining import Standing, standings
from retail.catalog.prices.forms import REASON_LENGTH, basis_text, moment_in, typed_money
from retail.catalog.prices.reckoning import MOST_PRICE_MINOR, margin
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.queries import stores

PATH: Final = "/products/prices/changes"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a store asks for a product: the price, why, until when, and what stays of it (a percentage, '' unknown)."""

    store: str
    standing: Standing
    margin: str


async def index(request: Request) -> Response:
    """Show the changes of prices, those to come or all."""
    asked = Asked.of(request, PATH)
    waiting = asked.option("show", ("waiting",)) == "waiting"
    async with db(request).read(scope(request)) as read:
        page = await asked.page(lambda after: history.changes(read, limit=DEFAULT_LIMIT, after=after, waiting=waiting))
    return render(
        request, "catalog/prices/changes.html", asked.status, asked=asked, changes=page.items, next=asked.next(page),
        sources=sources(),
    )  # fmt: skip


async def undo(request: Request) -> Response:
    """Take a change back that lies ahead."""
    fields = await Fields.read(request)
    back = fields.uuid("product", required=False)
    to = f"/products/{back}/prices" if back else f"{PATH}?show=waiting"
    try:
        await db(request).run(scope(request), history.undo_change, uuid_in(request))
    except Conflict as late:
        return redirect(request, to, said=late.sentence(), tone="warn")
    return redirect(request, to, said=_("The change is taken back. The price stays as it is."))


async def of_product(request: Request) -> Response:
    """Show what a product costs where, what it did and will cost, and the form of another price."""
    return await _of_product(request, {}, {})


async def schedule(request: Request) -> Response:
    """Give a product another price, now or from a moment on."""
    id, fields = uuid_in(request), await Fields.read(request)
    try:
        price = fields.money("price", tenant(request).money, most=MOST_PRICE_MINOR)
        at: datetime | None = moment_in(fields, "at", tenant(request).timezone)
        reason = fields.text("reason", REASON_LENGTH)
        change = fields.uuid("id", required=False) or new_id()
        if price == 0 and not fields.errors and not fields.flag("free"):
            fields.error("price", _("Tick that it may cost nothing, or type a price."))
        fields.check()
        await db(request).run(scope(request), history.schedule_price, change, id, price, at, reason)
    except Invalid as wrong:
        return await _of_product(request, fields.values, wrong.errors, 422)
    said = _("The price holds. The tills have it in a moment.") if at is None else _("The change is noted.")
    return redirect(request, f"/products/{id}/prices", said=said)


def sources() -> dict[str, str]:
    """Name the doors by which a price changes."""
    return {
        "product": _("On the product"),
        "schedule": _("Planned"),
        "bulk": _("Many at once"),
        "undo": _("Undone"),
        "list": _("In the list"),
    }


async def _of_product(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    id, facts = uuid_in(request), tenant(request)
    async with db(request).read(scope(request)) as read:
        product = await queries.product(read, id)
        names = {one.id: one.name for one in await stores(read) if one.archived_at is None}
        found = await standings(read, id)
        changes = await history.changes_of(read, id)
        rate = (await reading.tax_rates_of(read, [id]))[id]
        cost = await cost_of(read, id) if scope(request).holds(VIEW_COSTS) else Decimal(0)
    shown = []
    for store, standing in found.items():
        if store in names:
            part = margin(standing.price_minor, cost, rate, prices_include_tax=facts.prices_include_tax)
            shown.append(Shown(names[store], standing, basis_text(part) if part is not None else ""))
    own = margin(product.price_minor, cost, rate, prices_include_tax=facts.prices_include_tax)
    return render(
        request,
        "catalog/prices/product.html",
        status,
        product=product,
        standings=shown,
        changes=changes,
        values={"id": str(new_id()), "price": typed_money(product.price_minor, facts.money, facts.locale)} | values,
        errors=errors,
        margin=basis_text(own) if own is not None else "",
        with_costs=scope(request).holds(VIEW_COSTS),
        sources=sources(),
    )
