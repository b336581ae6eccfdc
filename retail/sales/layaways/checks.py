"""Kept goods add up: each account holds what its payments moved, and nothing stays reserved for what is over."""

from __future__ import annotations

from typing import Final

from retail.runtime.checks import Check, claim
from retail.runtime.db import Read

_ACCOUNTS: Final = """
SELECT l.id, coalesce(p.moved, 0)::bigint AS paid, coalesce(m.moved, 0)::bigint AS moved
  FROM layaway l
  LEFT JOIN (SELECT layaway_id, sum(down_minor) AS moved FROM sale
              WHERE tenant_id = $1 AND kind = 'payment' AND layaway_id IS NOT NULL GROUP BY 1) p ON p.layaway_id = l.id
  LEFT JOIN (SELECT v.account_id, sum(v.amount_minor) AS moved FROM value_move v
               JOIN sale s ON s.tenant_id = $1 AND s.id = v.source_id AND s.kind = 'payment'
              WHERE v.tenant_id = $1 AND v.cause IN ('loaded', 'paid_back') GROUP BY 1) m ON m.account_id = l.id
 WHERE l.tenant_id = $1 ORDER BY l.id
"""
_LEFT: Final = """
SELECT r.id, l.number FROM reservation r JOIN layaway l ON l.tenant_id = $1 AND l.id = r.source_id
 WHERE r.tenant_id = $1 AND r.released_at IS NULL AND l.ended_at IS NOT NULL ORDER BY r.id LIMIT 100
"""


async def checks(read: Read) -> list[Check]:
    """Recompute what was paid on each, and look for goods that nobody will fetch any more."""
    rows = await read.fetch(_ACCOUNTS, read.tenant)
    off = [f"layaway {row['id']}: payments {row['paid']}, account {row['moved']}" for row in rows
           if row["paid"] != row["moved"]]  # fmt: skip
    left = await read.fetch(_LEFT, read.tenant)
    return [
        claim("kept goods: each account holds what its payments moved", len(rows), off),
        claim(
            "kept goods: nothing is reserved for what is over",
            len(rows),
            [f"reservation {row['id']} of L-{row['number']}" for row in left],
        ),
    ]
