"""The page of one store: what it is, what it sets for itself, its tills, and taking it out of use."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import EDIT_STORES
from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import meet, was_in
from retail.runtime.web.responses import redirect, render
from retail.tenants import forms, places, queries
from retail.tenants.errors import CodeTaken, Edited
from retail.tenants.left_behind import left_behind
from retail.tenants.setting import Setting, Value
from retail.tenants.settings import OF_STORE
from retail.tenants.settings_changes import change, follow_business, history, own_values, values
from retail.tenants.settings_pages import as_typed, choices_of, grouped, read_form, zones

_OVERRIDES = tuple(one for one in OF_STORE if one.scope == "both")
_OWN = tuple(one for one in OF_STORE if one.scope == "store")


async def show(request: Request) -> Response:
    """Show a store."""
    return await _page(request, {}, {}, 200)


async def save(request: Request) -> Response:
    """Change a store; a form with mistakes comes back with 422, one that somebody else was faster than with 409."""
    fields = await Fields.read(request)
    try:
        code = forms.code(fields)
        wanted = read_form(fields, _OWN)
        own, followed = _overrides(fields)
        version = fields.whole("version", least=1)
        fields.check()
        await db(request).run(scope(request), _save, _wanted(request), version, code, wanted | own, followed)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except CodeTaken as taken:
        return await _page(request, fields.values, {"code": [taken.sentence()]}, 422)
    except Conflict as refused:
        late = isinstance(refused, Edited)
        return await _page(request, fields.values, {"": [refused.sentence()]}, 409, late=late)
    return redirect(request, f"/stores/{_wanted(request)}", said=_("Saved."))


async def archive(request: Request) -> Response:
    """Take a store out of use; where other things are left in it than were shown, they are shown first."""
    fields = await Fields.read(request)
    version = fields.whole("version", least=1)
    fields.check()
    async with db(request).read(scope(request)) as read:
        left = await left_behind(read, _wanted(request))
    if left.mark not in {"", fields.raw("left")}:
        said = _("Look below at what is still in this store. Then archive it, or go back.")
        return await _page(request, {}, {"": [said]}, 409)
    try:
        await db(request).run(scope(request), places.archive_store, _wanted(request), version)
    except Conflict as refused:
        return await _page(request, {}, {"": [refused.sentence()]}, 409)
    return redirect(request, "/stores", said=_("The store is archived. What happened in it stays."))


async def reopen(request: Request) -> Response:
    """Take an archived store into use again."""
    await db(request).run(scope(request), places.reopen_store, _wanted(request))
    return redirect(request, f"/stores/{_wanted(request)}", said=_("The store is in use again."))


async def _save(  # noqa: PLR0917 - one form
    tx: Tx, store: UUID, version: int, code: str, wanted: Mapping[str, Value], followed: list[str]
) -> None:
    await places.lock_store(tx, store, version)
    await places.change_code(tx, store, code)
    now, own = await values(tx, store), await own_values(tx, store)
    for key in followed:
        if key in own:
            await follow_business(tx, store, key)
    await change(tx, {key: value for key, value in wanted.items() if value != now[key]}, store)


def _overrides(fields: Fields) -> tuple[dict[str, Value], list[str]]:
    """Read what the store sets against the business: values, and the keys that are left to the business."""
    followed = [one.key for one in _OVERRIDES if one.key in fields and not fields.raw(one.key).strip()]
    return read_form(fields, [one for one in _OVERRIDES if one.key not in followed]), followed


def _wanted(request: Request) -> UUID:
    found: UUID = request.path_params["store"]
    return found


async def _page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int, *, late: bool = False
) -> Response:
    """Answer the page; `late` joins what was typed with what somebody else has stored meanwhile."""
    async with db(request).read(scope(request)) as read:
        store = await queries.store(read, _wanted(request))
        known, own = await values(read, store.id), await own_values(read, store.id)
        business = await values(read)
        tills = await queries.tills(read, store=store.id)
        newest = await history(read, store.id, limit=5)
        left = await left_behind(read, store.id)
    kept = {
        one.key: as_typed(one, known[one.key]) if one.scope == "store" or one.key in own else "" for one in OF_STORE
    }
    kept |= {"code": store.code}
    met = meet(typed, was_in(typed), kept) if late else None
    filled = met.values if met else {key: typed.get(key, "" if typed else value) for key, value in kept.items()}
    version = str(store.version) if late or not typed else typed.get("version", "")
    return render(
        request,
        "tenants/stores/show.html",
        status,
        store=store,
        groups=grouped(OF_STORE),
        values=filled | {"version": version},
        was=was_in(typed) if typed and not late else kept,
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
        usual={one.key: _usual(one, business) for one in OF_STORE},
        errors=errors,
        tills=tills,
        changes=newest,
        left=left,
        choices_of=choices_of,
        zones=zones(next(one for one in OF_STORE if one.kind == "zone")),
        may_edit=scope(request).may(EDIT_STORES),
    )


def _usual(one: Setting, business: Mapping[str, Value]) -> str | None:
    """Say what counts where the store sets nothing, None where it always has a value of its own."""
    return _("%(value)s as the business") % {"value": business[one.key]} if one.scope == "both" else None
