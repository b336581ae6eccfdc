"""The timetable as the operator reads it: which job is due when, whether it is paused or asked for now, how it ran.

What puts it into the job table is the worker's clock (workers/schedule.py), which asks here every few seconds; so a
pause holds for every worker from its next look on. A pause keeps what is due from being queued; what is queued runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _
from retail.runtime.db import Tx, Unit


def _said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


@dataclass(frozen=True, slots=True)
class Entry:
    """A job of the timetable: due every hour (`hour` None) or once a day from that hour on, in UTC."""

    job: str
    hour: int | None
    label: str

    @property
    def words(self) -> str:
        """Say what it does."""
        return _(self.label)

    def next_at(self, now: datetime) -> datetime:
        """Give when it is due next."""
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self.hour is None:
            return start + timedelta(hours=1)
        today = start.replace(hour=self.hour)
        return today if today > now else today + timedelta(days=1)


ENTRIES: Final = (
    Entry("billing.run", None, _said("Subscriptions: invoices, reminders, freezing")),
    Entry("console.fold_tallies", None, _said("What the overview counts is added up")),
    Entry("audit.anchor", 0, _said("Heads of the audit trails are kept outside")),
    Entry("upkeep.prune", 1, _said("Jobs that are done and old live messages are forgotten")),
    Entry("identity.forget_sign_ins", 1, _said("Old sign-ins and sessions are forgotten")),
    Entry("stock.keep_worth", 1, _said("What stock is worth is added up anew")),
    Entry("value.expire", 1, _said("What is left on gift cards that ran out becomes income")),
    Entry("sales.held_expire", 1, _said("Held sales that nobody came back for are cancelled")),
    Entry("layaways.overdue", 1, _said("Kept goods that nobody fetched in time are told of")),
    Entry("recommending.work_out", 1, _said("What is bought together is worked out anew")),
    Entry("segments.work_out", 1, _said("Segments, values and risks of customers are worked out anew")),
    Entry("foresight.forecast", 1, _said("What will be sold is forecast anew")),
    Entry("vigilance.judge", 1, _said("What cashiers did is held against the others")),
    Entry("vigilance.customs", 1, _said("What is usual in each store is worked out anew")),
    Entry("checks.nightly", 2, _said("Every balance is recomputed")),
    Entry("privacy.retention", 3, _said("Personal data whose time is over is removed")),
    Entry("notifications.expiring", 4, _said("Goods that expire soon are told")),
)
BY_JOB: Final = {entry.job: entry for entry in ENTRIES}
LOOKED_BACK: Final = timedelta(hours=24)


class PausedAlready(Conflict):
    """The job is paused, or goes on, already."""

    code = "paused_already"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody was faster: it stands already as you want it. Reload the page.")


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator said of a job."""

    paused_at: datetime | None = None
    paused_by: str | None = None
    asked_at: datetime | None = None
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Runs:
    """How a job ran in the last day, all businesses together; seconds of the last run and of the longest."""

    done: int = 0
    failed: int = 0
    waiting: int = 0
    running: int = 0
    last_at: datetime | None = None
    last_seconds: float | None = None
    longest: float | None = None
    last_error: str | None = None
    failed_at: datetime | None = None


def entry_of(job: str) -> Entry:
    """Give a job of the timetable. Raises NotFound."""
    if job not in BY_JOB:
        raise NotFound("job")
    return BY_JOB[job]


async def said_of_jobs(unit: Unit) -> dict[str, Said]:
    """Give what operators said, by job; jobs of which nobody said anything are left out."""
    rows = [dict(row) for row in await unit.fetch("SELECT * FROM auth_timetable()")]
    return {row.pop("job"): Said(**row) for row in rows}


async def runs_of_jobs(unit: Unit) -> dict[str, Runs]:
    """Give how each job of the timetable ran."""
    since = unit.now - LOOKED_BACK
    rows = await unit.fetch("SELECT * FROM auth_job_runs($1, $2, $3)", list(BY_JOB), unit.now, since)
    found = [dict(row) for row in rows]
    return {row.pop("job"): Runs(**row) for row in found}


async def pause(tx: Tx, job: str) -> None:
    """Keep a job from being queued until it goes on. `tx` is the platform's. Raises NotFound, PausedAlready."""
    entry = entry_of(job)
    if await tx.fetchval("SELECT auth_pause_job($1, $2, $3)", entry.job, tx.now, tx.actor.id) is None:
        raise PausedAlready
    tx.audit("timetable.paused", "job", None, job=entry.job)


async def resume(tx: Tx, job: str) -> None:
    """Let a job go on; a slot that has begun meanwhile is caught up. Raises NotFound, PausedAlready."""
    entry = entry_of(job)
    if await tx.fetchval("SELECT auth_resume_job($1)", entry.job) is None:
        raise PausedAlready
    tx.audit("timetable.resumed", "job", None, job=entry.job)


async def ask(tx: Tx, job: str) -> None:
    """Have a job run now, paused or not: the next worker that looks queues it. Asked for twice, it runs once."""
    entry = entry_of(job)
    if await tx.fetchval("SELECT auth_ask_job($1, $2, $3)", entry.job, tx.now, tx.actor.id) is not None:
        tx.audit("timetable.asked", "job", None, job=entry.job)


async def queued(unit: Unit, job: str, asked_at: datetime) -> None:
    """Note that a job that was asked for has been queued."""
    await unit.execute("SELECT auth_job_queued($1, $2)", job, asked_at)


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed for good, whose business it is ('' the platform's own), and the last error."""

    tenant_id: UUID
    slug: str | None
    business: str | None
    id: UUID
    name: str
    error: str | None
    attempts: int
    created_at: datetime
    failed_at: datetime


async def failed_jobs(
    unit: Unit, name: str, before: datetime | None, behind: UUID | None, most: int
) -> list[FailedJob]:
    """List jobs that failed for good, the last first."""
    rows = await unit.fetch("SELECT * FROM auth_failed_jobs($1, $2, $3, $4)", name, before, behind, most)
    return [FailedJob(**dict(row)) for row in rows]


async def failed_names(unit: Unit) -> dict[str, int]:
    """Count the jobs that failed for good, by name."""
    return {row["name"]: row["failed"] for row in await unit.fetch("SELECT * FROM auth_failed_job_names()")}


async def drop(tx: Tx, id: UUID) -> str:
    """Forget a job that failed for good; gives its name. Raises NotFound."""
    name: str | None = await tx.fetchval(
        "DELETE FROM job WHERE tenant_id = $1 AND id = $2 AND failed_at IS NOT NULL RETURNING name", tx.tenant, id
    )
    if name is None:
        raise NotFound("job")
    tx.audit("job.dropped", "job", id, kind=name)
    return name
