"""What is paid at least, what a cancellation keeps, and which lines are handed over as they were agreed; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.kit.money import mul_div

STATES: Final = ("open", "fetched", "cancelled")
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
LONGEST: Final = timedelta(days=300)
GRACE: Final = timedelta(days=30)
"""Goods stay reserved so long after the last day: nothing is forfeited by itself, and every night prolongs it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a business asks: the first payment and the fee in percent, and for how many days it keeps goods."""

    percent_least: int
    days: int
    percent_fee: int

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Terms:
        """Read them off a store's settings."""
        return cls(
            int(str(settings["layaway_least"])), int(str(settings["layaway_days"])), int(str(settings["layaway_fee"]))
        )

    def least(self, total: int) -> int:
        """Give what is paid at once at least."""
        return mul_div(total, self.percent_least, 100)

    def fee(self, paid: int) -> int:
        """Give what a cancellation would keep of what was paid."""
        return mul_div(max(0, paid), self.percent_fee, 100)


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line as it was agreed: thousandths, minor units; `off` None: the till didn't say what came off it."""

    id: UUID
    product: UUID | None
    quantity_milli: int
    price: int
    off: int | None
    name: str = ""

    @property
    def amount(self) -> int:
        """Give quantity times price."""
        return mul_div(self.quantity_milli, self.price, 1000)


@dataclass(frozen=True, slots=True)
class Handed:
    """A line as it is handed over."""

    id: UUID
    product: UUID | None
    quantity_milli: int
    price: int
    discount: int


def as_agreed(kept: Sequence[KeptLine], handed: Sequence[Handed], total: int) -> frozenset[UUID]:
    """Name the lines that are handed over as agreed: the same goods, quantity, price and discount.

    Where the till didn't say what came off each line, the discounts are the agreed ones if together the lines come to
    no less than the total that was agreed.
    """
    wanted = {line.id: line for line in kept}
    same = [
        one
        for one in handed
        if (line := wanted.get(one.id)) is not None
        and (line.product, line.quantity_milli, line.price) == (one.product, one.quantity_milli, one.price)
        and line.off in {None, one.discount}
    ]
    loose = [one for one in same if wanted[one.id].off is None and one.discount]
    charged = sum(wanted[one.id].amount - one.discount for one in same)
    if loose and (len(same) < len(wanted) or charged < total):
        return frozenset(one.id for one in same if one not in loose)
    return frozenset(one.id for one in same)


def reserved_until(until: date, zone: str) -> datetime:
    """Give the moment until which the goods are reserved: some time after the last day."""
    return datetime.combine(until + timedelta(days=1), time(), ZoneInfo(zone)) + GRACE


def label(number: int) -> str:
    """Write the number of kept goods: "L-12"."""
    return f"L-{number}"


def in_few(names: Sequence[tuple[str, str]], most: int = 3) -> str:
    """Say what is kept in a few words, the first of them alone; names come with their quantities."""
    told = [name if quantity == "1" else f"{quantity} {_TIMES} {name}" for quantity, name in names[:most]]
    return ", ".join([*told, "…"] if len(names) > most else told)
