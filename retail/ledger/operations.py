"""Opening the books and posting to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg

from retail.kit.ids import new_id
from retail.ledger.errors import EmptyBooks
from retail.ledger.rules import CHART, Entry, settled
from retail.runtime.db import Tx, Writing

_OPEN = """
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT $1, u.id, u.code, u.name, u.kind, u.purpose, $2
  FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) AS u (id, code, name, kind, purpose)
ON CONFLICT DO NOTHING
"""

# A purpose without an account becomes a NULL account_id, which the table refuses: no line is ever dropped in silence.
_POST: Final = Writing(
    (
        (
            "posted",
            """INSERT INTO journal_entry (tenant_id, id, store_id, kind, source_id, occurred_at, business_date,
                                      currency, memo, created_at)
           SELECT $1, u.id, u.store_id, u.kind, u.source_id, u.occurred_at, u.business_date, u.currency, u.memo, $2
             FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::timestamptz[], $8::date[], $9::text[],
                         $10::text[])
                  AS u (id, store_id, kind, source_id, occurred_at, business_date, currency, memo)""",
        ),
        (
            "posted_lines",
            """INSERT INTO journal_line (tenant_id, entry_id, position, account_id, amount_minor)
           SELECT $1, l.entry_id, l.position, a.id, l.amount_minor
             FROM unnest($11::uuid[], $12::smallint[], $13::text[], $14::bigint[])
                  AS l (entry_id, position, purpose, amount_minor)
             LEFT JOIN account a ON a.tenant_id = $1 AND a.purpose = l.purpose""",
        ),
    )
)


async def open_books(tx: Tx) -> None:
    """Give the tenant its chart of accounts; accounts that are there already stay as they are."""
    await tx.execute(
        _OPEN,
        tx.tenant,
        tx.now,
        [new_id() for _ in CHART],
        [account.code for account in CHART],
        [account.name for account in CHART],
        [account.kind for account in CHART],
        [account.purpose for account in CHART],
    )
    tx.audit("ledger.books_opened", "tenant", tx.tenant, accounts=len(CHART))


async def post(tx: Tx, entries: Sequence[Entry]) -> None:
    """Write entries with their lines; they go out with the next statement.

    A second entry of the same kind and source is refused by the database (asyncpg.UniqueViolationError): callers post
    beside the row that makes their own work happen once. Raises EmptyBooks where the tenant lacks an account.
    """
    if not entries:
        return
    lines = [
        (entry.id, position, purpose, amount)
        for entry in entries
        for position, (purpose, amount) in enumerate(settled(entry.postings), start=1)
    ]
    await tx.write(
        _POST,
        tx.tenant,
        tx.now,
        [entry.id for entry in entries],
        [entry.store for entry in entries],
        [entry.kind for entry in entries],
        [entry.source for entry in entries],
        [entry.occurred_at for entry in entries],
        [entry.business_date for entry in entries],
        [entry.currency for entry in entries],
        [entry.memo for entry in entries],
        [line[0] for line in lines],
        [line[1] for line in lines],
        [line[2] for line in lines],
        [line[3] for line in lines],
        explain=_lacking,
    )


def _lacking(error: asyncpg.PostgresError) -> EmptyBooks | None:
    return (
        EmptyBooks() if isinstance(error, asyncpg.NotNullViolationError) and error.column_name == "account_id" else None
    )
