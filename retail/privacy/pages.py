"""The pages of people's data inside of a business: a member's, a customer's, and what retention removed."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.identity.errors import LastOwner, OwnersOnly
from retail.identity.roles import role_names
from retail.identity.roles_errors import BeyondYourRights
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.privacy import consents, erasure, exports, retention
from retail.privacy.own_pages import zip_answer
from retail.runtime.db import Read, Row
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """Show the rules of retention with what they removed, erasures, and the form for a customer."""
    return await _index(request, {}, {}, 200)


async def change_customer(request: Request) -> Response:
    """Export or erase what is kept of a customer."""
    fields = await Fields.read(request)
    reference = fields.text("reference", 200, required=True)
    act = fields.choice("act", ("export", "erase"))
    try:
        fields.check()
        if act == "erase":
            await db(request).run(scope(request), erasure.erase_customer, reference)
            return redirect(request, "/privacy", said=_("The customer is being erased from all sales."))
        await db(request).run(scope(request), exports.ask_for_data, "customer", reference)
    except Invalid as wrong:
        return await _index(request, fields.values, wrong.errors, 422)
    except NotFound:
        unknown = {"reference": [_("No sale bears this reference. Check how it stands on the receipt.")]}
        return await _index(request, fields.values, unknown, 422)
    return redirect(request, "/privacy", said=_("The customer's data is being gathered."))


async def fetch(request: Request) -> Response:
    """Give the zip of a finished export."""
    wanted = _id(request, "export")
    return zip_answer(await db(request).run(scope(request), exports.archive_of, wanted), wanted)


async def show(request: Request) -> Response:
    """Show what is kept of a member, their exports and consents, and the way to erase them."""
    return await _member(request, {}, {}, 200)


async def ask(request: Request) -> Response:
    """Have a member's data gathered."""
    async with db(request).read(scope(request)) as read:
        member = await _row(read, _id(request, "member"))
    await db(request).run(scope(request), exports.ask_for_data, "person", str(member["person_id"]))
    return redirect(request, f"/people/{member['id']}/data", said=_("The data is being gathered."))


async def consent(request: Request) -> Response:
    """Write down that a member agreed to something, or took it back."""
    fields = await Fields.read(request)
    purpose, source = fields.text("purpose", 40), fields.text("source", 200)
    given = fields.raw("word") != "withdrawn"
    async with db(request).read(scope(request)) as read:
        member = await _row(read, _id(request, "member"))
    person = str(member["person_id"])
    try:
        await db(request).run(scope(request), consents.note_consent, "person", person, purpose, source, given=given)
    except Invalid as wrong:
        return await _member(request, fields.values, wrong.errors, 422)
    return redirect(request, f"/people/{member['id']}/data", said=_("Written down."))


async def erase(request: Request) -> Response:
    """Erase a member; their name has to be typed, so that nobody is erased by a slip."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        member = await _row(read, _id(request, "member"))
    if fields.text("name", 120) != member["name"]:
        return await _member(request, {}, {"name": [_("Type the name exactly as it stands above.")]}, 422)
    try:
        person = await db(request).run(scope(request), erasure.erase_member, member["id"])
    except (erasure.NotYourself, erasure.AlreadyErased, LastOwner, OwnersOnly, BeyondYourRights) as refused:
        return await _member(request, {}, {"name": [refused.sentence()]}, refused.status)
    MEMORY.forget(person=person)
    return redirect(request, "/privacy", said=_("The person was let go; their data is being erased."))


async def _member(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request), seconds=20) as read:
        member = await _row(read, _id(request, "member"))
        kept = await exports.of_member(read, member["person_id"])
        made = await exports.data_exports(read, "person", str(member["person_id"]))
        said = await consents.consents(read, "person", str(member["person_id"]))
        names = await role_names(read)
    return render(
        request,
        "privacy/member.html",
        status,
        member=member,
        role=names.get(member["role"], member["role"]),
        kept=sorted((table, len(rows)) for table, rows in kept.items()),
        exports=made,
        consents=said,
        purposes=consents.purpose_words(),
        own=member["person_id"] == scope(request).actor.id,
        values=values,
        errors=errors,
    )


async def _index(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        removed = await retention.removals(read)
        done = await erasure.erasures(read)
        made = await exports.data_exports(read, "customer")
    return render(
        request,
        "privacy/index.html",
        status,
        rules=retention.rule_words(),
        removed=removed,
        erasures=done,
        exports=made,
        values=values,
        errors=errors,
    )


async def _row(read: Read, member: UUID) -> Row:
    row = await read.fetchrow(
        """SELECT id, person_id, name, email, role, created_at, ended_at FROM membership
            WHERE tenant_id = $1 AND id = $2""",
        read.tenant,
        member,
    )
    if row is None:
        raise NotFound("member")
    return row


def _id(request: Request, name: str) -> UUID:
    try:
        return UUID(request.path_params[name])
    except ValueError as wrong:
        raise NotFound(name) from wrong
