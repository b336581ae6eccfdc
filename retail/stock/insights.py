"""Which goods earn and which only lie there: ABC classes, dead stock, turnover. docs/algorithms/reordering.md, 5.

What was sold is read from the daily sums of sales by the name of their table alone; they belong to a feature above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

DAYS: Final = 90
YEAR: Final = 365
MOST: Final = 200

_SHARES: Final = """
WITH sold AS (
  SELECT product_id, sum(revenue_minor) AS revenue, sum(units) AS units FROM product_day
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) AND business_date >= $3 AND business_date < $4
   GROUP BY 1 HAVING sum(revenue_minor) > 0),
ranked AS (
  SELECT product_id, revenue, units, sum(revenue) OVER (ORDER BY revenue DESC, product_id) AS reached,
         sum(revenue) OVER () AS everything
    FROM sold)
"""
# A product belongs to A as long as those before it have not brought four fifths, to B as long as they brought less than
# nineteen twentieths: the product that crosses the line still belongs to the better class.
_CLASS: Final = """CASE WHEN reached - revenue < everything * 0.80 THEN 'A'
                        WHEN reached - revenue < everything * 0.95 THEN 'B' ELSE 'C' END"""
_HELD: Final = """
SELECT product_id, sum(on_hand) AS on_hand, sum(worth) FILTER (WHERE on_hand > 0) AS worth FROM stock_balance
 WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) GROUP BY 1"""
_CLASSES: Final = f"""{_SHARES}
SELECT p.id AS product, p.sku, p.name, coalesce(r.class, 'C') AS class, coalesce(r.revenue, 0)::bigint AS revenue,
       coalesce(r.revenue / r.everything, 0) AS share, coalesce(round(h.worth), 0)::bigint AS value
  FROM product p
  LEFT JOIN (SELECT *, {_CLASS} AS class FROM ranked) r ON r.product_id = p.id
  LEFT JOIN ({_HELD}) h ON h.product_id = p.id
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL AND (r.product_id IS NOT NULL OR h.on_hand > 0)
 ORDER BY 4, revenue DESC, p.sort_name, p.id
"""  # noqa: S608 - constants
_IDLE: Final = """b.tenant_id = $1 AND ($2::uuid IS NULL OR b.store_id = $2) AND b.on_hand > 0
   AND NOT EXISTS (SELECT FROM product_day d WHERE d.tenant_id = $1 AND d.store_id = b.store_id
                      AND d.product_id = b.product_id AND d.business_date > $3 AND d.units > 0)
   AND NOT EXISTS (SELECT FROM stock_move m WHERE m.tenant_id = $1 AND m.product_id = b.product_id
                      AND m.store_id = b.store_id AND m.quantity > 0 AND m.occurred_at > $3::date + interval '1 day')"""
_DEAD: Final = f"""
SELECT b.product_id AS product, p.sku, p.name, p.unit, s.name AS store_name, b.on_hand,
       round(b.worth)::bigint AS value,
       (SELECT max(d.business_date) FROM product_day d WHERE d.tenant_id = $1 AND d.store_id = b.store_id
           AND d.product_id = b.product_id AND d.units > 0) AS last_sold
  FROM stock_balance b
  JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
  JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id
 WHERE {_IDLE}
 ORDER BY b.worth DESC, p.sort_name, b.store_id
"""  # noqa: S608 - constants
# A balance that nothing was folded into for so long was neither sold nor received, and is not looked up: that is most
# of what lies there. A business day may begin half a day before that of Greenwich: what moved a day before counts as
# moved since. What is dead is found once, for the sums and the dearest alike; only those few are read in full.
_DEAD_IN_SHORT: Final = f"""
WITH dead AS MATERIALIZED (
  SELECT b.store_id, b.product_id, b.on_hand, b.worth FROM stock_balance b
   WHERE b.tenant_id = $1 AND ($2::uuid IS NULL OR b.store_id = $2) AND b.on_hand > 0 AND b.updated_at < $3::date - 1
   UNION ALL
  SELECT b.store_id, b.product_id, b.on_hand, b.worth FROM stock_balance b
   WHERE {_IDLE} AND b.updated_at >= $3::date - 1),
each_one AS (SELECT product_id, sum(round(worth)) AS worth FROM dead GROUP BY product_id),
dearest AS (
  SELECT d.*, p.sku, p.name, p.unit, p.sort_name
    FROM (SELECT * FROM dead ORDER BY worth DESC FETCH FIRST $4 ROWS WITH TIES) d
    JOIN product p ON p.tenant_id = $1 AND p.id = d.product_id)
SELECT w.products, w.worth, o.*
  FROM (SELECT count(*) AS products, coalesce(sum(worth), 0)::bigint AS worth FROM each_one) w
  LEFT JOIN (
    SELECT d.product_id AS product, d.sku, d.name, d.unit, s.name AS store_name, d.on_hand,
           round(d.worth)::bigint AS value, d.worth AS exactly, d.sort_name, d.store_id,
           (SELECT max(x.business_date) FROM product_day x WHERE x.tenant_id = $1 AND x.store_id = d.store_id
               AND x.product_id = d.product_id AND x.units > 0) AS last_sold
      FROM dearest d JOIN store s ON s.tenant_id = $1 AND s.id = d.store_id
     ORDER BY d.worth DESC, d.sort_name, d.store_id LIMIT $4) o ON true
 ORDER BY o.exactly DESC, o.sort_name, o.store_id
"""  # noqa: S608 - constants
# What lay there on average: each close weighted with the days until the next one. What was there before the first close
# counts as nothing, and so does a price below zero.
# Closes are kept up to last night's bound ($5); what has an id from there on is added, whenever it happened: a file of
# the past, a delivery of this morning. Where no night was yet, all of it is.
_TURNOVER: Final = """
WITH changes AS (
  SELECT d.store_id, d.product_id, d.day,
         d.worth - lag(d.worth, 1, 0::numeric) OVER (PARTITION BY d.store_id, d.product_id ORDER BY d.day) AS worth
    FROM stock_day d
   WHERE d.tenant_id = $1 AND ($2::uuid IS NULL OR d.store_id = $2) AND d.day < $4 AND $5::uuid IS NOT NULL
   UNION ALL
  SELECT store_id, product_id, (occurred_at AT TIME ZONE 'UTC')::date, quantity * unit_cost FROM stock_move
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) AND ($5::uuid IS NULL OR id >= $5)
   UNION ALL
  SELECT store_id, product_id, (occurred_at AT TIME ZONE 'UTC')::date, amount FROM stock_revaluation
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) AND ($5::uuid IS NULL OR id >= $5)),
closes AS (
  SELECT store_id, product_id, day,
         sum(sum(worth)) OVER (PARTITION BY store_id, product_id ORDER BY day) AS worth
    FROM changes WHERE day < $4 GROUP BY store_id, product_id, day),
spans AS (
  SELECT product_id, greatest(day, $3) AS since, worth,
         coalesce(lead(day) OVER (PARTITION BY store_id, product_id ORDER BY day), $4) AS until
    FROM closes),
lay AS (
  SELECT product_id, sum(greatest(worth, 0) * (until - since)) / ($4::date - $3::date) AS worth
    FROM spans WHERE until > since GROUP BY 1),
sold AS (
  SELECT product_id, sum(cost_minor) AS cost, sum(revenue_minor - tax_minor - cost_minor) AS margin FROM product_day
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) AND business_date >= $3 AND business_date < $4
   GROUP BY 1)
SELECT p.id AS product, p.sku, p.name, coalesce(s.cost, 0)::bigint AS cost, coalesce(s.margin, 0)::bigint AS margin,
       round(coalesce(l.worth, 0))::bigint AS lay
  FROM product p LEFT JOIN lay l ON l.product_id = p.id LEFT JOIN sold s ON s.product_id = p.id
 WHERE p.tenant_id = $1 AND (l.worth > 0 OR s.cost > 0)
 ORDER BY coalesce(l.worth, 0) DESC, p.sort_name, p.id
"""


@dataclass(frozen=True, slots=True)
class Classed:
    """A product with its class by what it brought in, tax included; `share` of all of it, `value` what lies there."""

    product: UUID
    sku: str
    name: str
    abc: str
    revenue: int
    share: Decimal
    value: int


@dataclass(frozen=True, slots=True)
class Dead:
    """Goods that nobody has bought for long; `last_sold` None: never, as far as the sums go back."""

    product: UUID
    sku: str
    name: str
    unit: str
    store_name: str
    on_hand: Decimal
    value: int
    last_sold: date | None


@dataclass(frozen=True, slots=True)
class DeadInShort:
    """How many products nobody has bought for long, what all of them are worth, and the dearest."""

    products: int
    value: int
    dearest: list[Dead]


@dataclass(frozen=True, slots=True)
class Turned:
    """What of a product was sold in a period, at cost, and what lay there on average; the margin is without tax."""

    product: UUID
    sku: str
    name: str
    cost: int
    margin: int
    lay: int
    days: int

    @property
    def turns(self) -> Decimal | None:
        """How many times a year its stock is sold; None where nothing lay there."""
        if not self.lay:
            return None
        return (Decimal(self.cost) / self.lay * YEAR / self.days).quantize(Decimal("0.1"))

    @property
    def lasts(self) -> int | None:
        """How many days it lies on average; None where nothing is sold."""
        return round(Decimal(self.lay) * self.days / self.cost) if self.cost > 0 else None


async def classes_of(read: Read, store: UUID | None, days: int = DAYS) -> dict[UUID, str]:
    """Tell the class of each product that sold in the last whole days; all others are C."""
    rows = await read.fetch(
        f"{_SHARES} SELECT product_id, {_CLASS} AS class FROM ranked",  # noqa: S608 - constants
        read.tenant,
        store,
        *whole_days(read, days),
    )
    return {row["product_id"]: row["class"] for row in rows}


async def classed(read: Read, store: UUID | None, days: int = DAYS, most: int | None = None) -> list[Classed]:
    """List products by class, and by what they brought in; of whole days, up to yesterday."""
    rows = await read.fetch(_limited(_CLASSES, most), read.tenant, store, *whole_days(read, days))
    return [Classed(*row) for row in rows]


async def dead(read: Read, store: UUID | None, days: int = DAYS, most: int | None = None) -> list[Dead]:
    """List what lies there and was neither sold nor received in the last days, the dearest first."""
    return [Dead(*row) for row in await read.fetch(_limited(_DEAD, most), read.tenant, store, _since(read, days))]


async def dead_in_short(read: Read, store: UUID | None, most: int, days: int = DAYS) -> DeadInShort:
    """Sum up what lies there and was neither sold nor received in the last days, and list the dearest `most`."""
    rows = await read.fetch(_DEAD_IN_SHORT, read.tenant, store, _since(read, days), most)
    shown = [
        Dead(
            row["product"], row["sku"], row["name"], row["unit"], row["store_name"], row["on_hand"], row["value"],
            row["last_sold"],
        )
        for row in rows
        if row["product"] is not None
    ]  # fmt: skip
    return DeadInShort(rows[0]["products"], rows[0]["worth"], shown)


async def turned(read: Read, store: UUID | None, days: int = DAYS, most: int | None = None) -> list[Turned]:
    """List how fast goods are sold, those first that most money lies in; of whole days, up to yesterday."""
    since, until = whole_days(read, days)
    bound = await read.fetchval("SELECT bound FROM stock_day_head WHERE tenant_id = $1", read.tenant)
    rows = await read.fetch(_limited(_TURNOVER, most), read.tenant, store, since, until, bound)
    return [Turned(**dict(row), days=days) for row in rows]


def whole_days(read: Read, days: int) -> tuple[date, date]:
    """Give the days that classes and turnover are worked out of: from the first on, and before the second (today)."""
    until = read.now.date()
    return until - timedelta(days=days), until


def _since(read: Read, days: int) -> date:
    return read.now.date() - timedelta(days=days)


def _limited(sql: str, most: int | None) -> str:
    return sql if most is None else f"{sql} LIMIT {most:d}"
