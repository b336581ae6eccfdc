"""The forecast beside what is needed, as SQL: the same as ahead.py and rules.py say of one product.

It is read by the name of its table alone, as the pace is; the feature above that forecasts writes it each night.
"""

from __future__ import annotations

from typing import Any, Final

from retail.runtime.db import Row
from retail.stock.reordering.ahead import ANCHORS, LEVELS, STALE_DAYS, Ahead
from retail.stock.reordering.rules import COVER_DAYS, LEAD_DAYS
from retail.tenants.settings import setting

_TODAY: Final = "(SELECT ($2::timestamptz AT TIME ZONE t.timezone)::date FROM tenant t WHERE t.id = $1)"


def _set(key: str) -> str:
    """Give the SQL of what the business has set, else of the usual; the key and the usual are the table's own."""
    kept = "SELECT btrim(t.value::text, '\"')::integer FROM setting t WHERE t.tenant_id = $1 AND t.store_id IS NULL"
    return f"coalesce(({kept} AND t.key = '{key}'), {int(setting(key).default)})"


_SERVICE: Final = (
    f"CASE f.abc WHEN 'A' THEN {_set('service_a')} WHEN 'B' THEN {_set('service_b')} ELSE {_set('service_c')} END"
)
_LEVELS: Final = f"ARRAY[{', '.join(map(str, LEVELS))}]"
_ANCHORS: Final = f"ARRAY[{', '.join(map(str, ANCHORS))}]"

# Behind the joins of rules, suppliers and products. `gone`: days of the forecast that are over; `span`: how long goods
# must last that are ordered at the next look. `forecast_use` is null where the rule doesn't go by the forecast.
FORESEEN: Final = f"""
  LEFT JOIN demand_ahead f ON f.tenant_id = b.tenant_id AND f.store_id = b.store_id AND f.product_id = b.product_id
   AND f.first_day >= {_TODAY} - {STALE_DAYS}
  CROSS JOIN LATERAL (
    SELECT greatest({_TODAY} - f.first_day, 0) AS gone, {_SERVICE} AS service, {_set("review_days")} AS review,
           coalesce(r.lead_days, e.lead_days, v.lead_days, {LEAD_DAYS}) + {_set("review_days")} AS span) g
  CROSS JOIN LATERAL (
    SELECT CASE WHEN coalesce(r.reorder_point, p.reorder_point) IS NULL
                 AND g.gone + g.span + {COVER_DAYS} <= cardinality(f.expected)
                THEN (coalesce(f.expected[g.gone + g.span], 0) - coalesce(f.expected[g.gone], 0)) / 1000.0
            END AS forecast_use) h
  CROSS JOIN LATERAL (
    SELECT round(f.spread[array_position({_LEVELS}, g.service)][
                          least(1 + width_bucket(g.span - 1, {_ANCHORS}), {len(ANCHORS)})] / 1000.0
                 * sqrt(h.forecast_use + 0.5), 3) AS buffer,
           (f.expected[g.gone + g.span + {COVER_DAYS}] - coalesce(f.expected[g.gone], 0)) / 1000.0 AS forecast_whole,
           CASE WHEN g.gone + f.keeps_days <= cardinality(f.expected)
                THEN (f.expected[g.gone + f.keeps_days] - coalesce(f.expected[g.gone], 0)) / 1000.0
            END AS forecast_kept) j"""
POINT: Final = "h.forecast_use + greatest(j.buffer, coalesce(r.safety_stock, e.safety_stock, 0))"
COLUMNS: Final = """f.expected, f.middle, f.spread, f.keeps_days, g.gone, g.service, g.review, h.forecast_use, j.buffer,
       j.forecast_whole, j.forecast_kept"""
MAY_BE: Final = "(b.store_id, b.product_id) IN (SELECT store_id, product_id FROM demand_ahead WHERE tenant_id = $1)"


def ahead_of(row: Row) -> Ahead | None:
    """Give what a row of needs expects; None without a fresh forecast."""
    if row["expected"] is None:
        return None
    told: dict[str, Any] = {name: row[name] for name in ("expected", "middle", "spread", "gone", "service", "review")}
    return Ahead(keeps=row["keeps_days"], **told)
