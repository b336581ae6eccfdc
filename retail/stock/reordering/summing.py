"""What should be ordered, in short: how much, for how much money, and what runs out first.

The rule is rules.py; here it stands once more as SQL, so that the sums of a large catalogue don't take every row out of
the database. A test holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.runtime.db import Read
from retail.stock.reordering.queries import MAYBE, NEEDS, Suggested, narrowing, suggested_in
from retail.stock.reordering.rules import COVER_DAYS, LEAD_DAYS, LONGEST_DAYS
from retail.tenants.queries import this_tenant

_IN_SHORT: Final = f"""
WITH known AS ({NEEDS}{MAYBE}{{where}}),
pointed AS (
  SELECT k.*, k.on_hand + k.incoming - k.reserved - k.blocked AS position, coalesce(k.safety_stock, 0) AS safety,
         coalesce(k.lead_days, {LEAD_DAYS}) AS lead,
         coalesce(k.reorder_point, k.forecast_use + greatest(k.buffer, coalesce(k.safety_stock, 0)),
                  k.per_day * coalesce(k.lead_days, {LEAD_DAYS}) + coalesce(k.safety_stock, 0)) AS point,
         coalesce(k.pack_quantity, CASE k.decimals WHEN 0 THEN 1 ELSE 0.1 END) AS step
    FROM known k
   WHERE k.reorder_point IS NOT NULL OR k.safety_stock <> 0
      OR CASE WHEN k.forecast_use IS NULL THEN k.per_day ELSE k.forecast_whole END > 0),
reaching AS (
  SELECT p.*, CASE
                WHEN p.target IS NOT NULL THEN p.target
                WHEN p.forecast_use IS NULL
                THEN greatest(p.per_day * (p.lead + {COVER_DAYS}) + p.safety, p.point + p.step)
                ELSE least(greatest(p.point + p.forecast_whole - p.forecast_use, p.point + p.step), p.forecast_kept)
              END - p.position AS wanted
    FROM pointed p WHERE p.position <= p.point),
ordered AS (
  SELECT r.*, round(ceil(greatest(r.wanted, coalesce(r.minimum_order, 0)) / r.step) * r.step * r.unit_cost) AS cost,
         CASE WHEN r.on_hand - r.blocked <= 0 THEN 0
              WHEN r.lasting < cardinality(r.middle) - r.gone THEN greatest(r.lasting, 0)
              WHEN r.by_pace <= {LONGEST_DAYS} THEN r.by_pace END AS days
    FROM (SELECT m.*, width_bucket(((m.on_hand - m.blocked) * 1000)::bigint + coalesce(m.middle[m.gone], 0), m.middle)
                      - m.gone AS lasting,
                 greatest(trunc((m.on_hand - m.blocked) / nullif(m.per_day, 0)),
                          CASE WHEN m.per_day > 0 THEN cardinality(m.middle) - m.gone END) AS by_pace
            FROM reaching m WHERE m.wanted > 0) r)
SELECT o.*, count(*) OVER () AS in_all, sum(o.cost) OVER () AS cost_in_all FROM ordered o
 ORDER BY o.days NULLS LAST, lower(o.name) COLLATE "C", o.store_name COLLATE "C", o.product, o.store LIMIT {{most}}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class InShort:
    """How many suggestions there are, what all of them cost in minor units, and those that run out first."""

    count: int
    cost_minor: int
    first: list[Suggested]


async def in_short(
    read: Read, *, most: int, store: UUID | None = None, text: str = "", supplier: UUID | None = None
) -> InShort:
    """Sum up what should be ordered now, and list the first `most`, what runs out first at the top."""
    where = narrowing(read, store=store, text=text, supplier=supplier)
    rows = await read.fetch(_IN_SHORT.format(where=where.sql, most=int(most)), *where.args)
    if not rows:
        return InShort(0, 0, [])
    today = business_day(read.now, (await this_tenant(read)).timezone)
    return InShort(rows[0]["in_all"], int(rows[0]["cost_in_all"]), suggested_in(rows, today))
