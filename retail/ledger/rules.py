"""Entries and the chart of accounts; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.ledger.errors import Unbalanced, UnknownPurpose


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the standard chart: its code, English name, kind, and what the product uses it for."""

    code: str
    name: str
    kind: str
    purpose: str


CHART: Final = (
    Account("1000", "Cash in drawers", "asset", "cash"),
    Account("1010", "Safe", "asset", "safe"),
    Account("1020", "Foreign cash in drawers", "asset", "foreign_cash"),
    Account("1030", "Cash picked up", "asset", "picked_up"),
    Account("1040", "Bank", "asset", "bank"),
    Account("1100", "Card payments to receive", "asset", "card"),
    Account("1150", "Owed by customers", "asset", "receivables"),
    Account("1200", "Stock", "asset", "stock"),
    Account("1210", "Goods on the way", "asset", "in_transit"),
    Account("2000", "Goods received, not billed", "liability", "goods_received"),
    Account("2100", "Tax collected", "liability", "tax"),
    Account("2200", "Tips to pay out", "liability", "tips"),
    Account("2210", "Gift cards not yet used", "liability", "gift_cards"),
    Account("2220", "Store credit not yet used", "liability", "store_credit"),
    Account("2230", "Goods in exchange", "liability", "exchange"),
    Account("2240", "Down payments received", "liability", "down_payments"),
    Account("3000", "Opening balances", "equity", "opening"),
    Account("4000", "Sales", "income", "revenue"),
    Account("4100", "Other cash received", "income", "cash_received"),
    Account("4200", "Expired gift cards", "income", "breakage"),
    Account("4210", "Kept down payments", "income", "kept_down_payments"),
    Account("5000", "Cost of goods sold", "expense", "cogs"),
    Account("5100", "Waste", "expense", "waste"),
    Account("5110", "Waste: out of date", "expense", "waste_expired"),
    Account("5120", "Waste: broken", "expense", "waste_damaged"),
    Account("5130", "Theft and loss", "expense", "theft"),
    Account("5140", "Own use", "expense", "own_use"),
    Account("5150", "Samples and gifts", "expense", "gifts"),
    Account("5200", "Stock differences", "expense", "stock_difference"),
    Account("5300", "Cost differences", "expense", "cost_difference"),
    Account("6000", "Small expenses from the drawer", "expense", "cash_paid_out"),
    Account("6100", "Cash over and short", "expense", "over_short"),
    Account("6200", "Cash rounding", "expense", "rounding"),
    Account("6300", "Payment differences", "expense", "tender_difference"),
)
PURPOSES: Final = frozenset(account.purpose for account in CHART)


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount for the account of a purpose: minor units, above zero a debit, below zero a credit."""

    purpose: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry. It refuses to exist unbalanced (Unbalanced) or with an unknown purpose (UnknownPurpose).

    `kind` and `source` (the id of the sale, shift, receipt ...) are unique together: a thing is posted once.
    `currency` is its ISO code. Postings of zero are left out and those of one purpose added up when it is stored.
    """

    id: UUID
    store: UUID
    kind: str
    source: UUID
    occurred_at: datetime
    business_date: date
    currency: str
    memo: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Refuse what no book may hold."""
        difference = 0
        for posting in self.postings:
            if posting.purpose not in PURPOSES:
                raise UnknownPurpose(posting.purpose)
            difference += posting.amount_minor
        if difference:
            raise Unbalanced(self.kind, difference)


def settled(postings: Iterable[Posting]) -> list[tuple[str, int]]:
    """Add up the postings of each purpose, in the order they came, and leave out what comes to nothing."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.purpose] = sums.get(posting.purpose, 0) + posting.amount_minor
    return [(purpose, amount) for purpose, amount in sums.items() if amount]
