"""What the business's own price changes and offers did, as docs/algorithms/foresight.md, 5, learns from it.

Control is all else that was sold, so that a season isn't taken for an answer to a price.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.foresight.responses import Happening, Response, is_usable, without_own
from retail.runtime.db import Read, Row, Tx
from retail.tenants.queries import stores

SPAN: Final = 28
LEAST: Final = 7
MOST: Final = 5_000
MOST_GOODS: Final = 50
"""An offer on more products than this lifts much of what it would be compared with."""
_OF_HUNDRED: Final = 10_000

# A change that follows another one, or is followed by one, is seen up to that; its own day is in neither side.
_CHANGES: Final = """
WITH changed AS (
  SELECT c.product_id, c.from_minor, c.to_minor, (c.effective_at AT TIME ZONE $2)::date AS day,
         (lag(c.effective_at) OVER each AT TIME ZONE $2)::date AS before_it,
         (lead(c.effective_at) OVER each AT TIME ZONE $2)::date AS after_it
    FROM price_change c
   WHERE c.tenant_id = $1 AND c.list_id IS NULL AND c.applied_at IS NOT NULL AND c.undone_at IS NULL
     AND c.from_minor > 0 AND c.to_minor > 0 AND c.from_minor <> c.to_minor
  WINDOW each AS (PARTITION BY c.product_id ORDER BY c.effective_at, c.id))
SELECT k.product_id, k.to_minor::numeric / k.from_minor AS ratio,
       greatest(k.day - $5::integer, k.before_it + 1, $3::date) AS begins, k.day - 1 AS ends,
       k.day + 1 AS "from", least(k.day + $5::integer, k.after_it - 1, $4::date) AS "to", false AS is_offer
  FROM changed k WHERE k.day BETWEEN $3::date AND $4::date
"""
# Plain offers, from when tills first had them until they hadn't any more, on a few goods that they name.
_OFFERS: Final = """
WITH RECURSIVE above AS (
  SELECT c.id, c.id AS lies_in, c.parent_id FROM category c WHERE c.tenant_id = $1
  UNION SELECT a.id, c.id, c.parent_id FROM above a JOIN category c ON c.tenant_id = $1 AND c.id = a.parent_id),
ran AS (
  SELECT o.id, o.kind, o.terms, coalesce(o.terms->'goods', '{}') AS goods,
         (greatest(o.starts_at, min(v.made_at)) AT TIME ZONE $2)::date AS begun,
         ((least(o.ends_at, min(v.made_at) FILTER (WHERE v.body IS NULL)) AT TIME ZONE $2)
           - interval '1 microsecond')::date AS ended
    FROM offer o JOIN offer_version v ON v.tenant_id = $1 AND v.offer_id = o.id
   WHERE o.tenant_id = $1 AND o.kind IN ('percent', 'amount', 'fixed') AND NOT o.coupon AND o.customer_groups IS NULL
     AND o.store_ids IS NULL AND o.windows = '[]' AND o.least_pieces <= 1 AND o.least_spend_minor = 0
   GROUP BY o.tenant_id, o.id),
held AS (
  SELECT r.*, p.id AS product_id, count(*) OVER (PARTITION BY r.id) AS goods_count,
         CASE r.kind WHEN 'percent' THEN 1 - (r.terms->>'percent')::numeric / $7
              WHEN 'amount' THEN 1 - (r.terms->>'amount')::numeric / p.price_minor
              ELSE (r.terms->>'price')::numeric / p.price_minor END AS ratio
    FROM ran r JOIN product p ON p.tenant_id = $1 AND p.price_minor > 0
     AND (r.goods->'products' ? p.id::text OR r.goods->'tags' ?| p.tags
          OR r.goods->'categories' ?| ARRAY(SELECT a.lies_in::text FROM above a WHERE a.id = p.category_id))
     AND NOT coalesce(r.goods->'not_products' ? p.id::text OR r.goods->'not_tags' ?| p.tags
          OR r.goods->'not_categories' ?| ARRAY(SELECT a.lies_in::text FROM above a WHERE a.id = p.category_id), false))
SELECT h.product_id, h.ratio, greatest(h.begun - $5::integer, $3::date) AS begins, h.begun - 1 AS ends,
       h.begun AS "from", least(h.begun + $5::integer - 1, h.ended, $4::date) AS "to", true AS is_offer
  FROM held h WHERE h.goods_count <= $6 AND h.begun BETWEEN $3::date AND $4::date
"""
# What was sold in the two times of each: ids, days, and both sums at once, as the rollups have them.
_SOLD: Final = """
SELECT u.at,
       (SELECT coalesce(sum(d.units), 0) FROM product_day d WHERE d.tenant_id = $1 AND d.product_id = u.product
           AND d.business_date BETWEEN u.first AND u.last) AS units,
       (SELECT coalesce(sum(h.units), 0) FROM sales_hour h WHERE h.tenant_id = $1
           AND h.business_date BETWEEN u.first AND u.last) AS of_all
  FROM unnest($2::integer[], $3::uuid[], $4::date[], $5::date[]) AS u (at, product, first, last)
"""
_CATEGORY: Final = """
SELECT c.product_id, c.category_id FROM counted_category c WHERE c.tenant_id = $1 AND c.product_id = ANY ($2::uuid[])
"""
_KEEP: Final = """
INSERT INTO forecast_response (tenant_id, subject_id, elasticity, spread, changes, offers, of_others)
SELECT $1, u.* FROM unnest($2::uuid[], $3::numeric[], $4::numeric[], $5::integer[], $6::integer[], $7::integer[]) AS u
"""
_READ: Final = """
SELECT r.subject_id, r.elasticity, r.spread, r.changes, r.offers, r.of_others FROM forecast_response r
 WHERE r.tenant_id = $1 AND r.subject_id = ANY ($2::uuid[])
"""


async def happenings(read: Read, first: date, last: date) -> list[Happening]:
    """Read every price that moved in these days, with what was sold before and after it."""
    places = await stores(read)
    zone = places[0].timezone if places else "UTC"
    days = (first, last)
    rows = await read.fetch(_CHANGES, read.tenant, zone, *days, SPAN)
    rows += await read.fetch(_OFFERS, read.tenant, zone, *days, SPAN, MOST_GOODS, _OF_HUNDRED)
    whole = [row for row in rows if _days(row, "begins", "ends") >= LEAST and _days(row, "from", "to") >= LEAST]
    whole = sorted(whole, key=lambda row: (row["from"], row["product_id"]), reverse=True)[:MOST]
    before, after = await _sold(read, whole, "begins", "ends"), await _sold(read, whole, "from", "to")
    rows = await read.fetch(_CATEGORY, read.tenant, list({row["product_id"] for row in whole}))
    categories = {row["product_id"]: row["category_id"] for row in rows}
    found = []
    for at, row in enumerate(whole):
        ratio, (sold, of_all), (then, of_all_then) = float(row["ratio"]), before[at], after[at]
        # Times of unequal length are compared by what all else sold in them.
        if is_usable(ratio, sold):
            category = categories.get(row["product_id"], NOBODY)
            others, others_then = max(0.0, of_all - sold), max(0.0, of_all_then - then)
            found.append(
                Happening(row["product_id"], category, ratio, sold, then, others, others_then, row["is_offer"])
            )
    return found


def _days(row: Row, first: str, last: str) -> int:
    return int((row[last] - row[first]).days) + 1


async def _sold(read: Read, rows: list[Row], first: str, last: str) -> list[tuple[float, float]]:
    found = [(0.0, 0.0)] * len(rows)
    asked = (list(range(len(rows))), *([row[name] for row in rows] for name in ("product_id", first, last)))
    for row in await read.fetch(_SOLD, read.tenant, *asked):
        found[row["at"]] = (max(0.0, float(row["units"])), max(0.0, float(row["of_all"])))
    return found


async def keep_responses(tx: Tx, found: Mapping[UUID, Response]) -> None:
    """Write how buyers answer prices, in place of what was known."""
    await tx.execute("DELETE FROM forecast_response WHERE tenant_id = $1", tx.tenant)
    each = list(found.items())
    await tx.execute(
        _KEEP, tx.tenant, [subject for subject, _one in each],
        [round(one.elasticity, 3) for _subject, one in each], [round(one.spread, 3) for _subject, one in each],
        [one.changes for _subject, one in each], [one.offers for _subject, one in each],
        [one.of_others for _subject, one in each],
    )  # fmt: skip


async def response(read: Read, category: UUID | None, product: UUID | None) -> Response:
    """Give how buyers answer prices of a product, a category, or all; what is usual where nobody knows."""
    rows = await read.fetch(_READ, read.tenant, [NOBODY, product or category or NOBODY])
    known = {
        row["subject_id"]: Response(
            float(row["elasticity"]), float(row["spread"]), row["changes"], row["offers"], row["of_others"]
        )
        for row in rows
    }
    whole = known.get(NOBODY, Response())
    if product is not None:
        return known.get(product) or without_own(whole)
    if category is not None:
        return (known.get(category) or without_own(whole)).for_all_of_it()
    return whole.for_all_of_it()
