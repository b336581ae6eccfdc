"""The pages of settings: what the business has set, what changed when by whom, how it was on a day, and going back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries
from retail.tenants.setting import Setting, Value
from retail.tenants.settings import (
    GROUPS,
    OF_BUSINESS,
    choice_words,
    language_words,
    languages,
    options,
    read_value,
    shown,
)
from retail.tenants.settings_changes import (
    FixedBySales,
    as_of,
    change,
    change_of,
    has_sold,
    history,
    restore,
    table_for,
    values,
)


async def index(request: Request) -> Response:
    """Show what the business has set."""
    return await _page(request, {}, {}, 200)


async def save(request: Request) -> Response:
    """Change the business's settings; a form with mistakes comes back with 422 and everything that was typed."""
    fields = await Fields.read(request)
    try:
        wanted = read_form(fields, OF_BUSINESS)
        keys = await db(request).run(scope(request), change, wanted, seen=seen_in(fields, OF_BUSINESS))
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except FixedBySales as fixed:
        return await _page(request, fields.values, {fixed.key: [fixed.sentence()]}, 409)
    except Conflict as meanwhile:
        return await _page(request, fields.values, {"": [meanwhile.sentence()]}, 409)
    MEMORY.forget(tenant=tenant(request).id)
    return redirect(request, "/settings", said=_("Saved.") if keys else _("Nothing was changed."))


async def show_history(request: Request) -> Response:
    """Show the changes, newest first, and, where a day is named, how everything was at its end."""
    store = await _store_asked(request)
    asked = Asked.of(request, "/settings/history")
    on = asked.day("on", required=False)
    async with db(request).read(scope(request)) as read:
        changes = await history(read, store.id if store else None)
        was = await as_of(read, end_of(on, tenant(request).timezone), store.id if store else None) if on else None
        places = await queries.stores(read)
    table = table_for(store.id if store else None)
    return render(
        request,
        "tenants/settings/history.html",
        asked.status,
        asked=asked,
        store=store,
        places=places,
        changes=changes,
        on=on,
        was=[(_(one.label), shown(one, was[one.key])) for one in table] if was is not None else None,
    )


async def restore_change(request: Request) -> Response:
    """Set what was set before a change."""
    try:
        wanted = UUID(request.path_params["change"])
    except ValueError as wrong:
        raise NotFound("setting_change") from wrong
    async with db(request).read(scope(request)) as read:
        known = await change_of(read, wanted)
    to = f"/settings/history?store={known.store_id}" if known.store_id else "/settings/history"
    try:
        await db(request).run(scope(request), restore, wanted)
    except FixedBySales as fixed:
        return redirect(request, to, said=fixed.sentence(), tone="warn")
    MEMORY.forget(tenant=tenant(request).id)
    said = _("%(setting)s is what it was before that change.") % {"setting": _(known.setting.label)}
    return redirect(request, to, said=said)


def read_form(fields: Fields, table: Iterable[Setting]) -> dict[str, Value]:
    """Read the settings of a table out of a form; what the form doesn't hold stays as it is. Raises Invalid."""
    wanted: dict[str, Value] = {}
    for one in table:
        if one.key not in fields and not (one.kind == "flag" and "seen." + one.key in fields):
            continue
        try:
            wanted[one.key] = read_value(one, fields.raw(one.key))
        except Invalid as wrong:
            fields.errors |= wrong.errors
    fields.check()
    return wanted


def seen_in(fields: Fields, table: Iterable[Setting]) -> dict[str, Value]:
    """Give the values that the form was filled with when it was opened."""
    seen: dict[str, Value] = {}
    typed = {name.removeprefix("seen."): text for name, text in fields.values.items() if name.startswith("seen.")}
    for one in table:
        if one.key in typed:
            text = typed[one.key].replace("\r\n", "\n")
            number = isinstance(one.default, int) and one.kind != "flag"
            seen[one.key] = text == "true" if one.kind == "flag" else _number(text) if number else text
    return seen


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def as_typed(one: Setting, value: Value) -> str:
    """Write a value as a form's field holds it."""
    if one.kind == "flag":
        return "true" if value else ""
    return str(value)


def choices_of(one: Setting) -> list[tuple[str, str]] | None:
    """Give what a select offers, None for what is typed."""
    if one.kind == "language":
        return [(locale, language_words(locale)) for locale in languages()]
    known = options(one)
    if known is None or one.kind == "zone":
        return None
    return choice_words(one) if one.choices else [(value, value) for value in sorted(known)]


def zones(one: Setting) -> list[str]:
    """Give the time zones, for a list beside the field."""
    return sorted(options(one) or ()) if one.kind == "zone" else []


def end_of(day: date, timezone: str) -> datetime:
    """Give the moment at which a day is over on a clock."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))


async def _store_asked(request: Request) -> queries.StoreFacts | None:
    named = request.query_params.get("store", "")
    if not named:
        return None
    try:
        wanted = UUID(named)
    except ValueError as wrong:
        raise NotFound("store") from wrong
    async with db(request).read(scope(request)) as read:
        return await queries.store(read, wanted)


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        known = await values(read)
        sold = await has_sold(read)
        newest = await history(read, limit=5)
    kept = {one.key: as_typed(one, known[one.key]) for one in OF_BUSINESS}
    filled = {key: typed.get(key, "" if typed else value) for key, value in kept.items()}
    return render(
        request,
        "tenants/settings/index.html",
        status,
        groups=grouped(OF_BUSINESS),
        values=filled,
        seen=kept if status != 422 else {one.key: typed.get("seen." + one.key, "") for one in OF_BUSINESS},
        errors=errors,
        fixed={one.key for one in OF_BUSINESS if one.until_sold and sold},
        changes=newest,
        choices_of=choices_of,
        zones=zones(next(one for one in OF_BUSINESS if one.kind == "zone")),
    )


def grouped(table: Iterable[Setting]) -> list[tuple[str, list[Setting]]]:
    """Put settings under the headings of their groups."""
    listed = list(table)
    found = [(_(words), [one for one in listed if one.group == group]) for group, words in GROUPS.items()]
    return [(words, of_group) for words, of_group in found if of_group]
