"""What the page of customers shows of segments: finished tables and the rows of its charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from retail.analytics.writing import hour_label, month_words, weekday_words
from retail.customers.segmented import SEGMENTS, segment_words
from retail.kit.money import format_money
from retail.kit.quantity import format_quantity
from retail.kit.text import _, ngettext
from retail.runtime.tenancy import TenantFacts
from retail.segments.moving import Flow
from retail.segments.past import Hour
from retail.segments.queries import Cohort, State, Total
from retail.segments.words import TONES, came_from, meaning_words, percent, suggestion

_SOURCES: Final = (*SEGMENTS, None)
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A segment in the table; money in minor units, `value` each and `high` None where they aren't known."""

    name: str
    words: str
    tone: str
    meaning: str
    advice: str
    customers: int
    share: str
    basket: int | None
    value: int | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Who bought for the first time in a month: how many, and the share that came in each month since."""

    month: str
    customers: int
    shares: Sequence[str]


def lines(found: dict[Any, Total], now: State, locale: str) -> list[Line]:
    """Write the segments as a table, those without a customer too."""
    spend = sum(one.spend_minor for one in found.values())
    return [_line(name, found.get(name), spend, now, locale) for name in SEGMENTS]


def _line(name: str, of: Total | None, spend: int, now: State, locale: str) -> Line:
    told = (name, segment_words(name), TONES[name], meaning_words(name), suggestion(name))
    if of is None:
        return Line(*told, 0, percent(0, locale), None, None, None)
    return Line(
        *told,
        of.customers,
        percent(of.spend_minor * _THOUSAND // spend if spend else 0, locale),
        of.spend_minor // of.sales if of.sales else None,
        of.value_minor // of.customers if now.value_method else None,
        percent(of.at_high * _THOUSAND // of.customers, locale) if now.risk_known else None,
    )


def moved_table(found: Sequence[Flow]) -> list[tuple[str, list[int]]]:
    """Write moves as a table: where they went, and how many came from each segment and for the first time."""
    counts = {(one.was, one.became): one.customers for one in found}
    return [(segment_words(to), [counts.get((was, to), 0) for was in _SOURCES]) for to in SEGMENTS]


def sources() -> list[str]:
    """Name where somebody may have moved from, in the order of the table and of the chart's colours."""
    return [came_from(one) for one in _SOURCES]


def moved_rows(found: Sequence[Flow]) -> list[dict[str, object]]:
    """Give the rows of the chart of moves: every source for every segment, so that colours stay theirs."""
    counts = {(one.was, one.became): one.customers for one in found}
    rows: list[dict[str, object]] = []
    for place, to in enumerate(SEGMENTS):
        for order, was in enumerate(_SOURCES):
            many = counts.get((was, to), 0)
            tip = f"{came_from(was)} → {segment_words(to)}: {_people(many)}"
            rows.append(
                {"to": segment_words(to), "place": place, "was": came_from(was), "order": order, "many": many,
                 "tip": tip}
            )  # fmt: skip
    return rows


def groups(found: Sequence[Cohort], locale: str) -> list[Group]:
    """Write the cohorts as a table, the oldest first."""
    months = dict.fromkeys(one.first_month for one in found)
    return [_group(month, [one for one in found if one.first_month == month], locale) for month in months]


def _group(month: date, of: Sequence[Cohort], locale: str) -> Group:
    return Group(month_words(month, locale), of[0].customers, [_share(one, locale) for one in of[1:]])


def cohort_rows(found: Sequence[Cohort], locale: str) -> list[dict[str, object]]:
    """Give the rows of the chart of cohorts; the first month itself, in which all came, is left out."""
    months = {month: place for place, month in enumerate(dict.fromkeys(one.first_month for one in found))}
    return [
        {
            "month": month_words(one.first_month, locale),
            "place": months[one.first_month],
            "later": one.later,
            "share": f"{Decimal(one.came * _THOUSAND // one.customers).scaleb(-3):f}",
            "label": _share(one, locale),
            "tip": ngettext(
                "%(month)s, %(later)d month later: %(came)s of %(customers)s came",
                "%(month)s, %(later)d months later: %(came)s of %(customers)s came",
                one.later,
            )
            % {
                "month": month_words(one.first_month, locale),
                "later": one.later,
                "came": format_quantity(Decimal(one.came), locale),
                "customers": format_quantity(Decimal(one.customers), locale),
            },
        }
        for one in found
        if one.later
    ]


def rhythm_rows(found: Sequence[Hour], facts: TenantFacts) -> list[dict[str, object]]:
    """Give the rows of the heat map of hours of the week."""
    known = {(one.weekday, one.hour): one for one in found}
    whole = [known.get((day, hour), Hour(day, hour, 0, 0)) for day in range(1, 8) for hour in _open(found)]
    return [
        {
            "day": weekday_words(one.weekday, facts.locale),
            "day_place": one.weekday,
            "hour": hour_label(one.hour, facts.locale),
            "place": one.hour,
            "now": str(one.sales),
            "tip": f"{weekday_words(one.weekday, facts.locale)} {one.hour}:00: {_sales(one.sales)} · "
            f"{format_money(one.spend, facts.money, facts.locale)}",
        }
        for one in whole
    ]


def rhythm_table(found: Sequence[Hour], locale: str) -> tuple[list[int], list[tuple[str, list[int]]]]:
    """Write hours of the week as a table: the hours, and sales in each of them by weekday."""
    hours = list(_open(found))
    counts = {(one.weekday, one.hour): one.sales for one in found}
    days = [(weekday_words(day, locale), [counts.get((day, hour), 0) for hour in hours]) for day in range(1, 8)]
    return hours, days


def _open(found: Sequence[Hour]) -> range:
    """Give the hours from the first to the last in which anything was sold."""
    hours = [one.hour for one in found]
    return range(min(hours), max(hours) + 1) if hours else range(0)


def busiest(found: Sequence[Hour], locale: str) -> str:
    """Say when known customers come the most."""
    if not found:
        return ""
    by_day = {day: sum(one.sales for one in found if one.weekday == day) for day in range(1, 8)}
    day = max(by_day, key=lambda one: (by_day[one], -one))
    hour = max(found, key=lambda one: (one.sales, -one.weekday, -one.hour))
    share = percent(by_day[day] * _THOUSAND // sum(by_day.values()), locale)
    return _("The most come on %(day)s (%(share)s of all); the busiest hour is %(at)s, %(hour)d:00.") % {
        "day": weekday_words(day, locale),
        "share": share,
        "at": weekday_words(hour.weekday, locale),
        "hour": hour.hour,
    }


def _share(one: Cohort, locale: str) -> str:
    return percent(one.came * _THOUSAND // one.customers, locale)


def _people(many: int) -> str:
    return ngettext("%(num)d customer", "%(num)d customers", many) % {"num": many}


def _sales(many: int) -> str:
    return ngettext("%(num)d sale", "%(num)d sales", many) % {"num": many}
