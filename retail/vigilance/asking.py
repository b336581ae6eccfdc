"""What an address of the report asks for: which business days, which store, whose; never one's own line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast
from uuid import UUID

from retail.analytics.rules import Period, PeriodKind, period
from retail.kit.clock import business_day
from retail.kit.text import _
from retail.risk.exceptions import KINDS
from retail.risk.exceptions import Wanted as Records
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants
from retail.vigilance.report import MOST_DAYS

SPANS: Final = ("day", "week", "month")
_USUAL_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: its business days, both included; a store, a cashier, or all; whose line is left out."""

    first: date
    last: date
    store: UUID | None
    but: UUID | None
    cashier: UUID | None = None

    @property
    def stores(self) -> tuple[UUID, ...] | None:
        """Give the stores, None for all that may be seen."""
        return None if self.store is None else (self.store,)


def hidden_from(scope: Scope) -> UUID | None:
    """Give whose acts somebody isn't shown: their own, unless they own the business."""
    return None if scope.role == "owner" else scope.actor.id


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read an address. What can't be read is told by `asked.errors`."""
    stores = await tenants.stores(read)
    today = min((business_day(read.now, one.timezone, one.day_cutoff_hour) for one in stores), default=read.now.date())
    spell = _span(asked, today)
    if spell.days > MOST_DAYS:
        asked.error("from", _("Ask for at most %(most)d days.") % {"most": MOST_DAYS})
    return Wanted(
        spell.first, spell.last, asked.one_of("store", {one.id for one in stores}), hidden_from(read.scope),
        asked.uuid("cashier", required=False),
    )  # fmt: skip


async def records_in(read: Read, asked: Asked) -> Records:
    """Read which records are wanted. What can't be read is told by `asked.errors`."""
    wanted = await wanted_in(read, asked)
    return Records(wanted.first, wanted.last, wanted.stores, wanted.cashier, asked.option("kind", KINDS), wanted.but)


def _span(asked: Asked, today: date) -> Period:
    kind = asked.option("period", SPANS)
    begin, end = asked.period()
    if kind and not asked.errors:
        return period(cast("PeriodKind", kind), today, end)
    last = end or today
    return period("custom", today, min(begin or last - timedelta(days=_USUAL_DAYS - 1), last), last)
