"""Programs on one's own account: what was signed in with one's password, and how it is ended."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries
from retail.identity.handlers.own import own, wanted_id
from retail.identity.sessions import Ended, forget
from retail.identity.trail import record
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.web.context import db
from retail.runtime.web.responses import redirect


async def end(request: Request) -> Response:
    """Sign one program out: its tokens stop everywhere at once."""
    who, family = own(request), wanted_id(request, "family")
    async with db(request).platform() as unit:
        rows = await unit.fetch("SELECT auth_end_family($1, $2, $3) AS gone", who.id, family, unit.now)
        places = await queries.places(unit, who.id)
    if not rows:
        raise NotFound("program")
    forget(request, Ended(who.id, (), tuple(row["gone"] for row in rows)))
    await record(request, "person.program_ended", who.id, who.person.name, places, family=family)
    return redirect(request, "/account#programs", said=_("That program was signed out."), leave_tenant=True)
