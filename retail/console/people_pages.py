"""The operator's page of one account: found by its address, invited, disabled everywhere, enabled again, deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.console import people
from retail.console.named import accounts, erased_at
from retail.identity.disabling import AnyAccount, account_by_email, disable_account, enable_account
from retail.identity.errors import NoSuchAccount, OnlyOwner
from retail.identity.invitations import Invite
from retail.identity.queries import places
from retail.identity.roles_errors import OwnRights
from retail.identity.rules import email_problems
from retail.identity.sessions import forget
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.text import _
from retail.runtime.tenancy import Actor
from retail.runtime.web.context import db, edge, person, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """Show the form that looks for an account, and the account that was looked for: by its address, or by its id.

    An id stands on the trail for good; of a deleted account it leads to when that was. Raises NotFound.
    """
    email, wanted = request.query_params.get("email", "").strip()[:254], request.query_params.get("id", "")
    if not wanted:
        return await _page(request, email, {}, {}, 200)
    async with db(request).platform() as unit:
        known = (await accounts(unit, [_id(wanted)])).get(_id(wanted))
    if known is None:
        raise NotFound("person")
    if erased_at(known) is not None:
        return render(request, "console/people/gone.html", account=known, at=erased_at(known))
    return await _page(request, known.email, {}, {}, 200)


async def disable(request: Request) -> Response:
    """Disable an account in every business."""
    email, reason, refused = await _asked(request)
    if refused is not None:
        return refused
    try:
        ended = await disable_account(db(request), _actor(request), email, reason, **_where(request))
    except (NoSuchAccount, OnlyOwner, OwnRights) as no:
        return await _page(request, email, {"reason": reason}, {"": [no.sentence()]}, no.status)
    forget(request, ended)
    return _back(request, email, _("The account is disabled, and everything that was open with it has ended."))


async def enable(request: Request) -> Response:
    """Let an account in again."""
    email, reason, refused = await _asked(request)
    if refused is not None:
        return refused
    await enable_account(db(request), _actor(request), email, reason, **_where(request))
    return _back(request, email, _("The account is enabled again. Its person signs in anew."))


async def invite(request: Request) -> Response:
    """Invite somebody into a business by mail; they choose their own password."""
    fields = await Fields.read(request)
    email = fields.text("invited", 254, required=True).lower()
    slug, role = fields.text("business", 40, required=True).lower(), fields.choice("role", people.ROLES)
    for problem in email_problems(email) if email else []:
        fields.error("invited", problem)
    try:
        fields.check()
        facts = await people.invite_into(db(request), _actor(request), slug, Invite(email, role), _base(request))
    except NotFound:
        fields.error("business", _("There is no business %(slug)s.") % {"slug": slug})
        return await _page(request, "", fields.values, fields.errors, 422)
    except Invalid as invalid:
        return await _page(request, "", fields.values, invalid.errors, 422)
    except Conflict as refused:
        return await _page(request, "", fields.values, {"invited": [refused.sentence()]}, refused.status)
    return redirect(request, "/platform/people", said=_("Invited to %(name)s by mail.") % {"name": facts.name})


async def erase(request: Request) -> Response:
    """Delete an account: it ends at once, and its names are taken out of every business."""
    email, reason, refused = await _asked(request)
    if refused is not None:
        return refused
    fields = await Fields.read(request)
    values = {"reason": reason, "acted": "erasure"}
    if fields.text("typed", 254).lower() != email.lower():
        wrong = {"typed": [_("Type the account's address, so that it is the right one.")]}
        return await _page(request, email, values, wrong, 422)
    try:
        ended = await people.delete_account(db(request), _actor(request), email, reason, **_where(request))
    except (NoSuchAccount, OnlyOwner, OwnRights, people.OperatorStays) as no:
        return await _page(request, email, values, {"": [no.sentence()]}, no.status)
    forget(request, ended)
    return redirect(request, "/platform/people", said=_("The account has ended. Its names are being taken out."))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotFound("person") from wrong


def _base(request: Request) -> str:
    return settings(request).base_url


def _back(request: Request, email: str, said: str) -> Response:
    return redirect(request, f"/platform/people?email={quote(email)}", said=said)


def _actor(request: Request) -> Actor:
    who = person(request)
    return Actor("person", who.id, who.name)


def _where(request: Request) -> dict[str, str]:
    here = edge(request)
    return {"ip": here.ip, "request_id": here.request_id}


async def _asked(request: Request) -> tuple[str, str, Response | None]:
    fields = await Fields.read(request)
    email, reason = fields.text("email", 254, required=True), fields.text("reason", 500, required=True)
    try:
        fields.check()
    except Invalid as invalid:
        return email, reason, await _page(request, email, fields.values, invalid.errors, 422)
    return email, reason, None


async def _page(
    request: Request, email: str, values: dict[str, str], errors: dict[str, list[str]], status: int
) -> Response:
    found: AnyAccount | None = None
    where: list[Any] = []
    async with db(request).platform() as unit:
        if email:
            try:
                found = await account_by_email(unit, email)
                where = list(await places(unit, found.id))
            except NoSuchAccount as none:
                errors = errors or {"email": [none.sentence()]}
    return render(
        request,
        "console/people/index.html",
        status,
        account=found,
        places_of=where,
        email=email,
        values=values,
        errors=errors,
        roles=[(role, people.role_words(role)) for role in people.ROLES],
        own=found is not None and found.id == person(request).id,
    )
