"""The worker's part: every night the days that are over are judged, store by store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import job, progress
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.sales.events import SaleCompleted
from retail.tenants import queries as tenants
from retail.vigilance import customs, looking, scoring
from retail.vigilance.judging import JOB, judged_days, keep

PATIENCE: Final = 300
Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]


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


@job(looking.JOB, tries=3)
async def look(db: Database, scope: Scope) -> None:
    """Look at what the stores sold by the hours that are over; again in an hour, while somebody sells."""
    async with db.read(scope, seconds=PATIENCE) as read:
        stores = [one for one in await tenants.stores(read) if one.archived_at is None]
        found = await looking.look(read, stores)
    await db.run(scope, looking.keep, found)


@job(customs.JOB, tries=3, lease_seconds=300)
async def make_customs(db: Database, scope: Scope) -> None:
    """Work out what is usual in each store, and look at receipts of the last months that nobody looked at."""
    async with db.read(scope) as read:
        stores = [one for one in await tenants.stores(read) if one.archived_at is None]
    for done, store in enumerate(stores):
        await progress(done, len(stores))
        async with db.read(scope, seconds=PATIENCE) as read:
            found = await customs.custom_of(read, store)
        await db.run(scope, customs.keep, found)
    await progress(len(stores), len(stores))
    await _score(db, scope, all_of_them=True)


@job(scoring.JOB, tries=3, lease_seconds=300)
async def score_new(db: Database, scope: Scope) -> None:
    """Look at the receipts that came since the last look."""
    await _score(db, scope, all_of_them=False)


async def _score(db: Database, scope: Scope, *, all_of_them: bool) -> None:
    while True:
        async with db.read(scope, seconds=PATIENCE) as read:
            ids = await scoring.waiting(read, all_of_them=all_of_them)
        if not ids or not await db.run(scope, scoring.keep, ids):
            return


async def look_soon(tx: Tx, events: Sequence[Event]) -> None:
    """Have receipts looked at within about a minute, and their stores once the hour of a sale is over."""
    if events:
        await looking.look_soon(tx)
        await scoring.score_soon(tx)


PROJECTIONS: Final[dict[type[Event], Reaction]] = {SaleCompleted: look_soon}
