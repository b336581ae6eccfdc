"""Periods of a subscription and what a part of one costs: whole days, whole minor units, nothing lost by rounding.

Worked tables: docs/algorithms/billing.md.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from retail.kit.money import mul_div

Cycle = Literal["month", "year"]
CYCLES: Final[tuple[Cycle, ...]] = ("month", "year")
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Days that are paid for at once: `first` counts, `end` doesn't any more."""

    first: date
    end: date

    @property
    def last(self) -> date:
        """Give the last day that counts."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """Count them."""
        return (self.end - self.first).days


def period_from(first: date, cycle: str, anchor: int) -> Period:
    """Give the period that begins on a day. `anchor`: the day of the month on which periods begin, if there is one."""
    months = first.year * 12 + first.month - 1 + _MONTHS[cycle]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return Period(first, date(year, month + 1, min(anchor, last)))


def used(price_minor: int, period: Period, until: date) -> int:
    """Give what of a period's price falls on its days before `until`, rounded half away from zero.

    Always of the whole, from the first day on: so the parts of a period add up to its price to the last minor unit,
    however often it is cut.
    """
    passed = min(max((until - period.first).days, 0), period.days)
    return mul_div(price_minor, passed, period.days)


def part(price_minor: int, period: Period, first: date, end: date) -> int:
    """Give what of a period's price falls on the days from `first` to before `end`."""
    return used(price_minor, period, end) - used(price_minor, period, first)


def unused(price_minor: int, period: Period, day: date) -> int:
    """Give what of a period's price falls on the day and those after it: what is given back when it ends there."""
    return part(price_minor, period, day, period.end)
