"""Shift notes in the back office: leaving one, and who has read it at which till."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.comms import notes
from retail.comms.notes import NewNote
from retail.identity.permissions import RUN_SHIFT
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, person, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants

AT: Final = "/shift-notes"


async def index(request: Request) -> Response:
    """List the notes, and the form for another one."""
    return await _page(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Leave a note."""
    fields = await Fields.read(request)
    id = fields.uuid("id") or new_id()
    kind, _colon, where = fields.raw("where").partition(":")
    body = fields.text("body", notes.BODY_MOST, required=True)
    try:
        async with db(request).read(scope(request)) as read:
            place = UUID(where) if where else UUID(int=0)
            store = (await tenants.till(read, place)).store if kind == "till" else place
    except ValueError:
        fields.error("where", _("Pick one from the list."))
    try:
        fields.check()
        till = place if kind == "till" else None
        await db(request).run(scope(request), notes.leave, NewNote(id, store, till, body), person(request).id)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    return redirect(request, AT, said=_("The next shift sees it when it opens."))


async def create_withdrawal(request: Request) -> Response:
    """Take a note back."""
    await db(request).run(scope(request), notes.withdraw, request.path_params["note"])
    return redirect(request, AT, said=_("Taken back."))


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    asked = Asked.of(request, AT)
    async with db(request).read(scope(request)) as read:
        page = await asked.page(lambda after: notes.notes(read, after=after))
        stores = [one for one in await tenants.open_stores(read) if scope(request).may_in(RUN_SHIFT, one.id)]
        tills = [one for one in await tenants.tills(read) if not one.retired_at]
    places = [(f"store:{one.id}", _("%(store)s: every till") % {"store": one.name}) for one in stores]
    at = {one.id for one in stores}
    places += [(f"till:{one.id}", f"{one.store_name}: {one.code}") for one in tills if one.store in at]
    return render(
        request, "comms/notes/index.html", status if status != 200 else asked.status, asked=asked, notes=page.items,
        next=asked.next(page), places=places, values=typed, errors=errors, id=typed.get("id") or str(new_id()),
        now=db(request).clock.now(),
    )  # fmt: skip
