"""Each night what is left on gift cards whose last day is over becomes income."""

from __future__ import annotations

from typing import Final

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.tenancy import Scope
from retail.value.desk import let_expire

JOB: Final = "value.expire"
_BOOKS: Final = "SELECT id FROM store WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1"


@job(JOB, tries=3, lease_seconds=120)
async def run_out(db: Database, scope: Scope) -> None:
    """Take them off, some hundred at once, in the books of the first store; safe to run twice."""
    while await db.run(scope, _some):
        continue


async def _some(tx: Tx) -> int:
    await hold(tx)
    store = await tx.fetchval(_BOOKS, tx.tenant)
    return 0 if store is None else await let_expire(tx, store)
