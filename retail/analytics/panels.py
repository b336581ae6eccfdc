"""What stands beside the figures of Today: the latest sales, what runs out, and what a person should know of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.analytics.reorder import OnHand
from retail.analytics.rules import Window
from retail.runtime.db import Read
from retail.stock.reordering.queries import suggested
from retail.tenants.queries import NEAR

FEED_MOST: Final = 20
RUNS_OUT_MOST: Final = 8
RUNS_OUT_WITHIN: Final = 14
VARIANCE_DAYS: Final = 7

# One index range per store, of one business day: what a shop sold last year costs nothing here. A sale whose clock is
# ahead stands where it arrived, not above all others.
_FEED: Final = """
SELECT s.id, s.kind, s.number, s.total_minor, s.at AS occurred_at, s.store_id, t.name AS till, p.name AS store,
       (SELECT coalesce(sum(CASE WHEN l.quantity = trunc(l.quantity) THEN abs(l.quantity) ELSE 1 END), 0)::bigint
          FROM sale_line l WHERE l.tenant_id = $1 AND l.sale_id = s.id) AS items,
       (SELECT array_agg(DISTINCT x.type) FROM tender x WHERE x.tenant_id = $1 AND x.sale_id = s.id) AS tenders
  FROM (SELECT e.* FROM unnest($2::uuid[], $3::date[]) AS w (store_id, day)
         CROSS JOIN LATERAL (SELECT a.id, a.kind, a.number, a.total_minor, a.store_id, a.till_id,
                                    least(a.occurred_at, a.received_at) AS at
                               FROM sale a
                              WHERE a.tenant_id = $1 AND a.business_date = w.day AND a.store_id = w.store_id
                                AND a.kind <> 'payment'
                              ORDER BY at DESC, a.id DESC LIMIT $4) AS e
         ORDER BY e.at DESC, e.id DESC LIMIT $4) AS s
  JOIN till t ON t.tenant_id = $1 AND t.id = s.till_id
  JOIN store p ON p.tenant_id = $1 AND p.id = s.store_id
 ORDER BY s.at DESC, s.id DESC
"""

# Costs what the shop has on its shelves, whatever it sold. What is below zero comes first, the furthest below before
# the others, also where nothing is known of its pace yet: somebody bought it. What still waits to be folded counts for
# the few that are shown.
_RUNS_OUT: Final = """
WITH soonest AS (
  SELECT b.store_id, b.product_id, coalesce(a.units / a.days, 0) AS per_day, b.on_hand
    FROM stock_balance b
    LEFT JOIN product_pace a ON a.tenant_id = $1 AND a.store_id = b.store_id AND a.product_id = b.product_id
   WHERE b.tenant_id = $1 AND b.store_id = ANY ($2) AND (b.on_hand < 0 OR b.on_hand * a.days < a.units * $3)
     AND EXISTS (SELECT FROM product p WHERE p.tenant_id = $1 AND p.id = b.product_id AND p.archived_at IS NULL)
   ORDER BY b.on_hand >= 0, CASE WHEN b.on_hand < 0 THEN b.on_hand ELSE b.on_hand * a.days / a.units END,
            a.units DESC NULLS LAST, b.product_id, b.store_id LIMIT $4),
held AS (
  SELECT n.store_id, n.product_id, n.per_day,
         n.on_hand + coalesce((SELECT sum(x.quantity) FROM stock_delta x
                                WHERE x.tenant_id = $1 AND x.store_id = n.store_id AND x.product_id = n.product_id), 0)
           AS on_hand
    FROM soonest n)
SELECT h.store_id, s.name AS store, h.product_id, p.name AS product, p.unit, h.on_hand, h.per_day
  FROM held h
  JOIN store s ON s.tenant_id = $1 AND s.id = h.store_id
  JOIN product p ON p.tenant_id = $1 AND p.id = h.product_id
 ORDER BY h.on_hand >= 0, CASE WHEN h.on_hand < 0 THEN h.on_hand ELSE h.on_hand / nullif(h.per_day, 0) END,
          h.per_day DESC, p.name, h.store_id
"""

# Open things only, each by its own partial or narrow index.
_WORTH_KNOWING: Final = """
WITH w AS (SELECT * FROM unnest($2::uuid[], $3::date[]) AS u (store_id, today))
(SELECT 'exceptions' AS kind, NULL::uuid AS id, '' AS till, '' AS store, count(*)::bigint AS amount,
        min(e.created_at) AS at, 0::bigint AS stores
   FROM sync_exception e WHERE e.tenant_id = $1 AND e.resolved_at IS NULL AND e.store_id = ANY ($2) HAVING count(*) > 0)
UNION ALL
(SELECT 'shift_open', h.id, t.name, s.name, h.number, h.opened_at, 0
   FROM w JOIN shift h ON h.tenant_id = $1 AND h.store_id = w.store_id AND h.business_date < w.today
   JOIN till t ON t.tenant_id = $1 AND t.id = h.till_id JOIN store s ON s.tenant_id = $1 AND s.id = h.store_id
  WHERE h.closed_at IS NULL ORDER BY h.opened_at LIMIT 5)
UNION ALL
(SELECT 'variance', h.id, t.name, s.name, z.variance_minor, z.closed_at, 0
   FROM w JOIN shift h ON h.tenant_id = $1 AND h.store_id = w.store_id AND h.opened_at > $4
   JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = h.id AND z.variance_minor <> 0
   JOIN till t ON t.tenant_id = $1 AND t.id = h.till_id JOIN store s ON s.tenant_id = $1 AND s.id = h.store_id
  ORDER BY abs(z.variance_minor) DESC, z.closed_at DESC LIMIT 3)
UNION ALL
(SELECT 'low', NULL, '', '', count(DISTINCT b.product_id), min(b.low_since), count(DISTINCT b.store_id)
   FROM stock_balance b JOIN store s ON s.tenant_id = $1 AND s.id = b.store_id AND s.archived_at IS NULL
  WHERE b.tenant_id = $1 AND b.low_since IS NOT NULL AND b.store_id = ANY ($2)
 HAVING count(*) > 0)
"""

_OPEN_TILLS: Final = """
SELECT count(DISTINCT h.store_id) AS stores, count(*) AS tills
  FROM shift h WHERE h.tenant_id = $1 AND h.closed_at IS NULL AND h.store_id = ANY ($2)
"""

# Heard of within the last two minutes: a till at work says every minute that it is there.
_ONLINE: Final = """
SELECT count(*) FILTER (WHERE greatest(c.claimed_at, c.seen_at, j.received_at) > $3) AS online, count(*) AS tills
  FROM till t
  LEFT JOIN till_claim c ON c.tenant_id = t.tenant_id AND c.till_id = t.id AND c.released_at IS NULL
  LEFT JOIN LATERAL (SELECT i.received_at FROM till_journal i
                      WHERE i.tenant_id = $1 AND i.till_id = c.till_id AND i.device_id = c.device_id
                      ORDER BY i.seq DESC LIMIT 1) j ON true
 WHERE t.tenant_id = $1 AND t.store_id = ANY ($2) AND t.retired_at IS NULL
"""

_BEGUN: Final = """
SELECT EXISTS (SELECT FROM sale WHERE tenant_id = $1) AS sold,
       EXISTS (SELECT FROM product WHERE tenant_id = $1 AND archived_at IS NULL) AS products,
       EXISTS (SELECT FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills,
       EXISTS (SELECT FROM stock_balance WHERE tenant_id = $1) AS stock
"""


@dataclass(frozen=True, slots=True)
class FedSale:
    """A sale or return as the feed shows it. `items` counts pieces, and weighed goods as one.

    `occurred_at` is its arrival where its clock was ahead.
    """

    id: UUID
    kind: str
    number: int
    total_minor: int
    occurred_at: datetime
    store_id: UUID
    till: str
    store: str
    items: int
    tenders: Sequence[str] | None

    @property
    def returned(self) -> bool:
        """Claim that goods came back."""
        return self.kind == "return"


@dataclass(frozen=True, slots=True)
class Scarce:
    """A product that runs out soon in a store; `order` is what the page To order suggests, 0 where it is too early."""

    store_id: UUID
    store: str
    product_id: UUID
    product: str
    unit: str
    ware: OnHand
    order: Decimal


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that waits for a person. kind: exceptions, shift_open, variance, low; `amount` by kind.

    Low are `amount` products, in `stores` stores: one that is low in two of them is one product.
    """

    kind: str
    id: UUID | None
    till: str
    store: str
    amount: int
    at: datetime
    stores: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """What a new business has done so far."""

    sold: bool
    products: bool
    tills: bool
    stock: bool


async def feed(read: Read, windows: Sequence[Window]) -> list[FedSale]:
    """Give the latest sales and returns, newest first: of today, or of the period's last day when that is over."""
    days: list[date] = [min(one.last, one.today) for one in windows]
    rows = await read.fetch(_FEED, read.tenant, [one.store for one in windows], days, FEED_MOST)
    return [FedSale(*row) for row in rows]


async def runs_out(read: Read, windows: Sequence[Window]) -> list[Scarce]:
    """List what is gone within 14 days at the pace of the last 28, soonest first, each with what to order now."""
    rows = await read.fetch(
        _RUNS_OUT,
        read.tenant,
        [one.store for one in windows],
        Decimal(RUNS_OUT_WITHIN),
        RUNS_OUT_MOST,
    )
    wanted = await suggested(read, [(row["store_id"], row["product_id"]) for row in rows]) if rows else {}
    orders = {key: one.order for key, one in wanted.items()}
    return [
        Scarce(
            row["store_id"],
            row["store"],
            row["product_id"],
            row["product"],
            row["unit"],
            OnHand(row["on_hand"], row["per_day"]),
            orders.get((row["store_id"], row["product_id"]), Decimal(0)),
        )
        for row in rows
    ]


async def worth_knowing(read: Read, windows: Sequence[Window]) -> list[Fact]:
    """List what waits for a person: open exceptions, shifts left open, cash that differed, products to reorder."""
    rows = await read.fetch(
        _WORTH_KNOWING,
        read.tenant,
        [one.store for one in windows],
        [one.today for one in windows],
        read.now - timedelta(days=VARIANCE_DAYS),
    )
    return [Fact(*row) for row in rows]


async def open_tills(read: Read, windows: Sequence[Window]) -> tuple[int, int]:
    """Count the stores and tills that have an open shift."""
    row = await read.fetchrow(_OPEN_TILLS, read.tenant, [one.store for one in windows])
    return (row["stores"], row["tills"]) if row else (0, 0)


async def tills_online(read: Read, windows: Sequence[Window]) -> tuple[int, int]:
    """Count the tills that were heard of a moment ago, and those that there are."""
    row = await read.fetchrow(_ONLINE, read.tenant, [one.store for one in windows], read.now - NEAR)
    return (row["online"], row["tills"]) if row else (0, 0)


async def begun(read: Read) -> Begun:
    """Tell what a business has done so far."""
    row = await read.fetchrow(_BEGUN, read.tenant)
    return Begun(*row) if row else Begun(sold=False, products=False, tills=False, stock=False)
