"""What ordering by forecast is expected to do, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from retail.stock.reordering.replaying import Outcome, effect
from retail.stock.reordering.rules import Need

FIRST: Final = 12
"""So many are played through for a page: what takes about 3 ms each."""


@dataclass(frozen=True, slots=True)
class Row:
    """What an effect is asked of: how it is called, its need and cost, and its store and product."""

    name: str
    need: Need
    unit_cost: Decimal
    ids: tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Side:
    """One rule's part: days out of stock, share served in percent, mean stock, and what that cost in minor units."""

    out_days: Decimal
    served_percent: Decimal
    held: Decimal
    cash_minor: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Both rules' parts; `of`: how many products together. `fixed`: the present rule is a point that somebody set."""

    name: str
    of: int
    days: int
    suggested: Side
    present: Side
    fixed: bool
    served: tuple[tuple[float, float], tuple[float, float]]


def effect_rows(rows: Sequence[Row]) -> list[Shown]:
    """Play each through; those that can't be are left out."""
    found = []
    for row in rows:
        made = effect(row.need, uuid5(row.ids[0], row.ids[1].hex))
        if made is not None:
            one, other = made.suggested, made.present
            sides = (_side(one, row.unit_cost), _side(other, row.unit_cost))
            served = (one.served, one.wanted), (other.served, other.wanted)
            found.append(Shown(row.name, 1, one.days, *sides, made.fixed, served))
    return found


def together(rows: Sequence[Shown]) -> list[Shown]:
    """Add several up to one; none of none."""
    if not rows:
        return []
    suggested = _sum([row.suggested for row in rows], [row.served[0] for row in rows])
    present = _sum([row.present for row in rows], [row.served[1] for row in rows])
    whole = rows[0]
    fixed = all(row.fixed for row in rows)
    return [Shown("", len(rows), whole.days, suggested, present, fixed, whole.served)]


def _sum(sides: Sequence[Side], served: Sequence[tuple[float, float]]) -> Side:
    wanted = sum(one[1] for one in served)
    share = sum(one[0] for one in served) / wanted if wanted else 1.0
    return Side(
        sum((one.out_days for one in sides), Decimal(0)), _tenth(100 * share),
        sum((one.held for one in sides), Decimal(0)), sum(one.cash_minor for one in sides),
    )  # fmt: skip


def _side(one: Outcome, unit_cost: Decimal) -> Side:
    held = Decimal(repr(one.held))
    return Side(
        _tenth(one.out_days), _tenth(100 * one.service), _tenth(one.held), int((held * unit_cost).to_integral_value())
    )


def _tenth(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.1"))
