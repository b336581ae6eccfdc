"""What was counted and what is left to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order
from retail.runtime.tenancy import Scope
from retail.stock.counts.rules import Counting, Outcome, tally
from retail.stock.known_costs import known_costs
from retail.stock.queries import held_at, unit_costs

_NEWEST: Final = Order("when", (Key("c.started_at", "started_at", datetime), Key("c.id", "id", UUID)), descending=True)
_STATES: Final = {
    "open": "c.finishing_at IS NULL AND c.cancelled_at IS NULL",
    "finishing": "c.finishing_at IS NOT NULL AND c.finished_at IS NULL",
    "finished": "c.finished_at IS NOT NULL",
    "cancelled": "c.cancelled_at IS NOT NULL",
}
STATES: Final = tuple(_STATES)
_COUNTS: Final = """
SELECT c.id, c.store_id AS store, s.name AS store_name, c.name, c.kind, c.blind, c.uncounted, c.recount_minor,
       c.started_at, c.started_by_name, c.finished_at, c.finished_by_name, c.cancelled_at, c.variance_minor,
       c.gross_minor, c.finishing_at, c.job_id AS job,
       (SELECT count(*) FROM stock_count_line l WHERE l.tenant_id = $1 AND l.count_id = c.id) AS products,
       (SELECT count(*) FROM stock_count_line l WHERE l.tenant_id = $1 AND l.count_id = c.id
           AND EXISTS (SELECT FROM stock_count_entry e WHERE e.tenant_id = $1 AND e.count_id = l.count_id
                          AND e.product_id = l.product_id AND e.round = l.round)) AS counted
  FROM stock_count c JOIN store s ON s.tenant_id = c.tenant_id AND s.id = c.store_id
 WHERE c.tenant_id = $1"""
_ENTRIES: Final = """
SELECT e.product_id, e.area_id, e.round, e.mode, e.quantity, e.counted_at FROM stock_count_entry e
 WHERE e.tenant_id = $1 AND e.count_id = $2 AND ($3::uuid[] IS NULL OR e.product_id = ANY ($3))
 ORDER BY e.created_at, e.id"""
_LINES: Final = """
SELECT l.product_id, l.round, l.counted, l.expected, l.unit_cost, l.counted_at, p.name, p.sku, p.unit, p.decimals,
       p.kind = 'goods' AS stocked
  FROM stock_count_line l JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
 WHERE l.tenant_id = $1 AND l.count_id = $2"""
_LATEST: Final = """
SELECT e.id, e.product_id AS product, p.name, p.unit, a.name AS area, e.mode, e.quantity, e.round, e.actor_name,
       e.counted_at, e.round < l.round AS passed
  FROM stock_count_entry e
  JOIN stock_count_line l ON l.tenant_id = e.tenant_id AND l.count_id = e.count_id AND l.product_id = e.product_id
  JOIN product p ON p.tenant_id = e.tenant_id AND p.id = e.product_id
  JOIN stock_count_area a ON a.tenant_id = e.tenant_id AND a.id = e.area_id
 WHERE e.tenant_id = $1 AND e.count_id = $2 AND ($3::text IS NULL OR e.actor_name = $3)
 ORDER BY e.created_at DESC, e.id DESC LIMIT $4"""


_AGAIN: Final = """
SELECT l.product_id, p.name, p.sku
  FROM stock_count_line l JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
 WHERE l.tenant_id = $1 AND l.count_id = $2 AND l.round > 1 AND p.kind = 'goods'
   AND NOT EXISTS (SELECT FROM stock_count_entry e WHERE e.tenant_id = $1 AND e.count_id = $2
                      AND e.product_id = l.product_id AND e.round = l.round)
 ORDER BY p.sort_name, p.id LIMIT $3"""


@dataclass(frozen=True, slots=True)
class CountFacts:
    """A count, how far it is (`counted` of `products`), and what came out of it."""

    id: UUID
    store: UUID
    store_name: str
    name: str
    kind: str
    blind: bool
    uncounted: str
    recount_minor: int | None
    started_at: datetime
    started_by_name: str
    finished_at: datetime | None
    finished_by_name: str | None
    cancelled_at: datetime | None
    variance_minor: int | None
    gross_minor: int | None
    finishing_at: datetime | None
    job: UUID | None
    products: int
    counted: int

    @property
    def state(self) -> str:
        """Name its state: open, finishing (what was found is settled, and is being posted), finished or cancelled."""
        if self.cancelled_at:
            return "cancelled"
        return "finished" if self.finished_at else "finishing" if self.finishing_at else "open"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the store that is counted by itself; customers take goods from those that sell."""

    id: UUID
    name: str
    sells: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A product of a count; `outcome` is None as long as nobody has counted it, or has counted it again.

    Of one that isn't `stocked` (a kit or a service, which counts took once) nothing comes out ever.
    """

    product: UUID
    name: str
    sku: str
    unit: str
    decimals: int
    round: int
    outcome: Outcome | None
    stocked: bool = True

    @property
    def left_out(self) -> bool:
        """Claim that finishing passes it over: nothing of it lies on a shelf."""
        return not self.stocked and self.outcome is None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as the list of the latest shows it; one whose round has `passed` counts no more."""

    id: UUID
    product: UUID
    name: str
    unit: str
    area: str
    mode: str
    quantity: Decimal
    round: int
    actor_name: str
    counted_at: datetime
    passed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A product that is to be counted again."""

    product: UUID
    name: str
    sku: str


async def counts(
    read: Read, *, store: UUID | None = None, state: str = "", limit: int, after: str | None = None
) -> Page[CountFacts]:
    """List counts, newest first."""
    where = Conditions(read.tenant)
    if store:
        where.add("c.store_id = {}", store)
    if state:
        where.add(_STATES[state])
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_COUNTS}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([_facts(row) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def count(read: Read, id: UUID) -> CountFacts:
    """Give a count. Raises NotFound, also where it is of a store that the reader may not see."""
    row = await read.fetchrow(f"{_COUNTS} AND c.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("count")
    return _facts(row)


async def areas(read: Read, id: UUID) -> list[Area]:
    """List a count's areas in their order."""
    rows = await read.fetch(
        "SELECT id, name, sells FROM stock_count_area WHERE tenant_id = $1 AND count_id = $2 ORDER BY position, id",
        read.tenant,
        id,
    )
    return [Area(*row) for row in rows]


def is_hidden(of: CountFacts, scope: Scope) -> bool:
    """Claim that nobody here may be told what should be there, or what is off: as long as a blind count isn't finished.

    Of one that was cancelled only who may move stock is told: the shelf it was about is counted again.
    """
    return of.blind and (of.state in {"open", "finishing"} or counts_blind(of, scope))


def counts_blind(of: CountFacts, scope: Scope) -> bool:
    """Claim that somebody only counts: neither what an approval is about nor what to count again is for them to say."""
    return of.blind and of.state != "finished" and not scope.may(MOVE_STOCK)


async def is_listed(read: Read, count: UUID, product: UUID) -> bool:
    """Claim that a product is among those of a count."""
    sql = "SELECT EXISTS (SELECT FROM stock_count_line WHERE tenant_id = $1 AND count_id = $2 AND product_id = $3)"
    return bool(await read.fetchval(sql, read.tenant, count, product))


async def is_stocked(read: Read, product: UUID) -> bool:
    """Claim that a product lies on shelves: it is no service, and not stocked as its parts."""
    sql = "SELECT EXISTS (SELECT FROM product WHERE tenant_id = $1 AND id = $2 AND kind = 'goods')"
    return bool(await read.fetchval(sql, read.tenant, product))


async def lines(read: Read, of: CountFacts, products: Sequence[UUID] | None = None) -> list[Line]:
    """List the products of a count by name, each with what came out: as settled, or as it would be settled now."""
    where = Conditions(read.tenant, of.id)
    if products is not None:
        where.add("l.product_id = ANY ({})", list(products))
    rows = await read.fetch(f"{_LINES}{where.sql} ORDER BY p.sort_name, p.id", *where.args)
    if of.finishing_at is None:
        goods = {row["product_id"]: row["round"] for row in rows if row["stocked"]}
        came = await outcomes(read, of, goods, products)
        found = {product: outcome for product, outcome in came.items() if product in goods}
    else:
        found = {row["product_id"]: _outcome(row) for row in rows if row["counted"] is not None}
    return [
        Line(
            row["product_id"], row["name"], row["sku"], row["unit"], row["decimals"], row["round"],
            found.get(row["product_id"]), row["stocked"],
        )
        for row in rows
    ]  # fmt: skip


async def outcomes(
    read: Read, of: CountFacts, rounds: dict[UUID, int], products: Sequence[UUID] | None = None
) -> dict[UUID, Outcome]:
    """Compare what was counted so far with the ledger at the time of each."""
    rows = await read.fetch(_ENTRIES, read.tenant, of.id, None if products is None else list(products))
    selling = frozenset(one.id for one in await areas(read, of.id) if one.sells)
    tallied = tally([Counting(*row) for row in rows], rounds, selling)
    costs = await unit_costs(read, of.store, list(tallied))
    held = await held_at(read, of.store, {product: one.at for product, one in tallied.items()})
    more = [product for product, one in tallied.items() if one.quantity > held[product]]
    costs |= await known_costs(read, of.store, more)
    return {
        product: Outcome(product, one.quantity, held[product], costs[product], one.at, rounds.get(product, 1))
        for product, one in tallied.items()
    }


async def entries(read: Read, id: UUID, products: Sequence[UUID]) -> list[Counting]:
    """List what was found of some products, in the order it was recorded."""
    return [Counting(*row) for row in await read.fetch(_ENTRIES, read.tenant, id, list(products))]


async def latest(read: Read, id: UUID, most: int = 10, by: str | None = None) -> list[EntryFacts]:
    """List the latest entries of a count, of everybody or of one person."""
    return [EntryFacts(*row) for row in await read.fetch(_LATEST, read.tenant, id, by, most)]


async def to_count_again(read: Read, id: UUID, most: int) -> list[Waiting]:
    """List the products whose new round nobody has begun, by name."""
    return [Waiting(*row) for row in await read.fetch(_AGAIN, read.tenant, id, most)]


def _facts(row: Row) -> CountFacts:
    return CountFacts(**dict(row))


def _outcome(row: Row) -> Outcome:
    return Outcome(
        row["product_id"], row["counted"], row["expected"], row["unit_cost"], row["counted_at"], row["round"]
    )
