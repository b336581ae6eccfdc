"""Shifts and their cash: what a Z report says is what its moves and entries say."""

from __future__ import annotations

import json

from retail.cash.rules import expected_minor
from retail.cash.sealing import broken_seals
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
        AND l.amount_minor = CASE WHEN m.kind IN ('pay_in', 'float') THEN m.amount_minor ELSE -m.amount_minor END)
 ORDER BY m.id LIMIT 100
"""


_OPENED = """
SELECT h.id, h.opening_float_minor - h.opening_left_minor AS difference,
       coalesce((SELECT sum(l.amount_minor) FROM journal_entry e
                   JOIN journal_line l ON l.tenant_id = $1 AND l.entry_id = e.id
                   JOIN account a ON a.tenant_id = $1 AND a.id = l.account_id AND a.purpose = 'over_short'
                  WHERE e.tenant_id = $1 AND e.kind = 'shift_opened' AND e.source_id = h.id), 0)::bigint AS posted
  FROM shift h WHERE h.tenant_id = $1 AND h.opening_left_minor IS NOT NULL ORDER BY h.id
"""

_SUPPLEMENTS = """
SELECT p.shift_id, p.number, p.cash_minor, (p.report ->> 'cash_net')::bigint AS told,
       (z.expected_minor + sum(p.cash_minor) OVER (PARTITION BY p.shift_id ORDER BY p.number))::bigint AS expected,
       (p.report ->> 'expected')::bigint AS says,
       (SELECT count(*) FROM z_supplement_sale x
         WHERE x.tenant_id = $1 AND x.shift_id = p.shift_id AND x.number = p.number) AS sales,
       (p.report ->> 'sales')::bigint + (p.report ->> 'returns')::bigint AS listed
  FROM z_supplement p JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = p.shift_id
 WHERE p.tenant_id = $1 ORDER BY p.shift_id, p.number
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
    opened = await read.fetch(_OPENED, read.tenant)
    late = await read.fetch(_SUPPLEMENTS, read.tenant)
    papers, broken = await broken_seals(read)
    return [
        claim("cash: every Z report expects what its shift moved", len(shifts), differ),
        claim("cash: every cash move is in the books", moves, [f"{row['kind']} {row['id']}" for row in unposted]),
        claim(
            "cash: what a float differs from what was left is in the books",
            len(opened),
            [f"shift {row['id']}: {row['difference']}" for row in opened if row["posted"] != -row["difference"]],
        ),
        claim(
            "cash: supplements hold their sales, and correct what was expected",
            len(late),
            [
                f"shift {row['shift_id']}, supplement {row['number']}"
                for row in late
                if (row["cash_minor"], row["expected"], row["sales"]) != (row["told"], row["says"], row["listed"])
            ],
        ),
        claim("cash: the tills' papers are as they were sealed, one after the other", papers, broken),
    ]
