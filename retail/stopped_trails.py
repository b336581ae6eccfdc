"""An audit trail that is not sealed any more is told at once: at the business's bell, and by mail to those who answer.

The mail and the notice are stored beside the trail, not on it, so they are told though nothing is sealed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.identity.queries import members
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.mail import compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.tenants.queries import this_tenant

ACTION: Final = "audit.stopped"
NOTICE: Final = "audit_stopped"
AGAIN: Final = timedelta(days=1)
"""A worker that starts anew finds the same trail stopped; it is told again after this long."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('audit stopped ' || $1::text, 0))"
_TOLD: Final = """
SELECT true FROM audit_event
 WHERE tenant_id = $1 AND action = $2 AND at > $3 AND facts ->> 'why' = $4 LIMIT 1
"""


async def tell_stopped(db: Database, chain: UUID, why: str) -> None:
    """Tell a business's owners and all operators that its trail is not sealed any more; the platform's operators alone.

    Told once a day however many workers find it. Raises Busy.
    """
    async with db.platform() as unit:
        operators = [row["email"] for row in await unit.fetch("SELECT auth_operators() AS email")]
    await db.run(Scope.system(chain), _tell, why, operators)


async def _tell(tx: Tx, why: str, operators: list[str]) -> None:
    await tx.fetchval(_LOCK, str(tx.tenant))
    if await tx.fetchval(_TOLD, tx.tenant, ACTION, tx.now - AGAIN, why):
        return
    facts, to = None, set(operators)
    if tx.tenant != PLATFORM:
        facts = await this_tenant(tx)
        to |= {member.email for member in await members(tx) if member.role == "owner"}
        await post_notice(tx, NOTICE, why=why)
    for address in sorted(to):
        mail = compose("audit_stopped", address, tenant=facts, essential=True, why=why, at=f"{tx.now:%Y-%m-%d %H:%M}")
        await queue(tx, mail)
    tx.audit(ACTION, "audit", None, why=why, mailed=len(to))
