"""An operator freezes a business, or ends that: its owners are told at the bell and by mail, with the reason."""

from __future__ import annotations

from typing import Final

from retail.console.businesses import note_on_platform
from retail.identity.entry_mail import owners
from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.tenants.life import ACTIVE, FROZEN, WrongStep, settle, step
from retail.tenants.queries import this_tenant

NOTICES: Final = {False: "business_frozen", True: "business_thawed"}


async def freeze(db: Database, acting: Scope, reason: str, base_url: str, *, thaw: bool) -> None:
    """Freeze a business, or end that: then it stands as its bills decide. Raises WrongStep."""
    await db.run(acting, _thaw if thaw else _freeze, reason, base_url)
    await note_on_platform(db, acting, "tenant.thawed" if thaw else "tenant.frozen", reason=reason)


async def _freeze(tx: Tx, reason: str, base_url: str) -> None:
    await step(tx, FROZEN, reason=reason)
    await _tell(tx, reason, base_url, thawed=False)


async def _thaw(tx: Tx, reason: str, base_url: str) -> None:
    before = await tx.fetchval("SELECT status FROM tenant WHERE id = $1 FOR NO KEY UPDATE", tx.tenant)
    if before != FROZEN:
        raise WrongStep(before, ACTIVE)
    await settle(tx, lift=True, reason=reason)
    await _tell(tx, reason, base_url, thawed=True)


async def _tell(tx: Tx, reason: str, base_url: str, *, thawed: bool) -> None:
    facts = await this_tenant(tx)
    await post_notice(tx, NOTICES[thawed], key=str(new_id()), reason=reason)
    for email in await owners(tx):
        try:
            letter = compose(
                NOTICES[thawed], email, tenant=facts, link=f"{base_url}/t/{facts.slug}/messages", essential=True,
                reason=reason,
            )  # fmt: skip
        except BadAddress:
            continue
        await queue(tx, letter)
