"""What was counted, when, and what that differs by; pure. docs/algorithms/counting.md, 2 and 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.stock.rules import value_minor

KINDS: Final = ("full", "cycle", "some")
MODES: Final = ("add", "set")
CLASSES: Final = ("A", "B", "C")
UNCOUNTED: Final = ("keep", "zero")
MOST_ROUNDS: Final = 9


@dataclass(frozen=True, slots=True)
class Counting:
    """One entry: `set` is all that lies in the area, `add` what was found besides. In the order they were recorded."""

    product: UUID
    area: UUID
    round: int
    mode: str
    quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Tallied:
    """What was counted of a product in all areas, and the moment with which the ledger is compared."""

    quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A counted product: what was found, what the ledger had at that moment, and what a unit costs."""

    product: UUID
    counted: Decimal
    expected: Decimal
    unit_cost: Decimal
    at: datetime
    round: int = 1

    @property
    def variance(self) -> Decimal:
        """What is there beyond what should be; below zero something is missing."""
        return self.counted - self.expected

    @property
    def costless(self) -> bool:
        """Claim that more is there than should be, and nobody knows what it cost."""
        return self.variance > 0 and not self.unit_cost

    @property
    def value_minor(self) -> int:
        """What the difference is worth at cost, in minor units, with its sign."""
        return value_minor(self.variance, self.unit_cost)


def tally(entries: Iterable[Counting], rounds: Mapping[UUID, int], selling: frozenset[UUID]) -> dict[UUID, Tallied]:
    """Add entries up, per product: of its latest round only, each area by itself, a `set` replacing what was before.

    Goods leave a shop through its sales floor, so a product is compared at the last moment at which it was counted in
    an area that sells; where none was, at the last moment at all. A product with fewer than zero in an area has none.
    """
    latest = [one for one in entries if one.round == rounds.get(one.product, 1)]
    areas = _by_area(latest)
    moments: defaultdict[UUID, list[tuple[bool, datetime]]] = defaultdict(list)
    for one in latest:
        moments[one.product].append((one.area in selling, one.at))
    return {
        product: Tallied(sum((max(quantity, Decimal(0)) for quantity in here.values()), Decimal(0)), max(at)[1])
        for product, here in areas.items()
        for at in [moments[product]]
    }


def overdrawn(entries: Iterable[Counting], rounds: Mapping[UUID, int]) -> set[tuple[UUID, UUID]]:
    """Tell of which products, in which areas, more was taken off than was found there, in their latest round."""
    areas = _by_area(one for one in entries if one.round == rounds.get(one.product, 1))
    return {(product, area) for product, here in areas.items() for area, left in here.items() if left < 0}


def _by_area(entries: Iterable[Counting]) -> dict[UUID, dict[UUID, Decimal]]:
    areas: defaultdict[UUID, dict[UUID, Decimal]] = defaultdict(dict)
    for one in entries:
        here = areas[one.product]
        here[one.area] = one.quantity if one.mode == "set" else here.get(one.area, Decimal(0)) + one.quantity
    return areas


def to_recount(outcomes: Iterable[Outcome], threshold: int | None) -> list[Outcome]:
    """Keep those that differ by more than the threshold, in minor units, and were counted once only."""
    if threshold is None:
        return []
    return [one for one in outcomes if one.round == 1 and abs(one.value_minor) > threshold]


def net_and_gross(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Sum the differences up: with their signs, and without, which is what an approval is asked for."""
    return sum(one.value_minor for one in outcomes), sum(abs(one.value_minor) for one in outcomes)
