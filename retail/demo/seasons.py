"""When people buy what: the pull of a day, of an hour, and of an article in a month; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from retail.demo.goods import SHELVES, Article

OPENS, CLOSES = 7, 20
HOURS: Final = tuple(range(OPENS, CLOSES))
HOUR_WEIGHTS: Final = (0.5, 0.9, 0.8, 0.8, 1.0, 1.35, 1.1, 0.8, 0.85, 1.1, 1.5, 1.4, 0.8)

_WEEKDAYS: Final = (0.86, 0.88, 0.94, 1.02, 1.22, 1.3, 0.7)
_MONTHS: Final = (0.88, 0.9, 0.95, 0.98, 1.02, 1.05, 1.06, 1.0, 0.98, 1.0, 1.05, 1.38)
_CLOSED: Final = frozenset({(1, 1), (12, 25), (12, 26)})
_SUNDAY: Final = 6
_GROWTH_A_YEAR: Final = 0.06
_GIFTS: Final = "Kitchen & gifts"


def is_closed(day: date) -> bool:
    """Claim that the shops stay closed: Sundays, the first day of the year, Christmas."""
    return day.weekday() == _SUNDAY or (day.month, day.day) in _CLOSED


def pull_of_day(day: date, since: date) -> float:
    """Say how busy a day is, around 1: weekday, month, a rush before Christmas, and slow growth since the first day."""
    rush = 1.2 if day.month == 12 and 15 <= day.day <= 24 else 0.75 if day.month == 12 and day.day > 26 else 1.0
    growth = 1 + _GROWTH_A_YEAR * ((day - since).days / 365 - 1)
    return _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * rush * growth


def pulls_in_month(goods: Sequence[Article], month: int, taste: Sequence[float]) -> list[float]:
    """Weigh the articles for a month: summer goods in summer, gifts in December; `taste` is the store's own."""
    warmth = math.cos(2 * math.pi * (month - 7) / 12)
    return [
        one.pull
        * liking
        * max(0.05, 1 + one.summer * warmth)
        * (1.9 if month == 12 and SHELVES[one.shelf].name == _GIFTS else 1.0)
        for one, liking in zip(goods, taste, strict=True)
    ]


def cumulated(weights: Sequence[float]) -> list[float]:
    """Add weights up, as random.choices takes them fastest."""
    return list(accumulate(weights))
