"""Running due jobs in a worker: claim, keep the lease alive, finish or put off; never two runs of a row at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

from retail.kit.errors import Busy
from retail.runtime import jobs
from retail.runtime.db import Database
from retail.runtime.jobs import Claim, LostClaim
from retail.runtime.tasks import end
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

_BUSY_SECONDS: Final = 0.5


class Runner:
    """Run jobs of any tenant, at most `most` at a time in this process.

    The row's lease keeps other processes off; `_under_way` keeps a second ring of the same process off.
    """

    def __init__(self, db: Database, *, most: int = 8) -> None:
        self._db = db
        self._turns = asyncio.Semaphore(most)
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    def start(self, tenant: UUID, id: UUID) -> None:
        """Run a job in the background unless it runs here already; returns at once."""
        if id not in self._under_way:
            task = asyncio.create_task(self._in_turn(tenant, id), name=f"job {id}")
            self._under_way[id] = task
            task.add_done_callback(lambda _task: self._under_way.pop(id, None))

    async def _in_turn(self, tenant: UUID, id: UUID) -> None:
        async with self._turns:
            try:
                await self.run(tenant, id)
            except Exception:
                logger.exception("Job %s could not be run; it is looked at again within a minute.", id)

    async def run(self, tenant: UUID, id: UUID) -> bool:
        """Claim and run one job to its end, whatever that is; claims that it was ours to run."""
        mine = await self._db.run(Scope.system(tenant), jobs.claim, id)
        if mine is None:
            return False
        try:
            await self._run_leased(mine)
            await self._settle(mine, jobs.finish)
        except LostClaim:
            logger.warning("Job %s (%s) was taken over by another worker; this run ends.", mine.id, mine.name)
        except asyncio.CancelledError:
            with suppress(Busy):  # then the lease runs out
                await asyncio.shield(self._db.run(Scope.system(tenant), jobs.give_back, mine))
            raise
        except Exception as error:
            logger.exception("Job %s (%s) failed, try %d.", mine.id, mine.name, mine.attempt)
            with suppress(LostClaim):
                await self._settle(mine, jobs.put_off, f"{type(error).__name__}: {error}")
        return True

    async def _run_leased(self, mine: Claim) -> None:
        body = asyncio.create_task(jobs.run_body(self._db, mine))
        lease = asyncio.create_task(self._keep_lease(mine))
        try:
            await asyncio.wait({body, lease}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end([body, lease])
        if not body.cancelled():
            body.result()
        elif not lease.cancelled():
            lease.result()

    async def _keep_lease(self, mine: Claim) -> None:
        pause = jobs.REGISTRY[mine.name].lease.total_seconds() / 3
        while True:
            await asyncio.sleep(pause)
            try:
                held = await self._db.run(Scope.system(mine.tenant), jobs.renew, mine)
            except Busy:
                continue  # no database, no second worker either; the fence decides afterwards
            if not held:
                raise LostClaim(mine.name)

    async def _settle(self, mine: Claim, how: Callable[..., Awaitable[None]], *args: str) -> None:
        """Write down how a run ended; where the database is away, again until the lease would have run out."""
        patience = asyncio.get_running_loop().time() + jobs.REGISTRY[mine.name].lease.total_seconds()
        while True:
            try:
                await self._db.run(Scope.system(mine.tenant), how, mine, *args)
            except Busy:
                if asyncio.get_running_loop().time() > patience:
                    raise
                await asyncio.sleep(_BUSY_SECONDS)
            else:
                return

    async def due(self, most: int = 100) -> list[tuple[UUID, UUID]]:
        """List (tenant, job) of what waits to be run, oldest first."""
        async with self._db.platform() as unit:
            rows = await unit.fetch("SELECT tenant_id, id FROM due_jobs($1, $2)", unit.now, most)
        return [(row["tenant_id"], row["id"]) for row in rows]

    async def stop(self, grace: float) -> None:
        """Let running jobs end within `grace` seconds, then cancel them: they are given back, not lost."""
        running = set(self._under_way.values())
        if not running:
            return
        _done, late = await asyncio.wait(running, timeout=grace)
        await end(late)
