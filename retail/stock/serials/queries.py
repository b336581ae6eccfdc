"""Where is this piece? Pieces as lists and their own page show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order

_PIECES: Final = """
SELECT x.id, x.product_id AS product, p.sku, p.name, x.number, x.state, x.store_id AS store, s.name AS store_name,
       x.created_at, x.updated_at
  FROM serial x
  JOIN product p ON p.tenant_id = x.tenant_id AND p.id = x.product_id
  LEFT JOIN store s ON s.tenant_id = x.tenant_id AND s.id = x.store_id
 WHERE x.tenant_id = $1"""
_NEWEST: Final = Order("when", (Key("x.updated_at", "updated_at", datetime), Key("x.id", "id", UUID)), descending=True)


@dataclass(frozen=True, slots=True)
class PieceFacts:
    """A piece; `store` is where it lies, or was last; None: it is on its way."""

    id: UUID
    product: UUID
    sku: str
    name: str
    number: str
    state: str
    store: UUID | None
    store_name: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PieceStep:
    """A step in the life of a piece; `odd`: it can't have been so, and somebody should look."""

    before: str | None
    state: str
    store_name: str
    source: UUID | None
    odd: bool
    reason: str
    actor_name: str
    at: datetime


async def pieces(
    read: Read,
    *,
    number: str = "",
    product: UUID | None = None,
    store: UUID | None = None,
    state: str = "",
    limit: int,
    after: str | None = None,
) -> Page[PieceFacts]:
    """List pieces, what changed last in front; `number` finds it exactly, in any product."""
    where = Conditions(read.tenant)
    for column, value in (
        ("x.number", number), ("x.product_id", product), ("x.store_id", store), ("x.state", state),
    ):  # fmt: skip
        if value:
            where.add(f"{column} = {{}}", value)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_PIECES}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([PieceFacts(*row) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def piece(read: Read, id: UUID) -> PieceFacts:
    """Find a piece. Raises NotFound."""
    row = await read.fetchrow(f"{_PIECES} AND x.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("serial")
    return PieceFacts(*row)


async def life(read: Read, id: UUID) -> Sequence[PieceStep]:
    """List what has become of a piece, newest first."""
    rows = await read.fetch(
        """SELECT e.before, e.state, s.name, e.source_id, e.odd, e.reason, e.actor_name, e.at
             FROM serial_event e JOIN store s ON s.tenant_id = e.tenant_id AND s.id = e.store_id
            WHERE e.tenant_id = $1 AND e.serial_id = $2 ORDER BY e.at DESC, e.id DESC LIMIT 500""",
        read.tenant,
        id,
    )
    return [PieceStep(*row) for row in rows]
