"""The rollups as the sales themselves have it: what a rebuild writes, and what the check compares with.

Both statements take $1 the tenant, $2 and $3 the first and last business day; `waiting` must be in their WITH.

They are planned for a business that the statistics don't know yet, since a rebuild follows an import: there the planner
expects one row everywhere, and in a nested loop would read all lines once per sale. So run `PATIENTLY` before them; and
NOT IN is always one hashed look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PATIENCE_SECONDS: Final = 600
PATIENTLY: Final = f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'; SET LOCAL enable_nestloop = off"


@dataclass(frozen=True, slots=True)
class Source:
    """How a rollup is worked out: its key columns, all of its columns, and the query that gives them."""

    keys: str
    figures: str
    sql: str

    @property
    def columns(self) -> str:
        """All columns, keys first, as the query names them."""
        return f"{self.keys}, {self.figures}"


# Sales that the relay has yet to tell of, and those whose telling failed and was set aside.
WAITING: Final = """
waiting AS (
  SELECT (o.body ->> 'sale')::uuid AS sale_id FROM outbox o WHERE o.tenant_id = $1 AND o.name = 'sale.completed'
  UNION
  SELECT ((j.args ->> 'body')::jsonb ->> 'sale')::uuid FROM job j
   WHERE j.tenant_id = $1 AND j.name = 'outbox.put_back' AND j.finished_at IS NULL
     AND j.args ->> 'event' = 'sale.completed')
"""

HOURS: Final = Source(
    "store_id, business_date, local_hour",
    "sales, units, revenue_minor, tax_minor, cost_minor, refunds, refunds_minor",
    """SELECT s.store_id, s.business_date, s.local_hour, count(*) FILTER (WHERE s.kind = 'sale') AS sales,
              sum(s.units) AS units, sum(s.total_minor)::bigint AS revenue_minor, sum(s.tax_minor)::bigint AS tax_minor,
              sum(s.cost_minor)::bigint AS cost_minor, count(*) FILTER (WHERE s.kind = 'return') AS refunds,
              coalesce(-sum(s.total_minor) FILTER (WHERE s.kind = 'return'), 0)::bigint AS refunds_minor
         FROM sale s
        WHERE s.tenant_id = $1 AND s.business_date BETWEEN $2 AND $3
          AND s.id NOT IN (SELECT w.sale_id FROM waiting w)
        GROUP BY s.store_id, s.business_date, s.local_hour""",
)

PRODUCT_DAYS: Final = Source(
    "store_id, product_id, business_date",
    "sales, units, revenue_minor, tax_minor, cost_minor",
    """SELECT s.store_id, l.product_id, s.business_date,
              count(DISTINCT s.id) FILTER (WHERE s.kind = 'sale') AS sales, sum(l.quantity) AS units,
              sum(l.total_minor)::bigint AS revenue_minor, sum(l.tax_minor)::bigint AS tax_minor,
              sum(l.cost_minor)::bigint AS cost_minor
         FROM sale s JOIN sale_line l ON l.tenant_id = s.tenant_id AND l.sale_id = s.id
        WHERE s.tenant_id = $1 AND s.business_date BETWEEN $2 AND $3 AND l.product_id IS NOT NULL
          AND s.id NOT IN (SELECT w.sale_id FROM waiting w)
        GROUP BY s.store_id, l.product_id, s.business_date""",
)
