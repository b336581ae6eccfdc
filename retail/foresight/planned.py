"""Offers that held and that are planned, day by day: docs/algorithms/foresight.md, section 7.

Plain offers alone: a percentage, an amount or a price for each piece, for everybody, all day and without a coupon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.runtime.db import Read
from retail.tenants.queries import stores

AHEAD: Final = 120
LEAST: Final = 7
"""With so many days on offer behind it a product's own past says what offers do."""
_OF_HUNDRED: Final = 10_000

_PLANNED: Final = """
WITH RECURSIVE above AS (
  SELECT c.id, c.id AS lies_in, c.parent_id FROM category c WHERE c.tenant_id = $1
  UNION SELECT a.id, c.id, c.parent_id FROM above a JOIN category c ON c.tenant_id = $1 AND c.id = a.parent_id),
ran AS (
  SELECT o.id, o.name, o.kind, o.terms, o.store_ids, coalesce(o.terms->'goods', '{}') AS goods,
         (greatest(o.starts_at, min(v.made_at)) AT TIME ZONE $2)::date AS begun,
         ((least(o.ends_at, min(v.made_at) FILTER (WHERE v.body IS NULL)) AT TIME ZONE $2)
           - interval '1 microsecond')::date AS ended
    FROM offer o JOIN offer_version v ON v.tenant_id = $1 AND v.offer_id = o.id AND v.made_at <= $6
   WHERE o.tenant_id = $1 AND o.kind IN ('percent', 'amount', 'fixed') AND NOT o.coupon AND o.customer_groups IS NULL
     AND o.windows = '[]' AND o.least_pieces <= 1 AND o.least_spend_minor = 0
   GROUP BY o.tenant_id, o.id)
SELECT r.name, p.id AS product, r.store_ids AS stores, r.begun AS first, r.ended AS last,
       CASE r.kind WHEN 'percent' THEN 1 - (r.terms->>'percent')::numeric / $5
            WHEN 'amount' THEN 1 - (r.terms->>'amount')::numeric / p.price_minor
            ELSE (r.terms->>'price')::numeric / p.price_minor END AS ratio
  FROM ran r JOIN product p ON p.tenant_id = $1 AND p.archived_at IS NULL AND p.price_minor > 0
   AND ($7::uuid IS NULL OR p.id = $7)
   AND (NOT r.goods ?| ARRAY['products', 'categories', 'tags'] OR coalesce(r.goods->'products' ? p.id::text
        OR r.goods->'tags' ?| p.tags
        OR r.goods->'categories' ?| ARRAY(SELECT a.lies_in::text FROM above a WHERE a.id = p.category_id), false))
   AND NOT coalesce(r.goods->'not_products' ? p.id::text OR r.goods->'not_tags' ?| p.tags
        OR r.goods->'not_categories' ?| ARRAY(SELECT a.lies_in::text FROM above a WHERE a.id = p.category_id), false)
 WHERE r.begun <= $4 AND (r.ended IS NULL OR r.ended >= $3) ORDER BY r.begun, r.id, p.id
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """An offer on a product: in which stores (None: all), its days (last None: no end), and the price's ratio."""

    name: str
    product: UUID
    stores: Sequence[UUID] | None
    first: date
    last: date | None
    ratio: float

    def holds(self, store: UUID, day: date) -> bool:
        """Claim that it holds in a store on a day."""
        return self.is_on(day) and self.is_in(store)

    def is_on(self, day: date) -> bool:
        """Claim that it holds on a day, where it holds at all."""
        return self.first <= day and (self.last is None or day <= self.last)

    def is_in(self, store: UUID) -> bool:
        """Claim that it holds in a store at all."""
        return self.stores is None or store in self.stores


async def planned(
    read: Read, first: date, last: date, *, known_at: datetime | None = None, product: UUID | None = None
) -> list[Planned]:
    """Read the offers that hold on some of these days, of one product or all, as far as they were known at a moment."""
    places = await stores(read)
    zone = places[0].timezone if places else "UTC"
    rows = await read.fetch(
        _PLANNED, read.tenant, zone, first, last, _OF_HUNDRED, known_at or read.now, product
    )  # fmt: skip
    return [Planned(**(dict(row) | {"ratio": float(row["ratio"])})) for row in rows if 0 < row["ratio"] < 1]
