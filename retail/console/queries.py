"""Reads for the operator: businesses, and counts and times of their activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.runtime.db import Read, Unit


@dataclass(frozen=True, slots=True)
class Listed:
    """A business, as the list of all of them knows it."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """The size and freshness of a business's trade."""

    stores: int
    tills: int
    last_sale_at: datetime | None


async def tenants(unit: Unit, *, after: str = "", limit: int = 50) -> tuple[list[Listed], bool]:
    """Give one page of the businesses in the order of their slugs, beginning after one, and whether more follow."""
    rows = await unit.fetch("SELECT * FROM auth_tenants() WHERE slug > $1 ORDER BY slug LIMIT $2", after, limit + 1)
    return [Listed(**row) for row in rows[:limit]], len(rows) > limit


async def activity(read: Read) -> Activity:
    """Count a business's stores and tills, and tell when it sold last."""
    row = await read.fetchrow(
        """SELECT (SELECT count(*) FROM store WHERE tenant_id = $1) AS stores,
                  (SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills,
                  (SELECT max(received_at) FROM sale WHERE tenant_id = $1) AS last_sale_at""",
        read.tenant,
    )
    return Activity(**dict(row)) if row else Activity(0, 0, None)
