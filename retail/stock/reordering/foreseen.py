"""The forecast beside what is needed, as SQL: the same as ahead.py and rules.py say of one product.

It is read by the name of its table alone, as the pace is; the feature above that forecasts writes it each night.
"""

from __future__ import annotations

from typing import Any, Final

from retail.runtime.db import Row
from retail.stock.reordering.ahead import ANCHORS, LEVELS, STALE_DAYS, Ahead
from retail.stock.reordering.rules import COVER_DAYS, LEAD_DAYS
from retail.tenants.settings import setting

_KEYS: Final = ("review_days", "service_a", "service_b", "service_c")


def _set(key: str) -> str:
    """Give the SQL of what the business has set, else of the usual; the key and the usual are the table's own."""
    kept = f"max(btrim(x.value::text, '\"')) FILTER (WHERE x.key = '{key}')"
    return f"coalesce(({kept})::integer, {int(setting(key).default)}) AS {key}"


# The business's day and what it has set, once for all rows: else the planner works it out in each use or for each row.
_SAID: Final = f"""
    SELECT max(($2::timestamptz AT TIME ZONE t.timezone)::date) AS today, {", ".join(map(_set, _KEYS))}
      FROM tenant t LEFT JOIN setting x ON x.tenant_id = t.id AND x.store_id IS NULL
     WHERE t.id = $1"""  # noqa: S608 - constants
_LEVELS: Final = f"ARRAY[{', '.join(map(str, LEVELS))}]"
_ANCHORS: Final = f"ARRAY[{', '.join(map(str, ANCHORS))}]"

# Behind the joins of rules, suppliers and products. `gone`: days of the forecast that are over; `span`: how long goods
# must last that are ordered at the next look. `forecast_use` is null where the rule doesn't go by the forecast. Whether
# a forecast is fresh is asked behind its join: within it, a planner without statistics walks all of them per product.
FORESEEN: Final = f"""
  LEFT JOIN demand_ahead f ON f.tenant_id = b.tenant_id AND f.store_id = b.store_id AND f.product_id = b.product_id
  CROSS JOIN (WITH said AS MATERIALIZED ({_SAID}) SELECT * FROM said) y
  CROSS JOIN LATERAL (
    SELECT CASE WHEN f.first_day >= y.today - {STALE_DAYS} THEN f.expected END AS expected,
           greatest(y.today - f.first_day, 0) AS gone, y.review_days AS review,
           CASE f.abc WHEN 'A' THEN y.service_a WHEN 'B' THEN y.service_b ELSE y.service_c END AS service,
           coalesce(r.lead_days, e.lead_days, v.lead_days, {LEAD_DAYS}) + y.review_days AS span) g
  CROSS JOIN LATERAL (
    SELECT CASE WHEN coalesce(r.reorder_point, p.reorder_point) IS NULL
                 AND g.gone + g.span + {COVER_DAYS} <= cardinality(g.expected)
                THEN (coalesce(f.expected[g.gone + g.span], 0) - coalesce(f.expected[g.gone], 0)) / 1000.0
            END AS forecast_use) h
  CROSS JOIN LATERAL (
    SELECT round(f.spread[array_position({_LEVELS}, g.service)][
                          least(1 + width_bucket(g.span - 1, {_ANCHORS}), {len(ANCHORS)})] / 1000.0
                 * sqrt(h.forecast_use + 0.5), 3) AS buffer,
           (f.expected[g.gone + g.span + {COVER_DAYS}] - coalesce(f.expected[g.gone], 0)) / 1000.0 AS forecast_whole,
           CASE WHEN g.gone + f.keeps_days <= cardinality(f.expected)
                THEN (f.expected[g.gone + f.keeps_days] - coalesce(f.expected[g.gone], 0)) / 1000.0
            END AS forecast_kept) j"""  # noqa: S608 - constants
POINT: Final = "h.forecast_use + greatest(j.buffer, coalesce(r.safety_stock, e.safety_stock, 0))"
COLUMNS: Final = """g.expected, CASE WHEN g.expected IS NOT NULL THEN f.middle END AS middle, f.spread, f.keeps_days,
       g.gone, g.service, g.review, h.forecast_use, j.buffer, j.forecast_whole, j.forecast_kept"""
MAY_BE: Final = "(b.store_id, b.product_id) IN (SELECT store_id, product_id FROM demand_ahead WHERE tenant_id = $1)"


def ahead_of(row: Row) -> Ahead | None:
    """Give what a row of needs expects; None without a fresh forecast."""
    if row["expected"] is None:
        return None
    told: dict[str, Any] = {name: row[name] for name in ("expected", "middle", "spread", "gone", "service", "review")}
    return Ahead(keeps=row["keeps_days"], **told)
