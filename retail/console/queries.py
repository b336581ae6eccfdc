"""Reads for the operator: businesses, and counts and times of their activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.runtime.db import Database
from retail.runtime.tenancy import Scope


@dataclass(frozen=True, slots=True)
class TenantActivity:
    """A business with the size and freshness of its trade."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    created_at: datetime
    stores: int
    tills: int
    last_sale_at: datetime | None


_ACTIVITY = """
SELECT (SELECT count(*) FROM store WHERE tenant_id = $1) AS stores,
       (SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills,
       (SELECT max(occurred_at) FROM sale WHERE tenant_id = $1) AS last_sale_at
"""


async def tenant_activity(db: Database, *, after: str = "", limit: int = 50) -> tuple[list[TenantActivity], bool]:
    """Give one page of businesses in the order of their slugs, beginning after a slug, and whether more follow.

    One short transaction per business, since no transaction sees two of them.
    """
    async with db.platform() as unit:
        rows = await unit.fetch(
            """SELECT id, slug, name, country, currency, created_at FROM auth_tenants()
                WHERE slug > $1 ORDER BY slug LIMIT $2""",
            after,
            limit + 1,
        )
    found = []
    for row in rows[:limit]:
        async with db.read(Scope.system(row["id"])) as read:
            counts = await read.fetchrow(_ACTIVITY, read.tenant)
        found.append(TenantActivity(**row, **(dict(counts) if counts else {})))
    return found, len(rows) > limit
