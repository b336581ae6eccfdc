"""The operator's pages of switches and settings: all of them, one with its exceptions, and what was set when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.automation.exports.walking import Col, Walk
from retail.comms.cursors import before, following
from retail.comms.operator_pages import operators_scope
from retail.console import businesses, files
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime import switches
from retail.runtime.db import Unit
from retail.runtime.switches import EVERYBODY, Change, Switch
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

AT: Final = "/platform/switches"
_PAGE: Final = 50


async def index(request: Request) -> Response:
    """List all, with what holds for everybody and how many exceptions there are."""
    async with db(request).platform() as unit:
        found = await switches.stored(unit)
    known = {(one.key, one.reach): one.value for one in found}
    rows = [
        (
            one,
            one.show(switches.holds(known, one)),
            next((item for item in found if (item.key, item.reach) == (one.key, EVERYBODY)), None),
            sum(item.key == one.key and item.reach != EVERYBODY for item in found),
        )
        for one in switches.ALL.values()
    ]
    return render(request, "console/switches/index.html", rows=rows)


async def show(request: Request) -> Response:
    """Show one, with the form that sets it."""
    return await _form(request, {}, {}, 200)


async def update(request: Request) -> Response:
    """Set one, for everybody, for a plan or for a business."""
    one, fields = switches.switch_of(request.path_params["key"]), await Fields.read(request)
    try:
        reach = await _reach(request, one, fields)
        value = one.parse(fields.raw("value").strip())
        await db(request).run(operators_scope(request), switches.put, one, reach, value)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    switches.REMEMBERED.forget()
    return redirect(request, f"{AT}/{one.key}", said=_("It is set, and holds everywhere within seconds."))


async def remove(request: Request) -> Response:
    """Go back to the default, or to what holds for everybody."""
    one, fields = switches.switch_of(request.path_params["key"]), await Fields.read(request)
    await db(request).run(operators_scope(request), switches.put, one, fields.raw("reach")[:60], None)
    switches.REMEMBERED.forget()
    return redirect(request, f"{AT}/{one.key}", said=_("It is as by default again."))


async def history(request: Request) -> Response:
    """List what was set, the last first."""
    asked = Asked.of(request, f"{AT}/history")
    async with db(request).platform() as unit:
        walk = await _walk(unit, asked, _PAGE)
        asked.refuse_others()
        page = await asked.page(walk)
        names = await _names(unit, [one.reach for one in page.items])
    return render(
        request,
        "console/switches/history.html",
        asked.status,
        asked=asked,
        page=page,
        known=switches.ALL,
        keys=[(one.key, one.words) for one in switches.ALL.values()],
        names=names,
    )


async def _form(request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    one = switches.switch_of(request.path_params["key"])
    async with db(request).platform() as unit:
        found = [item for item in await switches.stored(unit) if item.key == one.key]
        names = await _names(unit, [item.reach for item in found])
        plans = await unit.fetch("SELECT key, name FROM plan ORDER BY position, key")
    holding = switches.holds({(item.key, item.reach): item.value for item in found}, one)
    return render(
        request,
        "console/switches/show.html",
        status,
        one=one,
        holding=holding,
        stored=found,
        names=names,
        plans=[(f"plan:{row['key']}", _("Plan %(name)s") % {"name": row["name"]}) for row in plans],
        values=values,
        errors=errors,
    )


async def _reach(request: Request, one: Switch, fields: Fields) -> str:
    """Read whom a value is for. Raises Invalid."""
    reach, slug = fields.raw("reach").strip()[:60], fields.raw("business").strip().lower()[:40]
    if not one.by_business or (not slug and reach in {EVERYBODY, "everybody"}):
        return EVERYBODY
    async with db(request).platform() as unit:
        if slug:
            try:
                return f"business:{(await businesses.business(unit, slug)).id}"
            except NotFound as none:
                raise Invalid({"business": [_("There is no business with this address.")]}) from none
        plans = {f"plan:{row['key']}" for row in await unit.fetch("SELECT key FROM plan")}
    if reach not in plans:
        raise Invalid({"reach": [_("Pick one of the choices.")]})
    return reach


async def _names(unit: Unit, reaches: list[str]) -> dict[str, str]:
    """Say whom values are for, by their reach."""
    ids = [UUID(one.removeprefix("business:")) for one in reaches if one.startswith("business:")]
    rows = await unit.fetch("SELECT b.id, b.name FROM auth_businesses() b WHERE b.id = ANY ($1::uuid[])", ids)
    names = {f"business:{row['id']}": row["name"] for row in rows}
    plans = {one: _("Plan %(name)s") % {"name": one[5:]} for one in reaches if one.startswith("plan:")}
    return {EVERYBODY: _("Everybody")} | plans | names


async def _walk(unit: Unit, asked: Asked, most: int = files.AT_ONCE) -> Walk:
    """Read the address of what was set when; gives what reads a page of the list."""
    key = asked.choice("key", switches.ALL, required=False)

    async def page(after: str | None) -> Page[Change]:
        found = await switches.changes(unit, key, before(after), most + 1)
        listed = found[:most]
        return Page(listed, following(listed[-1].at, listed[-1].id) if len(found) > most else None)

    return page


export = files.as_file(
    "settings",
    (
        Col("setting", at="key"), Col("for", at="reach"), Col("before"), Col("after"), Col("at", "moment"),
        Col("by", at="set_by"), Col("id", "plain"),
    ),
    _walk,
)  # fmt: skip
