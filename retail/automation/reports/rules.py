"""When a schedule is due, and which days a relative period means: docs/algorithms/reports.md, 3 and 4; pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

Every = Literal["day", "week", "month"]
Span = Literal[
    "today", "yesterday", "last_7", "last_30", "last_90", "this_week", "last_week", "this_month", "last_month",
    "this_year", "last_year",
]  # fmt: skip

EVERY: Final[tuple[Every, ...]] = get_args(Every)
SPANS: Final[tuple[Span, ...]] = get_args(Span)
_DAY: Final = timedelta(days=1)
_FAR: Final = 40
"""So many days ahead or back lies a due moment at most: a month, and a day for zones that lie apart."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a report is sent: at an hour of the zone's clock, daily, on a weekday (1: Monday) or a day of the month."""

    every: Every
    day: int
    hour: int
    timezone: str

    def fits(self, day: date) -> bool:
        """Claim that a day of the zone's calendar has a due moment. A shorter month has it on its last day."""
        if self.every == "week":
            return day.isoweekday() == self.day
        if self.every == "month":
            return day.day == min(self.day, monthrange(day.year, day.month)[1])
        return True

    def moment(self, day: date) -> datetime:
        """Give the due moment of a day, in UTC: the first of two; where the clock skips it, when the clock jumps."""
        return datetime.combine(day, time(self.hour), ZoneInfo(self.timezone)).astimezone(UTC)


def next_due(timing: Timing, at: datetime) -> datetime:
    """Give the first due moment after `at`."""
    day = at.astimezone(ZoneInfo(timing.timezone)).date() - _DAY
    for _step in range(_FAR):
        if timing.fits(day) and timing.moment(day) > at:
            return timing.moment(day)
        day += _DAY
    raise AssertionError("every month has a due moment")


def first_due(timing: Timing, begins_on: date | None, at: datetime) -> datetime:
    """Give the first due moment after `at` that doesn't lie before a day of the zone's calendar."""
    if begins_on is None:
        return next_due(timing, at)
    begins = datetime.combine(begins_on, time(), ZoneInfo(timing.timezone)).astimezone(UTC)
    return next_due(timing, max(at, begins - timedelta(microseconds=1)))


def last_due(timing: Timing, at: datetime) -> datetime:
    """Give the last due moment up to `at`."""
    day = at.astimezone(ZoneInfo(timing.timezone)).date() + _DAY
    for _step in range(_FAR):
        if timing.fits(day) and timing.moment(day) <= at:
            return timing.moment(day)
        day -= _DAY
    raise AssertionError("every month has a due moment")


def days_of(span: Span, today: date) -> tuple[date, date]:
    """Give the first and the last day of a relative period, both included."""
    yesterday = today - _DAY
    if span.startswith("last_") and span[5:].isdigit():
        return today - int(span[5:]) * _DAY, yesterday
    monday, first, new_year = today - today.weekday() * _DAY, today.replace(day=1), today.replace(month=1, day=1)
    spans: dict[str, tuple[date, date]] = {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "this_week": (monday, today),
        "last_week": (monday - 7 * _DAY, monday - _DAY),
        "this_month": (first, today),
        "last_month": ((first - _DAY).replace(day=1), first - _DAY),
        "this_year": (new_year, today),
        "last_year": (new_year.replace(year=today.year - 1), new_year - _DAY),
    }
    return spans[span]
