"""Invoices over all businesses, as the operator's list has them: read by one statement, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.billing.billed import Billed
from retail.comms.cursors import before, following
from retail.console.businesses import like
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
class Listed(Billed):
    """An invoice of any business, with the clock that its days go by."""

    tenant_id: UUID
    slug: str
    business: str
    timezone: str
    overdue: bool

    @property
    def state(self) -> str:
        """Name how it stands."""
        return "paid" if not self.open_minor else "overdue" if self.overdue else "open"


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
