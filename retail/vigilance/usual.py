"""What a store usually sells by an hour of a day, and how far off a day is: docs/algorithms/anomalies.md, 5; pure.

Expected is told from the days before alone. Money is whole minor units, ratios are plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, exp, log
from statistics import median
from typing import Final

WEEKS: Final = 8
LEAST_WEEKS: Final = 4
LEVEL_DAYS: Final = 14
LEAST_JUDGED: Final = 42
"""So many days have to be known well enough before any is called unusual."""
LOOKED_BACK: Final = 182
BUDGET_DAYS: Final = 30
"""At most about one false alarm in so many days: the threshold is what all but that share of past days stayed below."""
LEAST_Z: Final = 3.5
SPREAD: Final = 1.4826
LEAST_SPREAD: Final = 0.03
LOWEST: Final = 0.02
"""A day below this share of what was expected counts as this share: nothing sold has no logarithm."""
MEDIUM, HIGH = 5.0, 8.0
SAME_SIGN_DAYS: Final = 3
LEAST_SHARE: Final = 0.25
"""Before so much of a usual day is over nothing is said about today: a morning says little."""
WHOLE: Final = 24
SEVERITIES: Final = ("low", "medium", "high")

Day = Mapping[int, int]
"""What was sold in each hour of a business day, counted from its cut-off."""


@dataclass(frozen=True, slots=True)
class Off:
    """A day up to an hour (24: all of it): sold, expected, the usual bounds, how far off, and from where on it tells."""

    day: date
    hour: int
    sold: int
    expected: int
    low: int
    high: int
    z: float
    threshold: float
    severity: str

    @property
    def unusual(self) -> bool:
        """Claim that somebody should look."""
        return abs(self.z) >= self.threshold


@dataclass(frozen=True, slots=True)
class _Known:
    """The past of a series as days judged: for each, by each hour, the logarithm of sold over expected."""

    days: Sequence[date]
    ratios: Mapping[date, Mapping[int, float]]


def off(days: Mapping[date, Day], day: date, hour: int, times: float = 1.0) -> Off | None:
    """Judge a day up to an hour by the days before; None where too little is known, or too little of it is over."""
    before = {one: sold for one, sold in days.items() if day - timedelta(days=LOOKED_BACK) <= one < day and sold}
    whole = _expected(before, day, WHOLE)
    by_now = _expected(before, day, hour)
    if whole is None or by_now is None or by_now < LEAST_SHARE * whole:
        return None
    known = _known(before)
    at = [told[hour] for told in known.ratios.values() if hour in told]
    if len(at) < LEAST_JUDGED:
        return None
    spread = _spread(at)
    limit = threshold(known) * times
    sold = _sold(days.get(day, {}), hour)
    z = log(max(LOWEST, sold / by_now)) / spread
    low, high = (round(by_now * exp(side * limit * spread)) for side in (-1, 1))
    return Off(day, hour, sold, round(by_now), low, high, z, limit, _severity(z, limit, known, day))


def threshold(known: _Known) -> float:
    """Give the z that all but one in thirty past days stayed below at every hour; 3.5 at least."""
    hours = {hour for told in known.ratios.values() for hour in told}
    spreads = {hour: _spread([told[hour] for told in known.ratios.values() if hour in told]) for hour in hours}
    worst = sorted(max(abs(value) / spreads[hour] for hour, value in told.items()) for told in known.ratios.values())
    place = min(len(worst) - 1, ceil(len(worst) * (1 - 1 / BUDGET_DAYS)))
    return max(LEAST_Z, worst[place])


def _known(before: Mapping[date, Day]) -> _Known:
    ratios: dict[date, dict[int, float]] = {}
    for day in sorted(before):
        whole = _expected(before, day, WHOLE)
        if whole is None:
            continue
        told = {}
        for hour in range(1, WHOLE + 1):
            by_then = _expected(before, day, hour)
            if by_then is not None and by_then >= LEAST_SHARE * whole:
                told[hour] = log(max(LOWEST, _sold(before[day], hour) / by_then))
        ratios[day] = told
    return _Known(sorted(ratios), ratios)
