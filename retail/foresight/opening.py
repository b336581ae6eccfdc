"""On which days to come a store is taken for closed: docs/algorithms/foresight.md, section 2. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

WEEKS: Final = 8
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_SETTLED: Final = 4
"""Of more such weekdays than this one alone is an exception: a Sunday before Christmas, a day of stocktaking."""

Holidays = Mapping[date, Collection[str]]


def open_ahead(opened: Collection[date], last: date, days: int, holidays: Holidays) -> list[bool]:
    """Tell of each day behind `last` whether a store is open, that sold on the days `opened`.

    `holidays` are the public ones, past and to come, by name.
    """
    weekdays = _weekdays(opened, last, holidays)
    seen = _seen(opened, last, holidays)
    ahead = (last + _DAY * at for at in range(1, days + 1))
    return [day.weekday() in weekdays and _opens(holidays.get(day, ()), seen) for day in ahead]


def _weekdays(opened: Collection[date], last: date, holidays: Holidays) -> set[int]:
    """Give the weekdays on which it sold lately; all of them where it sold nothing."""
    recent = [day for day in (last - _DAY * at for at in range(WEEKS * 7)) if day not in holidays or day in opened]
    begun = min((day for day in recent if day in opened), default=None)
    if begun is None:
        return {*range(7)}
    there = Counter(day.weekday() for day in recent if day >= begun)
    sold = Counter(day.weekday() for day in recent if day in opened)
    return {day for day, times in sold.items() if times > 1 or there[day] <= _SETTLED}


def _seen(opened: Collection[date], last: date, holidays: Holidays) -> dict[str, bool]:
    """Tell of each holiday of the past, by name, whether it was open on the latest that fell on a day of trade."""
    begun = min(opened, default=last)
    found: dict[str, bool] = {}
    for day in sorted(holidays):
        if begun < day <= last and (day in opened or day - _WEEK in opened or day + _WEEK in opened):
            found |= dict.fromkeys(holidays[day], day in opened)
    return found


def _opens(names: Collection[str], seen: Mapping[str, bool]) -> bool:
    """Claim that it opens on a day of these holidays: as on the last of that name, else as on most others."""
    if not names or not seen:
        return True
    same = [seen[name] for name in names if name in seen]
    return all(same) if same else sum(seen.values()) * 2 > len(seen)
