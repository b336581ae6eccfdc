"""The section Forecast: what will be sold, how sure that is, and how often such forecasts were right here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import writing
from retail.analytics.sections.strip import strip
from retail.catalog.lists.wanted import Wanted as Sought
from retail.catalog.queries import products
from retail.foresight import operations, queries, today, what_if
from retail.foresight.asking import CATEGORIES, DAYS, PATH, Wanted, product_named, wanted_in
from retail.foresight.happenings import response
from retail.foresight.held_words import drift_words, held_words
from retail.foresight.planned import Planned, planned
from retail.foresight.queries import Series
from retail.foresight.words import (
    amount_words,
    closed_words,
    judgement_words,
    level_words,
    model_words,
    past_words,
    planned_words,
    why_words,
)
from retail.kit.money import major
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.responses import json_answer, redirect, render
from retail.tenants import queries as tenants

_BACK: Final = 56
_MOST_FOUND: Final = 8


@dataclass(frozen=True, slots=True)
class Day:
    """A day: what was sold where it is past, else what is likely, with its bounds."""

    day: date
    sold: Decimal | None
    likely: Decimal | None
    low: Decimal | None
    high: Decimal | None
    closed: bool = False


async def index(request: Request) -> Response:
    """Show a forecast."""
    asked, facts = Asked.of(request, PATH), tenant(request)
    levers = what_if.Asking(request.query_params)
    typed = asked.search()
    async with db(request).read(scope(request)) as read:
        wanted, now = await wanted_in(read, asked), await queries.state(read)
        found = await _series(read, wanted) if not asked.errors else None
        days = await _days(read, wanted, found)
        judged = await queries.judged(read, wanted.level, wanted.measure)
        drifted = await queries.last_drift(read, wanted.level, wanted.measure)
        band = await today.band(read, wanted.store, found) if found and wanted.measure == "revenue" else None
        offered = await _offered(read, wanted)
        goods = await products(read, Sought(text=typed), limit=_MOST_FOUND, after=None) if typed else None
        offers = await _planned(read, wanted, found, now) if found else []
        answering = await response(read, wanted.category, wanted.product)
        supposed = await what_if.answer(read, facts, wanted, levers) if found and not levers.errors else None
    likely = [one.likely for one in days if one.likely is not None]
    return render(
        request,
        "foresight/index.html",
        asked.status,
        asked=asked,
        tabs=_tabs(request),
        state=now,
        wanted=wanted,
        days=[one for one in days if one.likely is not None],
        whole=amount_words(facts, wanted.measure, sum(likely, Decimal(0))) if likely else None,
        amount=lambda value: amount_words(facts, wanted.measure, value),
        series=found,
        judged=f"{judgement_words(judged, facts.locale)} {why_words(judged, facts.locale)}" if judged else "",
        held=held_words(judged, drifted, facts.locale) if judged else [],
        said=[
            *closed_words(found, wanted.days, facts.locale),
            *planned_words(offers, answering if wanted.product else None, facts.locale),
            *past_words(found, facts.locale),
        ]
        if found
        else [],
        today=_today_words(facts, band) if band else None,
        choices=[(one, one) for one in DAYS],
        sought=goods.items if goods else None,
        sought_at=lambda one: asked.address(q="", category="", measure="", product=str(one.id)),
        levers=levers,
        supposed=supposed,
        **offered,
    )


async def rows(request: Request) -> Response:
    """Give the rows of the chart."""
    asked, facts = Asked.of(request, f"{PATH}/rows"), tenant(request)
    async with db(request).read(scope(request)) as read:
        wanted = await wanted_in(read, asked)
        asked.check()
        found = await _series(read, wanted)
        days = await _days(read, wanted, found)
    return json_answer([_row(facts, wanted, place, one) for place, one in enumerate(days)])


async def supposed_rows(request: Request) -> Response:
    """Give the rows of the chart of what if."""
    asked, facts = Asked.of(request, f"{PATH}/supposed"), tenant(request)
    levers = what_if.Asking(request.query_params)
    async with db(request).read(scope(request)) as read:
        wanted = await wanted_in(read, asked)
        asked.check()
        levers.check()
        await product_named(read, wanted)
        told = await what_if.answer(read, facts, wanted, levers)
    return json_answer(told.rows if told else [])


async def models(request: Request) -> Response:
    """List which models the forecasts were made by, run by run, and how they did."""
    asked = Asked.of(request, f"{PATH}/models")
    async with db(request).read(scope(request)) as read:
        page = await asked.page(lambda after: queries.register(read, limit=DEFAULT_LIMIT // 10, after=after))
    return render(
        request, "foresight/models.html", asked.status, asked=asked, entries=page.items, next=asked.next(page),
        tabs=_tabs(request), model_words=model_words, level_words=level_words, drift_words=drift_words,
        why=lambda one: why_words(one, tenant(request).locale),
    )  # fmt: skip


async def run(request: Request) -> Response:
    """Have everything forecast anew."""
    await db(request).run(scope(request), operations.ask)
    return redirect(request, PATH)


def _tabs(request: Request) -> list[dict[str, Any]]:
    return [one | {"href": f"{edge(request).base}{one['href']}"} for one in strip("forecast", request.query_params)]


async def _series(read: Read, wanted: Wanted) -> Series | None:
    await product_named(read, wanted)
    return await queries.series(read, wanted.measure, wanted.store, wanted.category, wanted.product)


async def _days(read: Read, wanted: Wanted, found: Series | None) -> list[Day]:
    """Lay eight weeks of the past and the days to come out."""
    if found is None:
        return []
    past = await queries.sold(read, wanted.measure, wanted.narrowed, found.first - timedelta(days=1), _BACK)
    days = [Day(day, amount, None, None, None) for day, amount in past]
    for at, likely in enumerate(found.likely[: wanted.days]):
        low, high = (side[at] if side else None for side in (found.low, found.high))
        day = found.first + timedelta(days=at)
        days.append(Day(day, None, likely, low, high, closed=day in found.closed))
    return days


async def _planned(read: Read, wanted: Wanted, found: Series, now: queries.State) -> list[Planned]:
    """Give the offers on days to come that the shown forecast knew when it was made."""
    last = found.first + timedelta(days=wanted.days - 1)
    offers = await planned(read, found.first, last, known_at=now.made_at, product=wanted.product)
    return [one for one in offers if wanted.store is None or one.is_in(wanted.store)]


async def _offered(read: Read, wanted: Wanted) -> dict[str, Any]:
    stores = [one for one in await tenants.stores(read) if one.archived_at is None]
    categories = await read.fetch(CATEGORIES, read.tenant)
    return {
        "store_name": next((one.name for one in stores if one.id == wanted.store), ""),
        "stores_offered": [(str(one.id), one.name) for one in stores],
        "categories": [(str(row["id"]), row["name"]) for row in categories],
        "product": await product_named(read, wanted),
    }


def _row(facts: TenantFacts, wanted: Wanted, place: int, one: Day) -> dict[str, Any]:
    def number(value: Decimal | None) -> str | None:
        if value is None:
            return None
        minor = int(value.to_integral_value(ROUND_HALF_UP))
        return f"{value:f}" if wanted.measure == "units" else f"{major(minor, facts.money):f}"

    said = one.sold if one.sold is not None else one.likely
    bounds = (
        f"{amount_words(facts, wanted.measure, one.low)} \u2013 {amount_words(facts, wanted.measure, one.high)}"
        if one.low is not None and one.high is not None
        else ""
    )
    return {
        "place": place,
        "label": writing.day_label(one.day, 31, facts.locale),
        "now": number(one.sold),
        "likely": number(one.likely),
        "low": number(one.low),
        "high": number(one.high),
        "tip": " \u00b7 ".join(
            part
            for part in (
                writing.long_day(one.day, facts.locale),
                "" if said is None else _("closed") if one.closed else amount_words(facts, wanted.measure, said),
                "" if one.closed else bounds,
            )
            if part
        ),
    }


def _today_words(facts: TenantFacts, band: today.Band) -> dict[str, str]:
    def money(minor: int) -> str:
        return writing.short_money(minor, facts.money, facts.locale)

    return {
        "so_far": money(band.so_far),
        "likely": money(band.likely),
        "low": money(band.low) if band.low is not None else "",
        "high": money(band.high) if band.high is not None else "",
    }
