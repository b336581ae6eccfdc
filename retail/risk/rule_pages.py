"""The page of the rules: thresholds per store, and what they would have done in the last 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.text import _
from retail.risk import queries
from retail.risk.rules import rules_of
from retail.risk.tuning import tuned
from retail.risk.words import kind_words
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants
from retail.tenants.setting import Setting
from retail.tenants.settings import SETTINGS
from retail.tenants.settings_changes import change, values
from retail.tenants.settings_pages import as_typed, choices_of, read_form, seen_in

OF_RISK: Final = tuple(one for one in SETTINGS if one.group == "risk")
PATH: Final = "/risk/rules"


async def show(request: Request) -> Response:
    """Show the rules of a store."""
    return await _page(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Save the rules of a store; with `try` they are only tried out."""
    fields = await Fields.read(request)
    store = await _store(request)
    try:
        wanted = read_form(fields, OF_RISK)
        if fields.raw("try"):
            return await _page(request, fields.values, {}, 200)
        await db(request).run(scope(request), change, wanted, store.id, seen=seen_in(fields, OF_RISK))
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as meanwhile:
        return await _page(request, fields.values, {"": [meanwhile.sentence()]}, 409)
    MEMORY.forget(tenant=tenant(request).id)
    return redirect(request, f"{PATH}?store={store.id}", said=_("Saved."))


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    store = await _store(request)
    async with db(request).read(scope(request)) as read:
        known = await values(read, store.id)
        stores = await tenants.stores(read)
        tried = dict(known)
        if typed and not errors:
            tried |= read_form(Fields(dict(typed)), OF_RISK)
        stands = await tuned(read, store.id)
        seen = await queries.preview(read, store.id, rules_of(tried))
    kept = {one.key: as_typed(one, known[one.key]) for one in OF_RISK}
    return render(
        request, "risk/rules.html", status, store=store, shops_here=stores, errors=errors,
        values={key: typed.get(key, value) for key, value in kept.items()},
        seen={key: typed.get(f"seen.{key}", value) for key, value in kept.items()},
        rules=[(kind_words(one.kind), one, _of(one.kind)) for one in seen], choices_of=choices_of,
        tried=bool(typed) and not errors, days=queries.PREVIEW_DAYS, stands=stands,
    )  # fmt: skip


def _of(kind: str) -> list[Setting]:
    return [one for one in OF_RISK if one.key.startswith(f"risk_{kind}_")]


async def _store(request: Request) -> tenants.StoreFacts:
    """Give the store that is asked for, else the first. Raises NotFound."""
    named = request.query_params.get("store", "")
    async with db(request).read(scope(request)) as read:
        if not named:
            places = await tenants.stores(read)
            if not places:
                raise NotFound("store")
            return places[0]
        try:
            return await tenants.store(read, UUID(named))
        except ValueError as wrong:
            raise NotFound("store") from wrong
