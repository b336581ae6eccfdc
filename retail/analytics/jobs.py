"""Reactions of analytics: every completed sale goes into the rollups right behind its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.analytics import operations
from retail.analytics.operations import PACE_JOB, project_sales
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.sales.events import SaleCompleted

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]


@job(PACE_JOB)
async def refresh_pace(db: Database, scope: Scope) -> None:
    """Work out anew how fast each product sells; queued by the first sale of a business day."""
    async with db.begin(scope) as tx:
        await hold(tx)
        await operations.refresh_pace(tx)


PROJECTIONS: Final[dict[type[Event], Reaction]] = {SaleCompleted: project_sales}
