"""A backup that failed is told: by mail to operators, who can do something about it, and at the bell of each business.

Backups are made by the database's own tools, outside of the product, so whatever makes them has to say so: the command
`countertop alarm backup`. Owners hear that it happened and not why: the reason names the installation's own places.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.mail import Verbatim, compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope

ACTION: Final = "backup.failed"
NOTICE: Final = "backup_failed"
AGAIN: Final = timedelta(days=1)
"""A backup that is tried every hour fails every hour; the same reason is told again after this long."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('backup failed', 0))"
_TOLD: Final = """
SELECT true FROM audit_event
 WHERE tenant_id = $1 AND action = $2 AND at > $3 AND facts ->> 'why' = $4 LIMIT 1
"""


async def tell_failed_backup(db: Database, why: str) -> int:
    """Tell operators by mail, once a day for each reason, and every business, once a day; the number mailed. Busy."""
    async with db.platform() as unit:
        operators = [row["email"] for row in await unit.fetch("SELECT auth_operators() AS email")]
        businesses = [row["id"] for row in await unit.fetch("SELECT id FROM auth_tenants()")]
    mailed: int = await db.run(Scope.system(PLATFORM), _mail, why, sorted(set(operators)))
    for business in businesses:
        await db.run(Scope.system(business), _notice)
    return mailed


async def _mail(tx: Tx, why: str, operators: list[str]) -> int:
    await tx.fetchval(_LOCK)
    if await tx.fetchval(_TOLD, tx.tenant, ACTION, tx.now - AGAIN, why):
        return 0
    for address in operators:
        at = f"{tx.now:%Y-%m-%d %H:%M}"
        mail = compose("backup_failed", address, essential=True, why=Verbatim(why), at=at)
        await queue(tx, mail)
    tx.audit(ACTION, "backup", None, why=why, mailed=len(operators))
    return len(operators)


async def _notice(tx: Tx) -> None:
    day = tx.now.date().isoformat()
    await post_notice(tx, NOTICE, key=day, day=day)
