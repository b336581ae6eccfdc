"""Invoices over all businesses, as the operator's list has them: read by one statement, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.billing.periods import Period
from retail.comms.cursors import before, following
from retail.console.businesses import like
from retail.kit.money import Currency, currency, major
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.db import Unit

STATES: Final = ("open", "overdue", "paid")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list is narrowed by: a state, letters of a business or a number, issued from when to before when."""

    state: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An invoice of any business, with the clock that its days go by. Amounts in minor units of `currency`."""

    tenant_id: UUID
    slug: str
    business: str
    timezone: str
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
    overdue: bool

    @property
    def period_last(self) -> date:
        """Give the last day of its period."""
        return Period(self.period_first, self.period_end).last

    @property
    def open_minor(self) -> int:
        """Give what is still to be paid."""
        return max(self.total_minor - self.paid_minor, 0)

    @property
    def state(self) -> str:
        """Name how it stands."""
        return "paid" if not self.open_minor else "overdue" if self.overdue else "open"

    @property
    def money(self) -> Currency:
        """Give its currency."""
        return currency(self.currency)

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


async def listed(unit: Unit, by: Narrowed, *, after: str | None = None, limit: int = 50) -> Page[Listed]:
    """Give one page of the invoices of all businesses, newest first. Raises Invalid for a cursor that is none."""
    at, id = before(after)
    rows = await unit.fetch(
        "SELECT * FROM auth_billing_invoices($1, $2, $3, $4, $5, $6, $7, $8)",
        unit.now, by.state, like(by.text) if by.text else None, by.since, by.until, at, id, limit + 1,
    )  # fmt: skip
    items = [Listed(**row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, following(items[-1].issued_at, items[-1].id) if more else None)


def state_words(state: str) -> str:
    """Say how an invoice stands."""
    return {"open": _("open"), "overdue": _("overdue"), "paid": _("paid")}[state]
