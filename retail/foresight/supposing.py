"""What if: a kept forecast under another price, an offer, closed days or more growth, without fitting anything anew.

docs/algorithms/foresight.md, section 6; pure. Amounts are minor units or units of goods, a value a day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from retail.foresight.responses import Response

EDGE: Final = 1.2816
"""So many standard deviations on both sides hold 80 %."""
PRICES: Final = (-50, 100)
OFFS: Final = (0, 80)
GROWTHS: Final = (-50, 100)
LEADS: Final = (0, 60)
CLOSED: Final = 4


@dataclass(frozen=True, slots=True)
class Levers:
    """What is supposed: price and growth in percent, an offer of `off` percent, closed days, days of lead time.

    An offer without a first day begins with the forecast, one without a last day lasts to its end.
    """

    price: int = 0
    off: int = 0
    off_from: date | None = None
    off_to: date | None = None
    closed: tuple[date, ...] = ()
    growth: int = 0
    lead: int | None = None

    @property
    def changes_something(self) -> bool:
        """Claim that it isn't the plain forecast."""
        return bool(self.price or self.off or self.closed or self.growth)

    def price_on(self, day: date, planned: float = 1.0) -> float:
        """Give the price of a day over the one of now; of this offer and one that is planned the larger counts."""
        price = 1 + self.price / 100
        begins = self.off_from is None or day >= self.off_from
        ends = self.off_to is None or day <= self.off_to
        return price * min(planned, 1 - self.off / 100 if begins and ends else 1.0)

    def kept(self) -> dict[str, Any]:
        """Give it as it is stored."""
        return {
            "price": self.price,
            "off": self.off,
            "off_from": self.off_from.isoformat() if self.off_from else None,
            "off_to": self.off_to.isoformat() if self.off_to else None,
            "closed": [day.isoformat() for day in self.closed],
            "growth": self.growth,
            "lead": self.lead,
        }

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Levers:
        """Read it as it was stored."""

        def day(name: str) -> date | None:
            return date.fromisoformat(kept[name]) if kept.get(name) else None

        closed = tuple(date.fromisoformat(one) for one in kept["closed"])
        return cls(kept["price"], kept["off"], day("off_from"), day("off_to"), closed, kept["growth"], kept["lead"])


@dataclass(frozen=True, slots=True)
class Line:
    """A value a day with the bounds of its middle 80 %, where they are known."""

    likely: list[float]
    low: list[float] | None = None
    high: list[float] | None = None

    @property
    def total(self) -> float:
        """Add it up."""
        return sum(self.likely)

    @property
    def least(self) -> float | None:
        """Add up the lower bounds: as if every day lay on its own."""
        return sum(self.low) if self.low is not None else None

    @property
    def most(self) -> float | None:
        """Add up the upper bounds."""
        return sum(self.high) if self.high is not None else None


@dataclass(frozen=True, slots=True)
class Plain:
    """The kept forecast of a subject: revenue and units from `first` on; of each unit its cost, of revenue its tax.

    `prices` are those that the forecast holds already, over the one of now: of offers that are planned. None: all 1.
    """

    first: date
    revenue: Line
    units: Line
    unit_cost: float | None = None
    tax: float = 0.0
    prices: Sequence[float] | None = None
    closed: frozenset[date] = frozenset()

    def margin(self, revenue: Line, units: Line) -> Line | None:
        """Give revenue without tax and costs; None where no cost is known."""
        cost = self.unit_cost
        if cost is None:
            return None

        def left(money: Sequence[float], pieces: Sequence[float]) -> list[float]:
            return [one * (1 - self.tax) - cost * count for one, count in zip(money, pieces, strict=True)]

        likely = left(revenue.likely, units.likely)
        if revenue.low is None or revenue.high is None or units.low is None or units.high is None:
            return Line(likely)
        ends = list(zip(left(revenue.low, units.low), left(revenue.high, units.high), strict=True))
        return Line(likely, [min(pair) for pair in ends], [max(pair) for pair in ends])


@dataclass(frozen=True, slots=True)
class Supposed:
    """What would be: revenue, units and margin a day, with their bounds."""

    first: date
    revenue: Line
    units: Line
    margin: Line | None


def suppose(plain: Plain, levers: Levers, response: Response) -> Supposed:
    """Say what a forecast would be under these levers."""
    days = [plain.first + timedelta(days=at) for at in range(len(plain.units.likely))]
    held = plain.prices or [1.0] * len(days)
    prices = [levers.price_on(day, price) / price for day, price in zip(days, held, strict=True)]
    open_ = [0.0 if day in levers.closed else 1 + levers.growth / 100 for day in days]
    units = priced(plain.units, prices, response, open_)
    money = [share * price for share, price in zip(open_, prices, strict=True)]
    revenue = priced(plain.revenue, prices, response, money)
    return Supposed(plain.first, revenue, units, plain.margin(revenue, units))


def priced(line: Line, prices: Sequence[float], response: Response, shares: Sequence[float] | None = None) -> Line:
    """Move units by prices, over those that they were forecast at: the one rule, of planned offers and of what if.

    `shares` is what else each day is multiplied by.
    """
    each = shares or [1.0] * len(prices)
    factors = [price**response.elasticity * share for price, share in zip(prices, each, strict=True)]
    return _moved(line, factors, [_doubt(price, response) for price in prices])


def _doubt(price: float, response: Response) -> tuple[float, float]:
    """Give how far below and above, as shares, units may lie because the elasticity isn't known better."""
    swing = abs(math.log(price)) * response.spread * EDGE
    return 1 - math.exp(-swing), math.exp(swing) - 1


def _moved(line: Line, factors: Sequence[float], doubts: Sequence[tuple[float, float]]) -> Line:
    """Scale a line; its bounds grow by the doubt about the answer, which has nothing to do with that about the day."""
    likely = [one * factor for one, factor in zip(line.likely, factors, strict=True)]
    if line.low is None or line.high is None:
        return Line(likely)
    low, high = [], []
    for at, value in enumerate(line.likely):
        below, above = doubts[at]
        under = 1 - line.low[at] / value if value > 0 else 0.0
        over = line.high[at] / value - 1 if value > 0 else 0.0
        low.append(likely[at] * max(0.0, 1 - math.hypot(under, below)))
        high.append(likely[at] * (1 + math.hypot(over, above)))
    return Line(likely, low, high)


@dataclass(frozen=True, slots=True)
class Cover:
    """How long goods last: the day they are gone (likely, at the earliest), and the last day to order before each.

    `point` is what has to be there when an order goes out, so that nine of ten times it lasts until the goods come.
    None: longer than the forecast looks.
    """

    on_hand: float
    gone: date | None
    gone_early: date | None
    order_by: date | None
    order_early: date | None
    point: float
    first: date
    """The day on which an order can go out at the earliest."""


def cover(units: Line, first: date, on_hand: float, lead: int) -> Cover:
    """Say when goods run out, and when to order them with so many days of lead time."""
    gone = _gone(units.likely, first, on_hand)
    early = _gone(units.high or units.likely, first, on_hand)
    high = units.high or units.likely
    spare = math.sqrt(sum((most - one) ** 2 for one, most in zip(units.likely[:lead], high[:lead], strict=True)))
    back = timedelta(days=lead)
    return Cover(
        on_hand,
        gone,
        early,
        gone - back if gone else None,
        early - back if early else None,
        sum(units.likely[:lead]) + spare,
        first,
    )


def _gone(sold: Sequence[float], first: date, on_hand: float) -> date | None:
    left = on_hand
    for at, one in enumerate(sold):
        left -= one
        if left <= 0:
            return first + timedelta(days=at)
    return None
