"""Sales on hold: every till of the store sees them, one till gets each, and none ends without a record.

docs/algorithms/held-sales.md. A row is locked before it changes: of two tills that recall it at once one is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from retail.runtime.db import Read, Tx
from retail.sales.buyers import buyer_names
from retail.sales.errors import HeldByAnother, HeldGone, NoSuchTill
from retail.sales.events import HeldChanged
from retail.sales.held_reading import Brought, Held
from retail.sales.remarks import Remark
from retail.sales.writing import remark

LISTED_MOST: Final = 200
_LISTED: Final = """
SELECT h.id, h.owner_id, h.owner_name, t.code AS till_code, h.till_id, h.held_at, h.items, h.total_minor,
       h.basket, h.recalled_as
  FROM held_sale h
  JOIN till t ON t.tenant_id = h.tenant_id AND t.id = h.till_id
 WHERE h.tenant_id = $1 AND h.store_id = (SELECT k.store_id FROM till k WHERE k.tenant_id = $1 AND k.id = $2)
   AND h.ended_at IS NULL AND (h.recalled_at IS NULL OR h.recalled_till_id = $2)
 ORDER BY h.held_at, h.id LIMIT $3"""
_HOLD: Final = """
INSERT INTO held_sale AS h (tenant_id, id, store_id, till_id, owner_id, owner_name, basket, items, total_minor, held_at,
                            created_at)
SELECT $1, $2, k.store_id, k.id, $4, $5, $6, $7, $8, $9, $10 FROM till k WHERE k.tenant_id = $1 AND k.id = $3
    ON CONFLICT (tenant_id, id) DO UPDATE
   SET owner_id = excluded.owner_id, owner_name = excluded.owner_name, basket = excluded.basket,
       items = excluded.items, total_minor = excluded.total_minor, held_at = excluded.held_at,
       recall_id = NULL, recalled_as = NULL, recalled_till_id = NULL, recalled_by = NULL, recalled_by_name = NULL,
       recalled_at = NULL, ended_at = NULL, ended_how = NULL, ended_id = NULL
 WHERE h.till_id = excluded.till_id AND (h.recalled_till_id = h.till_id OR h.ended_how IN ('voided', 'expired'))
RETURNING h.store_id"""
_NOTED: Final = """
UPDATE held_sale SET basket = jsonb_set(basket::jsonb, '{note}', to_jsonb($4::text))
 WHERE tenant_id = $1 AND id = $2 AND till_id = $3 AND recalled_at IS NULL AND ended_at IS NULL
RETURNING store_id"""
_LOCKED: Final = """
SELECT h.id, h.store_id, h.till_id, h.owner_id, h.owner_name, h.basket, h.recall_id, h.recalled_as, h.recalled_till_id,
       h.recalled_by_name, h.recalled_at, h.ended_at, h.ended_how, r.code AS recalled_code
  FROM held_sale h
  LEFT JOIN till r ON r.tenant_id = h.tenant_id AND r.id = h.recalled_till_id
 WHERE h.tenant_id = $1 AND h.id = $2 FOR UPDATE OF h"""
_RECALL: Final = """
UPDATE held_sale SET recall_id = $3, recalled_as = $4, recalled_till_id = $5, recalled_by = $6, recalled_by_name = $7,
       recalled_at = $8
 WHERE tenant_id = $1 AND id = $2"""
_OF_BASKETS: Final = """
SELECT h.id, h.recalled_as, h.store_id, h.ended_how, h.ended_id,
       (SELECT s.number FROM sale s WHERE s.tenant_id = h.tenant_id AND s.id = h.ended_id) AS number,
       (SELECT t.code FROM sale s JOIN till t ON t.tenant_id = s.tenant_id AND t.id = s.till_id
         WHERE s.tenant_id = h.tenant_id AND s.id = h.ended_id) AS code
  FROM held_sale h
 WHERE h.tenant_id = $1 AND (h.id = ANY($2::uuid[]) OR h.recalled_as = ANY($2::uuid[]))
 ORDER BY h.id FOR UPDATE OF h"""
_END: Final = """
UPDATE held_sale SET ended_at = $3, ended_how = $4, ended_id = $5
 WHERE tenant_id = $1 AND id = $2 AND ended_how IS DISTINCT FROM 'sold'"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sale on hold as the tills list it; `recalled_as`: this till has it, and nothing has become of it yet."""

    id: UUID
    owner_id: UUID | None
    owner_name: str
    till_id: UUID
    till_code: str
    held_at: datetime
    items: int
    total_minor: int
    recalled_as: UUID | None
    names: Sequence[str] = field(hash=False)
    note: str
    customer_name: str


async def waiting(read: Read, till: UUID) -> list[Waiting]:
    """List what is on hold in a till's store, the oldest first.

    A basket has its customer's id alone. The name is looked up as it is now: who was erased has none here either.
    """
    rows = [dict(row) for row in await read.fetch(_LISTED, read.tenant, till, LISTED_MOST)]
    baskets = [json.loads(row.pop("basket")) for row in rows]
    found = await buyer_names(read, [basket.get("customer", "") for basket in baskets])
    return [Waiting(**row, **_seen(basket, found)) for row, basket in zip(rows, baskets, strict=True)]


def _seen(basket: dict[str, Any], buyers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "names": [line["name"] for line in basket.get("lines", [])[:3]],
        "note": basket.get("note", ""),
        "customer_name": buyers.get(basket.get("customer", ""), ""),
    }


async def note_held(tx: Tx, till: UUID, held: Held) -> None:
    """Store a basket that a till has put aside. One that went on elsewhere meanwhile stays there, with a remark.

    Emits HeldChanged.
    """
    if held.noted:
        await write_note(tx, till, held)
        return
    before = await _of_baskets(tx, [held.id])
    for earlier in before:
        if earlier["id"] != held.id:
            await _end(tx, earlier, "held_again", held.id)
    store = await tx.fetchval(
        _HOLD, tx.tenant, held.id, till, tx.actor.id, tx.actor.name, json.dumps(held.basket), held.items, held.total,
        held.at, tx.now,
    )  # fmt: skip
    if store is None:
        row = await tx.fetchrow(_LOCKED, tx.tenant, held.id)
        if row is None:
            raise NoSuchTill
        if row["recalled_till_id"] not in {None, till} or row["till_id"] != till:
            await remark(tx, till, [_twice(row)])
        return
    tx.audit("sales.held", "till", till, basket=held.id, amount=held.total)
    tx.emit(HeldChanged(store))


async def write_note(tx: Tx, till: UUID, held: Held) -> None:
    """Write what its till says of a basket on hold; one that went on meanwhile stays. Emits HeldChanged."""
    store = await tx.fetchval(_NOTED, tx.tenant, held.id, till, held.basket.get("note", ""))
    if store is not None:
        tx.audit("sales.held_noted", "till", till, basket=held.id)
        tx.emit(HeldChanged(store))


async def note_brought(tx: Tx, till: UUID, brought: Brought) -> None:
    """Note that a till went on with what it had put aside itself, without asking. Emits HeldChanged.

    Where another till had it by then, both are told of: nothing that was sold is taken back.
    """
    row = await tx.fetchrow(_LOCKED, tx.tenant, brought.held)
    if row is None or row["recall_id"] == brought.id:
        return
    if row["recalled_till_id"] not in {None, till}:
        await remark(tx, till, [_twice(row)])
    elif row["ended_at"] is None:
        await _recalled(tx, row, till, brought.id, brought.held)


async def recall(tx: Tx, till: UUID, held: UUID, id: UUID, as_: UUID, *, take_over: bool) -> Mapping[str, Any]:
    """Give a till what is on hold; it goes on under the id `as_`. The same request again gives the same basket.

    Locks the row. Raises NoSuchTill, HeldGone where another till was first, HeldByAnother where it is somebody else's
    and isn't taken over. Emits HeldChanged.
    """
    store = await tx.fetchval("SELECT store_id FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, till)
    if store is None:
        raise NoSuchTill
    row = await tx.fetchrow(_LOCKED, tx.tenant, held)
    if row is None or row["store_id"] != store:
        raise HeldGone("", "")
    if row["recall_id"] != id:
        if row["ended_at"] is not None or row["recalled_till_id"] not in {None, till}:
            raise HeldGone(row["recalled_by_name"] or "", row["recalled_code"] or "")
        if row["owner_id"] != tx.actor.id and not take_over:
            raise HeldByAnother(row["owner_name"])
        await _recalled(tx, row, till, id, as_)
    basket: Mapping[str, Any] = json.loads(row["basket"])
    return basket


async def twice_sold(tx: Tx, sales: Sequence[UUID]) -> dict[UUID, list[Remark]]:
    """Find the sales that come of a basket on hold from which another sale was made already. Locks its row."""
    marks = {}
    for row in await _of_baskets(tx, sales):
        for sale in {row["id"], row["recalled_as"]} & set(sales):
            if row["ended_how"] == "sold" and row["ended_id"] != sale:
                marks[sale] = [Remark("held_sold_twice", {"number": row["number"], "till": row["code"]})]
    return marks


async def end_sold(tx: Tx, sales: Sequence[UUID]) -> None:
    """Note what was paid of what had been on hold. Emits HeldChanged."""
    for row in await _of_baskets(tx, sales):
        sale = row["id"] if row["id"] in sales else row["recalled_as"]
        if row["ended_how"] != "sold":
            await _end(tx, row, "sold", sale)


async def end_voided(tx: Tx, basket: UUID, void: UUID, how: str = "voided") -> None:
    """Note that a basket was cancelled, or nobody came for it. Emits HeldChanged."""
    for row in await _of_baskets(tx, [basket]):
        await _end(tx, row, how, void)


async def _of_baskets(tx: Tx, ids: Sequence[UUID]) -> list[asyncpg.Record]:
    return await tx.fetch(_OF_BASKETS, tx.tenant, sorted(ids))


async def _end(tx: Tx, row: asyncpg.Record, how: str, by: UUID) -> None:
    await tx.execute(_END, tx.tenant, row["id"], tx.now, how, by)
    tx.emit(HeldChanged(row["store_id"]))


async def _recalled(tx: Tx, row: asyncpg.Record, till: UUID, id: UUID, as_: UUID) -> None:
    await tx.execute(_RECALL, tx.tenant, row["id"], id, as_, till, tx.actor.id, tx.actor.name, tx.now)
    action = "sales.recalled" if row["owner_id"] == tx.actor.id else "sales.held_taken_over"
    tx.audit(action, "till", till, basket=row["id"], held_by=row["owner_id"])
    tx.emit(HeldChanged(row["store_id"]))


def _twice(row: asyncpg.Record) -> Remark:
    return Remark("held_recalled_twice", {"name": row["recalled_by_name"] or "", "till": row["recalled_code"] or ""})
