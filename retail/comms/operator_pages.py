"""The operator's pages of announcements: the list, writing one, one with who confirmed it, taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import platform_scope
from retail.comms import announcing, words
from retail.comms.announcing import AUDIENCES, IMPORTANCES, Draft
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Unit
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, person
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import COUNTRIES

AT: Final = "/platform/announcements"
_FIELDS: Final = {"plan": "plan", "country": "country", "businesses": "tenant"}
"""The fields that say whom it is for, with the choice that each belongs to."""


def operators_scope(request: Request) -> Scope:
    """Give the operator's scope outside of any business."""
    who, here = person(request), edge(request)
    return platform_scope(Actor("person", who.id, who.name), ip=here.ip, request_id=here.request_id)


async def index(request: Request) -> Response:
    """List all announcements, the newest first."""
    asked = Asked.of(request, AT)
    async with db(request).platform() as unit:
        page = await asked.page(lambda after: announcing.announcements(unit, after=after))
    return render(
        request, "comms/announcements/index.html", asked.status, asked=asked, page=page, words=words,
        now=db(request).clock.now(),
    )  # fmt: skip


async def new(request: Request) -> Response:
    """Show the form; its id comes with it, so that a form that is sent twice announces once."""
    return await _form(request, {"id": str(new_id()), "audience": "all", "importance": "info"}, {}, 200)


async def create(request: Request) -> Response:
    """Announce something."""
    fields = await Fields.read(request)
    try:
        draft = await _draft(request, fields)
        fields.check()
        await db(request).run(operators_scope(request), announcing.announce, draft)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    said = _("Announced.") if draft.starts_at <= db(request).clock.now() else _("It will be announced at its time.")
    return redirect(request, f"{AT}/{draft.id}", said=said)


async def show(request: Request) -> Response:
    """Show one, and who confirmed it."""
    id: UUID = request.path_params["announcement"]
    asked = Asked.of(request, f"{AT}/{id}")
    async with db(request).platform() as unit:
        one = await announcing.announced(unit, id)
        page = await asked.page(lambda after: announcing.confirmations(unit, id, after=after))
        names = await _names(unit, one)
    now = db(request).clock.now()
    return render(
        request, "comms/announcements/show.html", asked.status, asked=asked, one=one, page=page, words=words,
        state=one.state(now), whom=[names.get(target, target) for target in one.targets],
    )  # fmt: skip


async def create_withdrawal(request: Request) -> Response:
    """Take an announcement back."""
    id: UUID = request.path_params["announcement"]
    await db(request).run(operators_scope(request), announcing.withdraw, id)
    return redirect(request, f"{AT}/{id}", said=_("Taken back: it is gone from every screen."))


async def _draft(request: Request, fields: Fields) -> Draft:
    audience = fields.choice("audience", AUDIENCES)
    starts, ends = _moment(fields, "starts_at"), _moment(fields, "ends_at")
    return Draft(
        id=fields.uuid("id") or new_id(),
        title=fields.text("title", announcing.TITLE_MOST, required=True),
        body=fields.text("body", announcing.BODY_MOST, required=True),
        importance=fields.choice("importance", IMPORTANCES),
        must_confirm=fields.flag("must_confirm"),
        audience=audience,
        targets=await _targets(request, fields, audience),
        starts_at=starts or db(request).clock.now(),
        ends_at=ends,
    )


async def _targets(request: Request, fields: Fields, audience: str) -> tuple[str, ...]:
    """Read whom it is for; businesses are named by their addresses, one after the other.

    What stands in a field of another choice is refused there: whoever named one business didn't mean everybody.
    """
    for name, kind in _FIELDS.items():
        if kind != audience and any(typed.strip() for typed in fields.many(name)):
            fields.error(name, _("This doesn't go with what is chosen under For: empty it, or choose it there."))
    if audience != "tenant":
        many = fields.many(audience) if audience in {"plan", "country"} else []
        if audience in {"plan", "country"} and not many:
            fields.error(audience, _("Tick at least one."))
        return tuple(dict.fromkeys(many))
    found: dict[str, None] = {}
    async with db(request).platform() as unit:
        for slug in fields.text("businesses", 4000).lower().replace(",", " ").split()[: announcing.TARGETS_MOST]:
            id = await unit.fetchval("SELECT id FROM auth_tenant($1)", slug)
            if id is None:
                fields.error("businesses", _("There is no business %(slug)s.") % {"slug": slug})
            else:
                found[str(id)] = None
    if not found:
        fields.error("businesses", _("Name at least one business by its address."))
    return tuple(found)


def _moment(fields: Fields, name: str) -> datetime | None:
    typed = fields.text(name, 16)
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC) if typed else None
    except ValueError:
        fields.error(name, _("Pick a day and a time."))
        return None


def _countries() -> list[tuple[str, str]]:
    return sorted(((one.code, one.words) for one in COUNTRIES.values()), key=lambda one: one[1])


async def _names(unit: Unit, one: announcing.Announced) -> dict[str, str]:
    """Name the plans, countries or businesses that an announcement is for."""
    if one.audience == "country":
        return {code: COUNTRIES[code].words for code in one.targets if code in COUNTRIES}
    if one.audience == "plan":
        return {row["key"]: row["name"] for row in await unit.fetch("SELECT key, name FROM plan")}
    return await _businesses(unit, one.targets) if one.audience == "tenant" else {}


async def _businesses(unit: Unit, ids: list[str]) -> dict[str, str]:
    rows = await unit.fetch(
        "SELECT b.id, b.name FROM auth_businesses() b WHERE b.id = ANY ($1::uuid[])", [UUID(one) for one in ids]
    )
    return {str(row["id"]): row["name"] for row in rows}


async def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).platform() as unit:
        plans = [(row["key"], row["name"]) for row in await unit.fetch("SELECT key, name FROM plan ORDER BY position")]
    fields = await Fields.read(request) if request.method == "POST" else None
    return render(
        request, "comms/announcements/new.html", status, values=typed, errors=errors, plans=plans,
        countries=_countries(), words=words, importances=IMPORTANCES, audiences=AUDIENCES,
        ticked={*fields.many("plan"), *fields.many("country")} if fields else set(),
    )  # fmt: skip
