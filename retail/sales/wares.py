"""Wares as a store sells them, and what leaves its shelf for them: docs/algorithms/kits.md; pure.

Goods leave as they are, a service moves nothing, of a kit its parts go. Of all kits of a sale the demand for a part is
added up and rounded once, and the whole cents are shared out over their lines: what the lines cost is what the moves
are worth, to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.money import allocate, mul_div
from retail.sales.documents import StoredPart
from retail.sales.rules import line_cost

Parts = tuple[StoredPart, ...] | None

GOODS: Final = "goods"
KIT: Final = "kit"
SERVICE: Final = "service"
_NANO: Final = 10**9
NOTHING: Final = StoredPart(None, 0, 0, 0)
"""Stands for a line that takes nothing off the shelf."""


@dataclass(slots=True)
class Ware:
    """A product as a store sells it now.

    `on_hand_milli` is the balance, without the deltas that wait to be folded; it goes down as the sales of one set are
    worked out in turn. It is good enough to suspect that a stock fell below zero: retail/sales/shortages.py makes sure.
    `kept_milli` must stay there: what is reserved for somebody, and what is blocked beside it; 0 where nothing is.
    `parts`: of a kit, the goods in one of it. `min_age`: who is younger may not buy it.
    `by_piece`: nobody sells a part of one.
    """

    id: UUID
    sku: str
    name: str
    price: int
    archived: bool
    tax_code: str
    rate_micros: int
    unit_cost_micros: int
    on_hand_milli: int
    kind: str = GOODS
    open_price: bool = False
    parts: Sequence[PartOf] = ()
    min_age: int | None = None
    by_piece: bool = False
    kept_milli: int = 0


@dataclass(frozen=True, slots=True)
class PartOf:
    """Goods in one of a kit, however deep, and how many of them; to nine decimals, as quantities multiply."""

    ware: Ware
    quantity: Decimal

    def of(self, kits_milli: int) -> int:
        """Give how much of the part so many kits take, in thousandths."""
        return mul_div(int(self.quantity * _NANO), kits_milli, _NANO)


def kit_cost(parts: Sequence[PartOf]) -> int:
    """Give what one of a kit costs, in millionths of a minor unit: its parts' costs as they are now."""
    return sum(mul_div(int(part.quantity * _NANO), part.ware.unit_cost_micros, _NANO) for part in parts)


def demand(ware: Ware, quantity_milli: int) -> list[tuple[Ware, int]]:
    """Tell which goods leave the shelf for so much of a ware, in thousandths."""
    if ware.kind == KIT:
        return [(part.ware, part.of(quantity_milli)) for part in ware.parts]
    return [(ware, quantity_milli)] if ware.kind == GOODS else []


def explode(quantities: Sequence[int], wares: Sequence[Ware | None]) -> list[Parts]:
    """Tell for each line of a sale what leaves the shelf where that isn't its own product.

    Lines of one sign share the cost of a part by what each takes of it.
    """
    if all(ware is None or ware.kind == GOODS for ware in wares):
        return [None] * len(wares)
    taken: dict[tuple[UUID, bool], list[tuple[int, int]]] = {}
    costs: dict[UUID, int] = {}
    for at, (ware, milli) in enumerate(zip(wares, quantities, strict=True)):
        if ware is None or ware.kind == GOODS:
            continue
        for part, wanted in demand(ware, milli):
            if wanted:
                taken.setdefault((part.id, wanted > 0), []).append((at, wanted))
                costs[part.id] = part.unit_cost_micros
    found: list[list[StoredPart]] = [[] for _ in wares]
    for (id, _positive), lines in taken.items():
        unit_cost = costs[id]
        whole = line_cost(Decimal(unit_cost).scaleb(-6), sum(milli for _at, milli in lines))
        shares = allocate(whole, [abs(milli) for _at, milli in lines])
        for (at, milli), share in zip(lines, shares, strict=True):
            found[at].append(StoredPart(id, milli, unit_cost, share))
    return [
        None if ware is None or ware.kind == GOODS else tuple(parts) or (NOTHING,)
        for ware, parts in zip(wares, found, strict=True)
    ]


def back(parts: Parts, sold_milli: int, before_milli: int, back_milli: int) -> Parts:
    """Give what returns to the shelf with so much of a sold line, below zero; `before_milli` of it was back already.

    Each return gives what all of it up to now gives less what was given before: what comes back in pieces adds up to
    what was sold.
    """
    if parts is None or not sold_milli:
        return parts

    def up_to(figure: int, returned: int) -> int:
        return mul_div(figure, returned, sold_milli)

    after = before_milli + back_milli
    found = [
        StoredPart(
            one.product,
            up_to(one.quantity_milli, before_milli) - up_to(one.quantity_milli, after),
            one.unit_cost_micros,
            up_to(one.cost, before_milli) - up_to(one.cost, after),
        )
        for one in parts
    ]
    return tuple(one for one in found if one.product and one.quantity_milli) or (NOTHING,)


def summed(lines: Sequence[Parts]) -> list[StoredPart]:
    """Add up what a sale's kits take of each part, one figure per part, cost and sign."""
    sums: dict[tuple[UUID, int, bool], tuple[int, int]] = {}
    for one in (part for parts in lines for part in parts or ()):
        if one.product is not None:
            key = one.product, one.unit_cost_micros, one.quantity_milli > 0
            milli, cost = sums.get(key, (0, 0))
            sums[key] = milli + one.quantity_milli, cost + one.cost
    return [StoredPart(id, milli, unit_cost, cost) for (id, unit_cost, _sign), (milli, cost) in sums.items()]
