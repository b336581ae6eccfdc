"""What lies where in a store: its places, and a product's goods by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.stock.places.errors import NoSuchLocation
from retail.stock.queries import on_hand

KINDS: Final = ("storage", "cold", "display", "blocked")

_PLACES: Final = """
SELECT l.id, l.store_id AS store, s.name AS store_name, l.name, l.kind, l.version, l.closed_at,
       (SELECT count(*) FROM stock_place k WHERE k.tenant_id = l.tenant_id AND k.store_id = l.store_id
           AND k.location_id = l.id AND k.on_hand > 0) AS products
  FROM location l JOIN store s ON s.tenant_id = l.tenant_id AND s.id = l.store_id
 WHERE l.tenant_id = $1"""

_HELD: Final = """
SELECT k.product_id AS product, p.sku, p.name, p.unit, p.sort_name, k.on_hand
  FROM stock_place k JOIN product p ON p.tenant_id = k.tenant_id AND p.id = k.product_id
 WHERE k.tenant_id = $1"""
_BY_NAME: Final = Order("name", (Key("p.sort_name", "sort_name", str), Key("p.id", "product", UUID)))

_MOVES: Final = """
SELECT m.id, s.name AS store_name, m.product_id AS product, p.sku, p.name, p.unit, f.name AS from_name,
       t.name AS to_name, m.quantity, m.reason, m.source_id AS source, m.actor_name, m.at
  FROM place_move m
  JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
  JOIN store s ON s.tenant_id = m.tenant_id AND s.id = m.store_id
  LEFT JOIN location f ON f.tenant_id = m.tenant_id AND f.id = m.from_location_id
  LEFT JOIN location t ON t.tenant_id = m.tenant_id AND t.id = m.to_location_id
 WHERE m.tenant_id = $1"""
_NEWEST: Final = Order("when", (Key("m.at", "at", datetime), Key("m.id", "id", UUID)), descending=True)


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A place of a store; `products`: how many lie in it."""

    id: UUID
    store: UUID
    store_name: str
    name: str
    kind: str
    version: int
    closed_at: datetime | None
    products: int


@dataclass(frozen=True, slots=True)
class Held:
    """A product that lies in a place."""

    product: UUID
    sku: str
    name: str
    unit: str
    on_hand: Decimal


@dataclass(frozen=True, slots=True)
class Lying:
    """How much of a product lies in a place of a store; without a location: in the one that the till sells from."""

    store: UUID
    store_name: str
    location: UUID | None
    name: str
    on_hand: Decimal


@dataclass(frozen=True, slots=True)
class PlaceMoveFacts:
    """Goods that changed their place; a name is None for the place that the till sells from."""

    id: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    unit: str
    from_name: str | None
    to_name: str | None
    quantity: Decimal
    reason: str
    source: UUID
    actor_name: str
    at: datetime


async def locations(read: Read, store: UUID | None = None, *, closed: bool = False) -> Sequence[LocationFacts]:
    """List the places of a store, or of all, by store and name."""
    where = Conditions(read.tenant)
    if store:
        where.add("l.store_id = {}", store)
    if not closed:
        where.add("l.closed_at IS NULL")
    rows = await read.fetch(f"{_PLACES}{where.sql} ORDER BY s.name, s.id, lower(l.name), l.id LIMIT 500", *where.args)
    return [LocationFacts(*row) for row in rows]


async def location(read: Read, id: UUID) -> LocationFacts:
    """Find a place. Raises NoSuchLocation."""
    row = await read.fetchrow(f"{_PLACES} AND l.id = $2", read.tenant, id)
    if row is None:
        raise NoSuchLocation
    return LocationFacts(*row)


async def held(read: Read, where_from: LocationFacts, *, limit: int, after: str | None = None) -> Page[Held]:
    """List what lies in a place, by name."""
    where = Conditions(read.tenant)
    where.add("k.store_id = {} AND k.location_id = {} AND k.on_hand > 0", where_from.store, where_from.id)
    _BY_NAME.go_on(where, after)
    rows = await read.fetch(f"{_HELD}{where.sql} ORDER BY {_BY_NAME.sql} LIMIT {limit + 1:d}", *where.args)
    items = [Held(row["product"], row["sku"], row["name"], row["unit"], row["on_hand"]) for row in rows[:limit]]
    return Page(items, _BY_NAME.following(rows, limit))


async def lying(read: Read, product: UUID, main: str) -> Sequence[Lying]:
    """Tell where a product lies, store by store, where some of it isn't in the main place; that is called `main`."""
    rows = await read.fetch(
        """SELECT k.store_id, s.name AS store_name, k.location_id, l.name, k.on_hand
             FROM stock_place k
             JOIN location l ON l.tenant_id = k.tenant_id AND l.id = k.location_id
             JOIN store s ON s.tenant_id = k.tenant_id AND s.id = k.store_id
            WHERE k.tenant_id = $1 AND k.product_id = $2 AND k.on_hand > 0 ORDER BY s.name, s.id, lower(l.name)""",
        read.tenant,
        product,
    )
    found: dict[UUID, list[Lying]] = {}
    for row in rows:
        found.setdefault(row["store_id"], []).append(Lying(*row))
    answer: list[Lying] = []
    for store, places in found.items():
        all_of_it = (await on_hand(read, store, [product]))[product]
        away = sum((one.on_hand for one in places), Decimal(0))
        answer += [Lying(store, places[0].store_name, None, main, all_of_it - away), *places]
    return answer


async def there(read: Read, store: UUID, product: UUID, location: UUID | None) -> Decimal:
    """Tell how much of a product lies in a place, None for the main one, exactly as of now."""
    row = await read.fetchrow(
        """SELECT coalesce(sum(on_hand), 0) AS away, coalesce(sum(on_hand) FILTER (WHERE location_id = $4), 0) AS here
             FROM stock_place WHERE tenant_id = $1 AND store_id = $2 AND product_id = $3""",
        read.tenant,
        store,
        product,
        location,
    )
    here, away = (row["here"], row["away"]) if row else (Decimal(0), Decimal(0))
    all_of_it = (await on_hand(read, store, [product]))[product]
    return Decimal(here if location is not None else all_of_it - away)


async def place_moves(
    read: Read, *, store: UUID | None = None, product: UUID | None = None, limit: int, after: str | None = None
) -> Page[PlaceMoveFacts]:
    """List what changed its place, newest first."""
    where = Conditions(read.tenant)
    if store:
        where.add("m.store_id = {}", store)
    if product:
        where.add("m.product_id = {}", product)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_MOVES}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([PlaceMoveFacts(*row) for row in rows[:limit]], _NEWEST.following(rows, limit))
