"""Stored value adds up: balances are sums of moves, none is below its floor, and the books say the same."""

from __future__ import annotations

from typing import Final

from retail.runtime.checks import Check, claim
from retail.runtime.db import Read
from retail.value.rules import PURPOSES

_BALANCES: Final = """
SELECT a.id, a.balance_minor, coalesce(m.total, 0)::bigint AS total
  FROM value_account a
  LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM value_move WHERE tenant_id = $1 GROUP BY account_id) m
    ON m.account_id = a.id
 WHERE a.tenant_id = $1 ORDER BY a.id
"""
_BOOKS: Final = """
SELECT k.purpose, coalesce((SELECT sum(m.amount_minor) FROM value_move m
                              JOIN value_account a ON a.tenant_id = $1 AND a.id = m.account_id
                             WHERE m.tenant_id = $1 AND a.kind = k.kind), 0)::bigint AS moved,
       coalesce((SELECT -sum(l.amount_minor) FROM journal_line l
                   JOIN account b ON b.tenant_id = $1 AND b.id = l.account_id AND b.purpose = k.purpose
                  WHERE l.tenant_id = $1), 0)::bigint AS booked
  FROM unnest($2::text[], $3::text[]) AS k (kind, purpose)
"""


async def checks(read: Read) -> list[Check]:
    """Recompute every balance from its moves, and what the books hold of each kind."""
    rows = await read.fetch(_BALANCES, read.tenant)
    off = [
        f"account {row['id']} says {row['balance_minor']}, its moves {row['total']}"
        for row in rows
        if row["balance_minor"] != row["total"]
    ]
    books = await read.fetch(_BOOKS, read.tenant, list(PURPOSES), list(PURPOSES.values()))
    differ = [
        f"{row['purpose']}: moves {row['moved']}, books {row['booked']}"
        for row in books
        if row["moved"] != row["booked"]
    ]
    return [
        claim("value: every balance is the sum of its moves", len(rows), off),
        claim("value: what the books hold is what cards and customers have", len(books), differ),
    ]
