"""The timetable: which job is due when, for every tenant or for all at once. A slot has its own id: it runs once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from retail import anchoring, nightly
from retail.billing import jobs as billing_jobs
from retail.console import jobs as console_jobs
from retail.foresight import operations as foresight
from retail.identity import sign_ins_jobs
from retail.notifications import expiring
from retail.privacy import retention
from retail.recommending import operations as recommending
from retail.runtime import jobs, timetable, upkeep
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope
from retail.sales import held_jobs
from retail.sales.layaways import jobs as layaway_jobs
from retail.segments import operations as segments
from retail.stock import keeping
from retail.value import jobs as value_jobs
from retail.vigilance import customs, judging

_NAMESPACE: Final = UUID("6f2c1d0a-52f4-4c44-9a52-0a7a3d3c9b11")


@dataclass(frozen=True, slots=True)
class Nightly:
    """A job that is due once a day from `hour` (UTC) on, tenants spread over an hour."""

    job: str
    hour: int

    def slot(self, now: datetime) -> datetime | None:
        """Name the slot that has begun today, if it has."""
        start = now.astimezone(UTC).replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return start if start <= now else None


@dataclass(frozen=True, slots=True)
class Hourly:
    """A job that is due once every hour, once for all tenants: it runs as the platform's own."""

    job: str

    def slot(self, now: datetime) -> datetime | None:
        """Name the hour that has begun."""
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


TIMETABLE: Final = (
    Hourly(billing_jobs.RUN_JOB),
    Hourly(console_jobs.FOLD_JOB),
    Nightly(anchoring.JOB, 0),
    Nightly(upkeep.JOB, 1),
    Nightly(sign_ins_jobs.JOB, 1),
    Nightly(keeping.JOB, 1),
    Nightly(value_jobs.JOB, 1),
    Nightly(held_jobs.JOB, 1),
    Nightly(layaway_jobs.JOB, 1),
    Nightly(recommending.JOB, 1),
    Nightly(segments.JOB, 1),
    Nightly(foresight.JOB, 1),
    Nightly(judging.JOB, 1),
    Nightly(customs.JOB, 1),
    Nightly(nightly.JOB, 2),
    Nightly(retention.JOB, 3),
    Nightly(expiring.JOB, 4),
)


def slot_id(job: str, slot: datetime) -> UUID:
    """Give the id under which a slot's job is stored, the same in every worker."""
    return uuid.uuid5(_NAMESPACE, f"{job}@{slot.isoformat()}")


class Clock:
    """Puts what the timetable says into the job table; any number of workers may run one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._done: dict[str, datetime] = {}

    async def tick(self) -> int:
        """Queue what has become due since the last tick, and what was asked for; give the number of slots. Busy.

        What is paused isn't queued; once it goes on, the slot that has begun is.
        """
        now, begun = self._db.clock.now(), 0
        async with self._db.platform() as unit:
            said = await timetable.said_of_jobs(unit)
        for entry in TIMETABLE:
            slot, told = entry.slot(now), said.get(entry.job, timetable.Said())
            if told.asked_at is not None:
                await self._queue(entry, told.asked_at, spread=False)
                async with self._db.platform() as unit:
                    await timetable.queued(unit, entry.job, told.asked_at)
                begun += 1
            if slot is not None and told.paused_at is None and self._done.get(entry.job) != slot:
                await self._queue(entry, slot)
                self._done[entry.job] = slot
                begun += 1
        return begun

    async def _queue(self, entry: Nightly | Hourly, slot: datetime, *, spread: bool = True) -> None:
        if isinstance(entry, Hourly):
            await self._db.run(Scope.system(PLATFORM), _queue_for_all, entry.job, slot)
            return
        async with self._db.platform() as unit:
            tenants = [row["id"] for row in await unit.fetch("SELECT id FROM auth_tenants()")]
        for tenant in tenants:
            await self._db.run(Scope.system(tenant), _queue_slot, entry.job, slot, spread=spread)


async def _queue_slot(tx: Tx, job: str, slot: datetime, *, spread: bool) -> None:
    later = timedelta(seconds=tx.tenant.int % 3600 if spread else 0)
    await jobs.enqueue(tx, job, run_after=slot + later, id=slot_id(job, slot))


async def _queue_for_all(tx: Tx, job: str, slot: datetime) -> None:
    await jobs.enqueue(tx, job, run_after=slot, id=slot_id(job, slot))
    await upkeep.forget_done_jobs(tx)
    await upkeep.forget_counts(tx)
