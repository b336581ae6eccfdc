"""Writing goods off for a reason, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx
from retail.runtime.ordering import Key, Order
from retail.stock.rules import Document, Move, Taken, value_minor
from retail.stock.stockroom import waste
from retail.stock.wasting.reasons import NO_REASON, begin_reasons, no_reason, reason

_NEWEST: Final = Order(
    "when", (Key("w.occurred_at", "occurred_at", datetime), Key("w.id", "id", UUID)), descending=True
)
# Every move of the kind counts, also those that no reason of the list came with: of "Move stock", a lot, a piece, or a
# program. What a document's moves have in common is what they are grouped by, so the window narrows them by the index.
_ENTRIES: Final = """
  FROM (SELECT id, store_id, reason_id, note, cost_minor, actor_name, occurred_at FROM waste WHERE tenant_id = $1
         UNION ALL
        SELECT coalesce(m.source_id, m.id), m.store_id, NULL, m.reason,
               sum(round(-m.quantity * m.unit_cost))::bigint, m.actor_name, m.occurred_at
          FROM stock_move m
         WHERE m.tenant_id = $1 AND m.kind = 'waste'
           AND NOT EXISTS (SELECT FROM waste d WHERE d.tenant_id = $1 AND d.id = m.source_id)
         GROUP BY coalesce(m.source_id, m.id), m.store_id, m.reason, m.actor_name, m.occurred_at
       ) AS w"""
_LIST = """
SELECT w.id, w.occurred_at, s.name AS store_name, r.name AS reason, w.note, w.cost_minor, w.actor_name,
       (SELECT string_agg(rtrim(rtrim((-m.quantity)::text, '0'), '.')
                          || CASE p.unit WHEN 'each' THEN ' ' WHEN 'm2' THEN ' m² ' ELSE ' ' || p.unit || ' ' END
                          || p.name, ', ' ORDER BY p.sort_name)
          FROM stock_move m JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
         WHERE m.tenant_id = $1 AND m.source_id = w.id) AS goods{entries}
  JOIN store s ON s.tenant_id = $1 AND s.id = w.store_id
  LEFT JOIN waste_reason r ON r.tenant_id = $1 AND r.id = w.reason_id
 WHERE true"""
_COSTS = """
SELECT r.name, count(*) AS times, sum(w.cost_minor)::bigint AS cost{entries}
  LEFT JOIN waste_reason r ON r.tenant_id = $1 AND r.id = w.reason_id
 WHERE true"""
_ON_THE_WAY: Final = """
SELECT count(*) AS times, coalesce(sum(l.amount_minor), 0)::bigint AS cost
  FROM journal_entry e
  JOIN journal_line l ON l.tenant_id = $1 AND l.entry_id = e.id
  JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id AND a.purpose = 'waste'
 WHERE e.tenant_id = $1 AND e.kind = 'transfer_settled' AND ($2::uuid IS NULL OR e.store_id = $2)
   AND ($3::timestamptz IS NULL OR e.occurred_at >= $3)"""
_LISTED: Final = _LIST.format(entries=_ENTRIES)
_BY_REASON: Final = _COSTS.format(entries=_ENTRIES)


@dataclass(frozen=True, slots=True)
class Wasted:
    """What was written off at once, and what it cost, in minor units."""

    id: UUID
    occurred_at: datetime
    store_name: str
    reason: str
    note: str
    cost_minor: int
    actor_name: str
    goods: str | None


@dataclass(frozen=True, slots=True)
class ReasonCost:
    """What a reason has cost, and how many times."""

    name: str
    times: int
    cost: int


async def write_off(tx: Tx, document: Document, why: UUID, losses: Sequence[Taken]) -> list[Move]:
    """Write goods off for a reason of the shop's list; `document.reason` is a note. Posts to the reason's account.

    The same document again gives the moves of the first time. Raises NotFound for a reason that isn't in use, Invalid,
    NotEnoughStock, IdempotencyConflict, Forbidden.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    await begin_reasons(tx)
    known = await reason(tx, why)
    said = f"{known.name}: {document.reason}" if document.reason else known.name
    moves = await waste(tx, replace(document, reason=said[:200]), losses, purpose=known.purpose)
    await tx.execute(
        """INSERT INTO waste (tenant_id, id, store_id, reason_id, note, cost_minor, actor_name, occurred_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
        tx.tenant, document.id, document.store, why, document.reason,
        -sum(value_minor(one.quantity, one.unit_cost) for one in moves), tx.actor.name, document.at,
    )  # fmt: skip
    return moves


async def written_off(
    read: Read,
    *,
    store: UUID | None = None,
    why: UUID | None = None,
    since: datetime | None = None,
    limit: int,
    after: str | None = None,
) -> Page[Wasted]:
    """List what was written off, newest first; `why` NO_REASON: what no reason of the list came with."""
    where = _narrowed(read, store, why, since)
    _NEWEST.go_on(where, after)
    rows = await read.fetch(f"{_LISTED}{where.sql} ORDER BY {_NEWEST.sql} LIMIT {limit + 1:d}", *where.args)
    return Page([_wasted(row) for row in rows[:limit]], _NEWEST.following(rows, limit))


async def cost_by_reason(
    read: Read, *, store: UUID | None = None, why: UUID | None = None, since: datetime | None = None
) -> list[ReasonCost]:
    """Sum up what each reason has cost, the dearest first; and, by itself, what broke between stores.

    That is no reason of the list: it stands with its transfer, and in the books of the store that bears it.
    """
    where = _narrowed(read, store, why, since)
    rows = await read.fetch(f"{_BY_REASON}{where.sql} GROUP BY r.id, r.name ORDER BY 3 DESC, 1", *where.args)
    costs = [ReasonCost(row["name"] or no_reason(), row["times"], row["cost"]) for row in rows]
    if why is None:
        broken = await read.fetchrow(_ON_THE_WAY, read.tenant, store, since)
        if broken is not None and broken["times"]:
            costs.append(ReasonCost(_("Broken between stores"), broken["times"], broken["cost"]))
    return costs


def _wasted(row: Row) -> Wasted:
    one = Wasted(*row)
    return one if one.reason else replace(one, reason=no_reason())


def _narrowed(read: Read, store: UUID | None, why: UUID | None, since: datetime | None) -> Conditions:
    where = Conditions(read.tenant)
    listed = None if why == NO_REASON else why
    for condition, value in (("w.store_id = {}", store), ("w.reason_id = {}", listed), ("w.occurred_at >= {}", since)):
        if value is not None:
            where.add(condition, value)
    if why == NO_REASON:
        where.add("w.reason_id IS NULL")
    return where
