"""What a store usually sells by an hour of a day, and how far off a day is: docs/algorithms/anomalies.md, 5; pure.

Expected is told from the days before alone. Money is whole minor units, ratios are plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import ceil, exp, log
from statistics import median
from typing import Final

WEEKS: Final = 8
LEAST_WEEKS: Final = 4
LEVEL_DAYS: Final = 14
LEVEL_BOUNDS: Final = (0.5, 2.0)
LEAST_JUDGED: Final = 42
"""So many days have to be known well enough before any is called unusual."""
LOOKED_BACK: Final = 238
BUDGET_DAYS: Final = 30
"""About one false alarm in so many days: the threshold is what all but that share of past days stayed below."""
LEAST_Z: Final = 3.5
SPREAD: Final = 1.4826
LEAST_SPREAD: Final = 0.03
LOWEST: Final = 0.02
"""A day below this share of what was expected counts as this share: nothing sold has no logarithm."""
MEDIUM, HIGH = 5.0, 8.0
SAME_SIGN_DAYS: Final = 3
LEAST_SHARE: Final = 0.25
"""Before so much of a usual day is over nothing is said: a morning says little."""
WHOLE: Final = 24
SEVERITIES: Final = ("low", "medium", "high")

Hours = Mapping[int, int]
"""What was sold in each hour of a business day; hour 0 begins at the store's cut-off."""


@dataclass(frozen=True, slots=True)
class Off:
    """A day up to an hour (24: all of it) beside what was expected; amounts in minor units.

    `z` says how far off it is, below zero where too little was sold; from `threshold` on somebody should look.
    """

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


class Past:
    """The days of a series as they were expected, each from the days before it."""

    def __init__(self, days: Mapping[date, Hours]) -> None:
        """Go through the days in their order; those on which nothing was sold were closed."""
        self._sums = {day: _sums(hours) for day, hours in sorted(days.items()) if any(hours.values())}
        self._levels: dict[date, float] = {}
        self._offs: dict[date, dict[int, float]] = {}
        for day, sums in self._sums.items():
            plan = self.plan(day)
            if plan is None:
                continue
            self._levels[day] = sums[WHOLE] / plan.middle
            self._offs[day] = {
                hour: log(max(LOWEST, sums[hour] / plan.by(hour))) for hour in range(1, WHOLE + 1) if plan.tells(hour)
            }

    def plan(self, day: date) -> Plan | None:
        """Give what a day was expected to bring, from the days before; None where too little is known."""
        same = [self._sums[one] for back in range(1, WEEKS + 1) if (one := day - timedelta(weeks=back)) in self._sums]
        if len(same) < LEAST_WEEKS:
            return None
        middle = median(sums[WHOLE] for sums in same)
        levels = [self._levels[one] for one in _before(day, LEVEL_DAYS) if one in self._levels]
        least, most = LEVEL_BOUNDS
        level = min(most, max(least, median(levels))) if levels else 1.0
        all_of_it = sum(sums[WHOLE] for sums in same)
        return Plan(middle, middle * level, [sum(sums[hour] for sums in same) / all_of_it for hour in range(WHOLE + 1)])

    def judge(self, day: date, sold: Hours, hour: int = WHOLE, times: float = 1.0) -> Off | None:
        """Judge a day up to an hour by the days before; `times` is how the threshold was tuned.

        None where too little is known, or too little of a usual day is over.
        """
        plan = self.plan(day)
        if plan is None or not plan.tells(hour):
            return None
        known = {one: offs for one, offs in self._offs.items() if one < day}
        at = [offs[hour] for offs in known.values() if hour in offs]
        if len(at) < LEAST_JUDGED:
            return None
        spread, limit = _spread(at), threshold(list(known.values())) * times
        so_far, by_now = _sums(sold)[hour], plan.by(hour)
        z = log(max(LOWEST, so_far / by_now)) / spread
        low, high = (round(by_now * exp(side * limit * spread)) for side in (-1, 1))
        lasting = self._lasting(day, z)
        return Off(hour, so_far, round(by_now), low, high, z, limit, severity(z, lasting=lasting))

    def _lasting(self, day: date, z: float) -> bool:
        """Claim that the days before were off the same way, by half a usual day's spread at least."""
        whole = [offs[WHOLE] for one, offs in self._offs.items() if one < day]
        least = _spread(whole) / 2
        last = [self._offs[one].get(WHOLE, 0.0) for one in _before(day, SAME_SIGN_DAYS - 1) if one in self._offs]
        return len(last) == SAME_SIGN_DAYS - 1 and all(value * z > 0 and abs(value) >= least for value in last)


@dataclass(frozen=True, slots=True)
class Plan:
    """A day as it was expected: the middle of such weekdays, that at the level of late, and the share by each hour."""

    middle: float
    whole: float
    shares: Sequence[float]

    def by(self, hour: int) -> float:
        """Give what was expected up to an hour."""
        return self.whole * self.shares[hour]

    def tells(self, hour: int) -> bool:
        """Claim that enough of such a day is over by then."""
        return self.shares[hour] >= LEAST_SHARE


def threshold(offs: Sequence[Mapping[int, float]]) -> float:
    """Give the z that all but one in thirty past days stayed below at every hour; 3.5 at least."""
    hours = {hour for one in offs for hour in one}
    spreads = {hour: _spread([one[hour] for one in offs if hour in one]) for hour in hours}
    worst = sorted(max((abs(value) / spreads[hour] for hour, value in one.items()), default=0.0) for one in offs)
    return max(LEAST_Z, worst[min(len(worst) - 1, ceil(len(worst) * (1 - 1 / BUDGET_DAYS)))])


def severity(z: float, *, lasting: bool) -> str:
    """Name how bad it is: by how far off; one step up where it is the third day the same way."""
    step = (abs(z) >= MEDIUM) + (abs(z) > HIGH) + lasting
    return SEVERITIES[min(step, len(SEVERITIES) - 1)]


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return max(LEAST_SPREAD, SPREAD * median(abs(value - middle) for value in values))


def _sums(hours: Hours) -> list[int]:
    """Add the hours up: by each hour what was sold before it, returns aside."""
    return list(accumulate((max(0, hours.get(hour, 0)) for hour in range(WHOLE)), initial=0))


def _before(day: date, days: int) -> list[date]:
    return [day - timedelta(days=back) for back in range(1, days + 1)]
