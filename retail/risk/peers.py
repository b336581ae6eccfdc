"""What others would have done with the same sales at the same times: docs/algorithms/anomalies.md, 1; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from retail.risk.tails import at_least

WEIGHT: Final = 200.0
"""So many sales of the others at all times count as much as what they did at one time."""
LEAST: Final = 300
"""Before the others have sold so much, nobody is compared with them."""
PRIOR: Final = 1.0
ALONE: Final = 1.0
"""Added to both sides of a comparison: one act where none was expected is no more than twice."""
RARE: Final = 0.01
VERY_RARE: Final = 0.001

Times = Mapping[Any, tuple[int, int]]
"""By time (weekday, part of the day): sales, and how often something was done, or what it came to."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How often somebody did something, beside what the others would have; all None where nobody can be compared."""

    seen: int
    sales: int
    expected: float | None
    chance: float | None

    @property
    def rate(self) -> float | None:
        """Give how often in a hundred sales; None without sales."""
        return 100.0 * self.seen / self.sales if self.sales else None

    @property
    def times(self) -> float | None:
        """Give how many times as often as the others, drawn towards once where little was sold."""
        return None if self.expected is None else (self.seen + ALONE) / (self.expected + ALONE)

    @property
    def tone(self) -> str:
        """Name how it stands out: not at all, `warn`, or `bad`."""
        if self.chance is None or self.chance > RARE:
            return ""
        return "bad" if self.chance <= VERY_RARE else "warn"


def expected(own: Times, others: Times) -> float | None:
    """Give what the others would have done with these sales at these times; None where they sold too little."""
    sold = sum(sales for sales, _done in others.values())
    if sold < LEAST:
        return None
    usual = (sum(done for _sales, done in others.values()) + PRIOR) / sold
    found = 0.0
    for time, (sales, _done) in own.items():
        there, done = others.get(time, (0, 0))
        found += sales * (done + WEIGHT * usual) / (there + WEIGHT)
    return found


def compare(own: Times, others: Times) -> Compared:
    """Compare how often somebody did something with the others of the store."""
    seen, sales = sum(done for _sales, done in own.values()), sum(sales for sales, _done in own.values())
    mean = expected(own, others)
    return Compared(seen, sales, mean, None if mean is None else at_least(seen, mean))
