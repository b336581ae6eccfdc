"""Figures in the order of time, beside those of the time that it is compared with; and how they moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from retail.analytics.rules import Totals
from retail.analytics.sections.asking import Grain, Question
from retail.analytics.sections.reading import figures
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Point:
    """An hour, day, week or month, by the day (and hour) that it begins with.

    `now` is None while it lies ahead, `before` where nothing is compared. `running`: it isn't over.
    """

    day: date
    hour: int | None
    now: Totals | None
    before: Totals | None
    running: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """A time's figures: their points, what they come to, and the two sums that are compared, each of what is over."""

    points: Sequence[Point]
    total: Totals
    counted_now: Totals
    counted_before: Totals | None


async def course(read: Read, asked: Question) -> Course:
    """Read a time and what it is compared with. Raises TooLong."""
    return await (_hours(read, asked) if asked.period.days == 1 else _days(read, asked))


async def _days(read: Read, asked: Question) -> Course:
    period, compared = asked.period, asked.compared
    now = await figures(read, asked.narrowed, ("day",), period.first, period.last)
    past = await figures(read, asked.narrowed, ("day",), *asked.before) if compared else {}
    shifted = {day + asked.back: sums for (day,), sums in past.items()}
    held = {day: sums for (day,), sums in now.items()}
    days = [period.first + timedelta(days=place) for place in range(period.days)]
    over = [day for day in days if day < asked.today]
    points = [
        Point(
            first,
            None,
            _sum(held.get(day) for day in bucket) if bucket[0] <= asked.today else None,
            _sum(shifted.get(day) for day in bucket) if compared else None,
            running=bucket[0] <= asked.today <= bucket[-1],
        )
        for first, bucket in buckets(days, asked.grain)
    ]
    return Course(
        points,
        _sum(held.values()),
        _sum(held.get(day) for day in over),
        _sum(shifted.get(day) for day in over) if compared else None,
    )


def buckets(days: Sequence[date], grain: Grain) -> list[tuple[date, list[date]]]:
    """Put days into weeks (from Monday) or months, or leave them alone; each with the day that it is named by."""
    begin: dict[Grain, Callable[[date], date]] = {
        "week": lambda day: day - timedelta(days=day.weekday()),
        "month": lambda day: day.replace(day=1),
    }
    named: Callable[[date], date] = begin.get(grain, lambda day: day)
    found: dict[date, list[date]] = {}
    for day in days:
        found.setdefault(named(day), []).append(day)
    return list(found.items())


async def _hours(read: Read, asked: Question) -> Course:
    """Lay one day out by hours; each store's hours that are over are set against the same hours before."""
    compared, day = asked.compared, asked.period.first
    now = await figures(read, asked.narrowed, ("store", "hour"), day, day)
    past = await figures(read, asked.narrowed, ("store", "hour"), *asked.before) if compared else {}
    cutoffs = {one.id: one.day_cutoff_hour for one in asked.stores}
    begin = min(cutoffs.values(), default=0)
    reached = {store: hours if day >= asked.today else 24 for store, hours in asked.reached.items()}

    def over(sums: Mapping[tuple[Any, ...], Totals]) -> Totals:
        kept = [
            one for (store, hour), one in sums.items() if (hour - cutoffs.get(store, 0)) % 24 < reached.get(store, 24)
        ]
        return _sum(kept)

    held, shifted = _by_place(now, begin), _by_place(past, begin)
    places = sorted({*held, *shifted})
    furthest = max(reached.values(), default=24)
    last = max([*places, furthest if day >= asked.today and held else 0]) if places else -1
    points = [
        Point(
            day,
            (place + begin) % 24,
            held.get(place, Totals()) if place <= furthest else None,
            shifted.get(place, Totals()) if compared else None,
            running=place == furthest,
        )
        for place in range(places[0] if places else 0, last + 1)
    ]
    return Course(points, _sum(now.values()), over(now), over(past) if compared else None)


def _by_place(sums: Mapping[tuple[Any, ...], Totals], begin: int) -> dict[int, Totals]:
    found: dict[int, Totals] = {}
    for (_store, hour), one in sums.items():
        place = (hour - begin) % 24
        found[place] = found.get(place, Totals()) + one
    return found


def _sum(parts: Iterable[Totals | None]) -> Totals:
    return sum((one for one in parts if one is not None), Totals())
