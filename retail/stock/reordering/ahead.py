"""What is expected of the days to come, as the nightly forecast left it. docs/algorithms/reordering.md, 3."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

DAYS: Final = 60
"""So many days are known, from the first one after the history."""
STALE_DAYS: Final = 3
"""A forecast that is older says nothing any more."""
ANCHORS: Final = (*range(1, 15), 21, 28, 42, 60)
"""Spans of days whose errors are known; a span between two goes by the longer one."""
LEVELS: Final = (5, 10, 25, 50, 75, 85, 90, 93, 95, 97, 99)
"""Shares, in percent, of the past in which demand was no more."""
MIDDLE: Final = LEVELS.index(50)
_HALF: Final = Decimal("0.5")
_MILLI: Final = Decimal(1000)
_FINE: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A product's demand in a store, in thousandths, cumulated from the forecast's first day.

    `expected` is its mean, `middle` what it doesn't exceed in half of all cases. `spread` has, for each of LEVELS and
    each of ANCHORS, how many thousandths of sqrt(expected + 0.5) it stays below. `gone`: days of it that are over.
    `service`: which of LEVELS is wanted in stock. `review`: days until orders are looked at again. `keeps`: days that
    goods last on the shelf, where that is known.
    """

    expected: Sequence[int]
    middle: Sequence[int]
    spread: Sequence[Sequence[int]]
    gone: int = 0
    service: int = 93
    review: int = 1
    keeps: int | None = None

    def reaches(self, days: int) -> bool:
        """Claim that so many days from today on are known."""
        return self.gone + days <= len(self.expected)

    def use(self, days: int) -> Decimal:
        """Give what will be sold in so many days from today on."""
        return (self._until(self.expected, days) - self._until(self.expected, 0)) / _MILLI

    def buffer(self, days: int) -> Decimal:
        """Give what must lie beside that, so that it is enough with the wanted probability; may be below zero."""
        quantile = self.spread[LEVELS.index(self.service)][anchor(days)]
        return (quantile / _MILLI * (self.use(days) + _HALF).sqrt()).quantize(_FINE, ROUND_HALF_UP)

    def days_of(self, left: Decimal) -> int | None:
        """Tell on how many whole days it is enough in half of all cases; None: beyond what is known."""
        days = bisect_right(self.middle, int(left * 1000 + self._until(self.middle, 0))) - self.gone
        return days if self.gone + days < len(self.middle) else None

    def chance(self, left: Decimal, days: int) -> int:
        """Give the chance, in percent, that it is not enough for so many days; 1 to 95, as far as is known."""
        over = (left - self.use(days)) / (self.use(days) + _HALF).sqrt() * 1000
        line = [row[anchor(days)] for row in self.spread]
        at = bisect_left(line, over)
        if at == 0:
            return 100 - LEVELS[0]
        if at == len(line):
            return 100 - LEVELS[-1]
        share = (over - line[at - 1]) / (line[at] - line[at - 1])
        below = LEVELS[at - 1] + share * (LEVELS[at] - LEVELS[at - 1])
        return 100 - int(below.to_integral_value(ROUND_HALF_UP))

    def _until(self, line: Sequence[int], days: int) -> Decimal:
        at = self.gone + days
        return Decimal(line[at - 1]) if at else Decimal(0)


def anchor(days: int) -> int:
    """Give the place among ANCHORS that a span of days goes by."""
    return min(bisect_left(ANCHORS, days), len(ANCHORS) - 1)
