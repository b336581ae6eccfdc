"""Moves, folds and the moving average; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.money import mul_div
from retail.kit.quantity import to_milli
from retail.stock.costing.rules import average_micros

KINDS: Final = (
    *("opening", "receipt", "adjustment", "waste", "transfer", "count", "sale", "return"),
    *("dispatch", "arrival"),
)
_MICROS: Final = 6
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """A signed change of what a store has of a product.

    `quantity` has at most three decimals; `unit_cost` is in minor units with at most six decimals; `source` is the
    id of the document (sale, receipt, count ...) that it belongs to. `trace` is the lot or the serial numbers (a line
    each) that moved, as their labels say, "" where nobody said.
    """

    id: UUID
    store: UUID
    product: UUID
    kind: str
    quantity: Decimal
    unit_cost: Decimal
    reason: str
    source: UUID | None
    occurred_at: datetime
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody read off the labels of goods that go or come: their lot, or the number of each piece."""

    lot: str = ""
    serials: tuple[str, ...] = ()


NOTHING_NAMED: Final = Named()
TRACE_MOST: Final = 60


_BETWEEN: Final = "\n"


def trace_of(named: Named, milli: int = 10**12) -> str:
    """Write what was named as a move carries it: the numbers of as many pieces as moved (thousandths), else the lot."""
    return _BETWEEN.join(named.serials[: abs(milli) // 1000]) or named.lot


def names_in(trace: str) -> list[str]:
    """Read the numbers of pieces out of what a move carries."""
    return [one for one in trace.split(_BETWEEN) if one]


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that a balance has taken in; `id` None: several at once, or goods that were only named anew."""

    id: UUID | None
    store: UUID
    product: UUID
    kind: str
    quantity: Decimal
    trace: str
    source: UUID | None
    reason: str
    actor_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Folded:
    """A balance after a fold: `low` where what is available is at or below the reorder point, `became_low`: newly.

    `available`: what a till may count on, on hand less what is blocked or kept for somebody.
    """

    store: UUID
    product: UUID
    on_hand: Decimal
    low: bool
    became_low: bool
    reorder_point: Decimal | None = None
    available: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Document:
    """What the moves of one act have in common: a client-made id, the store, why, and when it happened."""

    id: UUID
    store: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Goods that arrive: how many, what a unit cost (minor units, six decimals), of which lot or which piece."""

    product: UUID
    quantity: Decimal
    unit_cost: Decimal
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Goods that go, or a signed correction; `trace` names their lot or piece."""

    product: UUID
    quantity: Decimal
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody counted on the shelf; `expected`: what it was compared with already, else the books say.

    With it the difference is settled, and what moved since then stays on top of it.
    """

    product: UUID
    quantity: Decimal
    expected: Decimal | None = None


_COUNTERPARTS: Final = {
    "opening": "opening",
    "receipt": "goods_received",
    "adjustment": "stock_difference",
    "count": "stock_difference",
    "waste": "waste",
    "dispatch": "in_transit",
    "arrival": "in_transit",
}


def counterpart(kind: str) -> str | None:
    """Name the purpose that a kind of move is posted against; None where stock only changes its place."""
    return _COUNTERPARTS.get(kind)


def is_low(available: Decimal, reorder_point: Decimal | None) -> bool:
    """Claim that it is time to reorder, by what may be sold; never without a reorder point."""
    return reorder_point is not None and available <= reorder_point


def value_minor(quantity: Decimal, unit_cost: Decimal) -> int:
    """Value a quantity at a unit cost (minor units, six decimals), rounded once to minor units."""
    return mul_div(to_milli(quantity), _micros(unit_cost), 1000 * _MILLION)


def moving_average(on_hand: Decimal, unit_cost: Decimal, received: Decimal, received_cost: Decimal) -> Decimal:
    """Give the unit cost after a receipt: the mean weighted by quantity, with six decimals.

    What is below zero has already been sold at an older cost, so it has no weight: the receipt's cost stands then.
    """
    micros = average_micros(to_milli(on_hand), _micros(unit_cost), to_milli(received), _micros(received_cost))
    return Decimal(micros).scaleb(-_MICROS)


def _micros(unit_cost: Decimal) -> int:
    micros = unit_cost.scaleb(_MICROS)
    if micros != micros.to_integral_value():
        raise ValueError("a unit cost has at most six decimals")
    return int(micros)
