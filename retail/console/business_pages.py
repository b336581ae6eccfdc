"""The operator's pages of businesses: the list, one business, founding one, freezing, closing and opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.action_words import action_words
from retail.automation.exports.walking import Col, Walk
from retail.console import bills, businesses, files, freezing, notes
from retail.console.businesses import Asking, Business
from retail.console.queries import Activity, activity
from retail.console.wellbeing import wellbeing
from retail.identity.doorkeeper import MEMORY
from retail.identity.entry_errors import AlreadyInvited
from retail.identity.rules import email_problems
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _, country_words
from retail.life.closing import REASON_MOST, closings
from retail.life.exports import ask_for_export, exports
from retail.life.founding import Plan, free_slug, slug_is_free_to_take
from retail.life.pages import export_file
from retail.runtime.db import Unit
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, person, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import COUNTRIES, CURRENCIES, ELSEWHERE, usual_in
from retail.tenants.errors import SlugTaken
from retail.tenants.life import DELETED, status_words
from retail.tenants.standstill import LIVES

_NOBODY: Final = UUID(int=0)
_PAGE: Final = 50


async def index(request: Request) -> Response:
    """List the businesses."""
    asked = Asked.of(request, "/platform/businesses")
    database = db(request)
    async with database.platform() as unit:
        page = await asked.page(await _walk(unit, asked, _PAGE))
        countries = await businesses.countries(unit)
    activities: dict[UUID, Activity] = {}
    for one in page.items:  # one short transaction each, since none sees two businesses
        if one.status != DELETED:
            async with database.read(Scope.system(one.id)) as read:
                activities[one.id] = await activity(read)
    return render(
        request,
        "console/tenants/index.html",
        asked.status,
        asked=asked,
        page=page,
        activities=activities,
        statuses=[(status, status_words(status)) for status in businesses.STATUSES],
        countries=sorted(((code, country_words(code)) for code in countries), key=lambda one: one[1]),
        now=database.clock.now(),
    )


async def _walk(unit: Unit, asked: Asked, most: int = files.AT_ONCE) -> Walk:
    """Read the address; gives what reads a page of the list."""
    order = asked.order(businesses.ORDERS)
    asking = Asking(
        asked.text("q", 100), asked.choice("status", businesses.STATUSES, required=False), asked.text("country", 2)
    )
    return lambda after: businesses.businesses(unit, asking, order, after=after, limit=most)


download = files.as_file(
    "businesses",
    (
        Col("business", at="name"), Col("slug"), Col("status"), Col("country"), Col("currency"), Col("locale"),
        Col("timezone"), Col("since", "moment", "created_at"), Col("trial_ends_at", "moment"),
        Col("closed_at", "moment"), Col("delete_after", "moment"), Col("erased_at", "moment"), Col("id", "plain"),
    ),
    _walk,
)  # fmt: skip


async def show(request: Request) -> Response:
    """Show one business."""
    return await show_again(request, {}, {}, 200)


async def new(request: Request) -> Response:
    """Show the form that founds a business."""
    usual = usual_in(request.query_params.get("country", "DE"))
    values = {"country": usual.code, "currency": usual.currency, "timezone": usual.timezone}
    return _form(request, values | {"prices_include_tax": "true" if usual.prices_include_tax else ""}, {}, 200)


async def create(request: Request) -> Response:
    """Found a business and invite its owner."""
    fields = await Fields.read(request)
    usual = usual_in(fields.choice("country", [*COUNTRIES, ELSEWHERE.code]))
    name, slug = fields.text("name", 120, required=True), fields.text("slug", 40).lower()
    owner = fields.text("owner", 254, required=True).lower()
    for problem in email_problems(owner) if owner else []:
        fields.error("owner", problem)
    zone = fields.text("timezone", 64, required=True)
    if zone and zone not in available_timezones():
        fields.error("timezone", _("Pick a time zone such as Europe/Berlin."))
    if slug and not slug_is_free_to_take(slug):
        fields.error("slug", _("Use 3 to 40 small letters, digits or hyphens; some words are kept for ourselves."))
    currency, including = fields.choice("currency", CURRENCIES), fields.flag("prices_include_tax")
    try:
        fields.check()
        async with db(request).platform() as unit:
            slug = slug or await free_slug(unit, name)
        plan = Plan(slug, name, usual.code, currency, zone, including, usual.taxes)
        acting = businesses.founding_scope(scope_in(request, _NOBODY))
        facts = await businesses.create(db(request), acting, plan, owner, settings(request).base_url)
    except Invalid as wrong:
        return _form(request, fields.values, wrong.errors, 422)
    except SlugTaken as taken:
        return _form(request, fields.values, {"slug": [taken.sentence()]}, 422)
    except AlreadyInvited as again:
        return _form(request, fields.values, {"owner": [again.sentence()]}, 422)
    said = _("%(name)s is there, on trial. Its owner was invited by mail.") % {"name": facts.name}
    return redirect(request, f"/platform/businesses/{facts.slug}", said=said, leave_tenant=True)


async def close(request: Request) -> Response:
    """Have a business close: today, or on a later day."""
    fields = await Fields.read(request)
    known = await business_in(request)
    reason, due = _reason(fields), fields.day("due_on")
    today = db(request).clock.now().date()
    if due is not None and due < today:
        fields.error("due_on", _("Pick today or a later day."))
    if fields.text("typed", 40) != known.slug:
        fields.error("typed", _("Type the business's address, so that it is the right one."))
    try:
        fields.check()
        await businesses.close(db(request), scope_in(request, known.id), reason, due or today, known.timezone)
    except Invalid as wrong:
        return await show_again(request, fields.values, wrong.errors, 422, acted="closing")
    except Conflict as refused:
        return await show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    return done(request, known, _("It is exported first, then closed. Its owners are told by mail."))


async def reopen(request: Request) -> Response:
    """Take a closing back."""
    return await _with_reason(request, "reopen", _("The business is open again."))


async def freeze(request: Request) -> Response:
    """Freeze a business: everybody may look and export, nobody may change."""
    return await _with_reason(request, "freeze", _("The business is frozen. Open shifts can still be closed."))


async def thaw(request: Request) -> Response:
    """End a freeze."""
    return await _with_reason(request, "thaw", _("The business is active again."))


async def export(request: Request) -> Response:
    """Have everything of a business exported."""
    known = await business_in(request)
    await db(request).run(scope_in(request, known.id), ask_for_export)
    return done(request, known, _("The export is being made."))


async def fetch_export(request: Request) -> Response:
    """Give an export's zip."""
    known = await business_in(request)
    facts = TenantFacts(
        known.id, known.slug, known.name, known.country, known.currency, known.locale, known.timezone,
        prices_include_tax=True, cash_unit_minor=1,
    )  # fmt: skip
    return await export_file(request, scope_in(request, known.id), facts, request.path_params["export"])


async def _with_reason(request: Request, act: str, said: str) -> Response:
    fields = await Fields.read(request)
    known = await business_in(request)
    reason = _reason(fields)
    acting, database = scope_in(request, known.id), db(request)
    try:
        fields.check()
        if act == "reopen":
            await businesses.open_again(database, acting, reason)
        else:
            await freezing.freeze(database, acting, reason, settings(request).base_url, thaw=act == "thaw")
    except Invalid as wrong:
        return await show_again(
            request, fields.values, wrong.errors, 422, acted="reopening" if act == "reopen" else act
        )
    except Conflict as refused:
        return await show_again(request, fields.values, {"": [refused.sentence()]}, 409)
    return done(request, known, said)


def _reason(fields: Fields) -> str:
    return fields.text("reason", REASON_MOST, required=True)


def done(request: Request, known: Business, said: str) -> Response:
    """Lead back to the business; what is remembered of it is read anew."""
    MEMORY.forget(tenant=known.id)
    LIVES.forget(known.id)
    return redirect(request, f"/platform/businesses/{known.slug}", said=said, leave_tenant=True)


async def business_in(request: Request) -> Business:
    """Give the business that the address names. Raises NotFound, also for a deleted one that would be changed."""
    async with db(request).platform() as unit:
        known = await businesses.business(unit, request.path_params["slug"])
    if known.status == DELETED and request.method != "GET":
        raise NotFound("tenant")
    return known


async def show_again(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int, acted: str = ""
) -> Response:
    """Show the business; `acted` names the act whose dialog has the errors and what was typed."""
    known = await business_in(request)
    there = known.status != DELETED
    now, noted = db(request).clock.now(), Asked.of(request, f"/platform/businesses/{known.slug}")
    if there:
        async with db(request).read(scope_in(request, known.id)) as read:
            within, made, asked = await businesses.inside(read), await exports(read), await closings(read)
            billed = await bills.bills(read, known.status)
            use, health = await wellbeing(read, now.astimezone(ZoneInfo(known.timezone)).date())
    async with db(request).platform() as unit:
        written = await noted.page(lambda after: notes.notes(unit, known.id, after=after))
    return render(
        request,
        "console/tenants/show.html",
        status if status != 200 else noted.status,
        business=known,
        inside=within if there else None,
        action_words=action_words,
        exports=made if there else [],
        closings=asked if there else [],
        bills=billed if there else None,
        use=use if there else None,
        health=health if there else None,
        notes=written,
        noted=noted,
        note_id=str(new_id()),
        **bills.words(),
        acted=acted,
        values={"reason": "", "note": "", "due_on": str(now.date()), "typed": "", "received_on": str(now.date())}
        | dict(typed),
        errors=errors,
        today=str(now.date()),
    )


def _form(request: Request, values: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    named = sorted((one.words, one.code) for one in COUNTRIES.values())
    return render(
        request,
        "console/tenants/new.html",
        status,
        values=values,
        errors=errors,
        countries=[(code, words) for words, code in named] + [(ELSEWHERE.code, ELSEWHERE.words)],
        currencies=[(code, code) for code in CURRENCIES],
        zones=sorted(available_timezones()),
    )


def scope_in(request: Request, tenant: UUID) -> Scope:
    """Give the operator's scope in a business."""
    who, here = person(request), edge(request)
    return Scope(tenant, Actor("person", who.id, who.name), role="operator", request_id=here.request_id, ip=here.ip)
