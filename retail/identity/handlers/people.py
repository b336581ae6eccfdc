"""The people page: who works here, as what, and since when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import factor_resets, operations, queries
from retail.identity.disabling import disable_member, enable_member
from retail.identity.doorkeeper import MEMORY
from retail.identity.errors import AlreadyMember, OwnersOnly, RoleChanged
from retail.identity.grants import Grant, living_grants
from retail.identity.invitations import open_invitations
from retail.identity.operations import NewMember
from retail.identity.passwords import hash_password
from retail.identity.people_list import ORDERS, STATES, disabled_count, listed_members
from retail.identity.permissions import EDIT_PEOPLE
from retail.identity.roles import Role, may_hand, role_names, roles
from retail.identity.roles_errors import BeyondYourRights, OwnersEverywhere
from retail.identity.rules import email_problems, password_problems
from retail.identity.sessions import forget
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """List who works here, or who is disabled."""
    asked, actor = Asked.of(request, "/people"), scope(request)
    q, order = asked.search(), asked.order(ORDERS)
    async with db(request).read(actor) as read:
        names, known = await role_names(read), await roles(read)
        role, state = asked.option("role", names), asked.option("show", STATES) or STATES[0]
        page = await asked.page(
            lambda after: listed_members(read, q=q, role=role, state=state, after=after, order=order)
        )
        granted = _granted(await living_grants(read, [one.id for one in page.items]), names, read.now)
        disabled = await disabled_count(read)
        invitations, lost = await open_invitations(read), await factor_resets.waiting(read)
    mine = {one.key for one in known if may_hand(actor, one)}
    return render(
        request,
        "identity/people/index.html",
        asked.status,
        asked=asked,
        members=page.items,
        next=asked.next(page),
        state=state,
        disabled=disabled,
        roles=names,
        granted=granted,
        choices=_choices(request, known),
        editable={m.id for m in page.items if actor.may(EDIT_PEOPLE) and m.role in mine},
        may_edit=actor.may(EDIT_PEOPLE),
        sends=bool(settings(request).smtp_url),
        invitations=invitations,
        factor_resets=lost,
    )


def _granted(grants: list[Grant], names: dict[str, str], now: datetime) -> dict[UUID, list[tuple[str, Grant]]]:
    """Give what the members hold beside their role now, with the role's name.

    What is for good comes first, then what lasts longest. Of one role in several stores only the longest is named.
    """
    running = [one for one in grants if one.state(now) == "running"]
    running.sort(key=lambda one: (one.ends_at is not None, -(one.ends_at or now).timestamp()))
    found: dict[UUID, dict[str, Grant]] = {}
    for one in running:
        found.setdefault(one.member, {}).setdefault(one.role, one)
    return {member: [(names[role], one) for role, one in held.items()] for member, held in found.items()}


def _only_without_mail(request: Request) -> None:
    """Take people on with a password only where they can't be invited: who chose it could sign in as them."""
    if settings(request).smtp_url:
        raise NotFound("page")


async def new(request: Request) -> Response:
    """Show the form for somebody new."""
    _only_without_mail(request)
    return await _form(request, {"role": "clerk"}, {}, 200)


async def create(request: Request) -> Response:
    """Take somebody on; a form with mistakes comes back with 422."""
    _only_without_mail(request)
    fields = await Fields.read(request)
    email = fields.text("email", 254, required=True).lower()
    name = fields.text("name", 120, required=True)
    role = fields.choice("role", await _keys(request))
    stores = await _picked_stores(request, fields)
    password, shop = fields.raw("password"), tenant(request)
    for problem in email_problems(email) if email else []:
        fields.error("email", problem)
    for problem in password_problems(password, (email, name, shop.name, shop.slug)):
        fields.error("password", problem)
    try:
        fields.check()
        draft = NewMember(email, name, role, await hash_password(password), stores)
        added = await db(request).run(scope(request), operations.add_member, draft)
    except Invalid as invalid:
        return await _form(request, fields.values, invalid.errors, 422, stores)
    except AlreadyMember as taken:
        return await _form(request, fields.values, {"email": [taken.sentence()]}, 422, stores)
    except (OwnersOnly, OwnersEverywhere, BeyondYourRights) as refused:
        return await _form(request, fields.values, {"role": [refused.sentence()]}, 422, stores)
    said = _("%(name)s was added. Whoever has an account already signs in with the password they know.")
    return redirect(request, "/people", said=said % {"name": added.name})


async def change_role(request: Request) -> Response:
    """Give a member another role."""
    fields = await Fields.read(request)
    role = fields.choice("role", await _keys(request))
    fields.check()
    try:
        member = await db(request).run(
            scope(request), operations.change_role, _wanted(request), role, fields.raw("seen")
        )
    except RoleChanged as late:
        return redirect(request, "/people", said=late.sentence(), tone="warn")
    MEMORY.forget(person=member.person_id)
    said = _("%(name)s is now: %(role)s.") % {"name": member.name, "role": await _called(request, member.role)}
    return redirect(request, "/people", said=said)


async def end(request: Request) -> Response:
    """Let a member go."""
    member = await db(request).run(scope(request), operations.end_membership, _wanted(request))
    MEMORY.forget(person=member.person_id)
    return redirect(request, "/people", said=_("%(name)s can no longer sign in here.") % {"name": member.name})


async def disable(request: Request) -> Response:
    """Shut a member out until they are enabled again."""
    member, ended = await db(request).run(scope(request), disable_member, _wanted(request))
    forget(request, ended)
    said = _("%(name)s is disabled: signed out, and every token and PIN of theirs is void until you enable them.")
    return redirect(request, "/people", said=said % {"name": member.name})


async def enable(request: Request) -> Response:
    """Let a disabled member in again."""
    member = await db(request).run(scope(request), enable_member, _wanted(request))
    MEMORY.forget(person=member.person_id)
    said = _("%(name)s can work here again, and signs in anew. Programs need new tokens.")
    return redirect(request, "/people", said=said % {"name": member.name})


def _wanted(request: Request) -> UUID:
    try:
        return UUID(request.path_params["member"])
    except ValueError as wrong:
        raise NotFound("member") from wrong


def _choices(request: Request, known: list[Role]) -> list[tuple[str, str]]:
    """Give the roles that whoever asks may hand out."""
    return [(one.key, one.words) for one in known if may_hand(scope(request), one)]


async def _keys(request: Request) -> set[str]:
    async with db(request).read(scope(request)) as read:
        return {one.key for one in await roles(read)}


async def _called(request: Request, role: str) -> str:
    async with db(request).read(scope(request)) as read:
        return (await role_names(read))[role]


async def _picked_stores(request: Request, fields: Fields) -> tuple[UUID, ...]:
    async with db(request).read(scope(request)) as read:
        return tuple(one.id for one in await queries.store_names(read) if str(one.id) in fields.many("store"))


async def _form(
    request: Request,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int,
    ticked: tuple[UUID, ...] = (),
) -> Response:
    async with db(request).read(scope(request)) as read:
        choices, stores = _choices(request, await roles(read)), await queries.store_names(read)
    return render(
        request,
        "identity/people/new.html",
        status,
        values=values,
        errors=errors,
        choices=choices,
        places=stores,
        ticked=ticked,
    )
