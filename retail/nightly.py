"""The nightly proof: every balance is recomputed while the shop sleeps, and a difference is told at the bell."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from retail.checks import PATIENCE, run_checks
from retail.runtime.checks import Check
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

JOB: Final = "checks.nightly"


@job(JOB, tries=3, lease_seconds=300)
async def prove(db: Database, scope: Scope) -> None:
    """Run a tenant's checks; where one is red, post the notice "checks_failed" and write a line into the log."""
    async with db.read(scope, seconds=PATIENCE) as read:
        red = [check for check in await run_checks(read) if not check.ok]
    if red:
        logger.error("Checks of tenant %s are red: %s", scope.tenant, "; ".join(check.name for check in red))
        await db.run(scope, _tell, red)


async def _tell(tx: Tx, red: Sequence[Check]) -> None:
    await hold(tx)
    await post_notice(tx, "checks_failed", checks=[{"name": check.name, "detail": check.detail} for check in red])
