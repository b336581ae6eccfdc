"""Working off a business's own jobs, however many others wait in the same database."""

from __future__ import annotations

from uuid import UUID

from retail.runtime.db import Database
from retail.runtime.jobs import REGISTRY
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope


async def work_off(db: Database, *tenants: UUID) -> int:
    """Run what is due of these tenants by this database's clock, until nothing is; give how many ran.

    A worker's own list is of all tenants and ends at the oldest hundred: in a database that tests share, a job of the
    test's own may stand behind hundreds that other tests have left.
    """
    runner, ran = Runner(db), 0
    while due := [(tenant, id) for tenant in tenants for id in await _due(db, tenant)]:
        for tenant, id in due:
            assert await runner.run(tenant, id)
            ran += 1
    return ran


async def _due(db: Database, tenant: UUID) -> list[UUID]:
    async with db.read(Scope.system(tenant)) as read:
        rows = await read.fetch(
            """SELECT id FROM job
                WHERE tenant_id = $1 AND finished_at IS NULL AND failed_at IS NULL AND run_after <= $2
                  AND (claimed_until IS NULL OR claimed_until <= $2) AND name = ANY($3)
                ORDER BY run_after, id""",
            tenant, read.now, list(REGISTRY),
        )  # fmt: skip
    return [row["id"] for row in rows]
