"""The books add up: every entry, and the whole."""

from __future__ import annotations

from retail.runtime.checks import Check, claim
from retail.runtime.db import Read


async def checks(read: Read) -> list[Check]:
    """Recompute that each entry's lines, and all lines together, come to zero."""
    entries = await read.fetchval("SELECT count(*) FROM journal_entry WHERE tenant_id = $1", read.tenant)
    uneven = await read.fetch(
        """SELECT entry_id, sum(amount_minor)::bigint AS difference FROM journal_line WHERE tenant_id = $1
            GROUP BY entry_id HAVING sum(amount_minor) <> 0 ORDER BY entry_id LIMIT 100""",
        read.tenant,
    )
    lines = await read.fetchrow(
        """SELECT count(*) AS lines, coalesce(sum(amount_minor), 0)::bigint AS total FROM journal_line
            WHERE tenant_id = $1""",
        read.tenant,
    )
    count, total = (lines["lines"], lines["total"]) if lines else (0, 0)
    return [
        claim(
            "ledger: every entry balances",
            entries,
            [f"entry {row['entry_id']} is off by {row['difference']}" for row in uneven],
        ),
        claim("ledger: debits equal credits", count, [f"off by {total}"] if total else []),
    ]
