"""Pages of customers' segments: what each is worth, who moved, who comes back and when, and who needs a word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import customer_figures as figures
from retail.analytics.sections.strip import strip
from retail.analytics.writing import month_words
from retail.customers.segmented import SEGMENTS, segment_words
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.responses import json_answer, redirect, render
from retail.segments import jobs, moving, queries
from retail.segments.asking import month_in, moved_in, wanted_in, whole
from retail.segments.moving import Flow
from retail.segments.queries import ORDERS, Standing
from retail.segments.rules import RISKS, risk_level
from retail.segments.words import (
    RISK_TONES,
    TONES,
    came_from,
    level_words,
    method_words,
    risk_checked,
    risk_words,
    standing_words,
    value_words,
)

PATH: Final = "/analytics/customers"
MOVES: Final = f"{PATH}/moves"
_FRESH: Final = {"Cache-Control": "no-store"}


async def index(request: Request) -> Response:
    """Show the segments, who moved this month, who comes back and when, and the customers that are asked for."""
    asked, facts = Asked.of(request, PATH), tenant(request)
    order, wanted = asked.order(ORDERS), wanted_in(asked)
    told: dict[str, Any] = {}
    page: Page[Standing] = Page([], None)
    async with db(request).read(scope(request)) as read:
        now, everything = await queries.state(read), queries.sees_all(read)
        if everything and now.ready:
            told = await _told(read, facts.locale, now)
            page = await asked.page(
                lambda after: queries.customers(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
            )
    return render(
        request, "analytics/customers/index.html", asked.status, asked=asked, next=asked.next(page), state=now,
        everything=everything, tabs=strip("customers", request.query_params),
        customers=[_listed(one, facts.locale) for one in page.items],
        why=standing_words(now, facts.locale), values=value_words(now, facts.money, facts.locale),
        risks=risk_checked(now, facts.locale), method=method_words(now.value_method) if now.value_method else "",
        segments=[(one, segment_words(one)) for one in SEGMENTS],
        levels=[(one, level_words(one)) for one in RISKS], **told,
    )  # fmt: skip


async def moves(request: Request) -> Response:
    """List who moved between segments, with the chart of a month."""
    asked, locale = Asked.of(request, MOVES), tenant(request).locale
    async with db(request).read(scope(request)) as read:
        everything = queries.sees_all(read)
        months = await moving.months(read) if everything else []
        month, (was, became) = month_in(asked, months), moved_in(asked)
        page: Page[moving.Move] = Page([], None)
        if everything:
            page = await asked.page(
                lambda after: moving.moves(
                    read, limit=DEFAULT_LIMIT, after=after, was=was, became=became, days=whole(month)
                )
            )
        shown, found = await _flows(read, asked) if everything else (None, [])
    return render(
        request, "analytics/customers/moves.html", asked.status, asked=asked, next=asked.next(page),
        tabs=strip("customers", request.query_params),
        everything=everything, segments=[(one, segment_words(one)) for one in SEGMENTS],
        moves=[(one, came_from(one.was), segment_words(one.became), TONES[one.became]) for one in page.items],
        months=[(f"{one:%Y-%m}", month_words(one, locale)) for one in months],
        moved=figures.moved_table(found), sources=figures.sources(), any_moved=bool(found),
        of_month=month_words(shown, locale) if shown else "",
    )  # fmt: skip


async def moved(request: Request) -> Response:
    """Give the rows of the chart of moves, of the month that is asked for or the last one."""
    async with db(request).read(scope(request)) as read:
        _month, found = await _flows(read, Asked.of(request, MOVES))
    return json_answer(figures.moved_rows(found), headers=_FRESH)


async def cohorts(request: Request) -> Response:
    """Give the rows of the chart of who comes back."""
    async with db(request).read(scope(request)) as read:
        found = await queries.cohorts(read)
    return json_answer(figures.cohort_rows(found, tenant(request).locale), headers=_FRESH)


async def rhythm(request: Request) -> Response:
    """Give the rows of the chart of hours of the week."""
    async with db(request).read(scope(request)) as read:
        found = await queries.rhythm(read)
    return json_answer(figures.rhythm_rows(found, tenant(request)), headers=_FRESH)


async def work_out(request: Request) -> Response:
    """Have everything worked out anew."""
    await db(request).run(scope(request), jobs.ask)
    return redirect(request, PATH)


async def _told(read: Read, locale: str, now: queries.State) -> dict[str, Any]:
    month, found = await _flows(read, Asked(PATH, {}))
    hours = await queries.rhythm(read)
    groups = figures.groups(await queries.cohorts(read), locale)
    clock, days = figures.rhythm_table(hours, locale)
    return {
        "lines": figures.lines(await queries.totals(read), now, locale),
        "moved": figures.moved_table(found),
        "sources": figures.sources(),
        "any_moved": bool(found),
        "of_month": month_words(month, locale) if month else "",
        "groups": groups,
        "later": range(1, max((len(one.shares) for one in groups), default=0) + 1),
        "hours": clock,
        "days": days,
        "busiest": figures.busiest(hours, locale),
    }


async def _flows(read: Read, asked: Asked) -> tuple[date | None, Sequence[Flow]]:
    """Count the moves of the month that is asked for, else of the last one in which somebody moved; with the month."""
    months = await moving.months(read)
    month = month_in(asked, months) or next(iter(months), None)
    return month, [] if month is None else await moving.flows(read, month)


def _listed(one: Standing, locale: str) -> tuple[Standing, str, str, str, str]:
    tone = "" if one.risk is None else RISK_TONES[risk_level(one.risk)]
    return one, segment_words(one.segment), TONES[one.segment], risk_words(one.risk, locale), tone
