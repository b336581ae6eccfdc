"""How much to order, and why; pure. docs/algorithms/reordering.md, 2 to 4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from retail.stock.reordering.ahead import Ahead

COVER_DAYS: Final = 14
LEAD_DAYS: Final = 3
LONGEST_DAYS: Final = 3 * 365
"""What lasts longer has no day on which it runs out."""
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of a product in a store. None: nobody has set it."""

    on_hand: Decimal
    per_day: Decimal = _NOTHING
    reorder_point: Decimal | None = None
    safety_stock: Decimal | None = None
    target: Decimal | None = None
    lead_days: int | None = None
    pack_quantity: Decimal | None = None
    minimum_order: Decimal | None = None
    decimals: int = 0
    reserved: Decimal = _NOTHING
    incoming: Decimal = _NOTHING
    blocked: Decimal = _NOTHING
    ahead: Ahead | None = None
    cover_days: int = COVER_DAYS

    @property
    def forecast(self) -> Ahead | None:
        """Give the forecast where the rule goes by it: nobody set a point, and it reaches far enough."""
        ahead = self.ahead
        if ahead is None or self.reorder_point is not None or not ahead.reaches(self.span + self.cover_days):
            return None
        return ahead

    @property
    def lead(self) -> int:
        """Give the days from an order to its goods."""
        return LEAD_DAYS if self.lead_days is None else self.lead_days

    @property
    def span(self) -> int:
        """Give the days that goods must last which are ordered at the next look: until those of the one after come."""
        return self.lead + (self.ahead.review if self.ahead else 0)

    @property
    def safety(self) -> Decimal:
        """Give what lies there for the case that more sells: what the forecast asks for, at least what somebody set."""
        least = self.safety_stock or _NOTHING
        return max(self.forecast.buffer(self.span), least) if self.forecast else least

    @property
    def sells(self) -> bool:
        """Claim that it sold lately, or is expected to."""
        return self.per_day > 0 or (self.ahead is not None and self.ahead.expected[-1] > 0)

    @property
    def available(self) -> Decimal:
        """What may be sold: on hand, less what is promised or blocked."""
        return self.on_hand - self.reserved - self.blocked

    @property
    def position(self) -> Decimal:
        """What can be counted on: what may be sold, and what is on its way."""
        return self.available + self.incoming


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How much to order, and what it is made of, for people to read. `wanted`: before packs and the minimum.

    `use`: what is expected to sell until goods that are ordered later come; None where the pace says it.
    """

    order: Decimal
    wanted: Decimal
    reach: Decimal
    point: Decimal
    by_pace: bool
    packs: int | None
    raised_to_minimum: bool
    use: Decimal | None = None
    safety: Decimal = _NOTHING


def point_of(need: Need) -> Decimal:
    """Give the level at or below which it is time to order.

    The point that somebody set; else what is sold while an order is on its way, and the safety stock.
    """
    if need.reorder_point is not None:
        return need.reorder_point
    if need.forecast is not None:
        return need.forecast.use(need.span) + need.safety
    return need.per_day * need.lead + need.safety


def suggest(need: Need) -> Suggestion | None:
    """Say how much to order now; None where there is enough, or nothing is known of it.

    Up to the target; without one, up to what is sold in lead time and two weeks, and the safety stock, and at least one
    above the point; but no more than sells while it keeps. Rounded up to whole packs, or to what can be sold, and to
    the least that can be ordered.
    """
    point = point_of(need)
    if not _is_known(need) or need.position > point:
        return None
    step = need.pack_quantity or (Decimal(1) if need.decimals == 0 else Decimal("0.1"))
    by_pace = need.target is None
    reach = need.target if need.target is not None else _reach(need, point, step)
    wanted = reach - need.position
    if wanted <= 0:
        return None
    least = need.minimum_order or _NOTHING
    order = (max(wanted, least) / step).to_integral_value(ROUND_CEILING) * step
    packs = int(order / need.pack_quantity) if need.pack_quantity else None
    use = need.forecast.use(need.span) if need.forecast else None
    return Suggestion(order, wanted, reach, point, by_pace, packs, wanted < least, use, need.safety)


def _is_known(need: Need) -> bool:
    sells = need.forecast.use(need.span + need.cover_days) if need.forecast else need.per_day
    return need.reorder_point is not None or sells > 0 or bool(need.safety_stock)


def _reach(need: Need, point: Decimal, step: Decimal) -> Decimal:
    if need.forecast is None:
        return max(need.per_day * (need.lead + COVER_DAYS) + need.safety, point + step)
    cover = need.forecast.use(need.span + need.cover_days) - need.forecast.use(need.span)
    reach, keeps = max(point + cover, point + step), need.forecast.keeps
    if keeps is None or not need.forecast.reaches(keeps):
        return reach
    return min(reach, need.forecast.use(keeps))


def runs_out_on(need: Need, today: date) -> date | None:
    """Tell on which day it will be gone in half of all cases; None where it doesn't sell, or for years to come.

    Beyond what was forecast, and without a forecast, at its recent pace.
    """
    left, known = need.on_hand - need.blocked, 0
    if left <= 0:
        return today
    if need.ahead is not None:
        days = need.ahead.days_of(left)
        if days is not None:
            return today + timedelta(days=max(days, 0))
        known = len(need.ahead.middle) - need.ahead.gone
    if need.per_day <= 0:
        return None
    days = max(int(left / need.per_day), known)
    return today + timedelta(days=days) if days <= LONGEST_DAYS else None


@dataclass(frozen=True, slots=True)
class Ending:
    """When it is gone: `day`, in half of all cases; and `chance`, in percent, that it is by the day `before`.

    That is the last one before goods can come that are ordered now. None: nobody knows.
    """

    day: date | None
    chance: int | None = None
    before: date | None = None


def ending(need: Need, today: date) -> Ending:
    """Tell when what is there will be gone."""
    chance = gone_before(need)
    before = None if chance is None else today + timedelta(days=need.lead - 1)
    return Ending(runs_out_on(need, today), chance, before)


def gone_before(need: Need) -> int | None:
    """Give the chance, in percent, that it is gone before goods come that are ordered now; None without a forecast."""
    left = need.on_hand - need.blocked
    if need.ahead is None or left <= 0 or need.lead == 0 or not need.ahead.reaches(need.lead):
        return None
    return need.ahead.chance(left, need.lead)
