"""Reactions of analytics: every completed sale goes into the rollups right behind its commit; the worker rebuilds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.analytics.rollups import pace
from retail.analytics.rollups.categories import follow_products
from retail.analytics.rollups.keeping import project_sales
from retail.analytics.rollups.pace import PACE_JOB
from retail.analytics.rollups.rebuilding import JOB, rebuild_all
from retail.catalog.events import CatalogueChanged
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job, progress
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.sales.events import SaleCompleted

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]


@job(PACE_JOB)
async def refresh_pace(db: Database, scope: Scope) -> None:
    """Work out anew how fast each product sells; queued by the first sale of a business day."""
    async with db.begin(scope) as tx:
        await hold(tx)
        await pace.refresh_pace(tx)


@job(JOB, tries=3, lease_seconds=120)
async def rebuild(db: Database, scope: Scope) -> None:
    """Work out every rollup of a business anew, month by month; each month is right whenever it stops."""
    await rebuild_all(db, scope, progress)


PROJECTIONS: Final[dict[type[Event], Reaction]] = {SaleCompleted: project_sales, CatalogueChanged: follow_products}
