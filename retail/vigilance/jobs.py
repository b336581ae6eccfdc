"""The worker's part: every night the days that are over are judged, store by store."""

from __future__ import annotations

from retail.runtime.db import Database
from retail.runtime.jobs import job, progress
from retail.runtime.tenancy import Scope
from retail.tenants import queries as tenants
from retail.vigilance.judging import JOB, judged_days, keep

PATIENCE: int = 300


@job(JOB, tries=3, lease_seconds=300)
async def judge_days(db: Database, scope: Scope) -> None:
    """Judge what cashiers did beside the others; a store that was judged stays so if the next one fails."""
    async with db.read(scope) as read:
        stores = [one for one in await tenants.stores(read) if one.archived_at is None]
    for done, store in enumerate(stores):
        await progress(done, len(stores))
        async with db.read(scope, seconds=PATIENCE) as read:
            days = await judged_days(read, store)
        if days is not None:
            await db.run(scope, keep, days)
    await progress(len(stores), len(stores))
