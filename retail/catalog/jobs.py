"""What the catalogue does by itself: many changed at once, prices that turn at their moment, taxes at midnight."""

from __future__ import annotations

from uuid import UUID

from retail.catalog.changes import jobs as changing
from retail.catalog.prices.batches import BULK_JOB, count_chosen, settle_held, write_chunk
from retail.catalog.prices.folding import TURN_JOB, turn
from retail.catalog.prices.history import APPLY_JOB, apply_due
from retail.catalog.taxes.dating import RATE_JOB, apply_rates
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job, progress
from retail.runtime.tenancy import Scope

__all__ = ["changing"]


@job(TURN_JOB)
async def turn_prices(db: Database, scope: Scope) -> None:
    """Fold the prices of the lists that open or close now, and queue the next turn."""
    await db.run(scope, turn)


@job(APPLY_JOB)
async def apply_prices(db: Database, scope: Scope) -> None:
    """Apply the changes of prices whose moment has come."""
    await db.run(scope, apply_due)


@job(BULK_JOB, lease_seconds=120)
async def change_many(db: Database, scope: Scope, *, batch: str) -> None:
    """Write a batch's changes, CHUNK by CHUNK, then let all of them hold in one transaction."""
    id = UUID(batch)
    async with db.read(scope) as read:
        total = await count_chosen(read, id)
    await db.run(scope, _begin, id)
    done = 0
    after: UUID | None = None
    while True:
        after, seen = await db.run(scope, _write, id, after)
        done += seen
        await progress(min(done, total), total)
        if after is None:
            break
    await db.run(scope, settle_held, id)


@job(RATE_JOB)
async def apply_tax_rates(db: Database, scope: Scope) -> None:
    """Let the rates of tax hold whose day has begun, and queue the next one."""
    await db.run(scope, apply_rates)


async def _begin(tx: Tx, id: UUID) -> None:
    """Count what is passed over from the beginning again: an earlier run may have been cut short."""
    await hold(tx)
    await tx.execute("UPDATE price_batch SET passed_over = 0 WHERE tenant_id = $1 AND id = $2", tx.tenant, id)


async def _write(tx: Tx, id: UUID, after: UUID | None) -> tuple[UUID | None, int]:
    await hold(tx)
    return await write_chunk(tx, id, after)
