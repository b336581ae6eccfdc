"""The list of stock moves, newest first, for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.stock.levels import of_words
from retail.stock.rules import value_minor

_FEW: Final = 100
_NEWEST_MOVE: Final = Order(
    "when", (Key("m.occurred_at", "occurred_at", datetime), Key("m.id", "id", UUID)), descending=True
)


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """A move as a list shows it; `corrected` is what a unit of it turned out to cost, where that came late."""

    id: UUID
    store: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    unit: str
    kind: str
    quantity: Decimal
    unit_cost: Decimal
    reason: str
    source: UUID | None
    actor_name: str
    occurred_at: datetime
    corrected: Decimal | None = None

    @property
    def value_minor(self) -> int:
        """What moved is worth at its cost, in minor units; below zero where it left."""
        return value_minor(self.quantity, self.unit_cost)


_MOVES: Final = """
SELECT m.id, m.store_id AS store, s.name AS store_name, m.product_id AS product, p.sku, p.name, p.unit, m.kind,
       m.quantity, m.unit_cost, m.reason, m.source_id AS source, m.actor_name, m.occurred_at,
       (SELECT r.unit_cost FROM stock_revaluation r
         WHERE r.tenant_id = m.tenant_id AND r.move_id = m.id ORDER BY r.id DESC LIMIT 1) AS corrected
  FROM stock_move m
  JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
  JOIN store s ON s.tenant_id = m.tenant_id AND s.id = m.store_id
 WHERE m.tenant_id = $1"""

_NAMED: Final = "SELECT p.id FROM product p WHERE p.tenant_id = $1"


async def moves(
    read: Read,
    *,
    store: UUID | None = None,
    product: UUID | None = None,
    kind: str = "",
    source: UUID | None = None,
    text: str = "",
    limit: int,
    after: str | None = None,
) -> Page[MoveFacts]:
    """List moves by when they happened, newest first; `text`: of products with these words, also of archived ones."""
    where = Conditions(read.tenant)
    if text:
        await _called(read, where, text)
    for column, value in (("m.store_id", store), ("m.product_id", product), ("m.kind", kind), ("m.source_id", source)):
        if value:
            where.add(f"{column} = {{}}", value)
    _NEWEST_MOVE.go_on(where, after)
    rows = await read.fetch(f"{_MOVES}{where.sql} ORDER BY {_NEWEST_MOVE.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([MoveFacts(*row) for row in rows[:limit]], _NEWEST_MOVE.following(rows, limit))


async def _called(read: Read, where: Conditions, text: str) -> None:
    """Narrow moves to products with these words; a few are named one by one, or a rare one would read all moves."""
    named = of_words(Conditions(read.tenant), text)
    found = [row["id"] for row in await read.fetch(f"{_NAMED}{named.sql} LIMIT {_FEW + 1:d}", *named.args)]
    if len(found) > _FEW:
        of_words(where, text)
    else:
        where.add("m.product_id = ANY ({}::uuid[])", found)
