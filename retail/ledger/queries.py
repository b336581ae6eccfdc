"""Reading the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from retail.kit.clock import business_day
from retail.kit.errors import NotFound
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Place:
    """Where and in which money a store keeps its books."""

    store: UUID
    currency: str
    timezone: str
    day_cutoff_hour: int

    def business_date(self, at: datetime) -> date:
        """Name the store's business day of a moment."""
        return business_day(at, self.timezone, self.day_cutoff_hour)


async def place(read: Read, store: UUID) -> Place:
    """Find how a store keeps its books. Raises NotFound."""
    row = await read.fetchrow(
        """SELECT t.currency, s.timezone, s.day_cutoff_hour
             FROM store s JOIN tenant t ON t.id = s.tenant_id WHERE s.tenant_id = $1 AND s.id = $2""",
        read.tenant,
        store,
    )
    if row is None:
        raise NotFound("store")
    return Place(store, row["currency"], row["timezone"], row["day_cutoff_hour"])
