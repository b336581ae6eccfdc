"""Transfers as lists, pages and answers show them, and what is on its way to a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order
from retail.stock.transfers.errors import NoSuchTransfer
from retail.stock.transfers.rules import Line, Outcome, outcomes

INCOMING: Final = """coalesce((SELECT sum(tl.quantity) FROM transfer tr
   JOIN transfer_line tl ON tl.tenant_id = $1 AND tl.transfer_id = tr.id AND tl.product_id = {product}
  WHERE tr.tenant_id = $1 AND tr.to_store_id = {store} AND tr.state = 'sent'), 0)"""
"""SQL of what is on its way to a store of a product."""

ALL_INCOMING: Final = """SELECT tr.to_store_id AS store_id, tl.product_id, sum(tl.quantity) AS quantity FROM transfer tr
               JOIN transfer_line tl ON tl.tenant_id = $1 AND tl.transfer_id = tr.id
              WHERE tr.tenant_id = $1 AND tr.state = 'sent' GROUP BY 1, 2"""
"""The same of everything at once, to be joined where many rows ask."""

_TRANSFERS: Final = """
SELECT t.id, t.number, t.from_store_id AS from_store, t.from_name, t.to_store_id AS to_store, t.to_name, t.state,
       t.note, t.created_at, t.sent_at, t.received_at,
       (SELECT count(*) FROM transfer_line l WHERE l.tenant_id = t.tenant_id AND l.transfer_id = t.id) AS lines,
       (SELECT coalesce(sum(l.quantity), 0) FROM transfer_line l
         WHERE l.tenant_id = t.tenant_id AND l.transfer_id = t.id) AS pieces,
       (SELECT coalesce(sum(round(l.quantity * l.unit_cost)), 0)::bigint FROM transfer_line l
         WHERE l.tenant_id = t.tenant_id AND l.transfer_id = t.id) AS worth_minor,
       t.state = 'received' AND EXISTS (SELECT FROM transfer_line l
         WHERE l.tenant_id = t.tenant_id AND l.transfer_id = t.id AND l.decision IS NULL) AS undecided
  FROM transfer t WHERE t.tenant_id = $1"""
_NEWEST: Final = Order("when", (Key("t.created_at", "created_at", datetime), Key("t.id", "id", UUID)), descending=True)

_LINES: Final = """
SELECT l.id, l.product_id, l.trace, l.quantity, coalesce(l.unit_cost, b.unit_cost, p.unit_cost) AS unit_cost,
       l.arrived, l.damaged, l.decision, p.sku, p.name, p.unit, p.decimals, p.tracking, l.position
  FROM transfer_line l
  JOIN product p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
  JOIN transfer t ON t.tenant_id = l.tenant_id AND t.id = l.transfer_id
  LEFT JOIN stock_balance b
    ON b.tenant_id = l.tenant_id AND b.store_id = t.from_store_id AND b.product_id = l.product_id
 WHERE l.tenant_id = $1"""
_IN_ORDER: Final = Order("position", (Key("l.position", "position", int), Key("l.id", "id", UUID)))


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer as a list shows it; `worth_minor` at the cost it left with, `undecided`: a difference is open."""

    id: UUID
    number: int
    from_store: UUID
    from_name: str
    to_store: UUID
    to_name: str
    state: str
    note: str
    created_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    lines: int
    pieces: Decimal
    worth_minor: int
    undecided: bool


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with the words of its product."""

    line: Line
    sku: str
    name: str
    unit: str
    decimals: int
    tracking: str

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of its difference, once somebody has decided."""
        return outcomes(self.line)


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a transfer, newest last."""

    what: str
    reason: str
    actor_name: str
    at: datetime


async def transfers(
    read: Read,
    *,
    store: UUID | None = None,
    state: str = "",
    undecided: bool = False,
    limit: int,
    after: str | None = None,
) -> Page[TransferFacts]:
    """List transfers, newest first; `store` those from there or to there."""
    where = Conditions(read.tenant)
    if store:
        where.add("(t.from_store_id = {0} OR t.to_store_id = {0})", store)
    if state:
        where.add("t.state = {}", state)
    if undecided:
        where.add(
            "t.state = 'received' AND EXISTS (SELECT FROM transfer_line l"
            " WHERE l.tenant_id = t.tenant_id AND l.transfer_id = t.id AND l.decision IS NULL)"
        )
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_TRANSFERS}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([TransferFacts(*row) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def transfer(read: Read, id: UUID) -> TransferFacts:
    """Find a transfer. Raises NoSuchTransfer."""
    row = await read.fetchrow(f"{_TRANSFERS} AND t.id = $2", read.tenant, id)
    if row is None:
        raise NoSuchTransfer
    return TransferFacts(*row)


async def lines(read: Read, id: UUID) -> Sequence[LineFacts]:
    """List what a transfer holds, in the order it was put in; a draft's costs are those of now."""
    sql = f"{_LINES} AND l.transfer_id = $2 ORDER BY {_IN_ORDER.sql}"
    return [_line(row) for row in await read.fetch(sql, read.tenant, id)]


async def lines_page(read: Read, id: UUID, *, limit: int, after: str | None = None) -> Page[LineFacts]:
    """List what a transfer holds page by page, in the order it was put in. Raises NoSuchTransfer, Invalid."""
    await transfer(read, id)
    where = Conditions(read.tenant)
    where.add("l.transfer_id = {}", id)
    _IN_ORDER.go_on(where, after)
    rows = await read.fetch(f"{_LINES}{where.sql} ORDER BY {_IN_ORDER.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([_line(row) for row in rows[:limit]], _IN_ORDER.following(rows, limit))


async def steps(read: Read, id: UUID) -> Sequence[Step]:
    """List what was done with a transfer."""
    rows = await read.fetch(
        """SELECT what, reason, actor_name, at FROM transfer_event WHERE tenant_id = $1 AND transfer_id = $2
            ORDER BY at, id""",
        read.tenant,
        id,
    )
    return [Step(*row) for row in rows]


async def last_actor(read: Read, id: UUID) -> str:
    """Name who did the last thing with a transfer."""
    found = await steps(read, id)
    return found[-1].actor_name if found else ""


async def incoming(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Add up what is on its way to a store; 0 where nothing is."""
    rows = await read.fetch(
        f"SELECT u.id, {INCOMING.format(store='$2', product='u.id')} AS incoming"  # noqa: S608 - constants
        " FROM unnest($3::uuid[]) AS u (id)",
        read.tenant,
        store,
        list(set(products)),
    )
    return {row["id"]: row["incoming"] for row in rows}


def _line(row: Row) -> LineFacts:
    return LineFacts(
        Line(
            row["id"],
            row["product_id"],
            row["trace"],
            row["quantity"],
            row["unit_cost"],
            row["arrived"],
            row["damaged"],
            row["decision"],
        ),
        row["sku"],
        row["name"],
        row["unit"],
        row["decimals"],
        row["tracking"],
    )
