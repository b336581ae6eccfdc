"""Pages of price lists: which there are, one with its prices, making and changing them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.catalog.prices import lists, reading
from retail.catalog.prices.forms import days_of, list_in, values_of_list
from retail.catalog.prices.lines import lines
from retail.catalog.prices.lists import Price
from retail.catalog.products.reading import by_codes
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.money import Currency, currency, format_money
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import CURRENCIES
from retail.tenants.queries import stores

PATH: Final = "/products/prices"


async def index(request: Request) -> Response:
    """Show the price lists, those that go first first."""
    async with db(request).read(scope(request)) as read:
        found, places = await reading.price_lists(read), await stores(read)
        now = read.now
    names = {one.id: one.called for one in places}
    rows = [
        (
            facts,
            ", ".join(sorted(names.get(store, "") for store in facts.of.stores)) if facts.of.stores else "",
            facts.of.window.starts_on is not None and facts.of.window.starts_on > now.date(),
        )
        for facts in found
    ]
    return render(request, "catalog/prices/index.html", lists=rows)


async def new(request: Request) -> Response:
    """Show the form of a new list."""
    return await _form(request, None, {}, {})


async def create(request: Request) -> Response:
    """Make a list."""
    return await _put(request, new_id(), existing=False)


async def show(request: Request) -> Response:
    """Show a list: what it is, and what it asks."""
    async with db(request).read(scope(request)) as read:
        facts = await reading.price_list(read, uuid_in(request))
    return await _form(request, facts, values_of_list(facts.of), {})


async def update(request: Request) -> Response:
    """Change a list."""
    return await _put(request, uuid_in(request), existing=True)


async def remove(request: Request) -> Response:
    """Take a list out."""
    await db(request).run(scope(request), lists.archive_list, uuid_in(request))
    return redirect(request, PATH, said=_("The list is out. The tills have the other prices in a moment."))


async def put_price(request: Request) -> Response:
    """Set what a list asks for one product, or take its price out."""
    id, fields = uuid_in(request), await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        facts = await reading.price_list(read, id)
        code = fields.text("code", 48, required=True)
        found = await by_codes(read, [code]) if code else {}
    product = found.get(code)
    if code and product is None:
        fields.error("code", _("No product has this SKU or barcode. Type it again, or look it up under Products."))
    gone = fields.flag("gone")
    price = None if gone else fields.money("price", currency(facts.of.currency))
    least = fields.quantity("min_quantity", required=False)
    if least < 0:
        fields.error("min_quantity", _("A quantity can't be below zero."))
    try:
        fields.check()
        if product is not None:
            changed = await db(request).run(scope(request), lists.put_prices, id, [Price(product, price, least)])
            if gone and not changed:
                raise Invalid({"code": [_("The list has no price for it from this quantity on.")]})
    except Invalid as wrong:
        return await _form(request, facts, values_of_list(facts.of) | fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/lists/{id}", said=_("The price is out.") if gone else _("The price is set."))


async def _put(request: Request, id: UUID, *, existing: bool) -> Response:
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        facts = await reading.price_list(read, id) if existing else None
        places = {one.id for one in await stores(read)}
    if facts is not None and facts.archived_at is not None:
        raise NotFound("price_list")
    try:
        wanted = list_in(fields, id, tenant(request), places)
        await db(request).run(scope(request), lists.put_list, wanted)
    except Invalid as wrong:
        return await _form(request, facts, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/lists/{id}", said=_("%(name)s is saved.") % {"name": wanted.name})


async def _form(
    request: Request,
    facts: reading.ListFacts | None,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
) -> Response:
    money = currency(facts.of.currency) if facts else tenant(request).money
    asked = Asked.of(request, f"{PATH}/lists/{facts.of.id}" if facts else PATH)
    text = asked.search()
    async with db(request).read(scope(request)) as read:
        places = [one for one in await stores(read) if one.archived_at is None]
        prices = await lines(read, facts.of.id, text=text, limit=DEFAULT_LIMIT) if facts else Page([], None)
        rivals = await lists.clashes(read, facts.of) if facts and facts.archived_at is None else []
    return render(
        request,
        "catalog/prices/list.html" if facts else "catalog/prices/new.html",
        status,
        facts=facts,
        asked=asked,
        prices=[(one, _written(one.price_minor, money, tenant(request).locale)) for one in prices.items],
        more=prices.next is not None,
        rivals=[one.name for one in rivals],
        values={"currency": money.code} | values,
        errors=errors,
        places=[(f"store.{one.id}", one.name) for one in places],
        days=days_of(values),
        currencies=[(code, code) for code in CURRENCIES],
    )


def _written(minor: int, money: Currency, locale: str) -> str:
    return format_money(minor, money, locale)
