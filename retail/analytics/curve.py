"""A period's figures in the order of time: the points of the chart, of the sparklines and of the table; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from retail.analytics.queries import Figures, Spot
from retail.analytics.rules import Period, Totals, Window


@dataclass(frozen=True, slots=True)
class Point:
    """One hour of a day, or one day. `now` is None while it lies ahead; `hour` is None where points are days.

    `running`: it isn't over, so its figures will grow.
    """

    place: int
    day: date
    hour: int | None
    now: Totals | None
    before: Totals
    running: bool = False


def points(figures: Figures, period: Period, windows: Sequence[Window]) -> list[Point]:
    """Lay the figures out, with zeros where nothing was sold in between. Empty where neither time sold."""
    if not windows or not (figures.now or figures.before):
        return []
    if period.days > 1:
        return _days(figures, period, max(one.today for one in windows))
    return _hours(figures, min(windows, key=lambda one: one.cutoff), windows)


def _days(figures: Figures, period: Period, today: date) -> list[Point]:
    return [
        Point(
            place,
            day,
            None,
            figures.now.get((day, 0), Totals()) if day <= today else None,
            figures.before.get((day, 0), Totals()),
            running=day == today,
        )
        for place, day in ((place, period.first + timedelta(days=place)) for place in range(period.days))
    ]


def _hours(figures: Figures, earliest: Window, windows: Sequence[Window]) -> list[Point]:
    """Lay out the hours from the first to the last that sold, in the order of the business day."""
    now, before = _by_hour(figures.now), _by_hour(figures.before)
    places = [earliest.place(hour) for hour in (*now, *before)]
    reached = max((one.reached if one.first == one.today else 24 if one.first < one.today else -1) for one in windows)
    last = max(places)
    if now and reached < 24:
        last = max(last, reached)
    return [
        Point(
            place,
            earliest.first,
            hour,
            now.get(hour, Totals()) if place <= reached else None,
            before.get(hour, Totals()),
            running=place == reached,
        )
        for place, hour in ((place, (place + earliest.cutoff) % 24) for place in range(min(places), last + 1))
    ]


def _by_hour(spots: Mapping[Spot, Totals]) -> dict[int, Totals]:
    found: dict[int, Totals] = {}
    for (_day, hour), sums in spots.items():
        found[hour] = found.get(hour, Totals()) + sums
    return found
