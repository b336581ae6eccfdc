"""What to order where the money isn't enough for all of it; pure. docs/algorithms/reordering.md, 7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final

from retail.stock.reordering.ahead import LEVELS, anchor
from retail.stock.reordering.rules import COVER_DAYS, Need, Suggestion
from retail.stock.rules import value_minor

_HALF: Final = Decimal("0.5")
_NOTHING: Final = Decimal(0)
_PORTIONS: Final = 10
"""An order is looked at in at most so many portions."""
_NORMAL: Final = tuple(
    map(Decimal, ["-1.645", "-1.282", "-0.674", "0", "0.674", "1.036", "1.282", "1.476", "1.645", "1.881", "2.326"])
)
"""What LEVELS are in a normal distribution: for what is ordered by its pace."""


def _weights() -> tuple[Decimal, ...]:
    """Give each level the share of cases that lie nearest to it."""
    edges = [0, *((one + other) / 2 for one, other in pairwise(LEVELS)), 100]
    return tuple(Decimal(str(behind - edge)) / 100 for edge, behind in pairwise(edges))


WEIGHTS: Final = _weights()


def cases(need: Need) -> list[Decimal]:
    """Give what may be sold in the days that an order is for: an amount for each of LEVELS, as likely as WEIGHTS say.

    By forecast over lead time, review and the 14 days after, else by its pace over lead time and 14 days.
    """
    days = need.span + COVER_DAYS
    if need.ahead is not None and need.ahead.reaches(days):
        use = need.ahead.use(days)
        errors = [Decimal(row[anchor(days)]) / 1000 for row in need.ahead.spread]
    else:
        use, errors = need.per_day * (need.lead + COVER_DAYS), list(_NORMAL)
    if use <= 0:
        return [_NOTHING] * len(LEVELS)
    root = (use + _HALF).sqrt()
    return [max(use + error * root, _NOTHING) for error in errors]


def short(sells: Sequence[Decimal], there: Decimal) -> Decimal:
    """Give how many are missing on average, with so many there."""
    return sum((weight * max(one - there, _NOTHING) for weight, one in zip(WEIGHTS, sells, strict=True)), _NOTHING)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What should be ordered, and what one brings over its cost in minor units; `margin` 0: not known, or nothing."""

    need: Need
    suggestion: Suggestion
    unit_cost: Decimal
    margin: Decimal


@dataclass(frozen=True, slots=True)
class Bought:
    """What of an order is within the budget; amounts in minor units.

    `lost`: the margin that what is left out is expected to cost. `least_minor`: what the next portion would have cost
    when its turn came, and `left_minor` what was left then; None where all of it is ordered.
    """

    quantity: Decimal
    cost_minor: int
    lost: int
    least_minor: int | None = None
    left_minor: int | None = None


@dataclass(slots=True)
class _Line:
    one: Candidate
    sells: list[Decimal]
    steps: list[Decimal]
    taken: int = 0
    quantity: Decimal = _NOTHING
    least: int | None = None
    left: int | None = None

    def cost(self, quantity: Decimal) -> int:
        return value_minor(quantity, self.one.unit_cost)

    def lost(self, quantity: Decimal) -> Decimal:
        return max(self.one.margin, _NOTHING) * short(self.sells, self.one.need.position + quantity)

    def turn(self, place: int) -> tuple[bool, Decimal, int]:
        """Give its turn: what costs nothing comes first, then the most margin saved for its money."""
        until = self.steps[self.taken]
        price = self.cost(until) - self.cost(self.quantity)
        gain = self.lost(self.quantity) - self.lost(until)
        return price > 0, -gain / price if price > 0 else _NOTHING, place


def spend(candidates: Sequence[Candidate], budget_minor: int) -> list[Bought]:
    """Spend at most so much, portion by portion where the most margin is saved for its money; in the order given.

    The first portion of an order is the least that can be ordered, each further one whole packs. Where one doesn't fit
    any more, as many packs of it as do are taken, and that order is done.
    """
    lines = [_Line(one, cases(one.need), _steps(one)) for one in candidates]
    turns = [line.turn(place) for place, line in enumerate(lines)]
    heapify(turns)
    left = budget_minor
    while turns:
        place = heappop(turns)[-1]
        line = lines[place]
        until = line.steps[line.taken]
        price = line.cost(until) - line.cost(line.quantity)
        if price > left:
            line.least, line.left = price, left
            left -= _as_many_as_fit(line, left)
            continue
        left -= price
        line.quantity, line.taken = until, line.taken + 1
        if line.taken < len(line.steps):
            heappush(turns, line.turn(place))
    return [_bought(line) for line in lines]


def step_of(need: Need) -> Decimal:
    """Give what an order grows by: a pack, else a piece or a tenth of what is weighed."""
    return need.pack_quantity or (Decimal(1) if need.decimals == 0 else Decimal("0.1"))


def _steps(one: Candidate) -> list[Decimal]:
    order, step = one.suggestion.order, step_of(one.need)
    least = (max(one.need.minimum_order or step, step) / step).to_integral_value(ROUND_CEILING) * step
    if least >= order:
        return [order]
    each = ((order - least) / step / (_PORTIONS - 1)).to_integral_value(ROUND_CEILING) * step
    found = [least]
    while found[-1] < order:
        found.append(min(found[-1] + each, order))
    return found


def _as_many_as_fit(line: _Line, left: int) -> int:
    """Take whole packs of a portion that is too dear; the least of an order can't be cut. Gives what they cost."""
    if line.taken == 0:
        return 0
    step, before = step_of(line.one.need), line.quantity
    while line.cost(line.quantity + step) - line.cost(before) <= left:
        line.quantity += step
    line.least = line.cost(line.quantity + step) - line.cost(line.quantity)
    line.left = left - (line.cost(line.quantity) - line.cost(before))
    return line.cost(line.quantity) - line.cost(before)


def _bought(line: _Line) -> Bought:
    whole = line.one.suggestion.order
    lost = line.lost(line.quantity) - line.lost(whole)
    return Bought(line.quantity, line.cost(line.quantity), int(lost.to_integral_value()), line.least, line.left)
