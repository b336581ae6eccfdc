"""Rows of the charts over time: amounts are decimal texts in major units, which a chart reads exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate
from statistics import quantiles
from typing import Any, Final

from retail.analytics import writing
from retail.analytics.rules import Totals
from retail.analytics.sections.course import Course, course
from retail.analytics.sections.reading import figures
from retail.analytics.sections.sheet import Rows, Sheet
from retail.kit.money import mul_div
from retail.runtime.db import Read

_MONDAY: Final = date(2024, 1, 1)
_LEAST_FOR_QUARTERS: Final = 2
_WEEK: Final = 7


async def trend(read: Read, on: Sheet) -> Rows:
    """Give the course of revenue, beside what was before."""
    return trend_rows(on, await course(read, on.asked))


def trend_rows(on: Sheet, shown: Course) -> Rows:
    """Lay a course out for the chart of now over before."""
    over = [place for place, point in enumerate(shown.points) if point.now and not point.running]
    last = over[-1] if over else None
    return [
        {
            "place": place,
            "label": on.point_label(point),
            "now": on.amount(point.now.revenue) if point.now else None,
            "before": on.amount(point.before.revenue) if point.before else "0",
            "running": point.running,
            "tail": point.running or place == last,
            "tip": on.tip(
                on.point_label(point),
                on.short(point.now.revenue) if point.now else "",
                f"({on.short(point.before.revenue)})" if point.before else "",
            ),
        }
        for place, point in enumerate(shown.points)
    ]


async def growing(read: Read, on: Sheet) -> Rows:
    """Give what came together since the first day."""
    shown = await course(read, on.asked)
    now = list(accumulate(point.now.revenue if point.now else 0 for point in shown.points))
    before = list(accumulate(point.before.revenue if point.before else 0 for point in shown.points))
    return [
        {
            "place": place,
            "label": on.point_label(point),
            "now": on.amount(now[place]) if point.now else None,
            "before": on.amount(before[place]),
            "tip": on.tip(
                on.point_label(point), on.short(now[place]) if point.now else "", f"({on.short(before[place])})"
            ),
        }
        for place, point in enumerate(shown.points)
    ]


async def heat(read: Read, on: Sheet) -> Rows:
    """Give a mean hour of each weekday."""
    period = on.asked.period
    sums = await figures(read, on.asked.narrowed, ("weekday", "hour"), period.first, period.last)
    return heat_rows(on, sums)


def heat_rows(on: Sheet, sums: Mapping[tuple[Any, ...], Totals]) -> Rows:
    """Lay weekdays and hours out, from the first to the last hour that sold; each a mean over the days of that name."""
    hours = sorted({hour for _day, hour in sums})
    days = weekday_counts(on.asked.period.first, min(on.asked.period.last, on.asked.today))
    return [
        {
            "day": on.weekday(_MONDAY + timedelta(days=day - 1)),
            "day_place": day,
            "hour": writing.hour_label(hour, on.facts.locale),
            "place": hour,
            "now": on.amount(_a_day(sums, day, hour, days)),
            "tip": on.tip(
                on.weekday(_MONDAY + timedelta(days=day - 1)),
                writing.hour_label(hour, on.facts.locale),
                on.short(_a_day(sums, day, hour, days)),
            ),
        }
        for day in range(1, _WEEK + 1)
        for hour in (range(hours[0], hours[-1] + 1) if hours else ())
    ]


def _a_day(sums: Mapping[tuple[Any, ...], Totals], day: int, hour: int, days: Mapping[int, int]) -> int:
    return mul_div(sums.get((day, hour), Totals()).revenue, 1, max(1, days.get(day, 0)))


def weekday_counts(first: date, last: date) -> dict[int, int]:
    """Count the days of each weekday (1 is Monday) in a span."""
    found: dict[int, int] = {}
    for place in range(max(0, (last - first).days + 1)):
        day = (first + timedelta(days=place)).isoweekday()
        found[day] = found.get(day, 0) + 1
    return found


async def _daily(read: Read, on: Sheet) -> dict[date, Totals]:
    period = on.asked.period
    sums = await figures(read, on.asked.narrowed, ("day",), period.first, period.last)
    return {day: one for (day,), one in sums.items()}


async def calendar(read: Read, on: Sheet) -> Rows:
    """Give each day by its week and weekday."""
    held, period = await _daily(read, on), on.asked.period
    days = [period.first + timedelta(days=place) for place in range(period.days)]
    return [
        {
            "place": (day - timedelta(days=day.weekday())).toordinal(),
            "week": writing.day_label(day - timedelta(days=day.weekday()), period.days, on.facts.locale),
            "day": on.weekday(day),
            "day_place": day.isoweekday(),
            "now": on.amount(held.get(day, Totals()).revenue),
            "tip": on.tip(writing.long_day(day, on.facts.locale), on.short(held.get(day, Totals()).revenue)),
        }
        for day in days
        if day <= on.asked.today
    ]


async def averaged(read: Read, on: Sheet) -> Rows:
    """Give each day, with the mean of the seven days up to it."""
    period = on.asked.period
    sums = await figures(read, on.asked.narrowed, ("day",), period.first - timedelta(days=_WEEK - 1), period.last)
    days = [period.first + timedelta(days=place) for place in range(period.days)]
    rows = []
    for place, day in enumerate(one for one in days if one <= on.asked.today):
        week = [sums.get((day - timedelta(days=back),), Totals()).revenue for back in range(_WEEK)]
        mean = mul_div(sum(week), 1, _WEEK)
        rows.append(
            {
                "place": place,
                "label": writing.day_label(day, period.days, on.facts.locale),
                "now": on.amount(week[0]),
                "mean": on.amount(mean) if day < on.asked.today else None,
                "tip": on.tip(writing.long_day(day, on.facts.locale), on.short(week[0]), f"⌀ {on.short(mean)}"),
            }
        )
    return rows


async def boxes(read: Read, on: Sheet) -> Rows:
    """Give how the days of each weekday spread: least, quarters, most; of days that are over."""
    held = await _daily(read, on)
    rows = []
    for weekday in range(1, _WEEK + 1):
        sold = sorted(one.revenue for day, one in held.items() if day.isoweekday() == weekday and day < on.asked.today)
        if not sold:
            continue
        low, middle, high = (
            (round(one) for one in quantiles(sold, n=4, method="inclusive"))
            if len(sold) >= _LEAST_FOR_QUARTERS
            else (sold[0],) * 3
        )
        name = on.weekday(_MONDAY + timedelta(days=weekday - 1))
        rows.append(
            {
                "place": weekday,
                "label": name,
                "least": on.amount(sold[0]),
                "low": on.amount(low),
                "middle": on.amount(middle),
                "high": on.amount(high),
                "most": on.amount(sold[-1]),
                "tip": on.tip(name, f"{on.short(sold[0])} \u2013 {on.short(sold[-1])}", on.short(middle)),
            }
        )
    return rows
