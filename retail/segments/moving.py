"""Who moved between segments: how many in a month, and who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from retail.customers.segmented import Segment
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order
from retail.segments.queries import require_all

_NEWEST: Final = Order(
    "newest", (Key("m.moved_on", "moved_on", date), Key("m.customer_id", "customer", UUID)), descending=True
)
_FLOWS: Final = """
SELECT nullif(f.was, '') AS was, f.became, f.customers FROM segment_flow f WHERE f.tenant_id = $1 AND f.month = $2
"""
_MOVES: Final = """
SELECT m.customer_id AS customer, c.name, m.moved_on, m.was, m.became FROM segment_move m
  JOIN customer c ON c.tenant_id = m.tenant_id AND c.id = m.customer_id
 WHERE m.tenant_id = $1
"""
_MONTHS: Final = """
SELECT DISTINCT f.month FROM segment_flow f WHERE f.tenant_id = $1 ORDER BY f.month DESC LIMIT 36
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """How many went from one segment to another; `was` None: they bought for the first time."""

    was: Segment | None
    became: Segment
    customers: int


@dataclass(frozen=True, slots=True)
class Move:
    """Who went from one segment to another, and when it was seen."""

    customer: UUID
    name: str
    moved_on: date
    was: Segment | None
    became: Segment


async def months(read: Read) -> list[date]:
    """List the months in which somebody moved, the last first, by their first days. Raises Forbidden."""
    require_all(read)
    return [row["month"] for row in await read.fetch(_MONTHS, read.tenant)]


async def flows(read: Read, month: date) -> list[Flow]:
    """Count who went from where to where in a month, given by its first day. Raises Forbidden."""
    require_all(read)
    return [Flow(**dict(row)) for row in await read.fetch(_FLOWS, read.tenant, month)]


async def moves(
    read: Read,
    *,
    limit: int,
    after: str | None = None,
    became: Segment | None = None,
    was: Segment | None = None,
    customer: UUID | None = None,
    days: tuple[date | None, date | None] = (None, None),
) -> Page[Move]:
    """Give a page of moves, the last first. Raises Forbidden, Invalid for a cursor that is none."""
    require_all(read)
    where = Conditions(read.tenant)
    told = (("became", "=", became), ("was", "=", was), ("customer_id", "=", customer),
            ("moved_on", ">=", days[0]), ("moved_on", "<=", days[1]))  # fmt: skip
    for column, sign, value in told:
        if value is not None:
            where.add(f"m.{column} {sign} {{}}", value)
    _NEWEST.go_on(where, after)
    sql = f"{_MOVES}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([Move(**dict(row)) for row in rows[:limit]], _NEWEST.following(rows, limit))
