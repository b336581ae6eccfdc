"""When goods run out: docs/algorithms/rollups.md, section 5; pure. What to order is retail.stock.reordering's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OnHand:
    """What a store has of a product, and what it sells of it per day."""

    on_hand: Decimal
    per_day: Decimal


def runs_out_in(ware: OnHand) -> int | None:
    """Tell in how many whole days it is gone: 0 is today, None never."""
    if ware.on_hand <= 0:
        return 0
    return int(ware.on_hand / ware.per_day) if ware.per_day > 0 else None
