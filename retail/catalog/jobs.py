"""What the catalogue does by itself: many changed at once, prices that turn at their moment, taxes at midnight."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from retail.catalog.changes import jobs as changing
from retail.catalog.prices.applying import APPLY_JOB, apply_portion
from retail.catalog.prices.batches import BULK_JOB, count_chosen, settle_held, tell, write_chunk
from retail.catalog.prices.batches import batch as facts_of
from retail.catalog.prices.folding import TURN_JOB, turn
from retail.catalog.prices.undoing import UNDO_JOB, end_undoing, undo_portion
from retail.catalog.taxes.dating import RATE_JOB, apply_rates
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job, progress
from retail.runtime.portions import Bar, walk
from retail.runtime.tenancy import Scope

__all__ = ["changing"]


@job(TURN_JOB)
async def turn_prices(db: Database, scope: Scope) -> None:
    """Fold the prices of the lists that open or close now, and queue the next turn."""
    await db.run(scope, turn)


@job(APPLY_JOB, lease_seconds=120)
async def apply_prices(db: Database, scope: Scope) -> None:
    """Apply the changes of prices whose moment has come, portion by portion."""
    while (await db.run(scope, apply_portion))[1]:
        pass


@job(BULK_JOB, lease_seconds=120)
async def change_many(db: Database, scope: Scope, *, batch: str) -> None:
    """Write a batch's changes, PORTION by PORTION; when all are there, apply them, or tell tills of them, likewise."""
    id = UUID(batch)
    async with db.read(scope) as read:
        facts, total = await facts_of(read, id), await count_chosen(read, id)
    if facts.ready_at is None:
        await db.run(scope, _begin, id)
        await walk(db, scope, partial(write_chunk, id=id), Bar(0, total, 2 * total))
        await db.run(scope, settle_held, id)
    if facts.effective_at is not None:
        await walk(db, scope, partial(tell, id=id), Bar(total, 2 * total, 2 * total))
        return
    done, more = total, True
    while more:
        changed, more = await db.run(scope, apply_portion)
        done += changed
        await progress(min(done, 2 * total), 2 * total)


@job(UNDO_JOB, lease_seconds=120)
async def undo_many(db: Database, scope: Scope, *, batch: str, actor: str) -> None:
    """Undo a batch's changes, portion by portion."""
    id = UUID(batch)
    async with db.read(scope) as read:
        total = (await facts_of(read, id)).products
    step = partial(undo_portion, id=id, actor=UUID(actor) if actor else None)
    await walk(db, scope, step, Bar(0, total, total))
    await db.run(scope, end_undoing, id)


@job(RATE_JOB)
async def apply_tax_rates(db: Database, scope: Scope) -> None:
    """Let the rates of tax hold whose day has begun, and queue the next one."""
    await db.run(scope, apply_rates)


async def _begin(tx: Tx, id: UUID) -> None:
    """Count what is passed over from the beginning again: an earlier run may have been cut short."""
    await hold(tx)
    await tx.execute("UPDATE price_batch SET passed_over = 0 WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
