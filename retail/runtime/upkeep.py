"""The nightly broom: rows that have done their work are forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import job
from retail.runtime.realtime import history
from retail.runtime.tenancy import Scope

JOB: Final = "upkeep.prune"
JOBS_KEPT: Final = timedelta(days=7)
COUNTS_KEPT: Final = timedelta(days=31)


@job(JOB)
async def prune(db: Database, scope: Scope) -> None:
    """Forget jobs that were done a week ago (those that failed stay to be read) and old live messages."""
    await db.run(scope, forget_done_jobs)
    await db.run(scope, history.prune)
    await db.run(scope, forget_counts)


async def forget_counts(tx: Tx) -> None:
    """Forget counts of what concerned security a month ago and longer."""
    await tx.execute("SELECT auth_forget_security_counts($1)", tx.now - COUNTS_KEPT)


async def forget_done_jobs(tx: Tx) -> int:
    """Delete jobs that were done a week ago; give their number."""
    tag = await tx.execute("DELETE FROM job WHERE tenant_id = $1 AND finished_at < $2", tx.tenant, tx.now - JOBS_KEPT)
    return int(tag.split()[-1])
