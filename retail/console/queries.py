"""Reads for the operator: counts and times of a business's activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Activity:
    """The size and freshness of a business's trade."""

    stores: int
    tills: int
    last_sale_at: datetime | None


async def activity(read: Read) -> Activity:
    """Count a business's stores and tills, and tell when it sold last."""
    row = await read.fetchrow(
        """SELECT (SELECT count(*) FROM store WHERE tenant_id = $1) AS stores,
                  (SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills,
                  (SELECT max(received_at) FROM sale WHERE tenant_id = $1) AS last_sale_at""",
        read.tenant,
    )
    return Activity(**dict(row)) if row else Activity(0, 0, None)
