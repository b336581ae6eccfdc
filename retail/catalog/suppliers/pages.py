"""Pages of suppliers: the list, one with what it sells, making and changing them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.catalog.products.reading import look_up
from retail.catalog.products.traits import KIT
from retail.catalog.suppliers import operations, queries
from retail.catalog.suppliers.forms import supplier_in, supplier_values, with_costs
from retail.catalog.suppliers.queries import SupplierFacts, Wanted
from retail.kit.errors import ChangedMeanwhile, DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.money import currency, format_money
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import CURRENCIES

PATH: Final = "/products/suppliers"


def wanted_in(asked: Asked) -> Wanted:
    """Read from an address which suppliers are wanted; what can't be is told by `asked.errors`."""
    return Wanted(asked.search(), asked.option("show", ("archived",)) == "archived")


async def index(request: Request) -> Response:
    """Show the suppliers that the address asks for."""
    asked = Asked.of(request, PATH)
    wanted, order = wanted_in(asked), asked.order(queries.ORDERS)
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: queries.suppliers(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
    return render(
        request, "catalog/suppliers/index.html", asked.status, asked=asked, suppliers=page.items, next=asked.next(page)
    )


async def new(request: Request) -> Response:
    """Show the form of a new supplier."""
    return _form(request, None, {"currency": tenant(request).currency}, {})


async def create(request: Request) -> Response:
    """Make a supplier."""
    fields, id = await Fields.read(request), new_id()
    try:
        made = supplier_in(fields)
        await db(request).run(scope(request), operations.add_supplier, id, made)
    except Invalid as wrong:
        return _form(request, None, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/{id}", said=_("%(name)s is added. Add what it sells.") % {"name": made.name})


async def show(request: Request) -> Response:
    """Show a supplier: what is known of it, and what it sells."""
    id, facts = uuid_in(request), tenant(request)
    asked = Asked.of(request, f"{PATH}/{id}")
    text, find = asked.search(), asked.text("find", 100)
    preferred = asked.option("preferred", ("1",)) == "1"
    async with db(request).read(scope(request)) as read:
        found = await queries.supplier(read, id)
        page = await asked.page(
            lambda after: queries.products_of(
                read, id, text=text, preferred=preferred, limit=DEFAULT_LIMIT, after=after
            )
        )
        offered = [one for one in await look_up(read, find) if one.kind != KIT] if find else []
    least = found.min_order_minor
    return render(
        request,
        "catalog/suppliers/show.html",
        asked.status,
        supplier=found,
        least="" if least is None else format_money(least, currency(found.currency), facts.locale),
        asked=asked,
        find=find,
        offered=offered,
        rows=with_costs(page.items, facts.locale),
        next=asked.next(page),
    )


async def edit(request: Request) -> Response:
    """Show a supplier's form."""
    found = await _stored(request)
    return _form(request, found, _values(request, found), {})


async def update(request: Request) -> Response:
    """Change a supplier."""
    id, fields = uuid_in(request), await Fields.read(request)
    before = await _stored(request)
    try:
        made, seen = supplier_in(fields), fields.whole("seen", required=False)
        fields.check()
        await db(request).run(scope(request), operations.change_supplier, id, made, seen or None)
    except Invalid as wrong:
        return _form(request, before, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        now = await _stored(request)
        met = meet(fields.values, was_in(fields.values), _values(request, now))
        values = met.values | {"seen": str(now.version)}
        return _form(request, now, values, {"": [late.sentence()]}, 422, met)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return _form(request, before, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"{PATH}/{id}", said=_("%(name)s is saved.") % {"name": made.name})


async def archive(request: Request) -> Response:
    """Take a supplier out of use."""
    await db(request).run(scope(request), operations.archive_supplier, uuid_in(request))
    return redirect(request, PATH, said=_("The supplier is archived. Its terms stay, should you bring it back."))


async def restore(request: Request) -> Response:
    """Bring a supplier back."""
    await db(request).run(scope(request), operations.restore_supplier, uuid_in(request))
    return redirect(request, f"{PATH}/{uuid_in(request)}", said=_("The supplier is back."))


async def _stored(request: Request) -> SupplierFacts:
    id: UUID = uuid_in(request)
    async with db(request).read(scope(request)) as read:
        return await queries.supplier(read, id)


def _values(request: Request, found: SupplierFacts) -> dict[str, str]:
    return supplier_values(found, tenant(request).locale) | {"seen": str(found.version)}


def _form(  # noqa: PLR0917
    request: Request,
    found: SupplierFacts | None,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    stored = supplier_values(found, tenant(request).locale) if found else {}
    return render(
        request,
        "catalog/suppliers/edit.html" if found else "catalog/suppliers/new.html",
        status,
        supplier=found,
        values=values,
        errors=errors,
        was=was_in(values) if errors and not met else stored,
        stored_now={name: value for name, value in met.stored.items() if name != "seen"} if met else {},
        stored_before=met.before if met else {},
        currencies=[(code, code) for code in CURRENCIES],
    )
