"""Shifts and their cash: what a Z report says is what its moves and entries say."""

from __future__ import annotations

import json

from retail.cash.rules import expected_minor
from retail.runtime.checks import Check, claim
from retail.runtime.db import Read

_SHIFTS = """
SELECT h.id, h.opening_float_minor, z.expected_minor, z.counted_minor, z.variance_minor, z.report,
       coalesce((SELECT json_object_agg(m.kind, m.amount) FROM (
                   SELECT kind, sum(amount_minor)::bigint AS amount FROM cash_move
                    WHERE tenant_id = $1 AND shift_id = h.id GROUP BY kind) m), '{}') AS moves
  FROM shift h LEFT JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = h.id
 WHERE h.tenant_id = $1 AND h.closed_at IS NOT NULL ORDER BY h.id
"""

_UNPOSTED = """
SELECT m.id, m.kind FROM cash_move m
 WHERE m.tenant_id = $1
   AND NOT EXISTS (
     SELECT FROM journal_entry e JOIN journal_line l ON l.tenant_id = $1 AND l.entry_id = e.id
       JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id AND a.purpose = 'cash'
      WHERE e.tenant_id = $1 AND e.kind = 'cash_' || m.kind AND e.source_id = m.id
        AND l.amount_minor = CASE m.kind WHEN 'pay_in' THEN m.amount_minor ELSE -m.amount_minor END)
 ORDER BY m.id LIMIT 100
"""


async def checks(read: Read) -> list[Check]:
    """Recompute every closed shift's expected cash, and that every cash move stands in the books."""
    shifts = await read.fetch(_SHIFTS, read.tenant)
    differ = []
    for row in shifts:
        if row["report"] is None:
            differ.append(f"shift {row['id']} is closed without a Z report")
            continue
        report = json.loads(row["report"])
        again = expected_minor(row["opening_float_minor"], report["cash_net"], json.loads(row["moves"]))
        if (again, row["counted_minor"] - again) != (row["expected_minor"], row["variance_minor"]):
            differ.append(f"shift {row['id']}: the report expects {row['expected_minor']}, its moves {again}")
    moves = await read.fetchval("SELECT count(*) FROM cash_move WHERE tenant_id = $1", read.tenant)
    unposted = await read.fetch(_UNPOSTED, read.tenant)
    return [
        claim("cash: every Z report expects what its shift moved", len(shifts), differ),
        claim("cash: every cash move is in the books", moves, [f"{row['kind']} {row['id']}" for row in unposted]),
    ]
