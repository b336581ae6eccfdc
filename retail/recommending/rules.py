"""What counts as a basket and as a pair, and the figures of a pair; pure. docs/algorithms/also-bought.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal
from uuid import UUID

NEIGHBOURS: Final = 20
"""So many are kept per product."""
LEAST_TOGETHER: Final = 3
"""The minimum support: a pair that was in fewer baskets together is chance."""
LEAST_BASKETS: Final = 500
"""A business with fewer baskets has too few for a regression."""
MOST_BY_EASE: Final = 5_000
"""The matrix of so many products is 200 MB."""
LAMBDA: Final = 200
LARGE: Final = 40
"""A basket of more products counts as one of so many."""
TOO_LARGE: Final = 1_000
MOST_SALES: Final = 300_000
ENOUGH_SALES: Final = 100_000
MICROS: Final = 1_000_000

Method = Literal["ease", "cosine", "both"]
_LONG: Final = timedelta(days=365)
_SHORT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Window:
    """The business days that are read, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Together:
    """How often two products were bought: together, each of them, and how many baskets there were at all."""

    together: int
    baskets: int
    other_baskets: int
    all_baskets: int

    @property
    def lift(self) -> Decimal:
        """Tell how many times as often as by chance they were together, to two decimals."""
        if not (self.baskets and self.other_baskets):
            return Decimal(0)
        exact = Decimal(self.together * self.all_baskets) / Decimal(self.baskets * self.other_baskets)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    @property
    def share(self) -> Decimal:
        """Tell in which share of the baskets with the first product the other one was too, to four decimals."""
        if not self.baskets:
            return Decimal(0)
        return (Decimal(self.together) / Decimal(self.baskets)).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def window(today: date, sales_of_a_year: int) -> Window:
    """Choose the days to read: a year, or a quarter where a year would be more than enough."""
    return Window(today - (_SHORT if sales_of_a_year > ENOUGH_SALES else _LONG), today)


def longest(today: date) -> Window:
    """Give the longest window that is ever read."""
    return Window(today - _LONG, today)


def method(baskets: int, products: int) -> Method:
    """Choose how a business's neighbours are worked out."""
    if baskets < LEAST_BASKETS:
        return "cosine"
    return "ease" if products <= MOST_BY_EASE else "both"


def pair(product: UUID, other: UUID | None) -> tuple[UUID, UUID | None]:
    """Give the two products of an exclude as they are kept: it holds in both directions, so it is kept once."""
    if other is None:
        return product, None
    return (product, other) if product < other else (other, product)
