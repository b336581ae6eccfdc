"""The operator's way into a business for looking: begun with a reason and a proof, stopped by one press."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from retail.console.business_pages import business_in, scope_in
from retail.console.businesses import note_on_platform
from retail.identity import looks
from retail.identity.doorkeeper import MEMORY
from retail.kit.errors import Conflict, Invalid, Unauthenticated
from retail.kit.text import _, ngettext
from retail.life.closing import REASON_MOST
from retail.runtime.web.context import db, edge
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.life import DELETED


async def new(request: Request) -> Response:
    """Show the form that begins a look."""
    return await _form(request, {"reason": "", "minutes": str(looks.MINUTES[1])}, {}, 200)


async def create(request: Request) -> Response:
    """Begin to look at a business, and lead there."""
    known, fields = await business_in(request), await Fields.read(request)
    session = edge(request).session
    if session is None:
        raise Unauthenticated
    reason = fields.text("reason", REASON_MOST, required=True)
    minutes = fields.choice("minutes", [str(one) for one in looks.MINUTES])
    acting, database = scope_in(request, known.id), db(request)
    try:
        fields.check()
        await looks.end_spent(database)
        until = await database.run(acting, looks.begin, session, reason, int(minutes))
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _form(request, fields.values, {"": [refused.sentence()]}, 409)
    await note_on_platform(database, acting, "look.begun", reason=reason, until=until)
    MEMORY.forget(token_hash=session)
    return redirect(request, f"/t/{known.slug}/", leave_tenant=True)


async def stop(request: Request) -> Response:
    """Stop looking; somebody who looks at nothing any more is led to the businesses all the same."""
    here, look = edge(request), edge(request).looking
    if look is None:
        return redirect(request, "/platform", leave_tenant=True)
    acting, database = scope_in(request, look.tenant.id), db(request)
    if await database.run(acting, looks.stop, look.id):
        await note_on_platform(database, acting, "look.ended", why="stopped")
    MEMORY.forget(token_hash=here.session)
    if here.process.hub is not None:
        here.process.hub.recheck(look.tenant.id)
    path = f"/platform/businesses/{look.tenant.slug}"
    return redirect(request, path, said=_("You are not looking any more."), leave_tenant=True)


async def _form(request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    known = await business_in(request)
    return render(
        request,
        "console/looks/new.html",
        status,
        business=known,
        there=known.status != DELETED,
        choices=[(str(one), ngettext("%(n)d minute", "%(n)d minutes", one) % {"n": one}) for one in looks.MINUTES],
        values=values,
        errors=errors,
    )
