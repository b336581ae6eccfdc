"""The page of one till: its name and code, what it is doing, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.cash import open_shift_on
from retail.identity.device_pages import paces_at
from retail.identity.displays import displays_of
from retail.identity.permissions import EDIT_STORES
from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _
from retail.life.tills import REASON_MOST, closing_of, retire_till
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import meet, was_in
from retail.runtime.web.responses import redirect, render
from retail.tenants import forms, places, queries
from retail.tenants.errors import CodeTaken, Edited


async def show(request: Request) -> Response:
    """Show a till."""
    return await _page(request, {}, {}, 200)


async def save(request: Request) -> Response:
    """Give a till another name or code."""
    fields = await Fields.read(request)
    code, name = forms.code(fields), fields.text("name", 80, required=True)
    version = fields.whole("version", least=1)
    try:
        fields.check()
        await db(request).run(scope(request), places.change_till, _wanted(request), version, name, code)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except CodeTaken as taken:
        return await _page(request, fields.values, {"code": [taken.sentence()]}, 422)
    except Conflict as refused:
        late = isinstance(refused, Edited)
        return await _page(request, fields.values, {"": [refused.sentence()]}, 409, late=late)
    return redirect(request, f"/tills/{_wanted(request)}", said=_("Saved."))


async def retire(request: Request) -> Response:
    """Retire a till."""
    fields = await Fields.read(request)
    reason, version = fields.text("reason", REASON_MOST, required=True), fields.whole("version", least=1)
    try:
        fields.check()
        await db(request).run(
            scope(request), retire_till, _wanted(request), version, reason, device_lost=fields.flag("device_lost")
        )
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _page(request, {"reason": reason}, {"": [refused.sentence()]}, 409)
    return redirect(request, f"/tills/{_wanted(request)}", said=_("The till is retired. What it ended with is below."))


def _wanted(request: Request) -> UUID:
    found: UUID = request.path_params["till"]
    return found


async def _page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int, *, late: bool = False
) -> Response:
    """Answer the page; `late` joins what was typed with what somebody else has stored meanwhile."""
    async with db(request).read(scope(request)) as read:
        till = await queries.till(read, _wanted(request))
        state = (await queries.till_states(read)).get(till.id)
        shift = await open_shift_on(read, till.id)
        closing = await closing_of(read, till.id)
        paces = await paces_at(read, till.id)
        displays = await displays_of(read, till.id)
    kept = {"name": till.name, "code": till.code}
    met = meet(typed, was_in(typed), kept) if late else None
    return render(
        request,
        "life/till.html",
        status,
        till=till,
        state=state,
        shift=shift,
        closing=closing,
        paces=paces,
        displays=displays,
        values=kept | {"version": str(till.version), "reason": ""} | (met.values if met else dict(typed)),
        was=(was_in(typed) or kept) if typed and not late else kept,
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
        errors=errors,
        may_edit=scope(request).may(EDIT_STORES),
    )
