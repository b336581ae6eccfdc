"""How much of a sale is back: what every return starts from, and the lock that lets one come after the other."""

from __future__ import annotations

from uuid import UUID

from retail.runtime.db import Read, Tx


async def lock_returns(tx: Tx, original: UUID) -> None:
    """Lock what can still come back of a sale, until the commit.

    An advisory lock, because the application may not lock rows of a ledger that it may not change.
    """
    await tx.fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"returns:{tx.tenant}:{original}")


async def returned(read: Read, original: UUID) -> dict[UUID, int]:
    """Tell how much of each line of a sale is back already, in thousandths; lines of which nothing is are left out."""
    rows = await read.fetch(
        """SELECT original_line_id, (-sum(quantity) * 1000)::bigint AS milli FROM sale_line
            WHERE tenant_id = $1 AND original_sale_id = $2 AND original_line_id IS NOT NULL
            GROUP BY original_line_id""",
        read.tenant,
        original,
    )
    return {row["original_line_id"]: row["milli"] for row in rows}


async def next_return(read: Read, till: UUID) -> int:
    """Tell the number of a till's next return; two at once are kept apart by lock_numbers, or marked as a clash."""
    return int(
        await read.fetchval(
            "SELECT coalesce(max(number), 0) + 1 FROM sale WHERE tenant_id = $1 AND till_id = $2 AND kind = 'return'",
            read.tenant,
            till,
        )
    )
