"""Shifts and their cash, read to frozen dataclasses; and the two locks of a shift."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.cash.errors import NoSuchShift
from retail.cash.rules import CashMove, Shift, ZReport
from retail.runtime.db import Read, Row, Tx

SHIFT_SQL: Final = """
SELECT h.id, h.store_id, h.till_id, h.number, h.business_date, h.opened_at, h.opened_by, h.opened_by_name,
       h.opening_float_minor, h.closed_at, t.code AS till_code, s.name AS store_name, h.opening_left_minor,
       h.opening_denominations
  FROM shift h
  JOIN till t ON t.tenant_id = h.tenant_id AND t.id = h.till_id
  JOIN store s ON s.tenant_id = h.tenant_id AND s.id = h.store_id
 WHERE h.tenant_id = $1 """


def shift_of(row: Row) -> Shift:
    """Read a row of SHIFT_SQL."""
    return Shift(
        row["id"],
        row["store_id"],
        row["till_id"],
        row["number"],
        row["business_date"],
        row["opened_at"],
        row["opened_by"],
        row["opened_by_name"],
        row["opening_float_minor"],
        row["closed_at"],
        row["till_code"],
        row["store_name"],
        row["opening_left_minor"],
        pieces_of(row["opening_denominations"]),
    )


def pieces_of(stored: str | None) -> dict[str, int] | None:
    """Read a stored count by denomination: value in minor units, as text, to pieces."""
    return json.loads(stored) if stored else None


async def find_shift(read: Read, id: UUID) -> Shift | None:
    """Find a shift, or None."""
    row = await read.fetchrow(SHIFT_SQL + "AND h.id = $2", read.tenant, id)
    return shift_of(row) if row else None


async def shift(read: Read, id: UUID) -> Shift:
    """Find a shift. Raises NoSuchShift."""
    found = await find_shift(read, id)
    if found is None:
        raise NoSuchShift
    return found


async def open_shift_on(read: Read, till: UUID) -> Shift | None:
    """Find the open shift of a till, or None."""
    row = await read.fetchrow(SHIFT_SQL + "AND h.till_id = $2 AND h.closed_at IS NULL", read.tenant, till)
    return shift_of(row) if row else None


async def lock_shift(tx: Tx, id: UUID) -> Shift:
    """Lock a shift for its closing: waits for whoever holds it, and makes them wait. Raises NoSuchShift.

    First in the global order of locks. Add up takings only after it, in a statement of its own.
    """
    row = await tx.fetchrow(SHIFT_SQL + "AND h.id = $2 FOR UPDATE OF h", tx.tenant, id)
    if row is None:
        raise NoSuchShift
    return shift_of(row)


async def hold_shift(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Shift]:
    """Keep shifts from being closed until this transaction ends; many may hold one. Unknown ids are left out.

    Look at `closed_at` of what comes back. Locks are taken in the order of the ids.
    """
    rows = await tx.fetch(
        SHIFT_SQL + "AND h.id = ANY($2::uuid[]) ORDER BY h.id FOR SHARE OF h", tx.tenant, list(set(ids))
    )
    return {row["id"]: shift_of(row) for row in rows}


async def cash_sums(read: Read, shift: UUID) -> dict[str, int]:
    """Add up a shift's cash moves by kind, in minor units; kinds that did not happen are left out."""
    rows = await read.fetch(
        """SELECT kind, sum(amount_minor)::bigint AS amount FROM cash_move
            WHERE tenant_id = $1 AND shift_id = $2 GROUP BY kind""",
        read.tenant,
        shift,
    )
    return {row["kind"]: row["amount"] for row in rows}


async def drawer_minor(read: Read, shift: UUID) -> int:
    """Say what should be in an open shift's drawer now: float, cash of its sales, cash moves. Below zero is possible.

    Reads the sales' tables, which belong to the layer above: whoever takes cash out by hand can't bring the takings.
    """
    return int(
        await read.fetchval(
            """SELECT h.opening_float_minor
                      + coalesce((SELECT sum(CASE WHEN m.kind IN ('pay_in', 'float') THEN m.amount_minor
                                             ELSE -m.amount_minor END)
                                    FROM cash_move m WHERE m.tenant_id = $1 AND m.shift_id = $2), 0)
                      + coalesce((SELECT sum(p.amount_minor - p.change_minor)
                                    FROM sale s JOIN tender p ON p.tenant_id = s.tenant_id AND p.sale_id = s.id
                                   WHERE s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close
                                     AND p.type = 'cash'), 0)
                 FROM shift h WHERE h.tenant_id = $1 AND h.id = $2""",
            read.tenant,
            shift,
        )
        or 0
    )


async def cash_moves(read: Read, shift: UUID) -> list[CashMove]:
    """List a shift's cash moves, oldest first."""
    rows = await read.fetch(
        """SELECT id, shift_id, kind, amount_minor, reason, actor_name, occurred_at FROM cash_move
            WHERE tenant_id = $1 AND shift_id = $2 ORDER BY occurred_at, id""",
        read.tenant,
        shift,
    )
    return [CashMove(*row) for row in rows]


async def find_cash_move(read: Read, id: UUID) -> CashMove | None:
    """Find one cash move, or None."""
    row = await read.fetchrow(
        """SELECT id, shift_id, kind, amount_minor, reason, actor_name, occurred_at FROM cash_move
            WHERE tenant_id = $1 AND id = $2""",
        read.tenant,
        id,
    )
    return CashMove(*row) if row else None


async def drawer_openings(read: Read, shift: UUID) -> int:
    """Count how often a drawer was opened without a sale."""
    return int(
        await read.fetchval(
            "SELECT count(*) FROM drawer_event WHERE tenant_id = $1 AND shift_id = $2", read.tenant, shift
        )
    )


async def z_report(read: Read, shift: UUID) -> ZReport | None:
    """Find the Z report of a shift, or None while it is open."""
    row = await read.fetchrow(
        """SELECT shift_id, expected_minor, counted_minor, variance_minor, denominations, report, closed_at,
                  closed_by_name, left_minor
             FROM z_report WHERE tenant_id = $1 AND shift_id = $2""",
        read.tenant,
        shift,
    )
    if row is None:
        return None
    return ZReport(
        row["shift_id"],
        row["expected_minor"],
        row["counted_minor"],
        row["variance_minor"],
        pieces_of(row["denominations"]),
        json.loads(row["report"]),
        row["closed_at"],
        row["closed_by_name"],
        row["left_minor"],
    )
