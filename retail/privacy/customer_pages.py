"""The page of a customer's data: what they agreed to, exports for them, and the way to erase them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.customers.queries import customer
from retail.identity.permissions import ERASE_PEOPLE
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.privacy import consents, erasure, exports
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def show(request: Request) -> Response:
    """Show what a customer agreed to, and what can be done with their data."""
    return await _page(request, {}, {}, 200)


async def consent(request: Request) -> Response:
    """Write down that a customer agreed to something, or took it back."""
    fields, id = await Fields.read(request), uuid_in(request)
    purpose, source = fields.text("purpose", 40), fields.text("source", 200)
    given = fields.raw("word") != "withdrawn"
    async with db(request).read(scope(request)) as read:
        await customer(read, id)
    try:
        fields.check()
        await db(request).run(scope(request), consents.note_consent, "customer", str(id), purpose, source, given=given)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    return redirect(request, f"/customers/{id}/data", said=_("Written down."))


async def ask(request: Request) -> Response:
    """Have a customer's data gathered."""
    id = uuid_in(request)
    async with db(request).read(scope(request)) as read:
        await customer(read, id)
    await db(request).run(scope(request), exports.ask_for_data, "customer", str(id))
    return redirect(request, f"/customers/{id}/data", said=_("The customer's data is being gathered."))


async def erase(request: Request) -> Response:
    """Erase a customer; their name has to be typed, so that nobody is erased by a slip."""
    fields, id = await Fields.read(request), uuid_in(request)
    async with db(request).read(scope(request)) as read:
        found = await customer(read, id)
    if fields.text("name", 160) != found.name:
        return await _page(request, {}, {"name": [_("Type the name exactly as it stands above.")]}, 422)
    try:
        await db(request).run(scope(request), erasure.erase_customer, str(id))
    except erasure.AlreadyErased as refused:
        return await _page(request, {}, {"name": [refused.sentence()]}, refused.status)
    return redirect(request, "/privacy", said=_("The customer is being erased from all sales."))


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    id = uuid_in(request)
    may_erase = scope(request).may(ERASE_PEOPLE)
    async with db(request).read(scope(request)) as read:
        found = await customer(read, id)
        said = await consents.consents(read, "customer", str(id))
        made = await exports.data_exports(read, "customer", str(id)) if may_erase else []
    return render(
        request,
        "privacy/customer.html",
        status,
        customer=found,
        exports=made,
        consents=said,
        purposes=consents.purpose_words(),
        may_erase=may_erase,
        values=values,
        errors=errors,
    )
