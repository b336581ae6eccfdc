"""What every list of invoices says of one: its number, period, sums and what was paid on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from retail.billing.periods import Period
from retail.kit.money import Currency, currency, major


@dataclass(frozen=True, slots=True)
class Billed:
    """An invoice with what was paid on it. Amounts in minor units of `currency`."""

    id: UUID
    number: str
    issued_at: datetime
    due_at: datetime
    period_first: date
    period_end: date
    plan: str
    cycle: str
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int

    @property
    def period_last(self) -> date:
        """Give the last day of its period."""
        return Period(self.period_first, self.period_end).last

    @property
    def open_minor(self) -> int:
        """Give what is still to be paid."""
        return max(self.total_minor - self.paid_minor, 0)

    @property
    def net(self) -> str:
        """Write the sum without tax, as files have it."""
        return str(major(self.net_minor, self.money))

    @property
    def tax(self) -> str:
        """Write the tax."""
        return str(major(self.tax_minor, self.money))

    @property
    def total(self) -> str:
        """Write the sum."""
        return str(major(self.total_minor, self.money))

    @property
    def open(self) -> str:
        """Write what is still to be paid."""
        return str(major(self.open_minor, self.money))

    @property
    def money(self) -> Currency:
        """Give its currency."""
        return currency(self.currency)
