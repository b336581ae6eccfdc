"""The worker's part in changing many products: part after part, with its progress, until it is done or stopped."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.catalog.changes import running
from retail.catalog.products.limits import PlanFull
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, hold, job
from retail.runtime.tenancy import Actor, Scope

JOB: Final = "catalog.change_products"


async def begin(tx: Tx, change: UUID) -> bool:
    """Do a change at once where it is small, else have the worker do it; claims that it is done. Raises PlanFull."""
    wanted = await tx.fetchval("SELECT wanted FROM bulk_change WHERE tenant_id = $1 AND id = $2", tx.tenant, change)
    if wanted <= running.AT_ONCE:
        await running.take(tx, change)
        return True
    await enqueue(tx, JOB, {"change": str(change)}, id=change)
    return False


@job(JOB, lease_seconds=120)
async def change_products(db: Database, scope: Scope, *, change: str) -> None:
    """Go on with a change in the name of who asked for it; another try goes on where the last one was."""
    id = UUID(change)
    async with db.read(scope) as read:
        row = await read.fetchrow(
            "SELECT actor_id, actor_name FROM bulk_change WHERE tenant_id = $1 AND id = $2", read.tenant, id
        )
    if row is None:  # older than changes are kept
        return
    acting = Scope(scope.tenant, Actor("person", row["actor_id"], row["actor_name"])) if row["actor_id"] else scope
    try:
        while await db.run(acting, _part, id):
            pass
    except PlanFull:
        await db.run(acting, running.refuse, id)


async def _part(tx: Tx, change: UUID) -> bool:
    await hold(tx)
    return await running.take(tx, change)
