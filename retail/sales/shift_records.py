"""The records of a till's journal that open, count and close its drawer.

What they say has happened: money in a drawer is never refused for how it was typed, so what doesn't fit is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.cash import open_shift
from retail.cash.counting import NewCount
from retail.cash.rules import counted_from
from retail.kit.money import MAX_MINOR
from retail.runtime.db import Tx
from retail.sales.closing import close, count_blind, shown_report
from retail.sales.members import Reader
from retail.sales.payloads import read_closing, read_pieces


async def open_drawer_with(tx: Tx, till: UUID, id: UUID, read: Reader, at: datetime) -> Mapping[str, Any]:
    """Open a shift with a float, by pieces where the till told them. Answers what the till shows of it.

    Only now does the till hear what the last close left: the float was typed without knowing.
    """
    opening_float, pieces = read.whole("opening_float", 0, MAX_MINOR), read_pieces(read)
    read.check()
    shift = await open_shift(tx, id, till, opening_float, at, _fitting(pieces, opening_float))
    told = {"id": str(shift.id), "number": shift.number}
    if shift.opening_left_minor is None:
        return told
    return told | {"left": shift.opening_left_minor, "difference": shift.opening_difference_minor}


async def count_drawer(tx: Tx, shift: UUID, id: UUID, read: Reader, at: datetime) -> Mapping[str, Any]:
    """Keep a blind count. Answers whether to count once more, and nothing about how much."""
    counted = read_closing(read.of)
    read.check()
    pieces = _fitting(counted.denominations, counted.counted)
    count = await count_blind(tx, shift, NewCount(id, counted.counted, pieces, at))
    return {"attempt": count.attempt, "recount": count.recount}


async def close_drawer(tx: Tx, shift: UUID, read: Reader, at: datetime) -> Mapping[str, Any]:
    """Close a shift with its last count. Answers the Z report, as far as who delivers it may see it."""
    counted = read_closing(read.of)
    left = min(counted.left, counted.counted)
    z = await close(tx, shift, counted.counted, counted.denominations, at, left)
    store = await tx.fetchval("SELECT store_id FROM shift WHERE tenant_id = $1 AND id = $2", tx.tenant, shift)
    return await shown_report(tx, tx.scope, z, store)


def _fitting(pieces: Mapping[str, int] | None, amount: int) -> Mapping[str, int] | None:
    return pieces if pieces is not None and counted_from(pieces) == amount else None
