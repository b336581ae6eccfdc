"""Removing a lost second factor: a member's by an owner or manager, an owner's by support and a second owner."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import factor_resets, queries
from retail.identity.sessions import forget
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def new(request: Request) -> Response:
    """Ask for the reason."""
    return await _form(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Remove a member's second factor at once."""
    fields = await Fields.read(request)
    reason = fields.text("reason", 500, required=True)
    try:
        fields.check()
    except Invalid as invalid:
        return await _form(request, fields.values, invalid.errors, 422)
    ended = await db(request).run(scope(request), factor_resets.reset_now, _id(request, "member"), reason)
    forget(request, ended)
    said = _("The second step is removed, and they were signed out everywhere. They were told by mail.")
    return redirect(request, "/people", said=said)


async def confirm(request: Request) -> Response:
    """Confirm, as a second owner, that an owner's second factor is to be removed now."""
    ended = await db(request).run(scope(request), factor_resets.confirm, _id(request, "reset"))
    forget(request, ended)
    return redirect(request, "/people", said=_("The second step is removed. They were told by mail."))


async def refuse(request: Request) -> Response:
    """Stop the removal of an owner's second factor."""
    known = await db(request).run(scope(request), factor_resets.refuse, tenant(request), _id(request, "reset"))
    return redirect(request, "/people", said=_("%(name)s keeps the second step.") % {"name": known.person_name})


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await queries.member(read, _id(request, "member"))
    return render(request, "identity/security/reset_factors.html", status, member=known, values=values, errors=errors)


def _id(request: Request, name: str) -> UUID:
    try:
        return UUID(request.path_params[name])
    except ValueError as wrong:
        raise NotFound(name) from wrong
