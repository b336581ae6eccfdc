"""What a changed price did: units a day in the four weeks before and after it, as far as both are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.analytics.sections.asking import Question
from retail.runtime.db import Read

SPAN: Final = 28
LEAST: Final = 7
MOST: Final = 100

# The day of the change itself is in neither side. A change that is followed by another one is seen up to that.
_EFFECTS: Final = """
WITH changed AS (
  SELECT c.product_id, c.from_minor, c.to_minor, c.effective_at, (c.effective_at AT TIME ZONE $2)::date AS day,
         (lag(c.effective_at) OVER each AT TIME ZONE $2)::date AS before_it,
         (lead(c.effective_at) OVER each AT TIME ZONE $2)::date AS after_it
    FROM price_change c
   WHERE c.tenant_id = $1 AND c.list_id IS NULL AND c.applied_at IS NOT NULL AND c.undone_at IS NULL
     AND c.from_minor IS NOT NULL AND c.from_minor <> c.to_minor
     AND c.effective_at >= $3::date - 400 AND c.effective_at < $4::date + 1
  WINDOW each AS (PARTITION BY c.product_id ORDER BY c.effective_at, c.id)),
spans AS (
  SELECT k.*, greatest(k.day - $5::integer, k.before_it) AS begins,
         least(k.day + $5::integer, k.after_it, $4::date) AS ends
    FROM changed k WHERE k.day BETWEEN $3::date AND $4::date - $6::integer)
SELECT s.product_id, p.name, s.from_minor, s.to_minor, s.effective_at, s.day - s.begins AS days_before,
       s.ends - s.day AS days_after,
       coalesce(sum(d.units) FILTER (WHERE d.business_date < s.day), 0) AS before,
       coalesce(sum(d.units) FILTER (WHERE d.business_date > s.day), 0) AS after
  FROM spans s
  JOIN product p ON p.tenant_id = $1 AND p.id = s.product_id
  LEFT JOIN product_day d ON d.tenant_id = $1 AND d.product_id = s.product_id
   AND d.business_date BETWEEN s.begins AND s.ends AND ($7::uuid[] IS NULL OR d.store_id = ANY ($7))
 WHERE s.day - s.begins >= $6 AND s.ends - s.day >= $6
 GROUP BY s.product_id, p.name, s.from_minor, s.to_minor, s.effective_at, s.day, s.begins, s.ends
HAVING sum(d.units) > 0
 ORDER BY s.effective_at DESC, s.product_id LIMIT $8
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of a price in minor units, and the units sold a day before and after it."""

    product: UUID
    name: str
    was: int
    now_minor: int
    at: datetime
    before: Decimal
    after: Decimal

    @property
    def price_change(self) -> Decimal | None:
        """Give the change of the price as a share; None from a price of nothing."""
        return (Decimal(self.now_minor - self.was) / self.was).quantize(Decimal("0.001")) if self.was else None

    @property
    def units_change(self) -> Decimal | None:
        """Give the change of the units as a share; None where none were sold before."""
        return ((self.after - self.before) / self.before).quantize(Decimal("0.001")) if self.before > 0 else None


async def price_effects(read: Read, asked: Question) -> list[Effect]:
    """List what the prices that changed in a time did, the newest first; each with a week at least on both sides.

    It says what happened, not why: an offer or a holiday may lie on one of the sides.
    """
    zone = asked.stores[0].timezone if asked.stores else "UTC"
    last: date = min(asked.period.last, asked.over)
    places = list(asked.narrowed.stores) if asked.narrowed.stores is not None else None
    rows = await read.fetch(_EFFECTS, read.tenant, zone, asked.period.first, last, SPAN, LEAST, places, MOST)
    return [
        Effect(
            row["product_id"],
            row["name"],
            row["from_minor"],
            row["to_minor"],
            row["effective_at"],
            row["before"] / row["days_before"],
            row["after"] / row["days_after"],
        )
        for row in rows
    ]
