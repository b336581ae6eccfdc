"""Inviting people by mail, and the page that an invitation leads to."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import invitations
from retail.identity.doorkeeper import MEMORY
from retail.identity.entry_errors import AlreadyInvited, TooManyInvitations
from retail.identity.errors import AlreadyMember, OwnersOnly
from retail.identity.invitations import Invite, Offer
from retail.identity.passwords import hash_password
from retail.identity.roles import roles
from retail.identity.roles_errors import BeyondYourRights, OwnersEverywhere
from retail.identity.rules import email_problems, password_problems
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _, use_language
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import db, edge, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limiter
from retail.runtime.web.responses import redirect, render

NO_REFERRER = {"Referrer-Policy": "no-referrer"}
_WRONG_ADDRESS = (AlreadyMember, AlreadyInvited, TooManyInvitations)
_WRONG_ROLE = (OwnersOnly, BeyondYourRights, OwnersEverywhere)


async def new(request: Request) -> Response:
    """Show the form that invites somebody."""
    return await _form(request, {"role": "clerk"}, {}, 200)


async def create(request: Request) -> Response:
    """Invite somebody; a form with mistakes comes back with 422."""
    fields = await Fields.read(request)
    email = fields.text("email", 254, required=True).lower()
    role = fields.text("role", 40, required=True)
    for problem in email_problems(email) if email else []:
        fields.error("email", problem)
    stores = _stores(fields)
    try:
        fields.check()
        business = str(tenant(request).id)
        await limiter(request).attempt(("mail.form", f"invite {email}"), ("invite", business))
        wanted = Invite(email, role, stores)
        await db(request).run(scope(request), invitations.invite, tenant(request), wanted, settings(request).base_url)
    except Invalid as invalid:
        return await _form(request, fields.values, invalid.errors, 422)
    except _WRONG_ADDRESS as taken:
        return await _form(request, fields.values, {"email": [taken.sentence()]}, 422)
    except _WRONG_ROLE as refused:
        return await _form(request, fields.values, {"role": [refused.sentence()]}, 422)
    return redirect(request, "/people", said=_invited(request) % {"address": email})


async def send_again(request: Request) -> Response:
    """Send an open invitation again."""
    await limiter(request).attempt(("invite", str(tenant(request).id)))
    run = db(request).run
    known = await run(
        scope(request), invitations.send_again, tenant(request), _wanted(request), settings(request).base_url
    )
    if settings(request).smtp_url:
        said = _("The invitation to %(address)s was sent again. The older link no longer works.")
    else:
        said = _("A new invitation to %(address)s waits until there is a mail server. The older link no longer works.")
    return redirect(request, "/people", said=said % {"address": known.email})


def _invited(request: Request) -> str:
    if settings(request).smtp_url:
        return _("An invitation was sent to %(address)s. It works once, for seven days.")
    return _("The invitation to %(address)s waits until there is a mail server; it works once, for seven days.")


async def withdraw(request: Request) -> Response:
    """Make an open invitation void."""
    known = await db(request).run(scope(request), invitations.withdraw, _wanted(request))
    return redirect(request, "/people", said=_("The invitation to %(address)s is void.") % {"address": known.email})


async def show(request: Request) -> Response:
    """Show what an invitation offers to whoever has its link."""
    secret = request.query_params.get("token", "")[:100]
    found = await _offer(request, secret)
    return _page(request, found, secret)


async def accept(request: Request) -> Response:
    """Accept: new people choose name and password, people with an account are signed in with it."""
    fields = await Fields.read(request)
    secret = fields.raw("token")[:100]
    found = await _offer(request, secret)
    here = edge(request)
    if found.has_account:
        if here.person is None or here.person.email != found.email:
            return _page(request, found, secret)
        return await _join(request, found, secret, Actor("person", here.person.id, here.person.name), "")
    name, password = fields.text("name", 120, required=True), fields.raw("password")
    for problem in password_problems(password, (found.email, name, found.tenant.name, found.tenant.slug)):
        fields.error("password", problem)
    try:
        fields.check()
    except Invalid as invalid:
        return _page(request, found, secret, fields.values, invalid.errors)
    return await _join(request, found, secret, Actor("person", new_id(), name), await hash_password(password))


async def _join(request: Request, found: Offer, secret: str, actor: Actor, password_hash: str) -> Response:
    """Make them a member, answerable themselves; the right to it is the invitation's, so the role is the system's."""
    here = edge(request)
    joining = Scope(found.tenant.id, actor, role="system", request_id=here.request_id, ip=here.ip)
    try:
        member = await db(request).run(joining, invitations.accept, secret, actor.name, password_hash)
    except AlreadyMember:
        return redirect(request, f"/t/{found.tenant.slug}/", leave_tenant=True)
    MEMORY.forget(person=member.person_id)
    said = _("You are in. Welcome to %(business)s.") % {"business": found.tenant.name}
    if found.has_account:
        return redirect(request, f"/t/{found.tenant.slug}/", said=said, leave_tenant=True)
    return redirect(request, "/sign-in", said=_("Your account is ready. Sign in with it."), leave_tenant=True)


async def _offer(request: Request, secret: str) -> Offer:
    await limiter(request).attempt(("public", f"invitation {edge(request).ip}"))
    async with db(request).platform() as unit:
        return await invitations.offer(unit, secret)


def _page(
    request: Request,
    found: Offer,
    secret: str,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    who = edge(request).person
    with use_language(found.tenant.locale):
        response = render(
            request,
            "identity/invitations/show.html",
            422 if errors else 200,
            offer=found,
            token=secret,
            values=values or {},
            errors=errors or {},
            signed_in=who.email if who else "",
            fits=who is not None and who.email == found.email,
        )
    response.headers.update(NO_REFERRER)
    return response


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        choices = [(role.key, role.words) for role in await roles(read)]
        shops = await read.fetch("SELECT id, name FROM store WHERE tenant_id = $1 ORDER BY name, id", read.tenant)
    return render(
        request,
        "identity/invitations/new.html",
        status,
        values=values,
        errors=errors,
        choices=choices,
        shops=shops,
        sends=bool(settings(request).smtp_url),
    )


def _stores(fields: Fields) -> tuple[UUID, ...]:
    found: list[UUID] = []
    for text in fields.many("store"):
        try:
            found.append(UUID(text))
        except ValueError:
            fields.error("store", _("Pick one from the list."))
    return tuple(found)


def _wanted(request: Request) -> UUID:
    try:
        return UUID(request.path_params["invitation"])
    except ValueError as wrong:
        raise NotFound("invitation") from wrong
