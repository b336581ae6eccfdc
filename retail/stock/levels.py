"""Lists of stock for pages and the API: levels per product and store, what is low, what it is worth, what moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders
from retail.stock.counts.hiding import counted_blind, hidden_from_reader
from retail.stock.places.blocked import BLOCKED
from retail.stock.reserving.queries import RESERVED
from retail.stock.reserving.rules import available
from retail.stock.rules import is_low
from retail.stock.transfers.queries import INCOMING

_PRODUCT: Final = Key("p.id", "product", UUID)
_STORE: Final = Key("s.id", "store", UUID)
BY_NAME: Final = Order("name", (Key("p.sort_name", "sort_name", str), _PRODUCT, _STORE))
BY_SKU: Final = Order("sku", (Key("p.sku", "sku", str), _STORE))
# Of a kit so many are on hand as its parts make (docs/algorithms/kits.md).
_HELD: Final = """CASE p.kind WHEN 'kit' THEN coalesce(kit_on_hand(s.id, p.id), 0)
            ELSE coalesce(b.on_hand, 0) + coalesce(d.quantity, 0) END"""
# And it costs what its parts cost there, which is what its sale is frozen at.
_OF_PARTS: Final = """coalesce((
         SELECT round(sum(k.quantity * coalesce(h.unit_cost, q.unit_cost)), 6)
           FROM kit_parts(ARRAY[p.id]) k JOIN product q ON q.tenant_id = $1 AND q.id = k.part_id
           LEFT JOIN stock_balance h ON h.tenant_id = $1 AND h.store_id = s.id AND h.product_id = q.id), 0)"""
ON_HAND: Final = Order("on_hand", (Key(_HELD, "on_hand", Decimal), _PRODUCT, _STORE))
ORDERS: Final = Orders(BY_NAME, BY_SKU, ON_HAND)


@dataclass(frozen=True, slots=True)
class StockLevel:
    """What a store has of a product; `low` only where the product has ever moved there and has a reorder point.

    `reserved` is kept for somebody, `incoming` is on its way from another store. `hidden`: it is counted blind, and
    what is on hand isn't told. `blocked` of it lies in blocked places. `closed`: the store is, and something still
    lies in it. `idle`: it has a reorder point and never moved there, so it is never low; not told of what is hidden.
    """

    product: UUID
    sku: str
    name: str
    unit: str
    store: UUID
    store_name: str
    on_hand: Decimal
    reorder_point: Decimal | None
    unit_cost: Decimal
    low: bool
    version: int
    worth: Decimal
    reserved: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)
    closed: bool = False
    hidden: bool = False
    blocked: Decimal = Decimal(0)
    idle: bool = False

    @property
    def sellable(self) -> Decimal:
        """What may be sold to those it is kept for too."""
        return self.on_hand - self.blocked

    @property
    def available(self) -> Decimal:
        """What a till may count on, and what may be promised to somebody."""
        return available(self.sellable, self.reserved)

    @property
    def costless(self) -> bool:
        """Claim that some is there, and nobody knows what it costs: it is worth nothing to the books."""
        return self.on_hand > 0 and not self.unit_cost and not self.worth

    @property
    def value_minor(self) -> int:
        """What it is worth at cost, in minor units; below zero nothing is there to be worth anything."""
        return int(self.worth.to_integral_value(ROUND_HALF_UP)) if self.on_hand > 0 else 0


@dataclass(frozen=True, slots=True)
class Worth:
    """The stock in figures: how many products are held, low, below zero, in how many stores each, and its worth.

    A product that two stores hold is one product.
    """

    products: int = 0
    products_stores: int = 0
    low: int = 0
    low_stores: int = 0
    below_zero: int = 0
    below_zero_stores: int = 0
    value_minor: int = 0


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which levels a list shows. Empty fields don't narrow; `archived` shows products that are no longer sold too.

    `rows` are levels picked one by one, as pairs of product and store.
    """

    store: UUID | None = None
    product: UUID | None = None
    text: str = ""
    low: bool = False
    archived: bool = False
    rows: frozenset[tuple[UUID, UUID]] = frozenset()


_RESERVED: Final = RESERVED.format(store="s.id", product="p.id", now="now()")
_BLOCKED: Final = BLOCKED.format(store="s.id", product="p.id")
_INCOMING: Final = INCOMING.format(store="s.id", product="p.id")
# The sums of reservations and transfers come after the LIMIT: only rows that are shown ask for them.
_LEVELS: Final = f"""
SELECT p.id AS product, p.sku, p.name, p.unit, s.id AS store, s.name AS store_name,
       {_HELD} AS on_hand, coalesce(r.reorder_point, p.reorder_point) AS reorder_point,
       CASE p.kind WHEN 'goods' THEN coalesce(b.unit_cost, p.unit_cost) ELSE {_OF_PARTS} END AS unit_cost,
       CASE p.kind WHEN 'goods' THEN coalesce(b.worth, 0) + coalesce(d.worth, 0) ELSE 0 END AS worth,
       b.product_id IS NOT NULL OR d.quantity IS NOT NULL AS moved,
       {_RESERVED} AS reserved, {_INCOMING} AS incoming, {_BLOCKED} AS blocked,
       p.kind = 'goods' AS goods, p.sort_name, p.version, s.archived_at IS NOT NULL AS closed
  FROM product p
 CROSS JOIN store s
  LEFT JOIN stock_balance b ON b.tenant_id = p.tenant_id AND b.store_id = s.id AND b.product_id = p.id
  LEFT JOIN stock_rule r ON r.tenant_id = p.tenant_id AND r.product_id = p.id AND r.store_id = s.id
  LEFT JOIN LATERAL (SELECT sum(w.quantity) AS quantity, sum(w.quantity * w.unit_cost) AS worth FROM stock_delta w
                      WHERE w.tenant_id = $1 AND w.store_id = s.id AND w.product_id = p.id) d ON true
 WHERE p.tenant_id = $1 AND s.tenant_id = $1 AND p.kind <> 'service'"""  # noqa: S608 - constants

# By what is on hand every level is looked at: the page is found first, by what the order needs alone. Balances and what
# waits to be folded are read once each and not product by product, as the planner likes to.
_BY_HELD: Final = f"""
WITH held AS MATERIALIZED (
  SELECT store_id, product_id, on_hand, low_since FROM stock_balance WHERE tenant_id = $1)
SELECT p.id AS product, s.id AS store, {_HELD} AS on_hand
  FROM product p
 CROSS JOIN store s
  LEFT JOIN held b ON b.store_id = s.id AND b.product_id = p.id
  LEFT JOIN (SELECT w.store_id, w.product_id, sum(w.quantity) AS quantity FROM stock_delta w
              WHERE w.tenant_id = $1 GROUP BY 1, 2) d ON d.store_id = s.id AND d.product_id = p.id
 WHERE p.tenant_id = $1 AND s.tenant_id = $1 AND p.kind <> 'service'"""  # noqa: S608 - constants

# Rounded here per balance as value_minor() does: numeric round() takes halves away from zero too.
# What waits to be folded counts: these figures and the rows below them, and the books, say the same.
_WORTH: Final = """
WITH waiting AS (
  SELECT store_id, product_id, sum(quantity) AS quantity, sum(quantity * unit_cost) AS worth FROM stock_delta
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2) GROUP BY 1, 2),
held AS (
  SELECT store_id, product_id, coalesce(b.on_hand, 0) + coalesce(w.quantity, 0) AS on_hand, b.low_since,
         coalesce(b.worth, 0) + coalesce(w.worth, 0) AS worth
    FROM (SELECT * FROM stock_balance WHERE tenant_id = $1 AND ($2::uuid IS NULL OR store_id = $2)) b
    FULL JOIN waiting w USING (store_id, product_id))
SELECT count(DISTINCT product_id) FILTER (WHERE on_hand > 0), count(DISTINCT store_id) FILTER (WHERE on_hand > 0),
       count(DISTINCT product_id) FILTER (WHERE low_since IS NOT NULL AND open),
       count(DISTINCT store_id) FILTER (WHERE low_since IS NOT NULL AND open),
       count(DISTINCT product_id) FILTER (WHERE on_hand < 0), count(DISTINCT store_id) FILTER (WHERE on_hand < 0),
       coalesce(sum(round(worth)) FILTER (WHERE on_hand > 0), 0)::bigint
  FROM held
  JOIN (SELECT id AS store_id, archived_at IS NULL AS open FROM store WHERE tenant_id = $1) s USING (store_id)"""


def narrowing(tenant: UUID, wanted: Narrowed) -> Conditions:
    """Give the conditions on `product p`, `store s` and `stock_balance b` that a list of levels wants."""
    where = Conditions(tenant)
    if wanted.store:
        where.add("s.id = {}", wanted.store)
    if wanted.product:
        where.add("p.id = {}", wanted.product)
    if not wanted.archived:
        where.add("(p.archived_at IS NULL OR b.on_hand <> 0)")
    if wanted.low:
        where.add("b.low_since IS NOT NULL AND s.archived_at IS NULL")  # nobody orders for a closed store
    if not wanted.rows:
        where.add("(s.archived_at IS NULL OR b.on_hand <> 0)")  # a closed store has nothing to say but what it holds
    else:
        products, stores = zip(*wanted.rows, strict=True)
        where.add("(p.id, s.id) IN (SELECT * FROM unnest({}::uuid[], {}::uuid[]))", list(products), list(stores))
    return of_words(where, wanted.text)


async def levels(
    read: Read, wanted: Narrowed, *, limit: int, after: str | None = None, order: Order = BY_NAME
) -> Page[StockLevel]:
    """List levels by product name or another order; `low` alone narrows to balances that their last fold found low."""
    where = narrowing(read.tenant, wanted)
    order.go_on(where, after)
    if order.name == ON_HAND.name:
        found = await read.fetch(f"{_BY_HELD}{where.sql} ORDER BY {order.sql} LIMIT {limit + 1:d}", *where.args)
        if not found:
            return Page([], None)
        picked = frozenset((row["product"], row["store"]) for row in found)
        where = narrowing(read.tenant, Narrowed(rows=picked, archived=True))
    rows = await read.fetch(f"{_LEVELS}{where.sql} ORDER BY {order.sql} LIMIT {limit + 1:d}", *where.args)
    kept = await hidden_from_reader(read, {(row["store"], row["product"]) for row in rows[:limit]})
    return Page(_veiled([_level(row) for row in rows[:limit]], kept), order.following(rows, limit))


async def low_stock(read: Read, store: UUID, most: int = 20) -> Sequence[StockLevel]:
    """List what a store should reorder, by name. It goes to all alike, so what is counted blind is hidden from all."""
    found = (await levels(read, Narrowed(store=store, low=True), limit=most)).items
    return _veiled(found, await counted_blind(read, {(one.store, one.product) for one in found}))


def _veiled(found: Sequence[StockLevel], kept: Collection[tuple[UUID, UUID]]) -> list[StockLevel]:
    return [replace(one, hidden=True, idle=False) if (one.store, one.product) in kept else one for one in found]


async def worth(read: Read, store: UUID | None = None) -> Worth:
    """Sum the stock up, of one store or of all, as of now; low is what the last fold found low."""
    row = await read.fetchrow(_WORTH, read.tenant, store)
    return Worth(*row) if row else Worth()


def of_words(where: Conditions, text: str) -> Conditions:
    """Narrow a query about `product p` to those with all of these words in name, SKU or tags, or as a barcode."""
    narrow_to_words(where, text)
    return where


def _level(row: Row) -> StockLevel:
    low = bool(row["moved"]) and is_low(row["on_hand"] - row["blocked"] - row["reserved"], row["reorder_point"])
    idle = row["goods"] and not row["moved"] and row["reorder_point"] is not None
    return StockLevel(
        row["product"],
        row["sku"],
        row["name"],
        row["unit"],
        row["store"],
        row["store_name"],
        row["on_hand"],
        row["reorder_point"],
        row["unit_cost"],
        low,
        row["version"],
        row["worth"],
        row["reserved"],
        row["incoming"],
        row["closed"],
        blocked=row["blocked"],
        idle=idle,
    )
