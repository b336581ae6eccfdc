"""Taking a correction of the stock back: what it moved moves the other way, below zero too, as it was before."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock import queries
from retail.stock.rules import Document, Move
from retail.stock.stockroom import record


async def take_back(tx: Tx, document: Document, of: UUID) -> list[Move]:
    """Take the adjustment `of` back under a new document, at the cost it was booked with. Locks the balances.

    The caller sees to it that it happens once. Raises NotFound where there is no such adjustment.
    """
    booked = [one for one in await queries.moves_of(tx, of) if one.kind == "adjustment" and one.store == document.store]
    if not booked:
        raise NotFound("stock_move")
    levels = await queries.lock_levels(tx, [(one.store, one.product) for one in booked])
    moves = [
        replace(
            one, id=new_id(), quantity=-one.quantity, reason=document.reason, source=document.id,
            occurred_at=document.at,
        )
        for one in booked
    ]  # fmt: skip
    await record(tx, document, "adjustment", levels, moves)
    return moves
