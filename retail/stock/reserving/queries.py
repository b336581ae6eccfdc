"""What is reserved, and what is left for everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.stock.places.blocked import blocked
from retail.stock.queries import on_hand
from retail.stock.reserving.rules import available, is_live

RESERVED: Final = """coalesce((SELECT sum(r.quantity) FROM reservation r
   WHERE r.tenant_id = $1 AND r.store_id = {store} AND r.product_id = {product}
     AND r.released_at IS NULL AND r.expires_at > {now}), 0)"""
"""SQL of what is reserved of a product in a store at a moment; one that has expired never counts."""

ALL_RESERVED: Final = """SELECT store_id, product_id, sum(quantity) AS quantity FROM reservation
               WHERE tenant_id = $1 AND released_at IS NULL AND expires_at > {now} GROUP BY 1, 2"""
"""The same of everything at once, to be joined where many rows ask."""

_LISTED: Final = """
SELECT r.id, r.store_id AS store, s.name AS store_name, r.product_id AS product, p.sku, p.name, p.unit, r.quantity,
       r.note, r.source_id AS source, r.expires_at, r.created_at, r.created_by, r.released_at, r.ending
  FROM reservation r
  JOIN product p ON p.tenant_id = r.tenant_id AND p.id = r.product_id
  JOIN store s ON s.tenant_id = r.tenant_id AND s.id = r.store_id
 WHERE r.tenant_id = $1"""
_NEWEST: Final = Order("when", (Key("r.created_at", "created_at", datetime), Key("r.id", "id", UUID)), descending=True)


@dataclass(frozen=True, slots=True)
class ReservationFacts:
    """A reservation as lists and answers show it; `ending` None: time has not ended it in the tables yet."""

    id: UUID
    store: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    unit: str
    quantity: Decimal
    note: str
    source: UUID | None
    expires_at: datetime
    created_at: datetime
    created_by: str
    released_at: datetime | None
    ending: str | None

    def live(self, now: datetime) -> bool:
        """Claim that it still keeps its goods."""
        return is_live(self.expires_at, self.released_at, now)

    def state(self, now: datetime) -> str:
        """Say how it stands: live, released, used, or expired from its moment on."""
        return "live" if self.live(now) else self.ending or "expired"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a store has of a product, and what of it is promised."""

    on_hand: Decimal
    reserved: Decimal
    blocked: Decimal

    @property
    def available(self) -> Decimal:
        """What may still be promised."""
        return available(self.on_hand - self.blocked, self.reserved)


async def reserved(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Add up what is reserved of some products as of now; 0 where nothing is."""
    rows = await read.fetch(
        f"SELECT u.id, {RESERVED.format(store='$2', product='u.id', now='$4')} AS reserved"  # noqa: S608 - constants
        " FROM unnest($3::uuid[]) AS u (id)",
        read.tenant,
        store,
        list(set(products)),
        read.now,
    )
    return {row["id"]: row["reserved"] for row in rows}


async def standing(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Standing]:
    """Tell what a store has and what of it is promised, exactly as of now."""
    here, kept = await on_hand(read, store, products), await reserved(read, store, products)
    aside = await blocked(read, store, products)
    return {product: Standing(here[product], kept[product], aside[product]) for product in here}


async def reservations(
    read: Read,
    *,
    store: UUID | None = None,
    product: UUID | None = None,
    live: bool = False,
    text: str = "",
    limit: int,
    after: str | None = None,
) -> Page[ReservationFacts]:
    """List reservations, newest first; `live` only those that still keep goods."""
    where = Conditions(read.tenant)
    if store:
        where.add("r.store_id = {}", store)
    if product:
        where.add("r.product_id = {}", product)
    if live:
        where.add("r.released_at IS NULL AND r.expires_at > {}", read.now)
    narrow_to_words(where, text, "r.note")
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_LISTED}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([ReservationFacts(*row) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def reservation(read: Read, id: UUID) -> ReservationFacts:
    """Find a reservation. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTED} AND r.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("reservation")
    return ReservationFacts(*row)
