"""Lots as lists show them: what is there of each, and what expires soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order

DAYS_AHEAD: Final = 7
DAYS_MOST: Final = 3650
_NEVER: Final = "'9999-12-31'::date"

_LOTS: Final = f"""
SELECT l.id, b.store_id AS store, s.name AS store_name, l.product_id AS product, p.sku, p.name, p.unit, l.code,
       l.expires_on, l.received_at, b.on_hand,
       round(greatest(b.on_hand, 0) * coalesce(h.unit_cost, p.unit_cost))::bigint AS worth_minor,
       coalesce(l.expires_on, {_NEVER}) AS sort_day
  FROM lot_balance b
  JOIN lot l ON l.tenant_id = b.tenant_id AND l.id = b.lot_id
  JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
  JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id
  LEFT JOIN stock_balance h ON h.tenant_id = b.tenant_id AND h.store_id = b.store_id AND h.product_id = b.product_id
 WHERE b.tenant_id = $1"""  # noqa: S608 - constants
_FIRST_OUT: Final = Order(
    "expires",
    (
        Key(f"coalesce(l.expires_on, {_NEVER})", "sort_day", date),
        Key("l.id", "id", UUID),
        Key("b.store_id", "store", UUID),
    ),
)


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot in a store; `worth_minor` at the store's average cost."""

    id: UUID
    store: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    unit: str
    code: str
    expires_on: date | None
    received_at: datetime | None
    on_hand: Decimal
    worth_minor: int

    def days_left(self, today: date) -> int | None:
        """Count the days it still keeps; below zero: it has expired, None: it has no date."""
        return None if self.expires_on is None else (self.expires_on - today).days


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What a store has of a product that is followed by lot or by piece, and knows neither of."""

    store: UUID
    store_name: str
    tracking: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class LotMoveFacts:
    """What of a move a lot got."""

    store_name: str
    kind: str | None
    quantity: Decimal
    source: UUID | None
    reason: str
    actor_name: str
    at: datetime


async def lots(
    read: Read,
    *,
    store: UUID | None = None,
    product: UUID | None = None,
    text: str = "",
    until: date | None = None,
    limit: int,
    after: str | None = None,
) -> Page[LotFacts]:
    """List lots of which something is there, what expires first in front; `until`: that expire by this day."""
    where = Conditions(read.tenant)
    where.add("b.on_hand <> 0")
    if store:
        where.add("b.store_id = {}", store)
    if product:
        where.add("b.product_id = {}", product)
    if until:
        where.add("l.expires_on <= {} AND b.on_hand > 0", until)
    narrow_to_words(where, text, "l.code")
    _FIRST_OUT.go_on(where, after)
    rows = await read.fetch(f"{_LOTS}{where.sql} ORDER BY {_FIRST_OUT.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([LotFacts(*row[:-1]) for row in rows[:limit]], _FIRST_OUT.following(rows, limit))


async def lot(read: Read, id: UUID) -> LotFacts:
    """Find a lot, in the store that has most of it; one that lies nowhere has a store too. Raises NotFound."""
    row = await read.fetchrow(f"{_LOTS} AND l.id = $2 ORDER BY b.on_hand DESC LIMIT 1", read.tenant, id)
    if row is None:
        raise NotFound("lot")
    return LotFacts(*row[:-1])


async def lot_moves(read: Read, id: UUID, most: int = 200) -> Sequence[LotMoveFacts]:
    """List where a lot came from and went to, newest first: what a recall asks."""
    rows = await read.fetch(
        f"""SELECT s.name, m.kind, l.quantity, m.source_id, l.reason, l.actor_name, l.at
              FROM lot_move l
              JOIN store s ON s.tenant_id = l.tenant_id AND s.id = l.store_id
              LEFT JOIN stock_move m ON m.tenant_id = l.tenant_id AND m.id = l.move_id
             WHERE l.tenant_id = $1 AND l.lot_id = $2 ORDER BY l.at DESC, l.id DESC LIMIT {most:d}""",  # noqa: S608
        read.tenant,
        id,
    )
    return [LotMoveFacts(*row) for row in rows]


async def unnamed(read: Read, product: UUID) -> Sequence[Unnamed]:
    """List what stores have of a product that no lot or number is known of, where that is anything."""
    rows = await read.fetch(
        """SELECT t.store_id, s.name, t.tracking, t.unnamed FROM traced t
             JOIN store s ON s.tenant_id = t.tenant_id AND s.id = t.store_id
            WHERE t.tenant_id = $1 AND t.product_id = $2 AND t.unnamed <> 0 ORDER BY s.name, s.id""",
        read.tenant,
        product,
    )
    return [Unnamed(*row) for row in rows]


def last_day(today: date, days: int) -> date:
    """Give the last day of a list that looks so many days ahead."""
    return today + timedelta(days=min(max(days, 0), DAYS_MOST))
