"""Pages of customers: the list, making and changing them, archiving, merging. What they bought is shown by sales."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.customers import operations, queries
from retail.customers.forms import customer_in, customer_values
from retail.customers.queries import CustomerFacts, Wanted
from retail.customers.segmented import SEGMENTS, Segment, may_see, segment_words
from retail.kit.errors import ChangedMeanwhile, DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import redirect, render

PATH: Final = "/customers"


def wanted_in(asked: Asked, groups: list[str], country: str, scope: Scope) -> Wanted:
    """Read from an address which customers are wanted; what can't be is told by `asked.errors`."""
    archived = asked.option("show", ("archived",)) == "archived"
    segment = cast("Segment | None", asked.option("segment", SEGMENTS if may_see(scope) else ()) or None)
    return Wanted(asked.search(), archived, asked.option("group", groups), country=country, segment=segment)


async def index(request: Request) -> Response:
    """Show the customers that the address asks for."""
    asked = Asked.of(request, PATH)
    async with db(request).read(scope(request)) as read:
        groups = await queries.groups(read)
        wanted, order = wanted_in(asked, groups, tenant(request).country, read.scope), asked.order(queries.ORDERS)
        page = await asked.page(
            lambda after: queries.customers(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
    return render(
        request, "customers/index.html", asked.status, asked=asked, customers=page.items, next=asked.next(page),
        groups=[(one, one) for one in groups],
        segments=[(one, segment_words(one)) for one in SEGMENTS] if may_see(scope(request)) else [],
    )  # fmt: skip


async def new(request: Request) -> Response:
    """Show the form of a new customer."""
    return await _form(request, None, {}, {})


async def create(request: Request) -> Response:
    """Add a customer."""
    fields, id = await Fields.read(request), new_id()
    try:
        made = customer_in(fields, tenant(request).money, tenant(request).country)
        await db(request).run(scope(request), operations.add_customer, id, made)
    except Invalid as wrong:
        return await _form(request, None, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/{id}", said=_("%(name)s is added.") % {"name": made.name})


async def edit(request: Request) -> Response:
    """Show a customer's form."""
    found = await _stored(request)
    return await _form(request, found, _values(request, found), {})


async def update(request: Request) -> Response:
    """Change a customer."""
    id, fields = uuid_in(request), await Fields.read(request)
    before = await _stored(request)
    try:
        made = customer_in(fields, tenant(request).money, tenant(request).country)
        seen = fields.whole("seen", required=False)
        fields.check()
        await db(request).run(scope(request), operations.change_customer, id, made, seen or None)
    except Invalid as wrong:
        return await _form(request, before, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        now = await _stored(request)
        met = meet(fields.values, was_in(fields.values), _values(request, now))
        values = met.values | {"seen": str(now.version)}
        return await _form(request, now, values, {"": [late.sentence()]}, 422, met)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _form(request, before, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"{PATH}/{id}", said=_("%(name)s is saved.") % {"name": made.name})


async def archive(request: Request) -> Response:
    """Take a customer out of use."""
    await db(request).run(scope(request), operations.archive_customer, uuid_in(request))
    return redirect(request, PATH, said=_("The customer is archived. What they bought stays theirs."))


async def restore(request: Request) -> Response:
    """Bring a customer back."""
    id = uuid_in(request)
    try:
        await db(request).run(scope(request), operations.restore_customer, id)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return redirect(request, f"{PATH}/{id}", said=refused.sentence(), tone="warn")
    return redirect(request, f"{PATH}/{id}", said=_("The customer is back."))


async def merge(request: Request) -> Response:
    """Make a customer part of another one."""
    fields, id = await Fields.read(request), uuid_in(request)
    into = fields.uuid("into")
    try:
        fields.check()
        if into is not None:
            await db(request).run(scope(request), operations.merge_customers, id, into)
    except Invalid as wrong:
        said = " ".join(sentence for of in wrong.errors.values() for sentence in of)
        return redirect(request, f"{PATH}/{id}", said=said, tone="warn")
    except DomainError as refused:
        if refused.status == 404:
            raise
        return redirect(request, f"{PATH}/{id}", said=refused.sentence(), tone="warn")
    return redirect(request, f"{PATH}/{into}", said=_("The two are one customer now."))


async def _stored(request: Request) -> CustomerFacts:
    id: UUID = uuid_in(request)
    async with db(request).read(scope(request)) as read:
        return await queries.customer(read, id)


def _values(request: Request, found: CustomerFacts) -> dict[str, str]:
    facts = tenant(request)
    return customer_values(found, facts.money, facts.locale) | {"seen": str(found.version)}


async def _form(  # noqa: PLR0917
    request: Request,
    found: CustomerFacts | None,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    facts = tenant(request)
    stored = customer_values(found, facts.money, facts.locale) if found else {}
    async with db(request).read(scope(request)) as read:
        groups = await queries.groups(read)
    return render(
        request,
        "customers/edit.html" if found else "customers/new.html",
        status,
        customer=found,
        values=values,
        errors=errors,
        was=was_in(values) if errors and not met else stored,
        stored_now={name: value for name, value in met.stored.items() if name != "seen"} if met else {},
        groups=groups,
    )
