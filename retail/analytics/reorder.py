"""When goods run out, and what to order: docs/algorithms/rollups.md, section 5; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class OnHand:
    """What a store has of a product, and what it sells of it per day."""

    on_hand: Decimal
    per_day: Decimal
    reorder_point: Decimal | None
    decimals: int


COVER_DAYS: Final = 14


def runs_out_in(ware: OnHand) -> int | None:
    """Tell in how many whole days it is gone: 0 is today, None never."""
    if ware.on_hand <= 0:
        return 0
    return int(ware.on_hand / ware.per_day) if ware.per_day > 0 else None


def suggested_order(ware: OnHand) -> Decimal:
    """Suggest what covers 14 days of demand and the reorder point, less what is there; rounded up to what is sold."""
    wanted = ware.per_day * COVER_DAYS + (ware.reorder_point or 0) - max(ware.on_hand, Decimal(0))
    if wanted <= 0:
        return Decimal(0)
    step = Decimal(1) if ware.decimals == 0 else Decimal("0.1")
    return (wanted / step).to_integral_value(ROUND_CEILING) * step
