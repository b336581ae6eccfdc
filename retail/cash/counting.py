"""Blind counts: what somebody found in a drawer, and whether they are asked to count once more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.cash import rules
from retail.cash.errors import ShiftClosed
from retail.cash.queries import lock_shift, pieces_of
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody counted; `recount`: they were asked to count once more."""

    id: UUID
    shift: UUID
    attempt: int
    counted_minor: int
    denominations: Mapping[str, int] | None
    recount: bool
    actor_name: str
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class NewCount:
    """A count as it is told."""

    id: UUID
    counted_minor: int
    denominations: Mapping[str, int] | None
    at: datetime


async def record_count(tx: Tx, shift: UUID, new: NewCount, expected_minor: int, tolerance_minor: int) -> Count:
    """Keep a count, and decide whether another one is asked for: after the first alone, and only once.

    The caller has locked the shift (lock_shift) and works out `expected_minor` behind that. The same id again gives the
    first result. Raises NoSuchShift, ShiftClosed, Invalid, IdempotencyConflict.
    """
    check_count(new.counted_minor, new.denominations)
    before = await find_count(tx, new.id)
    if before is not None:
        if (before.shift, before.counted_minor) != (shift, new.counted_minor):
            raise IdempotencyConflict
        return before
    held = await lock_shift(tx, shift)
    if held.closed_at is not None:
        raise ShiftClosed(shift)
    attempt = len(await counts(tx, shift)) + 1
    recount = asks_again(attempt, new.counted_minor - expected_minor, tolerance_minor)
    row = (new.id, shift, attempt, new.counted_minor, stored_pieces(new.denominations), recount)
    await tx.execute(
        """INSERT INTO cash_count (tenant_id, id, shift_id, attempt, counted_minor, denominations, recount, actor_id,
                                   actor_name, counted_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant,
        *row,
        tx.actor.id,
        tx.actor.name,
        new.at,
        tx.now,
    )
    tx.audit("cash.counted", "shift", shift, count=new.id, attempt=attempt, counted=new.counted_minor, recount=recount)
    facts = (attempt, new.counted_minor, new.denominations, recount)
    return Count(new.id, shift, *facts, tx.actor.name, new.at)


def asks_again(attempt: int, variance_minor: int, tolerance_minor: int) -> bool:
    """Decide whether the till asks for another count; docs/algorithms/shifts.md, 3."""
    return attempt == 1 and abs(variance_minor) > tolerance_minor


_COUNTS = """
SELECT id, shift_id, attempt, counted_minor, denominations, recount, actor_name, counted_at
  FROM cash_count WHERE tenant_id = $1 AND """


async def counts(read: Read, shift: UUID) -> list[Count]:
    """List the counts of a shift in their order."""
    rows = await read.fetch(_COUNTS + "shift_id = $2 ORDER BY attempt", read.tenant, shift)
    return [_count(tuple(row)) for row in rows]


async def find_count(read: Read, id: UUID) -> Count | None:
    """Find one count, or None."""
    row = await read.fetchrow(_COUNTS + "id = $2", read.tenant, id)
    return _count(tuple(row)) if row else None


def _count(row: tuple[object, ...]) -> Count:
    facts = list(row)
    facts[4] = pieces_of(facts[4])  # type: ignore[arg-type]
    return Count(*facts)  # type: ignore[arg-type]


def check_count(counted_minor: int, denominations: Mapping[str, int] | None) -> None:
    """Refuse what can't be in a drawer, and pieces that don't add up to the sum. Raises Invalid."""
    if counted_minor < 0:
        raise Invalid({"counted": [_("A count can't be below zero. Type what is in the drawer, or 0.")]})
    if denominations is not None and rules.counted_from(denominations) != counted_minor:
        raise Invalid({"counted": [_("The coins and notes don't add up to this amount. Count again.")]})


def stored_pieces(denominations: Mapping[str, int] | None) -> str | None:
    """Write a count by denomination as it is stored."""
    return None if denominations is None else json.dumps(dict(denominations))
