"""Shifts, takings and the Z report; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.ledger import Posting

Postings = tuple[Posting, ...]
CASH_KINDS: Final = ("pay_in", "pay_out", "float", "drop", "pick_up")
INWARD: Final = ("pay_in", "float")
OUTWARD: Final = ("pay_out", "drop", "pick_up")
LEAVING: Final = ("pay_out", "pick_up")
"""Kinds by which cash leaves the house: both need the right to pay out."""
SIGN: Final = {kind: 1 if kind in INWARD else -1 for kind in CASH_KINDS}
_HIDDEN: Final = frozenset({
    "expected", "variance", "cash_net", "tenders", "total", "tax", "taxes", "refunds", "cashiers", "grand_total",
    "cash_rounding", "discounts", "payments", "down_payments",
})  # fmt: skip
_COUNTERPART: Final = {
    "pay_in": "cash_received",
    "pay_out": "cash_paid_out",
    "float": "safe",
    "drop": "safe",
    "pick_up": "picked_up",
}


@dataclass(frozen=True, slots=True)
class Shift:
    """The time of a drawer from its float to its count. `closed_at` is None while it is open.

    `opening_left_minor` is what the till's last close left in the drawer, None where it left nothing there.
    """

    id: UUID
    store: UUID
    till: UUID
    number: int
    business_date: date
    opened_at: datetime
    opened_by: UUID | None
    opened_by_name: str
    opening_float_minor: int
    closed_at: datetime | None
    till_code: str = ""
    store_name: str = ""
    opening_left_minor: int | None = None
    opening_denominations: Mapping[str, int] | None = None

    @property
    def opening_difference_minor(self) -> int:
        """Give how much more was in the drawer than the last close left; 0 where nothing was left."""
        return 0 if self.opening_left_minor is None else self.opening_float_minor - self.opening_left_minor


@dataclass(frozen=True, slots=True)
class CashMove:
    """Cash that came in or left without a sale; `amount_minor` is above zero, the kind says which way."""

    id: UUID
    shift: UUID
    kind: str
    amount_minor: int
    reason: str
    actor_name: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Takings:
    """What a shift sold, added up by the feature that owns sales; all amounts in minor units.

    `total_minor`, `tax_minor` and `discounts_minor` are net of returns; `cash_net_minor` is cash taken less change and
    cash refunds; `by_tender` maps a tender type to its net amount; `refunds_minor` is what was given back, as a number
    above zero; `taxes` are {"code", "rate_micros", "base", "tax"}, and "parts" [{"name", "rate_micros", "tax"}] of one
    that is made of parts; the numbers are None where nothing was sold; `cashiers` are {"id", "name", "sales",
    "returns", "total", "cash"}, the most first. `payments` were made on kept goods, less what went back; they are in
    the tenders and in the drawer, and not in the total.
    """

    sales: int = 0
    returns: int = 0
    total_minor: int = 0
    tax_minor: int = 0
    first_number: int | None = None
    last_number: int | None = None
    cash_net_minor: int = 0
    by_tender: Mapping[str, int] = field(default_factory=dict)
    refunds_minor: int = 0
    cash_rounding_minor: int = 0
    taxes: Sequence[Mapping[str, Any]] = ()
    discounts_minor: int = 0
    cashiers: Sequence[Mapping[str, Any]] = ()
    payments: int = 0
    down_payments_minor: int = 0

    @property
    def documents(self) -> int:
        """Count everything that has a receipt: sales, returns, payments on kept goods."""
        return self.sales + self.returns + self.payments

    @property
    def gross_minor(self) -> int:
        """Give what the sales alone came to, returns not taken off."""
        return self.total_minor + self.refunds_minor


@dataclass(frozen=True, slots=True)
class ZReport:
    """The closed shift: what should have been in the drawer, what was, the difference, and the whole report."""

    shift: UUID
    expected_minor: int
    counted_minor: int
    variance_minor: int
    denominations: Mapping[str, int] | None
    report: Mapping[str, Any]
    closed_at: datetime
    closed_by_name: str
    left_minor: int | None = None


def expected_minor(opening_float_minor: int, cash_net_minor: int, moves: Mapping[str, int]) -> int:
    """Say what should be in a drawer: float + net cash of sales + what came in - what went out."""
    return opening_float_minor + cash_net_minor + sum(SIGN[kind] * amount for kind, amount in moves.items())


def counted_from(denominations: Mapping[str, int]) -> int:
    """Add up a count by denomination: {"500": 3, "2000": 1} (value in minor units: pieces) is 3500."""
    return sum(int(value) * pieces for value, pieces in denominations.items())


def denominations_of(denominations: Mapping[str, int] | None) -> list[tuple[int, int, int]]:
    """List a count by denomination, largest first: value in minor units, pieces, what they come to."""
    pairs = sorted(((int(value), pieces) for value, pieces in (denominations or {}).items()), reverse=True)
    return [(value, pieces, value * pieces) for value, pieces in pairs if pieces]


def float_postings(opening_float_minor: int, left_minor: int | None = None) -> Postings:
    """Post a float: out of the safe; where it lay in the drawer, what differs from what was left is over and short."""
    if left_minor is None:
        return Posting("cash", opening_float_minor), Posting("safe", -opening_float_minor)
    difference = opening_float_minor - left_minor
    return Posting("cash", difference), Posting("over_short", -difference)


def move_postings(kind: str, amount_minor: int) -> Postings:
    """Post cash that moved without a sale: a pay-out is an expense, a pay-in other income, a drop is in the safe."""
    into_drawer = SIGN[kind] * amount_minor
    return Posting("cash", into_drawer), Posting(_COUNTERPART[kind], -into_drawer)


def closing_postings(expected: int, counted: int, left: int = 0) -> Postings:
    """Post a count: what isn't left in the drawer goes to the safe, the difference is over and short."""
    return Posting("safe", counted - left), Posting("cash", left - expected), Posting("over_short", expected - counted)


def supplement_postings(cash_minor: int) -> Postings:
    """Post the cash of late sales: it was in the drawer when it was counted, so it was over then."""
    return Posting("cash", -cash_minor), Posting("over_short", cash_minor)


def report_of(shift: Shift, takings: Takings, moves: Mapping[str, int], drawer_openings: int) -> dict[str, Any]:
    """Write the part of the Z report that is known before the count, as plain values."""
    return {
        "shift": str(shift.id),
        "number": shift.number,
        "till": str(shift.till),
        "till_code": shift.till_code,
        "store": str(shift.store),
        "store_name": shift.store_name,
        "business_date": shift.business_date.isoformat(),
        "opened_at": shift.opened_at.isoformat(),
        "opened_by": shift.opened_by_name,
        "opening_float": shift.opening_float_minor,
        "opening_left": shift.opening_left_minor,
        "opening_difference": shift.opening_difference_minor,
        "sales": takings.sales,
        "returns": takings.returns,
        "total": takings.total_minor,
        "tax": takings.tax_minor,
        "taxes": [dict(tax) for tax in takings.taxes],
        "discounts": takings.discounts_minor,
        "refunds": takings.refunds_minor,
        "tenders": dict(takings.by_tender),
        "payments": takings.payments,
        "down_payments": takings.down_payments_minor,
        "cash_net": takings.cash_net_minor,
        "cash_rounding": takings.cash_rounding_minor,
        "first_number": takings.first_number,
        "last_number": takings.last_number,
        **{kind: moves.get(kind, 0) for kind in CASH_KINDS},
        "cashiers": [dict(one) for one in takings.cashiers],
        "drawer_openings": drawer_openings,
        "expected": expected_minor(shift.opening_float_minor, takings.cash_net_minor, moves),
    }


def visible(report: Mapping[str, Any]) -> dict[str, Any]:
    """Give a Z report for who may not see the variance: without it, and without what it could be worked out from."""
    return {name: value for name, value in report.items() if name not in _HIDDEN}
