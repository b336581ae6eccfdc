"""How much to order, and why; pure. docs/algorithms/reordering.md, 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

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
    """How much to order, and what it is made of, for people to read. `wanted`: before packs and the minimum."""

    order: Decimal
    wanted: Decimal
    reach: Decimal
    point: Decimal
    by_pace: bool
    packs: int | None
    raised_to_minimum: bool


def point_of(need: Need) -> Decimal:
    """Give the level at or below which it is time to order.

    The point that somebody set; else what is sold while an order is on its way, and the safety stock.
    """
    if need.reorder_point is not None:
        return need.reorder_point
    return need.per_day * _lead(need) + (need.safety_stock or _NOTHING)


def suggest(need: Need) -> Suggestion | None:
    """Say how much to order now; None where there is enough, or nothing is known of it.

    Up to the target; without one, up to what is sold in lead time and two weeks, and the safety stock, and at least one
    above the point. Rounded up to whole packs, or to what can be sold, and to the least that can be ordered.
    """
    point = point_of(need)
    known = need.reorder_point is not None or need.per_day > 0 or bool(need.safety_stock)
    if not known or need.position > point:
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
    return Suggestion(order, wanted, reach, point, by_pace, packs, wanted < least)


def _reach(need: Need, point: Decimal, step: Decimal) -> Decimal:
    days = _lead(need) + COVER_DAYS
    return max(need.per_day * days + (need.safety_stock or _NOTHING), point + step)


def _lead(need: Need) -> int:
    return LEAD_DAYS if need.lead_days is None else need.lead_days


def runs_out_on(need: Need, today: date) -> date | None:
    """Tell on which day it will be gone at its recent pace; None where it doesn't sell, or for years to come."""
    left = need.on_hand - need.blocked
    if left <= 0:
        return today
    if need.per_day <= 0:
        return None
    days = int(left / need.per_day)
    return today + timedelta(days=days) if days <= LONGEST_DAYS else None
