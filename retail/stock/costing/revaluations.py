"""What stock became worth beyond what its moves said, as lists show it: docs/algorithms/costing.md, 2 and 4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.lists.wanted import narrow_to_words
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order

_LISTED: Final = """
SELECT r.id, r.store_id AS store, s.name AS store_name, r.product_id AS product, p.sku, p.name, r.cause, r.posted_minor,
       r.unit_cost, r.move_id AS move, r.reason, r.actor_name, r.occurred_at
  FROM stock_revaluation r
  JOIN product p ON p.tenant_id = r.tenant_id AND p.id = r.product_id
  JOIN store s ON s.tenant_id = r.tenant_id AND s.id = r.store_id
 WHERE r.tenant_id = $1"""
# Ids are made as rows are written, so they are in the order of time, and the key of the table finds the newest.
_NEWEST: Final = Order("newest", (Key("r.id", "id", UUID),), descending=True)


@dataclass(frozen=True, slots=True)
class RevaluationFacts:
    """A revaluation; `posted_minor` is what the books took, `unit_cost` and `move` those of a corrected receipt."""

    id: UUID
    store: UUID
    store_name: str
    product: UUID
    sku: str
    name: str
    cause: str
    posted_minor: int
    unit_cost: Decimal | None
    move: UUID | None
    reason: str
    actor_name: str
    occurred_at: datetime


async def revaluations(
    read: Read,
    *,
    store: UUID | None = None,
    product: UUID | None = None,
    text: str = "",
    limit: int,
    after: str | None = None,
) -> Page[RevaluationFacts]:
    """List revaluations, the newest first. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant)
    if store:
        where.add("r.store_id = {}", store)
    if product:
        where.add("r.product_id = {}", product)
    narrow_to_words(where, text)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_LISTED}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([RevaluationFacts(*row) for row in rows[:limit]], _NEWEST.following(rows, limit))
