"""Past sales to known customers as the worker reads them: who came on which day, and in which hours of the week."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.runtime.db import Read
from retail.segments.rules import Days, days_read
from retail.tenants.queries import stores, this_tenant

_PREFETCH: Final = 5_000
_YEAR: Final = timedelta(days=364)
# Sales of somebody who was merged into another are the other's. Who was erased or is archived is nobody to write to.
_OF_KNOWN: Final = """
  FROM sale s
  JOIN customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
  JOIN customer o ON o.tenant_id = c.tenant_id AND o.id = coalesce(c.merged_into, c.id)
 WHERE s.tenant_id = $1 AND s.kind <> 'payment' AND s.business_date BETWEEN $2 AND $3
   AND o.erased_at IS NULL AND o.archived_at IS NULL
"""
_VISITS: Final = f"""
SELECT o.id AS customer, s.business_date AS day, count(*) FILTER (WHERE s.kind = 'sale') AS sales,
       sum(s.total_minor)::bigint AS spend {_OF_KNOWN}
 GROUP BY o.id, s.business_date ORDER BY o.id, s.business_date
"""
_RHYTHM: Final = f"""
SELECT extract(isodow FROM s.business_date)::integer AS weekday, s.local_hour AS hour, count(*) AS sales,
       sum(s.total_minor)::bigint AS spend {_OF_KNOWN} AND s.kind = 'sale'
 GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - constants alone


@dataclass(frozen=True, slots=True)
class Hour:
    """What was sold to known customers in an hour of the week; Monday is 1."""

    weekday: int
    hour: int
    sales: int
    spend: int


@dataclass(frozen=True, slots=True)
class Past:
    """Days on which customers came: `customers[who[k]]` on the ordinal `day[k]`; in the order of ids and days."""

    customers: Sequence[UUID]
    days: Days
    who: array[int] = field(default_factory=lambda: array("q"))
    day: array[int] = field(default_factory=lambda: array("q"))
    sales: array[int] = field(default_factory=lambda: array("q"))
    spend: array[int] = field(default_factory=lambda: array("q"))
    hours: Sequence[Hour] = ()


async def today_of(read: Read) -> date:
    """Tell the latest business day that it is in any of the stores."""
    tenant = await this_tenant(read)
    days = [business_day(read.now, one.timezone, one.day_cutoff_hour) for one in await stores(read)]
    return max(days, default=business_day(read.now, tenant.timezone))


async def past_visits(read: Read) -> Past:
    """Read who came when, of the last three years, and the hours of the last year."""
    days = days_read(await today_of(read))
    customers: list[UUID] = []
    hours = await read.fetch(_RHYTHM, read.tenant, days.last - _YEAR, days.last)
    found = Past(customers, days, hours=[Hour(*row.values()) for row in hours])
    async for row in read.conn.cursor(_VISITS, read.tenant, days.first, days.last, prefetch=_PREFETCH):
        if not customers or customers[-1] != row["customer"]:
            customers.append(row["customer"])
        found.who.append(len(customers) - 1)
        found.day.append(row["day"].toordinal())
        found.sales.append(row["sales"])
        found.spend.append(row["spend"])
    return found
