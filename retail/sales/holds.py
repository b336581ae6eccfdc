"""Goods that are promised to a till: what it is about to pay for, nobody else pays for meanwhile.

A promise lasts minutes and is renewed by asking again under its id. It ends with the return that it was made for, or by
itself. docs/algorithms/returns.md, 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.quantity import from_milli
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.sales import queries
from retail.sales.documents import StoredSale
from retail.sales.errors import BeingReturned, NoSuchTill, NotReturnable, OverReturned
from retail.sales.standing import lock_returns, returned

LASTS: Final = timedelta(minutes=15)

_HELD: Final = """
SELECT l.key::uuid AS line, sum(l.value::bigint)::bigint AS milli
  FROM return_hold h CROSS JOIN LATERAL jsonb_each_text(h.lines) l
 WHERE h.tenant_id = $1 AND h.sale_id = $2 AND h.id <> $3 AND h.expires_at > $4 GROUP BY 1
"""
_HOLDER: Final = """
SELECT k.code FROM return_hold h JOIN till k ON k.tenant_id = h.tenant_id AND k.id = h.till_id
 WHERE h.tenant_id = $1 AND h.sale_id = $2 AND h.id <> $3 AND h.expires_at > $4 AND h.lines ? $5
 ORDER BY h.created_at DESC LIMIT 1
"""
_STANDING: Final = """
SELECT h.id, h.till_id, k.code AS till, coalesce(m.name, '') AS cashier, h.expires_at, h.lines
  FROM return_hold h
  JOIN till k ON k.tenant_id = $1 AND k.id = h.till_id
  LEFT JOIN LATERAL (SELECT name FROM membership WHERE tenant_id = $1 AND person_id = h.cashier_id
                      ORDER BY ended_at IS NULL DESC, created_at DESC LIMIT 1) m ON true
 WHERE h.tenant_id = $1 AND h.sale_id = $2 AND h.expires_at > $3 ORDER BY h.created_at, h.id
"""
_PROMISE: Final = """
INSERT INTO return_hold (tenant_id, id, till_id, sale_id, lines, expires_at, created_at, cashier_id)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
ON CONFLICT (tenant_id, id) DO UPDATE
  SET lines = excluded.lines, expires_at = excluded.expires_at, cashier_id = excluded.cashier_id
 WHERE return_hold.till_id = excluded.till_id AND return_hold.sale_id = excluded.sale_id RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """What one till is about to take back; `cashier` is empty where nobody knows who asked, `lines` in thousandths."""

    id: UUID
    till: UUID
    till_code: str
    cashier: str
    until: datetime
    lines: Mapping[UUID, int]


async def promises(read: Read, sale: UUID) -> list[Promise]:
    """List what of a sale is promised now, the oldest first."""
    rows = await read.fetch(_STANDING, read.tenant, sale, read.now)
    return [
        Promise(
            row["id"], row["till_id"], row["till"], row["cashier"], row["expires_at"],
            {UUID(line): int(milli) for line, milli in json.loads(row["lines"]).items()},
        )
        for row in rows
    ]  # fmt: skip


async def held(read: Read, sale: UUID, without: UUID) -> dict[UUID, int]:
    """Tell how much of each line of a sale is promised, in thousandths, but by the promise `without`."""
    rows = await read.fetch(_HELD, read.tenant, sale, without, read.now)
    return {row["line"]: row["milli"] for row in rows}


def refuse_more(sold: StoredSale, back: Mapping[UUID, int], wanted: Mapping[UUID, int]) -> None:
    """Refuse more than can still come back; `back` is what is back or promised. Raises OverReturned, Invalid."""
    lines = {line.id: line.quantity_milli for line in sold.lines}
    for id, milli in wanted.items():
        if id not in lines:
            raise Invalid({"lines": [_("This line is not on the sale.")]})
        left = max(lines[id] - back.get(id, 0), 0)
        if milli > left:
            raise OverReturned(id, from_milli(left))


async def refuse_promised(
    read: Read, sold: StoredSale, wanted: Mapping[UUID, int], own: UUID, back: Mapping[UUID, int]
) -> None:
    """Refuse what is `back`, or promised to others than by `own`. Raises OverReturned, BeingReturned, Invalid."""
    refuse_more(sold, back, wanted)
    try:
        refuse_more(sold, together(back, await held(read, sold.id, own)), wanted)
    except OverReturned as more:
        till = await read.fetchval(_HOLDER, read.tenant, sold.id, own, read.now, str(more.line))
        raise BeingReturned(more.line, more.left, till or "?") from more


def together(*sums: Mapping[UUID, int]) -> dict[UUID, int]:
    """Add quantities up, line by line."""
    found: dict[UUID, int] = {}
    for one in sums:
        for id, milli in one.items():
            found[id] = found.get(id, 0) + milli
    return found


async def promise(tx: Tx, till: UUID, id: UUID, sale: UUID, wanted: Mapping[UUID, int]) -> datetime:
    """Promise what comes back to a till; give until when. The same id again takes its own promise's place.

    Locks the returns of the sale. Raises NoSuchTill, NoSuchSale, NotReturnable, OverReturned, Invalid.
    """
    await lock_returns(tx, sale)
    if not await tx.fetchval("SELECT true FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till):
        raise NoSuchTill
    sold = await queries.stored_sale(tx, sale)
    if sold.kind != "sale":
        raise NotReturnable
    await refuse_promised(tx, sold, wanted, id, await returned(tx, sale))
    await tx.execute("DELETE FROM return_hold WHERE tenant_id = $1 AND expires_at < $2", tx.tenant, tx.now)
    until = tx.now + LASTS
    lines = json.dumps({str(line): milli for line, milli in wanted.items()})
    if not await tx.fetchval(_PROMISE, tx.tenant, id, till, sale, lines, until, tx.now, tx.actor.id):
        raise Invalid({"id": [_("This id stands for another return. Make a new one.")]})
    return until


async def release(tx: Tx, till: UUID, id: UUID) -> None:
    """End a till's promise; one that is over already is no matter."""
    await tx.execute("DELETE FROM return_hold WHERE tenant_id = $1 AND id = $2 AND till_id = $3", tx.tenant, id, till)
