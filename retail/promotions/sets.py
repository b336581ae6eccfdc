"""The set of running offers: as the tills have it now, and as it was at a version or a moment."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.promotions.facts import engine_offer, facts_of
from retail.promotions.rules import Offer
from retail.runtime.db import Read

_RUNNING: Final = """
SELECT * FROM offer
 WHERE tenant_id = $1 AND state = 'running' AND (ends_at IS NULL OR ends_at > $3)
   AND (store_ids IS NULL OR $2 = ANY (store_ids))
 ORDER BY id
"""
_SERIES: Final = """
SELECT s.offer_id, s.kind, s.prefix, s.expires_at FROM coupon_series s
  JOIN offer o ON o.tenant_id = $1 AND o.id = s.offer_id AND o.state = 'running'
 WHERE s.tenant_id = $1 AND s.closed_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $2)
 ORDER BY s.prefix
"""
# What doesn't run now, and hasn't changed since, wasn't in the set then: the rest of the history isn't read.
_AT_VERSION: Final = """
SELECT DISTINCT ON (v.offer_id) v.body FROM offer_version v
 WHERE v.tenant_id = $1 AND v.set_version <= $2
   AND v.offer_id IN (SELECT o.id FROM offer o WHERE o.tenant_id = $1 AND o.state = 'running'
                      UNION SELECT l.offer_id FROM offer_version l WHERE l.tenant_id = $1 AND l.set_version > $2)
 ORDER BY v.offer_id, v.set_version DESC
"""
_AT_MOMENT: Final = """
SELECT DISTINCT ON (v.offer_id) v.body FROM offer_version v
 WHERE v.tenant_id = $1 AND v.made_at <= $2
   AND v.offer_id IN (SELECT o.id FROM offer o WHERE o.tenant_id = $1 AND o.state = 'running'
                      UNION SELECT l.offer_id FROM offer_version l WHERE l.tenant_id = $1 AND l.made_at > $2)
 ORDER BY v.offer_id, v.set_version DESC
"""


async def set_for_till(read: Read, store: UUID) -> dict[str, Any]:
    """Give what a till of a store works with: its running offers, and how their coupons begin."""
    version = await read.fetchval("SELECT offers_version FROM catalogue_head WHERE tenant_id = $1", read.tenant)
    rows = await read.fetch(_RUNNING, read.tenant, store, read.now)
    offers = [facts_of(row).wire() for row in rows]
    series = await read.fetch(_SERIES, read.tenant, read.now) if any(one["coupon"] for one in offers) else []
    here = {one["id"] for one in offers}
    return {
        "version": version,
        "offers": offers,
        "series": [
            {
                "offer": str(row["offer_id"]),
                "kind": row["kind"],
                "prefix": row["prefix"],
                "expires": row["expires_at"] and row["expires_at"].isoformat(),
            }
            for row in series
            if str(row["offer_id"]) in here
        ],
    }


async def set_at(read: Read, version: int | None, moment: datetime) -> list[Offer]:
    """Give the offers of a version of the set; without one those of a moment."""
    if version is None:
        rows = await read.fetch(_AT_MOMENT, read.tenant, moment)
    else:
        rows = await read.fetch(_AT_VERSION, read.tenant, version)
    return [engine_offer(json.loads(row["body"])) for row in rows if row["body"] is not None]
