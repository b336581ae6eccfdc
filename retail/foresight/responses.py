"""How buyers answer a price: docs/algorithms/foresight.md, section 5; pure.

An elasticity says by which power of the price units change: at -2 a price 10 % lower sells 1 / 0.9 ** 2 as much, 23 %
more. It is estimated from the business's own price changes and offers, drawn to what is usual where there are few.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY

USUAL: Final = -2.0
USUAL_SPREAD: Final = 1.0
BETWEEN_PRODUCTS: Final = 0.8
"""How far products of one business lie apart, as a standard deviation."""
UNEVEN: Final = 0.25
"""How far four weeks differ from the four before anyway, as a standard deviation of the logarithm."""
STAYS: Final = 0.3
"""The part of a product's answer that holds where all prices of a group move: the rest only goes to the neighbour."""
STAYS_SPREAD: Final = 0.2
SMALLEST_MOVE: Final = 0.02
_MOST: Final = 6.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Happening:
    """A price that moved: units of the product, and of all other goods, in the time before and in that after it."""

    product: UUID
    category: UUID
    ratio: float
    before: float
    after: float
    others_before: float
    others_after: float
    is_offer: bool = False

    @property
    def move(self) -> float:
        """Give the logarithm of the new price over the old."""
        return math.log(self.ratio)

    @property
    def told(self) -> float:
        """Give the elasticity that it shows by itself: as if nothing but the price and the season had changed."""
        now = (self.after + _HALF) / (self.others_after + _HALF)
        then = (self.before + _HALF) / (self.others_before + _HALF)
        return math.log(now / then) / self.move

    @property
    def variance(self) -> float:
        """Give how unsure that is: few pieces, a small move and uneven weeks all blur it."""
        noise = 1 / (self.after + _HALF) + 1 / (self.before + _HALF) + UNEVEN**2
        return noise / self.move**2


@dataclass(frozen=True, slots=True)
class Response:
    """An elasticity with its standard deviation, and from how many changes and offers it comes: own, and of others."""

    elasticity: float = USUAL
    spread: float = USUAL_SPREAD
    changes: int = 0
    offers: int = 0
    of_others: int = 0

    def as_kept(self) -> Response:
        """Give it with the places that are written down, so that every reckoner goes by the same."""
        return replace(self, elasticity=round(self.elasticity, 3), spread=max(0.001, round(self.spread, 3)))

    def for_all_of_it(self) -> Response:
        """Give the answer where the prices of a whole group move: what only goes to the neighbour is left out."""
        spread = math.hypot(STAYS * self.spread, STAYS_SPREAD)
        return Response(STAYS * self.elasticity, spread, self.changes, self.offers, self.of_others)


def is_usable(ratio: float, before: float) -> bool:
    """Claim that something can be learned: the price moved by 2 % at least, and something was sold before."""
    return ratio > 0 and abs(math.log(ratio)) >= SMALLEST_MOVE and before > 0


def responses(happened: Sequence[Happening]) -> dict[UUID, Response]:
    """Estimate all of a business: its own mean under NOBODY, and each category and product whose price ever moved."""
    whole = _met(Response(), happened, BETWEEN_PRODUCTS)
    found = {NOBODY: whole}
    for groups, apart in ((_by(happened, "category"), BETWEEN_PRODUCTS), (_by(happened, "product"), 0.0)):
        for subject, own in groups.items():
            if subject == NOBODY:
                continue
            prior = Response(whole.elasticity, math.hypot(whole.spread, BETWEEN_PRODUCTS))
            met = _met(prior, own, apart)
            found[subject] = Response(
                met.elasticity, met.spread, met.changes, met.offers, of_others=len(happened) - len(own)
            )
    return found


def without_own(whole: Response) -> Response:
    """Give what holds for a product whose price never moved: that of the others, and less sure."""
    others = whole.changes + whole.offers
    return Response(whole.elasticity, math.hypot(whole.spread, BETWEEN_PRODUCTS), of_others=others)


def held(elasticity: float) -> float:
    """Hold an elasticity within what is believed."""
    return min(0.0, max(-_MOST, elasticity))


def _met(prior: Response, happened: Iterable[Happening], apart: float) -> Response:
    """Let what happened correct what was thought before, each with the weight of how sure it is (normal, conjugate)."""
    weight = 1 / prior.spread**2
    total, changes, offers = prior.elasticity * weight, 0, 0
    for one in happened:
        own = 1 / (one.variance + apart**2)
        weight, total = weight + own, total + own * one.told
        changes, offers = changes + (not one.is_offer), offers + one.is_offer
    return Response(held(total / weight), math.sqrt(1 / weight), changes, offers)


def _by(happened: Iterable[Happening], name: str) -> Mapping[UUID, list[Happening]]:
    found: dict[UUID, list[Happening]] = {}
    for one in happened:
        found.setdefault(getattr(one, name), []).append(one)
    return found
