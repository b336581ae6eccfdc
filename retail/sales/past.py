"""Sales of the past: what was sold elsewhere, or before today, stored with all its effects but told to nobody.

For imports and seeds. Stock moves and journal entries follow as for any sale; events do not, because screens and
notices are about what happens now. The caller folds the stock and rebuilds the rollups at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from retail.ledger import post
from retail.runtime.db import Tx
from retail.runtime.tenancy import Actor
from retail.sales.documents import StoredSale
from retail.sales.effects import entry, moves
from retail.sales.writing import insert, keep_parts
from retail.stock import move
from retail.stock.keeping import forget_kept

_RANDOM_BITS = 74
_RANDOM_A_BITS = 12
_ENTRY = 0xFFFF


def id_at(at: datetime, bits: int) -> UUID:
    """Make the UUIDv7 of a moment; `bits`, of which the lowest 74 count, tell it from others of the same moment."""
    bits &= (1 << _RANDOM_BITS) - 1
    millis = int(at.timestamp() * 1000)
    high, low = bits >> 62, bits & ((1 << 62) - 1)
    return UUID(int=(millis << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


def part_of(id: UUID, number: int) -> UUID:
    """Make the id of a part of something; parts sort beside it and are the same each time. `number` is below 65535."""
    return UUID(int=id.int ^ number)


def in_the_past(tx: Tx, actor: Actor, at: datetime) -> Tx:
    """Give a Tx on the same connection that acts as somebody at a past moment; its events and audit go nowhere."""
    return Tx(tx.conn, replace(tx.scope, actor=actor), at)


async def record_past(tx: Tx, sales: Sequence[StoredSale]) -> list[StoredSale]:
    """Store sales, then returns, with stock moves and journal entries; give those that were not stored before.

    One statement each per cashier, so any number of sales may come, best some hundreds. Stock moves and entries carry
    ids made of the sale's, so that lists by id are in the order of time. A return's sale must be stored or among them.
    """
    await forget_kept(tx)
    new: list[StoredSale] = []
    for group in _groups(sales):
        first = group[0]
        quiet = in_the_past(tx, Actor("person", first.cashier_id, first.cashier_name), first.received_at)
        inserted = await insert(quiet, group)
        fresh = [sale for sale in group if sale.id in inserted]
        await keep_parts(quiet, fresh)
        await move(
            quiet, [replace(one, id=part_of(sale.id, at)) for sale in fresh for at, one in enumerate(moves(sale), 1)]
        )
        await post(quiet, [replace(entry(sale), id=part_of(sale.id, _ENTRY)) for sale in fresh])
        new += fresh
    return new


def _groups(sales: Sequence[StoredSale]) -> list[list[StoredSale]]:
    """Put those together that one person took in at one time, as `insert` has it; sales before returns."""
    groups: dict[tuple[str, UUID | None, str, datetime], list[StoredSale]] = defaultdict(list)
    for sale in sales:
        groups[sale.kind, sale.cashier_id, sale.cashier_name, sale.received_at].append(sale)
    return [group for kind in ("sale", "return") for key, group in groups.items() if key[0] == kind]
