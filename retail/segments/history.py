"""Past visits as columns, and how everybody stood at the end of a day; on numpy, for the worker alone.

A visit is a business day with a sale; what was brought back lowers what was spent. docs/algorithms/segments.md, 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from retail.segments import rules

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
FIFTHS: Final = 5


@dataclass(frozen=True, slots=True)
class Visits:
    """A row per customer and day: `who` numbers `people` customers, `day` is an ordinal; sorted by both.

    `sales` counts receipts of sales, `spend` is in minor units, less what was brought back that day.
    """

    people: int
    who: Whole
    day: Whole
    sales: Whole
    spend: Whole

    def until(self, day: int) -> Visits:
        """Give what was known at the end of a day."""
        kept = self.day <= day
        return Visits(self.people, self.who[kept], self.day[kept], self.sales[kept], self.spend[kept])

    def spent_in(self, first: int, last: int) -> Whole:
        """Add up what each spent from a day to another, both included; never below zero."""
        kept = (self.day >= first) & (self.day <= last)
        return np.maximum(_summed(self.who[kept], self.spend[kept], self.people), 0)

    def came_in(self, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Claim of each that they came from a day to another, both included."""
        kept = (self.day >= first) & (self.day <= last) & (self.sales > 0)
        return np.bincount(self.who[kept], minlength=self.people) > 0


@dataclass(frozen=True, slots=True)
class Stand:
    """How everybody who had come stood at the end of `day`; `who` says whose row it is.

    `interval` is their own median of days between visits, shrunk to the business's, `pause`.
    """

    day: int
    who: Whole
    visits: Whole
    sales: Whole
    spend: Whole
    first: Whole
    last: Whole
    interval: Real
    pause: float
    silent: float

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.who)

    @property
    def silence(self) -> Whole:
        """Give the days since each one's last visit."""
        return self.day - self.last

    @property
    def age(self) -> Whole:
        """Give the days since each one's first visit."""
        return self.day - self.first


def stand(known: Visits, day: int) -> Stand:
    """Work out how everybody stood at the end of a day."""
    past = known.until(day)
    came = past.sales > 0
    who, days = past.who[came], past.day[came]
    counts = np.bincount(who, minlength=past.people)
    there = np.flatnonzero(counts)
    ends = np.cumsum(counts)[there] - 1
    starts = ends - counts[there] + 1
    medians, pauses = _medians(who, days, counts[there], there)
    pause = float(np.median(pauses)) if len(pauses) else float(rules.FRESH)
    many = counts[there] - 1
    spend = _summed(past.who, past.spend, past.people)[there]
    return Stand(
        day, there, counts[there], _summed(who, past.sales[came], past.people)[there], np.maximum(spend, 0),
        days[starts], days[ends], (medians * many + pause * rules.PRIOR) / (many + rules.PRIOR), pause,
        float(np.quantile(pauses, rules.SILENT)) if len(pauses) else float(rules.FRESH),
    )  # fmt: skip


def fifths(values: Real | Whole) -> Whole:
    """Score values 1 to 5 by how many are smaller; equal values have equal scores."""
    ordered = np.sort(values)
    smaller = np.searchsorted(ordered, values, side="left")
    return (1 + smaller * FIFTHS // max(len(values), 1)).astype(np.int64)


def scores(of: Stand) -> tuple[Whole, Whole, Whole]:
    """Score recency, frequency and money 1 to 5, 5 the best."""
    return fifths(of.last), fifths(of.visits), fifths(of.spend)


def _medians(who: Whole, days: Whole, counts: Whole, there: Whole) -> tuple[Real, Whole]:
    """Give the median of the days between visits of each in `there`, 0 for who came once, and all these pauses."""
    same = who[1:] == who[:-1]
    pauses, of = (days[1:] - days[:-1])[same], who[1:][same]
    order = np.lexsort((pauses, of))
    pauses, of = pauses[order], of[order]
    many = counts - 1
    starts = np.searchsorted(of, there)
    found = np.zeros(len(there))
    some = many > 0
    low, high = starts[some] + (many[some] - 1) // 2, starts[some] + many[some] // 2
    found[some] = (pauses[low] + pauses[high]) / 2
    return found, pauses


def _summed(who: Whole, values: Whole, people: int) -> Whole:
    total = np.zeros(people, dtype=np.int64)
    np.add.at(total, who, values)
    return total
