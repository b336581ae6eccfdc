"""The page of one member: their role, where it counts, and what they are granted on top of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import operations, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.errors import RoleChanged
from retail.identity.grants import Grant, NewGrant, State, end_grant, give_grant, grants_of
from retail.identity.permissions import EDIT_PEOPLE
from retail.identity.roles import OWNER, may_hand, role_names, roles
from retail.identity.roles_errors import OwnRights
from retail.kit.errors import Conflict, Forbidden, Invalid, NotFound
from retail.kit.paging import Page, cut
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


@dataclass(frozen=True, slots=True)
class Shown:
    """A grant as the page shows it."""

    grant: Grant
    role: str
    store: str
    state: State


async def show(request: Request) -> Response:
    """Show a member."""
    return await _page(request, {}, {}, 200)


async def place(request: Request) -> Response:
    """Give a member another role, or say where it counts."""
    fields = await Fields.read(request)
    role, where = fields.text("role", 40, required=True), fields.choice("where", ("everywhere", "granted"))
    try:
        fields.check()
        member = await db(request).run(
            scope(request),
            operations.change_role,
            _id(request, "member"),
            role,
            fields.raw("seen"),
            everywhere=where == "everywhere",
        )
    except Invalid as invalid:
        return await _page(request, fields.values, invalid.errors, 422)
    except (Conflict, RoleChanged) as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, 409)
    MEMORY.forget(person=member.person_id)
    return redirect(request, f"/people/{member.id}", said=_("Stored. It counts from now on."))


async def grant(request: Request) -> Response:
    """Grant a member a role for a store, for a time, or both; a form with mistakes comes back with 422."""
    fields = await Fields.read(request)
    member, zone = _id(request, "member"), ZoneInfo(tenant(request).timezone)
    role, store = fields.text("granted_role", 40, required=True), fields.uuid("store", required=False)
    first, last = fields.day("first", required=False), fields.day("last", required=False)
    new = NewGrant(role, store, _start(first, zone), _end(last, zone), fields.text("reason", 200))
    try:
        fields.check()
        await db(request).run(scope(request), give_grant, member, new)
        async with db(request).read(scope(request)) as read:
            known = await queries.member(read, member)
    except Invalid as invalid:
        errors = {"last" if name == "ends_at" else name: told for name, told in invalid.errors.items()}
        return await _page(request, fields.values, errors, 422)
    except (Conflict, Forbidden) as refused:
        field = "" if isinstance(refused, OwnRights) else "granted_role"
        return await _page(request, fields.values, {field: [refused.sentence()]}, refused.status)
    MEMORY.forget(person=known.person_id)
    return redirect(request, f"/people/{member}", said=_("Granted to %(name)s.") % {"name": known.name})


async def end(request: Request) -> Response:
    """Take a grant back."""
    member = _id(request, "member")
    await db(request).run(scope(request), end_grant, member, _id(request, "grant"))
    async with db(request).read(scope(request)) as read:
        known = await queries.member(read, member)
    MEMORY.forget(person=known.person_id)
    return redirect(request, f"/people/{member}", said=_("Taken back. It no longer counts."))


def _id(request: Request, name: str) -> UUID:
    try:
        return UUID(request.path_params[name])
    except ValueError as wrong:
        raise NotFound(name) from wrong


def _start(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Give the moment at which a day begins in the business's own time zone."""
    return None if day is None else datetime.combine(day, time(), zone)


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Give the moment at which a day is over: the last day counts in full."""
    return None if day is None or day == date.max else datetime.combine(day + timedelta(days=1), time(), zone)


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    actor = scope(request)
    async with db(request).read(actor) as read:
        member = await queries.member(read, _id(request, "member"))
        names, known = await role_names(read), await roles(read)
        stores = await queries.store_names(read)
        every, now = await grants_of(read, member.id), read.now
    asked = Asked.of(request, f"/people/{member.id}")

    async def some(after: str | None) -> Page[Grant]:
        return cut(every, lambda grant: grant.id, None, after)

    grants = await asked.page(some)
    called = {store.id: store.name for store in stores}
    shown = [
        Shown(
            one,
            names[one.role],
            called.get(one.store, _("All stores")) if one.store else _("All stores"),
            one.state(now),
        )
        for one in grants.items
    ]
    own = next((one for one in known if one.key == member.role), None)
    other = member.person_id != actor.actor.id  # nobody changes what they may do themselves
    may_edit = other and actor.may(EDIT_PEOPLE) and own is not None and may_hand(actor, own)
    choices = [(one.key, one.words) for one in known if may_hand(actor, one)]
    return render(
        request,
        "identity/people/show.html",
        status,
        member=member,
        called=names[member.role],
        may_edit=may_edit,
        may_grant=other and actor.may(EDIT_PEOPLE) and member.role != OWNER,
        choices=choices,
        grantable=[(key, words) for key, words in choices if key != OWNER],
        places=[(str(store.id), store.name) for store in stores],
        grants=shown,
        next=asked.next(grants),
        first=asked.first,
        states={"coming": _("To come"), "running": _("Counts now"), "over": _("Over"), "revoked": _("Taken back")},
        where=[("everywhere", _("In all stores")), ("granted", _("Only where granted below"))],
        values=values,
        errors=errors,
    )
