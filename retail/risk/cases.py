"""Who did more of something than others like them, day after day: docs/algorithms/anomalies.md, 3; pure.

Days are gone through in their order. What a cashier's day is held against comes from the days before it alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import log10, sqrt
from typing import Final

from retail.risk.tails import SIZE, at_least

MEASURES: Final = ("void_late", "void", "no_sale", "refund", "refund_blind", "refund_own", "discount", "price")
"""What is counted, in the order in which a shift's counts stand."""

OWN_WEIGHT: Final = 1_500.0
"""So many sales of their own count as much as what the others of the store do."""
CAP: Final = 2.0
"""More than so many times the others' rate is nobody's usual: a thief can't become their own baseline."""
FADING: Final = 0.98
"""What a day counts for a day later: half after five weeks."""
LEAST_PEERS: Final = 300.0
LEAST_DAYS: Final = 14
"""Before the others have sold so much, and the store was watched for so long, nobody is judged."""
PRIOR: Final = 1.0
"""Added to what the others did, in acts: what nobody ever did isn't impossible."""
ALLOWED: Final = 0.75
STEP: Final = 4.0
"""A day adds to the run what it was above expected, in its own spread, less ALLOWED; at most STEP."""
RARE: Final = 4.8
RUN: Final = 8.5
"""A case opens where a day is rarer than 1 in 10 ** RARE, or a run is above RUN; both times the threshold."""
COOL_DAYS: Final = 14
"""After a case of a cashier no other opens for so long."""
MOST: Final = 12.0


@dataclass(frozen=True, slots=True)
class Shift:
    """What a cashier did on a day in one store: sales, and how often each of MEASURES."""

    day: date
    cashier: str
    sales: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One measure of a day: seen, expected, how rare that is (-log10 of its chance), and the run of such days."""

    measure: str
    seen: int
    expected: float
    rare: float
    run: float

    @property
    def weight(self) -> float:
        """Give how much of what opens a case it is: 1 opens one."""
        return max(self.rare / RARE, self.run / RUN)


@dataclass(frozen=True, slots=True)
class Judged:
    """A cashier's day: what weighs most, measure by measure, and whether a case opens."""

    day: date
    cashier: str
    reasons: tuple[Reason, ...]
    opens: bool

    @property
    def weight(self) -> float:
        """Give the heaviest reason's weight; 0 where nothing could be judged."""
        return max((one.weight for one in self.reasons), default=0.0)


@dataclass(slots=True)
class _Kept:
    """What is known of a cashier: decayed sales and counts, runs, and the day of the last case."""

    sales: float = 0.0
    counts: list[float] = field(default_factory=lambda: [0.0] * len(MEASURES))
    runs: list[float] = field(default_factory=lambda: [0.0] * len(MEASURES))
    case: date | None = None


def judge(shifts: Iterable[Shift], threshold: float = 1.0) -> list[Judged]:
    """Judge the shifts of one store, day by day; the same shifts always give the same cases."""
    days: dict[date, list[Shift]] = defaultdict(list)
    for one in shifts:
        days[one.day].append(one)
    kept: dict[str, _Kept] = defaultdict(_Kept)
    found, begun, before = list[Judged](), min(days, default=date.min), min(days, default=date.min)
    for day in sorted(days):
        _fade(kept, (day - before).days)
        before = day
        everybody = _everybody(kept)
        young = (day - begun).days < LEAST_DAYS
        of_day = sorted(days[day], key=lambda one: one.cashier)
        if not young:
            found += [_judge(one, kept[one.cashier], everybody, threshold) for one in of_day if one.sales]
        for one in of_day:
            _learn(kept[one.cashier], one)
    return found


def _judge(one: Shift, own: _Kept, everybody: Sequence[float], threshold: float) -> Judged:
    """Judge one shift, and move the cashier's runs on."""
    if everybody[0] - own.sales < LEAST_PEERS:
        return Judged(one.day, one.cashier, (), opens=False)
    reasons = []
    for at, measure in enumerate(MEASURES):
        mean = expected(
            one.sales, own.sales, own.counts[at], everybody[0] - own.sales, everybody[at + 1] - own.counts[at]
        )
        seen = one.counts[at]
        own.runs[at] = max(0.0, own.runs[at] + min(STEP, (seen - mean) / sqrt(mean + mean * mean / SIZE)) - ALLOWED)
        rare = min(MOST, -log10(max(at_least(seen, mean), 10.0**-MOST)))
        reasons.append(Reason(measure, seen, mean, rare, own.runs[at]))
    told = tuple(sorted(reasons, key=lambda reason: (-reason.weight, reason.measure)))
    warm = own.case is not None and one.day - own.case < timedelta(days=COOL_DAYS)
    opens = told[0].weight >= threshold and not warm
    if opens:
        own.case, own.runs = one.day, [0.0] * len(MEASURES)
    return Judged(one.day, one.cashier, told, opens)


def expected(sales: int, own_sales: float, own_count: float, peer_sales: float, peer_count: float) -> float:
    """Give how many acts so many sales usually bring: the own rate, shrunk to the others' and capped."""
    peers = (peer_count + PRIOR) / peer_sales
    own = (own_count + OWN_WEIGHT * peers) / (own_sales + OWN_WEIGHT)
    return sales * min(own, CAP * peers)


def _everybody(kept: Mapping[str, _Kept]) -> list[float]:
    sums = [0.0] * (len(MEASURES) + 1)
    for one in kept.values():
        sums[0] += one.sales
        for at, count in enumerate(one.counts):
            sums[at + 1] += count
    return sums


def _fade(kept: Mapping[str, _Kept], days: int) -> None:
    by = FADING**days
    for one in kept.values():
        one.sales *= by
        one.counts = [count * by for count in one.counts]


def _learn(own: _Kept, one: Shift) -> None:
    own.sales += one.sales
    own.counts = [count + more for count, more in zip(own.counts, one.counts, strict=True)]
