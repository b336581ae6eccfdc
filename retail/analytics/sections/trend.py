"""How revenue leans over 7, 30 and 90 days: a robust line through its days, with the weekdays taken out; pure.

The slope is that of Theil and Sen: the median of the slopes between all pairs of days. One great day, or a closed one,
doesn't tilt it. P. K. Sen, *Estimates of the regression coefficient based on Kendall's tau*, JASA 63 (1968).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final, Literal

SPANS: Final = (7, 30, 90)
_WEEK: Final = 7
_CLEAR: Final = 1.96
_FLAT: Final = 0.02
Lean = Literal["up", "down", "steady", "unclear"]


@dataclass(frozen=True, slots=True)
class Trend:
    """A span's lean: `by` is the change over all of it as a share of its middle day; None where nothing is known."""

    days: int
    lean: Lean
    by: float | None
    a_day: int
    """Minor units that a day brings more than the day before it."""


def trend(revenues: Sequence[int], days: int) -> Trend | None:
    """Work out the lean of the last `days` of daily revenues in minor units, oldest first; None with fewer days.

    It is unclear where the days' order doesn't speak for it: Mann and Kendall's test at 5 %.
    """
    if len(revenues) < days:
        return None
    levelled = _level(revenues[-days:])
    middle = median(levelled)
    slope = median((late - early) / (b - a) for (a, early), (b, late) in combinations(enumerate(levelled), 2))
    if middle <= 0:
        return Trend(days, "unclear", None, 0)
    by = slope * (days - 1) / middle
    lean: Lean = "steady" if abs(by) < _FLAT else "up" if slope > 0 else "down"
    if lean != "steady" and abs(_kendall(levelled)) < _CLEAR:
        lean = "unclear"
    return Trend(days, lean, round(by, 4), round(slope))


def _level(revenues: Sequence[int]) -> list[float]:
    """Take the weekdays out of what spans two weeks or more: each day over its weekday's share of the mean."""
    if len(revenues) < 2 * _WEEK:
        return [float(one) for one in revenues]
    whole = sum(revenues) / len(revenues)
    means = [_mean(revenues[place::_WEEK]) for place in range(_WEEK)]
    return [one - means[place % _WEEK] + whole for place, one in enumerate(revenues)]


def _mean(part: Sequence[int]) -> float:
    return sum(part) / len(part)


def _kendall(values: Sequence[float]) -> float:
    """Give the test's normal score, ties counted."""
    n = len(values)
    signs = sum((late > early) - (late < early) for early, late in combinations(values, 2))
    ties = {one: values.count(one) for one in values}
    spread = n * (n - 1) * (2 * n + 5) - sum(count * (count - 1) * (2 * count + 5) for count in ties.values())
    if spread <= 0 or signs == 0:
        return 0.0
    return (signs - math.copysign(1, signs)) / math.sqrt(spread / 18)
