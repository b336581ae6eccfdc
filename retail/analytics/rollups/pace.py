"""How fast each product sells in each store, over the last whole days: a snapshot that each business day replaces."""

from __future__ import annotations

from typing import Final

from retail.analytics.rollups.sources import PATIENCE_SECONDS, PATIENTLY
from retail.kit.clock import business_day
from retail.runtime.db import Tx
from retail.tenants.queries import stores

# The last 28 whole days, or as many as the store has been selling.
_PACE: Final = """
INSERT INTO product_pace (tenant_id, store_id, product_id, as_of, days, units)
SELECT $1, d.store_id, d.product_id, w.today, w.days, sum(d.units)
  FROM (SELECT u.store_id, u.today, least($4::integer, u.today - min(h.business_date)) AS days
          FROM unnest($2::uuid[], $3::date[]) AS u (store_id, today)
          JOIN sales_hour h ON h.tenant_id = $1 AND h.store_id = u.store_id
           AND h.business_date BETWEEN u.today - $4::integer AND u.today - 1
         GROUP BY u.store_id, u.today) AS w
  JOIN product_day d ON d.tenant_id = $1 AND d.store_id = w.store_id
   AND d.business_date BETWEEN w.today - $4::integer AND w.today - 1
 GROUP BY d.store_id, d.product_id, w.today, w.days HAVING sum(d.units) > 0
"""

PACE_JOB: Final = "analytics.refresh_pace"
PACE_DAYS: Final = 28


async def refresh_pace(tx: Tx) -> None:
    """Work out how fast each product sells in each store: the pace that `runs out` goes by; replaces the last one."""
    days = [(one.id, business_day(tx.now, one.timezone, one.day_cutoff_hour)) for one in await stores(tx)]
    await tx.execute(PATIENTLY)
    await tx.execute("DELETE FROM product_pace WHERE tenant_id = $1", tx.tenant)
    await tx.conn.execute(
        _PACE, tx.tenant, [id for id, _day in days], [day for _id, day in days], PACE_DAYS, timeout=PATIENCE_SECONDS
    )
