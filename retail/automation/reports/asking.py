"""What a report's address asks for: a time, relative or not, a store, and for figures measures, sides and filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, cast
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from retail.analytics.rules import MOST_DAYS, Period
from retail.analytics.sections.asking import Question, ask
from retail.analytics.sections.reading import Side
from retail.automation.reports.figures import Choice
from retail.automation.reports.measures import MEASURES, SIDES
from retail.automation.reports.rules import SPANS, Span, days_of
from retail.kit.clock import business_day
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts

CUSTOM: Final = "custom"
CHARTS: Final = ("line", "bars", "parts", "none")
MOST_QUERY: Final = 2000
_PLACE: Final = frozenset({"after", "report"})


@dataclass(frozen=True, slots=True)
class Seeing:
    """How a report is looked at: with costs or without, and as of which moment; None: of now."""

    costs: bool
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """The days of a report, and the stores that it is of."""

    first: date
    last: date
    today: date
    store: UUID | None
    stores: Sequence[StoreFacts]


def in_form(pairs: Sequence[tuple[str, str]]) -> str:
    """Bring what an address asks for into the one form that it is kept in; its place and what is empty are left out."""
    kept = [(name, value) for name, value in pairs if value and name not in _PLACE]
    return urlencode(sorted(dict.fromkeys(kept)))[:MOST_QUERY]


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Read a kept query."""
    return parse_qsl(query)


async def question_in(read: Read, asked: Asked, usual: Span, seeing: Seeing) -> Question:
    """Read the question of a report of figures; its relative time counts from the moment that it is as of."""
    question = await ask(read, asked)
    today = _today(question.stores, seeing.as_of) or question.today
    first, last = _days(asked, usual, today)
    return replace(question, period=Period("custom", first, last))


async def spell_in(read: Read, asked: Asked, usual: Span, seeing: Seeing) -> Spell:
    """Read the time and the store of a report that is a list."""
    stores = await tenants.stores(read)
    store = asked.one_of("store", {one.id for one in stores})
    shown = [one for one in stores if store in {None, one.id}]
    today = _today(shown, seeing.as_of or read.now) or read.now.date()
    return Spell(*_days(asked, usual, today), today, store, shown)


def choice_in(asked: Asked, usual: tuple[Sequence[Side], Sequence[str]], seeing: Seeing) -> Choice:
    """Read measures and sides; those of the ready report where the address names none."""
    sides = [asked.option("side", SIDES), asked.option("beside", SIDES)]
    measures = [name for name in asked.many("m") if name]
    asked.raw("m")
    if not set(measures) <= set(MEASURES):
        asked.error("m", _("Pick from the list."))
    asked.option("chart", CHARTS)
    wanted = cast("list[Side]", list(dict.fromkeys(side for side in sides if side)))
    found = tuple(name for name in MEASURES if name in (measures or usual[1]))
    return Choice(tuple(wanted) if asked.raw("side") else tuple(usual[0]), found, seeing.costs)


def _today(stores: Sequence[StoreFacts], at: datetime | None) -> date | None:
    """Give the earliest business day that it is, or was at a moment, in any of the stores."""
    if at is None:
        return None
    return min((business_day(at, one.timezone, one.day_cutoff_hour) for one in stores), default=None)


def _days(asked: Asked, usual: Span, today: date) -> tuple[date, date]:
    span = asked.option("span", (*SPANS, CUSTOM))
    begin, end = asked.period()
    if span not in {"", CUSTOM}:
        return days_of(cast("Span", span), today)
    if begin is None and end is None:
        return days_of(usual, today)
    last = end or max(begin or today, today)
    first = begin or last
    if (last - first).days >= MOST_DAYS:
        asked.error("from", _("Ask for at most %(most)d days.") % {"most": MOST_DAYS})
    return min(first, last), last


def span_words() -> Mapping[str, str]:
    """Name the relative periods."""
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "last_7": _("Last 7 days"),
        "last_30": _("Last 30 days"),
        "last_90": _("Last 90 days"),
        "this_week": _("This week"),
        "last_week": _("Last week"),
        "this_month": _("This month"),
        "last_month": _("Last month"),
        "this_year": _("This year"),
        "last_year": _("Last year"),
        CUSTOM: _("From … to"),
    }
