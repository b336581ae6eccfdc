"""What today is going to bring: what it brought so far, and the part of a usual such day that is still to come."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.foresight.queries import Series
from retail.kit.clock import business_day, local_hour
from retail.kit.money import mul_div
from retail.runtime.db import Read
from retail.tenants.queries import stores

_WEEKS: Final = 8

# Of each store the same weekday of the last eight weeks: what was sold in its hours that are over today, and in all.
_SHAPE: Final = """
SELECT coalesce(sum(h.revenue_minor + h.refunds_minor)
         FILTER (WHERE (h.local_hour - u.cutoff + 24) % 24 < u.reached), 0)::bigint AS over,
       coalesce(sum(h.revenue_minor + h.refunds_minor), 0)::bigint AS whole
  FROM unnest($2::uuid[], $3::date[], $4::integer[], $5::integer[]) AS u (store_id, today, cutoff, reached)
  JOIN sales_hour h ON h.tenant_id = $1 AND h.store_id = u.store_id
   AND h.business_date = ANY (ARRAY(SELECT u.today - 7 * w FROM generate_series(1, $6::integer) AS w))
"""
_SO_FAR: Final = """
SELECT coalesce(sum(h.revenue_minor + h.refunds_minor), 0)::bigint
  FROM unnest($2::uuid[], $3::date[]) AS u (store_id, today)
  JOIN sales_hour h ON h.tenant_id = $1 AND h.store_id = u.store_id AND h.business_date = u.today
"""


@dataclass(frozen=True, slots=True)
class Band:
    """Today's revenue in minor units: so far, likely at its end, and within which bounds that lies in four of five."""

    so_far: int
    likely: int
    low: int | None
    high: int | None


async def band(read: Read, store: UUID | None, forecast: Series) -> Band | None:
    """Work out where today is going; None where the forecast begins another day, or such weekdays never sold."""
    places = [one for one in await stores(read) if one.archived_at is None and store in (None, one.id)]
    todays = [business_day(read.now, one.timezone, one.day_cutoff_hour) for one in places]
    at = (min(todays, default=forecast.first) - forecast.first).days
    if not places or not 0 <= at < len(forecast.likely):
        return None
    ids, cutoffs = [one.id for one in places], [one.day_cutoff_hour for one in places]
    reached = [(local_hour(read.now, one.timezone) - one.day_cutoff_hour) % 24 for one in places]
    shape = await read.fetchrow(_SHAPE, read.tenant, ids, todays, cutoffs, reached, _WEEKS)
    so_far: int = await read.fetchval(_SO_FAR, read.tenant, ids, todays)
    if shape is None or not shape["whole"]:
        return None
    left = shape["whole"] - shape["over"]

    def end(day: Decimal) -> int:
        return so_far + mul_div(round(day), left, shape["whole"])

    low, high = (end(side[at]) if side else None for side in (forecast.low, forecast.high))
    return Band(so_far, end(forecast.likely[at]), low, high)
