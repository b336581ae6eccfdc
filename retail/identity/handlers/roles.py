"""The pages of roles: the table of who may do what, and what becomes of one role."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.identity.permissions import MANAGE_ROLES, OWNERS_KEEP, PERMISSIONS, Permission
from retail.identity.role_table import Cell, Line, View, differences, groups, written_limit
from retail.identity.roles import OWNER, Role, may_hand, role, roles, use_of
from retail.identity.roles_changes import WHOLE, create_role, delete_role, rename_role, set_rights
from retail.identity.roles_errors import OwnersKeep, RoleEdited, RoleNameTaken
from retail.kit.errors import ChangedMeanwhile, DomainError, Invalid
from retail.kit.money import Currency
from retail.kit.quantity import to_milli
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Right
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, packed, unpacked
from retail.runtime.web.responses import redirect, render

_STATES = ("allowed", "approval", "denied")


async def index(request: Request) -> Response:
    """Show what every role may do."""
    return await _table(request, {}, {}, 200)


async def change(request: Request) -> Response:
    """Store the table; whoever holds a changed role follows at once. A mistake brings the table back with 422."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        known = [one for one in await roles(read) if may_hand(scope(request), one)]
    wanted = [(one, _typed(request, fields, one)) for one in known if f"v.{one.key}" in fields]
    try:
        fields.check()
        changed = await db(request).run(scope(request), _set_all, fields, wanted)
    except Invalid as invalid:
        return await _table(request, fields.values, invalid.errors, 422)
    except OwnersKeep as refused:
        return await _table(request, fields.values, {"": [refused.sentence()]}, 409)
    except RoleEdited:
        return await _table(request, fields.values, {"": [ChangedMeanwhile().sentence()]}, 409, late=True)
    MEMORY.forget(tenant=scope(request).tenant)
    said = _("Nothing was changed.") if not changed else _("The roles were changed. They count from now on.")
    view = View.of(fields.values)
    part = urlencode({name: value for name, value in (("q", view.words), ("role", view.role)) if value})
    return redirect(request, f"/roles?{part}" if part else "/roles", said=said)


async def create(request: Request) -> Response:
    """Make a role like another one."""
    fields = await Fields.read(request)
    name = fields.text("name", 60, required=True)
    pattern = fields.text("pattern", 40, required=True)
    try:
        fields.check()
        made = await db(request).run(scope(request), create_role, name, pattern)
    except Invalid as invalid:
        return await _table(request, fields.values, invalid.errors, 422)
    except RoleNameTaken as taken:
        return await _table(request, fields.values, {"name": [taken.sentence()]}, 422)
    return redirect(request, "/roles", said=_("%(name)s was made. Set what it may do below.") % {"name": made.name})


async def show(request: Request) -> Response:
    """Show one role: its name, who holds it, what it may do."""
    return await _one(request, {}, {}, 200)


async def rename(request: Request) -> Response:
    """Give a role another name."""
    fields = await Fields.read(request)
    name = fields.text("name", 60, required=True)
    try:
        fields.check()
        seen = fields.raw("version")
        version = int(seen) if seen.isdecimal() else None
        known = await db(request).run(scope(request), rename_role, request.path_params["role"], name, version)
    except Invalid as invalid:
        return await _one(request, fields.values, invalid.errors, 422)
    except RoleNameTaken as taken:
        return await _one(request, fields.values, {"name": [taken.sentence()]}, 422)
    except RoleEdited:
        return await _one(request, {"name": name}, {"": [ChangedMeanwhile().sentence()]}, 409)
    return redirect(request, f"/roles/{known.key}", said=_("The role is now called %(name)s.") % {"name": known.words})


async def remove(request: Request) -> Response:
    """Delete a role that nobody holds."""
    try:
        await db(request).run(scope(request), delete_role, request.path_params["role"])
    except DomainError as refused:
        if refused.status != 409:
            raise
        return await _one(request, {}, {"": [refused.sentence()]}, 409)
    return redirect(request, "/roles", said=_("The role was deleted."))


async def _set_all(tx: Tx, fields: Fields, wanted: list[tuple[Role, dict[str, Right]]]) -> int:
    """Store every role that differs, in the order of their keys; gives how many did."""
    changed = 0
    for one, rights in sorted(wanted, key=lambda pair: pair[0].key):
        seen = fields.raw(f"v.{one.key}")
        after = await set_rights(tx, one.key, rights, int(seen) if seen.isdecimal() else None)
        changed += after.version != one.version
    return changed


def _typed(request: Request, fields: Fields, one: Role) -> dict[str, Right]:
    """Read the column of a role; what the form doesn't hold stays as it is."""
    rights: dict[str, Right] = {}
    for permission in PERMISSIONS:
        key = f"{one.key}.{permission.name}"
        had = one.rights.get(permission.name)
        if f"r.{key}" not in fields:
            if had is not None:
                rights[permission.name] = had
            continue
        state = fields.choice(f"r.{key}", _STATES)
        if state == "allowed":
            rights[permission.name] = Right(limit=_limit(request, fields, f"l.{key}", permission))
        elif state == "approval":
            rights[permission.name] = Right("approval")
    return rights


def _limit(request: Request, fields: Fields, name: str, permission: Permission) -> int | None:
    if permission.limit is None or not fields.raw(name).strip():
        return None
    if permission.limit == "money":
        return fields.money(name, tenant(request).money)
    typed = fields.quantity(name)
    points, more = divmod(to_milli(typed), 10)
    if more or not 0 <= points <= WHOLE:
        fields.error(name, _("Type a percentage from 0 to 100, with two decimals at most."))
    return points


def _column(one: Role, currency: Currency, locale: str) -> dict[str, str]:
    """Write what a role may do as its column of the form holds it."""
    column: dict[str, str] = {}
    for permission in PERMISSIONS:
        right = one.rights.get(permission.name)
        column[f"r.{one.key}.{permission.name}"] = right.state if right else "denied"
        if permission.limit:
            column[f"l.{one.key}.{permission.name}"] = written_limit(right, permission, currency, locale)
    return column


async def _table(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int, *, late: bool = False
) -> Response:
    """Answer the table; `late` joins what was typed with what somebody else has stored meanwhile."""
    actor, facts = scope(request), tenant(request)
    async with db(request).read(actor) as read:
        known = await roles(read)
    may_edit = actor.may(MANAGE_ROLES)
    mine = {one.key for one in known if may_edit and may_hand(actor, one)}

    columns = {one.key: _column(one, facts.money, facts.locale) for one in known}
    versions = {one.key: str(one.version) if late else values.get(f"v.{one.key}", str(one.version)) for one in known}
    was = {key: packed(column) if late else values.get(f"was.{key}", packed(column)) for key, column in columns.items()}
    met = _join(values, columns) if late else Met(values, {})

    def cell(one: Role, permission: Permission) -> Cell:
        key, column = f"{one.key}.{permission.name}", columns[one.key]
        kept = one.key == OWNER and permission.name in OWNERS_KEEP
        differs = f"r.{key}" in met.stored or f"l.{key}" in met.stored
        return Cell(
            one,
            key,
            met.values.get(f"r.{key}", column[f"r.{key}"]),
            met.values.get(f"l.{key}", column.get(f"l.{key}", "")),
            kept or one.key not in mine,
            (column[f"r.{key}"], column.get(f"l.{key}", "")) if differs else None,
        )

    view = View.of(values if values else request.query_params)
    shown = view.columns(known)
    lines = [Line(one, [cell(of, one) for of in shown]) for one in PERMISSIONS if view.shows(one)]
    changes = differences(known, facts.money, facts.locale)
    wrong = frozenset(name.removeprefix("r.").removeprefix("l.") for name in errors)
    opened = bool(view.words) or "all" in request.query_params
    return render(
        request,
        "identity/roles/index.html",
        status,
        known=known,
        shown=shown,
        view=view,
        changes=changes,
        groups=groups(lines, shown, changes, opened=opened, wrong=wrong),
        mine=mine,
        may_edit=may_edit,
        states=[("allowed", _("Allowed")), ("approval", _("Needs approval")), ("denied", _("Denied"))],
        patterns=[(one.key, one.words) for one in known if one.key in mine],
        values=values,
        versions=versions,
        was=was,
        errors=errors,
    )


def _join(typed: dict[str, str], columns: dict[str, dict[str, str]]) -> Met:
    """Join the columns that this tab sent with the roles as they are stored; the others are as they are stored."""
    values: dict[str, str] = {}
    stored: dict[str, str] = {}
    for key, column in columns.items():
        sent = {name: kept for name, kept in column.items() if name in typed}
        one = meet(typed, unpacked(typed.get(f"was.{key}", "")), sent)
        values |= one.values
        stored |= one.stored
    return Met(values, stored)


async def _one(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    actor = scope(request)
    async with db(request).read(actor) as read:
        known = await role(read, request.path_params["role"])
        use = await use_of(read, known.key)
    return render(
        request,
        "identity/roles/show.html",
        status,
        role=known,
        use=use,
        may_edit=actor.may(MANAGE_ROLES) and may_hand(actor, known),
        values={"name": known.words, "version": str(known.version)} | values,
        errors=errors,
    )
