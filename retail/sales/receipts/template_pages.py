"""The page on which a business, or a store, sets its receipt, with the receipt beside it as it will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.web.context import db, edge, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import logo_of, redirect, render
from retail.sales.receipts.blocks import blocks
from retail.sales.receipts.example import example
from retail.sales.receipts.pages import WRITERS
from retail.sales.receipts.template import template_of
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts
from retail.tenants.setting import Setting, Value
from retail.tenants.settings import SETTINGS
from retail.tenants.settings_changes import change, follow_business, own_values, values
from retail.tenants.settings_pages import as_typed, choices_of, read_form, seen_in

_ALL: Final = tuple(one for one in SETTINGS if one.group == "receipt")


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose receipt it is: the business's, or a store's own."""

    store: StoreFacts | None
    table: tuple[Setting, ...]
    now: Mapping[str, Value]
    of_business: Mapping[str, Value]
    own: frozenset[str]

    def typed(self) -> dict[str, str]:
        """Give the values as the form holds them: what a store leaves to the business is empty."""
        return {
            one.key: as_typed(one, self.now[one.key])
            if self.store is None or one.scope == "store" or one.key in self.own
            else ""
            for one in self.table
        }


async def show(request: Request) -> Response:
    """Show the template's form and the receipt."""
    return await _page(request, {}, {}, 200)


async def preview(request: Request) -> Response:
    """Show the receipt as the form has it now; nothing is stored."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        place = await _place(read, request.query_params.get("store", ""))
        context = await _receipt(request, read, place, _wanted(fields, place))
    return render(request, "receipts/template/_preview.html", **context)


async def save(request: Request) -> Response:
    """Store the template; a form with mistakes comes back with 422, one that somebody was faster than with 409."""
    fields = await Fields.read(request)
    named = request.query_params.get("store", "")
    async with db(request).read(scope(request)) as read:
        place = await _place(read, named)
    left = _left(fields, place)
    try:
        wanted = read_form(fields, [one for one in place.table if one.key not in left])
        await db(request).run(scope(request), _save, place, wanted, left, seen_in(fields, place.table))
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as meanwhile:
        return await _page(request, fields.values, {"": [meanwhile.sentence()]}, 409)
    to = f"/receipts/template?store={named}" if named else "/receipts/template"
    return redirect(request, to, said=_("Saved. Tills have it the next time they ask."))


async def _save(
    tx: Tx, /, place: _Place, wanted: Mapping[str, Value], left: list[str], seen: Mapping[str, Value]
) -> None:
    store = place.store.id if place.store else None
    for key in left:
        if store is not None and key in place.own:
            await follow_business(tx, store, key)
    differs = {key: value for key, value in wanted.items() if value != place.now[key] or store is None}
    await change(tx, differs, store, seen=seen if store is None else None)


def _left(fields: Fields, place: _Place) -> list[str]:
    """Name what a store leaves to the business: the fields that are empty."""
    if place.store is None:
        return []
    return [one.key for one in place.table if one.scope == "both" and not fields.raw(one.key).strip()]


def _wanted(fields: Fields, place: _Place) -> dict[str, Value]:
    """Give the settings as the form has them; what isn't right yet is as it was."""
    found = dict(place.now)
    for one in place.table:
        try:
            found |= read_form(Fields({one.key: fields.raw(one.key)}), [one])
        except Invalid:
            continue
    for key in _left(fields, place):
        found[key] = place.of_business[key]
    return found


async def _place(read: Read, named: str) -> _Place:
    if not named:
        now = await values(read)
        return _Place(None, tuple(one for one in _ALL if one.for_business), now, now, frozenset())
    try:
        store = await tenants.store(read, UUID(named))
    except ValueError as wrong:
        raise NotFound("store") from wrong
    table = tuple(one for one in _ALL if one.for_store)
    own = frozenset(await own_values(read, store.id))
    return _Place(store, table, await values(read, store.id), await values(read), own)


async def _receipt(request: Request, read: Read, place: _Place, wanted: Mapping[str, Any]) -> dict[str, Any]:
    business = await tenants.this_tenant(read)
    store = place.store or next(iter(await tenants.open_stores(read)), None)
    of_business = wanted if place.store is None else place.of_business
    template = template_of(wanted, None, of_business)
    if place.store is not None:
        template["footer"] = wanted["receipt_footer"] or of_business["receipt_note"]
    logo = logo_of(request)
    facts = example(business, store, settings_url(request))
    return {
        "blocks": blocks(facts, template),
        "paper": wanted["receipt_paper"],
        "sold_at": datetime(2026, 11, 21, 11, 30, tzinfo=UTC),
        "logo_src": f"{edge(request).base}/logo/{logo}-256.webp" if logo else "",
        **WRITERS,
    }


def settings_url(request: Request) -> str:
    """Give an address such as a receipt's code has."""
    return f"{request.url.scheme}://{request.url.netloc}/r/0000000000000000000000"


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    named = request.query_params.get("store", "")
    async with db(request).read(scope(request)) as read:
        place = await _place(read, named)
        context = await _receipt(request, read, place, place.now)
        places = await tenants.open_stores(read)
    kept = place.typed()
    return render(
        request,
        "receipts/template/show.html",
        status,
        store=place.store,
        places=places,
        query=f"?store={named}" if named else "",
        settings=place.table,
        values={key: typed.get(key, "" if typed else value) for key, value in kept.items()},
        seen=kept,
        errors=errors,
        choices_of=choices_of,
        follow=_("as the business"),
        **context,
    )
