"""What the stock was worth at any moment, product by product, and what the books said of it then.

From the last kept day before that day, and the moves and revaluations since: docs/algorithms/costing.md, 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order

_FIRST: Final = UUID(int=0)

# $2 the moment, $3 the beginning of its day (UTC), $4 the bound of the kept days, $5 a store or none. A move is either
# in a kept day, or has an id from the bound on, or is of the moment's own day: each is taken once.
_VALUED: Final = """
WITH held AS (
  SELECT store_id, product_id FROM stock_balance WHERE tenant_id = $1 AND ($5::uuid IS NULL OR store_id = $5)
   UNION
  SELECT store_id, product_id FROM stock_delta WHERE tenant_id = $1 AND ($5::uuid IS NULL OR store_id = $5)),
flows AS (
  SELECT h.store_id, h.product_id, d.on_hand AS quantity, d.worth
    FROM held h
   CROSS JOIN LATERAL (SELECT s.on_hand, s.worth FROM stock_day s
                        WHERE s.tenant_id = $1 AND s.store_id = h.store_id AND s.product_id = h.product_id
                          AND s.day < ($3::timestamptz AT TIME ZONE 'UTC')::date
                        ORDER BY s.day DESC LIMIT 1) d
   WHERE $4 > '00000000-0000-0000-0000-000000000000'::uuid
   UNION ALL
  SELECT store_id, product_id, quantity, quantity * unit_cost FROM stock_move
   WHERE tenant_id = $1 AND id >= $4 AND occurred_at < $3 AND ($5::uuid IS NULL OR store_id = $5)
   UNION ALL
  SELECT store_id, product_id, quantity, quantity * unit_cost FROM stock_move
   WHERE tenant_id = $1 AND occurred_at >= $3 AND occurred_at <= $2 AND ($5::uuid IS NULL OR store_id = $5)
   UNION ALL
  SELECT store_id, product_id, 0, amount FROM stock_revaluation
   WHERE tenant_id = $1 AND id >= $4 AND occurred_at < $3 AND ($5::uuid IS NULL OR store_id = $5)
   UNION ALL
  SELECT store_id, product_id, 0, amount FROM stock_revaluation
   WHERE tenant_id = $1 AND occurred_at >= $3 AND occurred_at <= $2 AND ($5::uuid IS NULL OR store_id = $5)),
valued AS MATERIALIZED (
  SELECT store_id, product_id, sum(quantity) AS on_hand, sum(worth) AS worth FROM flows GROUP BY 1, 2)
"""
_BY_STORE: Final = f"""{_VALUED}
SELECT s.id AS store, s.name AS store_name,
       coalesce(sum(round(v.worth)) FILTER (WHERE v.on_hand > 0), 0)::bigint AS value,
       coalesce(sum(round(v.worth)) FILTER (WHERE v.on_hand <= 0), 0)::bigint AS below_zero,
       count(*) FILTER (WHERE v.on_hand > 0) AS products,
       coalesce(sum(v.worth), 0) AS exact
  FROM store s LEFT JOIN valued v ON v.store_id = s.id
 WHERE s.tenant_id = $1 AND ($5::uuid IS NULL OR s.id = $5)
 GROUP BY s.id, s.name ORDER BY s.name, s.id
"""  # noqa: S608 - constants
_BY_PRODUCT: Final = f"""{_VALUED}
SELECT v.product_id AS product, p.sku, p.name, p.unit, s.name AS store_name, v.on_hand, v.worth, s.id AS store,
       p.sort_name, -v.worth AS sort_worth
  FROM valued v
  JOIN product p ON p.tenant_id = $1 AND p.id = v.product_id
  JOIN store s ON s.tenant_id = $1 AND s.id = v.store_id
 WHERE (v.on_hand <> 0 OR v.worth <> 0)"""  # noqa: S608 - constants
_DEAREST: Final = Order(
    "worth",
    (
        Key("-v.worth", "sort_worth", Decimal),
        Key("p.sort_name", "sort_name", str),
        Key("v.store_id", "store", UUID),
        Key("v.product_id", "product", UUID),
    ),
)
# Entries carry the moment of what they post. Their business day, which is indexed, is within a day of UTC's.
_BOOKS: Final = """
WITH kept AS (
  SELECT store_id, sum(posted_minor) AS posted, sum(moved_minor) AS moved, sum(returns) AS returns,
         sum(books_minor) AS books
    FROM stock_books_day
   WHERE tenant_id = $1 AND day < ($3::timestamptz AT TIME ZONE 'UTC')::date
     AND $4 > '00000000-0000-0000-0000-000000000000'::uuid GROUP BY 1),
parts AS (
  SELECT store_id, round(quantity * unit_cost) AS posted, kind FROM stock_move
   WHERE tenant_id = $1 AND id >= $4 AND occurred_at < $3
   UNION ALL
  SELECT store_id, round(quantity * unit_cost), kind FROM stock_move
   WHERE tenant_id = $1 AND occurred_at >= $3 AND occurred_at <= $2
   UNION ALL
  SELECT store_id, posted_minor, '' FROM stock_revaluation WHERE tenant_id = $1 AND id >= $4 AND occurred_at < $3
   UNION ALL
  SELECT store_id, posted_minor, '' FROM stock_revaluation
   WHERE tenant_id = $1 AND occurred_at >= $3 AND occurred_at <= $2),
moves AS (
  SELECT store_id, sum(posted) AS posted, coalesce(sum(posted) FILTER (WHERE kind = 'transfer'), 0) AS moved,
         count(*) FILTER (WHERE kind = 'return') AS returns FROM parts GROUP BY 1),
entries AS (
  SELECT e.store_id, l.amount_minor
    FROM account a
    JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id AND l.entry_id >= $4
    JOIN journal_entry e ON e.tenant_id = $1 AND e.id = l.entry_id AND e.occurred_at < $3
   WHERE a.tenant_id = $1 AND a.purpose = 'stock'
   UNION ALL
  SELECT e.store_id, l.amount_minor
    FROM journal_entry e
    JOIN journal_line l ON l.tenant_id = $1 AND l.entry_id = e.id
    JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id AND a.purpose = 'stock'
   WHERE e.tenant_id = $1 AND e.occurred_at >= $3 AND e.occurred_at <= $2
     AND e.business_date BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 2
                             AND ($3::timestamptz AT TIME ZONE 'UTC')::date + 2),
books AS (SELECT store_id, sum(amount_minor) AS amount FROM entries GROUP BY 1)
SELECT s.id, (coalesce(k.books, 0) + coalesce(b.amount, 0))::bigint AS books,
       (coalesce(k.posted, 0) + coalesce(m.posted, 0))::bigint AS posted,
       (coalesce(k.moved, 0) + coalesce(m.moved, 0))::bigint AS moved,
       (2 * (coalesce(k.returns, 0) + coalesce(m.returns, 0)))::bigint AS room
  FROM store s LEFT JOIN kept k ON k.store_id = s.id LEFT JOIN moves m ON m.store_id = s.id
  LEFT JOIN books b ON b.store_id = s.id
 WHERE s.tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class StoreValue:
    """A store's stock at a moment, in minor units: value + below_zero + rounding - moved + unexplained = books.

    `below_zero`: goods sold that nobody had received yet. `moved`: what came from other stores, which the books leave
    where it was. `rounding`: whole cents per move and per product.
    """

    store: UUID
    store_name: str
    products: int
    value: int
    below_zero: int
    books: int
    rounding: int
    moved: int
    unexplained: int

    @property
    def says_something(self) -> bool:
        """Claim that any of its figures isn't zero: a closed store is shown for nothing else."""
        return any((self.products, self.value, self.below_zero, self.books, self.moved, self.unexplained))


@dataclass(frozen=True, slots=True)
class ProductValue:
    """A product of a store at a moment; `worth` in minor units with nine decimals."""

    product: UUID
    sku: str
    name: str
    unit: str
    store_name: str
    on_hand: Decimal
    worth: Decimal
    store: UUID

    @property
    def value_minor(self) -> int:
        """What it was worth, in whole minor units; below zero for what was sold before it was received."""
        return int(self.worth.to_integral_value(ROUND_HALF_UP))

    @property
    def unit_cost(self) -> Decimal | None:
        """What one cost, in minor units with six decimals; None where none was there."""
        return (self.worth / self.on_hand).quantize(Decimal("0.000001")) if self.on_hand else None


async def _arguments(read: Read, at: datetime, store: UUID | None) -> tuple[object, ...]:
    moment = at.astimezone(UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    bound = await read.fetchval("SELECT bound FROM stock_day_head WHERE tenant_id = $1", read.tenant)
    return read.tenant, moment, day, bound or _FIRST, store


async def value_by_store(read: Read, at: datetime, store: UUID | None = None) -> list[StoreValue]:
    """Value each store's stock as of a moment, beside its account then, with what the two differ by."""
    given = await _arguments(read, at, store)
    rows = await read.fetch(_BY_STORE, *given)
    books = {row["id"]: row for row in await read.fetch(_BOOKS, *given[:4])}
    found = []
    for row in rows:
        of = books[row["store"]]
        slack = of["books"] - (of["posted"] - of["moved"])
        within = slack if abs(slack) <= of["room"] else 0  # a return of part of a line shares the line's whole cents
        rounding = of["posted"] - row["value"] - row["below_zero"] + within
        found.append(
            StoreValue(
                row["store"], row["store_name"], row["products"], row["value"], row["below_zero"], of["books"],
                rounding, of["moved"], slack - within,
            )
        )  # fmt: skip
    return found


async def value_by_product(
    read: Read, at: datetime, store: UUID | None = None, most: int | None = None
) -> list[ProductValue]:
    """Value each product as of a moment, the dearest first; all of them, or `most`."""
    where = Conditions(*await _arguments(read, at, store), most)
    sql = f"{_BY_PRODUCT}{where.sql} ORDER BY {_DEAREST.sql} LIMIT $6"
    return [_product(row) for row in await read.fetch(sql, *where.args)]


async def values_page(
    read: Read, at: datetime, store: UUID | None = None, *, limit: int, after: str | None = None
) -> Page[ProductValue]:
    """Give a page of products and what they were worth, the dearest first. Raises Invalid for another list's cursor."""
    where = Conditions(*await _arguments(read, at, store), limit + 1)
    _DEAREST.go_on(where, after)
    sql = f"{_BY_PRODUCT}{where.sql} ORDER BY {_DEAREST.sql} LIMIT $6"
    rows = await read.fetch(sql, *where.args)
    return Page([_product(row) for row in rows[:limit]], _DEAREST.following(rows, limit))


def _product(row: Row) -> ProductValue:
    return ProductValue(*list(row.values())[:8])
