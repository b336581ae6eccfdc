"""The section Unusual: days that sold far off what was expected, each with its sentence and the sales behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import writing
from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.strip import strip
from retail.kit.errors import Conflict, Invalid
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, ngettext
from retail.risk.words import state_words
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants
from retail.vigilance.looking import share, tuned_for
from retail.vigilance.unusual import STATES, Unusual, Wanted, settle_day, unusual_day, unusual_days
from retail.vigilance.usual import WHOLE

PATH: Final = "/analytics/unusual"


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read from an address which days are wanted."""
    stores = {one.id for one in await tenants.stores(read)}
    return Wanted(asked.one_of("store", stores), asked.option("state", STATES))


async def index(request: Request) -> Response:
    """List unusual days, newest first."""
    asked, facts = Asked.of(request, PATH), tenant(request)
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        wanted = await wanted_in(read, asked)
        page = await asked.page(lambda after: unusual_days(read, wanted, limit=DEFAULT_LIMIT, after=after))
    return render(
        request, "vigilance/unusual/index.html", asked.status, asked=asked, next=asked.next(page), tabs=_tabs(request),
        days=[(one, sentence(one, facts), severity_words(one.severity)) for one in page.items],
        store_choices=[(str(one.id), one.name) for one in stores], state_words=state_words,
        states=[(state, state_words(state)) for state in STATES],
    )  # fmt: skip


async def show(request: Request) -> Response:
    """Show an unusual day: what was expected, the sales behind it, what somebody found."""
    return await _page(request, {}, {}, 200)


async def create_verdict(request: Request) -> Response:
    """Settle an unusual day."""
    fields = await Fields.read(request)
    try:
        await db(request).run(scope(request), settle_day, _id(request), fields.raw("verdict"), fields.raw("note"))
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, 409)
    return redirect(request, PATH, said=_("Settled."))


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        day = await unusual_day(read, _id(request))
        stands = await tuned_for(read, day.store)
    return render(
        request, "vigilance/unusual/show.html", status, day=day, said=sentence(day, tenant(request)), values=typed,
        errors=errors, behind=_behind(day), state=state_words(day.state), severity=severity_words(day.severity),
        stands=stands,
    )  # fmt: skip


def sentence(one: Unusual, facts: TenantFacts) -> str:
    """Say what happened, and what is usual."""
    off = share(one.sold, one.expected)
    named = {
        "store": one.store_name or _("All stores together"),
        "sold": writing.short_money(one.sold, facts.money, facts.locale),
        "low": writing.short_money(one.low, facts.money, facts.locale),
        "high": writing.short_money(one.high, facts.money, facts.locale),
        "share": writing.share(abs(off), facts.locale),
        "hours": one.hour,
    }
    if one.hour == WHOLE:
        text = (
            _("%(store)s sold %(sold)s, %(share)s less than expected; %(low)s to %(high)s is usual.")
            if one.below
            else _("%(store)s sold %(sold)s, %(share)s more than expected; %(low)s to %(high)s is usual.")
        )
    else:
        text = (
            ngettext("%(store)s sold %(sold)s in the first hour of the day, %(share)s less than expected; "
                     "%(low)s to %(high)s is usual.",
                     "%(store)s sold %(sold)s in the first %(hours)d hours of the day, %(share)s less than expected; "
                     "%(low)s to %(high)s is usual.", one.hour)
            if one.below
            else ngettext("%(store)s sold %(sold)s in the first hour of the day, %(share)s more than expected; "
                          "%(low)s to %(high)s is usual.",
                          "%(store)s sold %(sold)s in the first %(hours)d hours of the day, %(share)s more than "
                          "expected; %(low)s to %(high)s is usual.", one.hour)
        )  # fmt: skip
    return text % named


def severity_words(severity: str) -> str:
    """Name a severity."""
    return {"low": _("Low"), "medium": _("Medium"), "high": _("High")}.get(severity, severity)


def _behind(one: Unusual) -> str:
    """Give where the sales of that day are."""
    query: dict[str, Any] = {"from": one.day, "to": one.day}
    if one.store != NOBODY:
        query["store"] = one.store
    return f"/sales?{urlencode(query)}"


def _tabs(request: Request) -> list[dict[str, Any]]:
    return [one | {"href": f"{edge(request).base}{one['href']}"} for one in strip("unusual", request.query_params)]


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["day"]
    return found
