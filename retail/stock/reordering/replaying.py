"""What an order rule is expected to do in the next weeks, played through on what the forecast lets happen; pure.

docs/algorithms/reordering.md, 8. Plain numbers: an effect is for people to look at, and nothing is booked by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil, sqrt
from random import Random
from statistics import NormalDist
from typing import Final
from uuid import UUID

from retail.stock.reordering.ahead import LEVELS, Ahead, anchor
from retail.stock.reordering.budget import step_of
from retail.stock.reordering.rules import COVER_DAYS, Need, point_of

DAYS: Final = 28
PATHS: Final = 24
_NORMAL: Final = NormalDist()
_EDGES: Final = tuple(level / 100 for level in LEVELS)
_WIDE: Final = _NORMAL.inv_cdf(0.75) - _NORMAL.inv_cdf(0.25)
_AT_25, _AT_75 = LEVELS.index(25), LEVELS.index(75)

Rule = Callable[[int, float], float]
"""Gives how much to order in the morning of a day with such a position; day 0 is today."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rule in so many days: days out of stock, wanted and served units, mean stock; means of all paths.

    `out_days`: days on which not all that was wanted was there.
    """

    days: int
    out_days: float
    wanted: float
    served: float
    held: float

    @property
    def service(self) -> float:
        """Give the share of what was wanted that was there."""
        return self.served / self.wanted if self.wanted else 1.0


@dataclass(frozen=True, slots=True)
class Effect:
    """The suggested rule beside the present one. `fixed`: the present one is a point that somebody set."""

    suggested: Outcome
    present: Outcome
    fixed: bool


def effect(need: Need, seed: UUID) -> Effect | None:
    """Play both rules through on the same days; the same need gives the same figures. None without a forecast for it.

    The present rule is the point that somebody set; without one, an order when nothing is left. None as well where the
    forecast doesn't reach over four weeks, lead time, review days and two weeks.
    """
    ahead = need.ahead
    if ahead is None or not ahead.reaches(DAYS + need.span + COVER_DAYS) or ahead.use(DAYS) <= 0:
        return None
    suggested = replace(need, reorder_point=None, target=None)
    paths = _paths(need, ahead, seed)
    present = _fixed(need) if need.reorder_point is not None else _when_gone(need)
    return Effect(
        _play(need, paths, _by_forecast(suggested, ahead)), _play(need, paths, present), need.reorder_point is not None
    )


def _paths(need: Need, ahead: Ahead, seed: UUID) -> list[list[float]]:
    """Draw days of demand: each as far off as single days were, and together as far off as such spans were.

    Of a day's error a share is that of the whole span: as large as makes the spread of the span's sum come out.
    """
    expected = [float(ahead.use(day + 1) - ahead.use(day)) for day in range(DAYS)]
    single, span = _line(ahead, 1), _line(ahead, max(need.span, 2))
    together = _together(expected[: max(need.span, 2)], _spread(single), _spread(span))
    chance = Random(seed.int)  # noqa: S311 # nosec B311 - the same need gives the same figures; nothing is kept secret
    found = []
    for _path in range(PATHS):
        whole = chance.gauss(0, 1)
        path = []
        for mean in expected:
            error = _at(single, sqrt(together) * whole + sqrt(1 - together) * chance.gauss(0, 1))
            wanted = max(0.0, mean + error * sqrt(mean + 0.5)) if mean > 0 else 0.0
            path.append(wanted if need.decimals else float(int(wanted + chance.random())))
        found.append(path)
    return found


def _line(ahead: Ahead, days: int) -> list[float]:
    return [row[anchor(days)] / 1000 for row in ahead.spread]


def _spread(line: Sequence[float]) -> float:
    return (line[_AT_75] - line[_AT_25]) / _WIDE


def _together(expected: Sequence[float], single: float, span: float) -> float:
    """Give the share of the errors' variance that all days of a span have in common, 0 to 1."""
    each = sum(mean + 0.5 for mean in expected)
    line = sum(sqrt(mean + 0.5) for mean in expected) ** 2
    if single <= 0 or line <= each:
        return 0.0
    wanted = (span / single) ** 2 * (sum(expected) + 0.5)
    return min(1.0, max(0.0, (wanted - each) / (line - each)))


def _at(line: Sequence[float], normal: float) -> float:
    """Give the error at a place of the normal distribution, straight between the levels, held at the outer ones."""
    share = _NORMAL.cdf(normal)
    if share <= _EDGES[0]:
        return line[0]
    for at in range(1, len(_EDGES)):
        if share <= _EDGES[at]:
            return line[at - 1] + (line[at] - line[at - 1]) * (share - _EDGES[at - 1]) / (_EDGES[at] - _EDGES[at - 1])
    return line[-1]


def _rounded(need: Need) -> Callable[[float], float]:
    step, least = float(step_of(need)), float(need.minimum_order or 0)
    return lambda wanted: ceil(max(wanted, least) / step - 1e-9) * step if wanted > 0 else 0.0


def _by_forecast(need: Need, ahead: Ahead) -> Rule:
    """Give the rule of section 3, with what is known of each day on which it is asked."""
    levels, up = [], _rounded(need)
    keeps = ahead.keeps
    for day in range(DAYS):
        then = replace(need, ahead=replace(ahead, gone=ahead.gone + day))
        point, known = point_of(then), then.forecast
        reach = point
        if known is not None:
            reach = max(point + known.use(then.span + COVER_DAYS) - known.use(then.span), point + step_of(need))
            if keeps is not None and known.reaches(keeps):
                reach = min(reach, known.use(keeps))
        levels.append((float(point), float(reach)))

    def rule(day: int, position: float) -> float:
        point, reach = levels[day]
        return up(reach - position) if position <= point else 0.0

    return rule


def _fixed(need: Need) -> Rule:
    """Give the rule of a point that somebody set, up to its target, else for lead time and two weeks at its pace."""
    point, up = float(need.reorder_point or 0), _rounded(need)
    usual = max(float(need.per_day) * (need.lead + COVER_DAYS) + float(need.safety), point + float(step_of(need)))
    reach = usual if need.target is None else float(need.target)
    return lambda _day, position: up(reach - position) if position <= point else 0.0


def _when_gone(need: Need) -> Rule:
    return _fixed(replace(need, reorder_point=Decimal(0)))


def _play(need: Need, paths: Sequence[Sequence[float]], rule: Rule) -> Outcome:
    """Walk the days: what is looked at is ordered, goods come, and are sold as far as they are there."""
    review = need.ahead.review if need.ahead else 1
    out = wanted = served = held = 0.0
    for path in paths:
        there, coming = max(float(need.available), 0.0), [0.0] * (DAYS + need.lead + 2)
        coming[need.lead] += float(need.incoming)
        waits = float(need.incoming)
        for day, demand in enumerate(path):
            if day % review == 0:
                order = rule(day, there + waits)
                coming[day + need.lead] += order
                waits += order
            there, waits = there + coming[day], waits - coming[day]
            sold = min(there, demand)
            out, wanted, served = out + (sold < demand - 1e-9), wanted + demand, served + sold
            there -= sold
            held += there
    many = len(paths)
    return Outcome(DAYS, out / many, wanted / many, served / many, held / many / DAYS)
