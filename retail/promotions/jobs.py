"""The worker's part in trying an offer on past baskets."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.promotions import trials
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, hold, job
from retail.runtime.tenancy import Scope

JOB: Final = "promotions.try_offer"


async def start(tx: Tx, offer: UUID) -> UUID:
    """Have the worker try an offer on the last 30 days; one trial of it at a time. Raises NotFound."""
    trial = await trials.begin(tx, offer)
    return await enqueue(tx, JOB, {"trial": str(trial)}, id=trial)


@job(JOB, lease_seconds=120)
async def try_offer(db: Database, scope: Scope, *, trial: str) -> None:
    """Go on with a trial until it is done or stopped; another try goes on where the last one was."""
    while await db.run(scope, _part, UUID(trial)):
        pass


async def _part(tx: Tx, trial: UUID) -> bool:
    await hold(tx)
    return await trials.walk(tx, trial)
