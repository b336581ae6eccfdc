"""Work that outlasts a request: rows first, a lease, a fence, another try later, and an error that stays to be read.

A job may run twice (its worker was killed after the work and before the row said so), so a job is idempotent: it begins
its own transactions and, where a second run would do harm, calls `hold(tx)` in the transaction that has the effect.
That locks the job's row and raises LostClaim if another run has taken over meanwhile, so an old worker that wakes up
late can't write.

    @job("stock.export")
    async def export(db: Database, scope: Scope, *, store: str) -> None: ...

    await enqueue(tx, "stock.export", {"store": str(store)})
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope

Body = Callable[..., Awaitable[None]]

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
"""How long to wait after the first, second … failure; the last one repeats."""


class LostClaim(RuntimeError):
    """Another run has taken this job over: its lease ran out while this one was held up. Nothing more is written."""


class UnknownJob(LookupError):
    """A job's name is not in the registry."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job: its body, how often it is tried, how long it may go without a sign of life."""

    name: str
    body: Body
    tries: int
    lease: timedelta


REGISTRY: dict[str, JobKind] = {}


def job(name: str, *, tries: int = 6, lease_seconds: int = 60) -> Callable[[Body], Body]:
    """Register the body of a kind of job: `async def body(db, scope, **args) -> None`, idempotent.

    The lease is renewed while the body runs; it only decides how soon another worker goes on after a crash.
    """

    def register(body: Body) -> Body:
        if name in REGISTRY:
            raise TypeError(f"two kinds of job are called {name!r}")
        REGISTRY[name] = JobKind(name, body, tries, timedelta(seconds=lease_seconds))
        return body

    return register


@dataclass(frozen=True)
class JobQueued(Event):
    """A job waits to be run, from `run_after` on."""

    name: ClassVar[str] = "job.queued"
    job: UUID
    run_after: datetime


@dataclass(frozen=True)
class JobMoved(Event):
    """A job got on, was done, or failed for good (`state`: running, waiting, done, failed)."""

    name: ClassVar[str] = "job.moved"
    job: UUID
    kind: str
    state: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job until the lease ends. `fence` grows with each claim; only the newest may write.

    `attempt` counts 1, 2 … the tries that were not cut short by a shutdown.
    """

    tenant: UUID
    id: UUID
    name: str
    args: Mapping[str, Any]
    fence: int
    attempt: int


_running: ContextVar[tuple[Database, Claim] | None] = ContextVar("running_job", default=None)


async def enqueue(
    tx: Tx,
    name: str,
    args: Mapping[str, object] | None = None,
    run_after: datetime | None = None,
    *,
    id: UUID | None = None,
) -> UUID:
    """Store a job that runs once this transaction commits, or at `run_after`. Emits JobQueued.

    With an `id` of the caller's own, a second enqueue of the same id does nothing: once per day, once per upload.
    Raises UnknownJob.
    """
    if name not in REGISTRY:
        raise UnknownJob(name)
    chosen, due = id or new_id(), run_after or tx.now
    made = await tx.fetchval(
        """INSERT INTO job (tenant_id, id, name, args, created_at, run_after) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant, chosen, name, json.dumps(args or {}, default=str), tx.now, due,
    )  # fmt: skip
    if made is not None:
        tx.emit(JobQueued(chosen, due))
    return chosen


async def claim(tx: Tx, id: UUID) -> Claim | None:
    """Take a due job that nobody holds; None where there is none. Locks the row; a crash gives it back at lease end."""
    row = await tx.fetchrow(
        """SELECT name, args, attempts, fence FROM job
            WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL AND failed_at IS NULL AND run_after <= $3
              AND (claimed_until IS NULL OR claimed_until <= $3)
              FOR UPDATE SKIP LOCKED""",
        tx.tenant, id, tx.now,
    )  # fmt: skip
    if row is None:
        return None
    kind = REGISTRY.get(row["name"])
    if kind is None:  # a newer version's job: its worker will come
        return None
    taken = Claim(tx.tenant, id, row["name"], json.loads(row["args"]), row["fence"] + 1, row["attempts"] + 1)
    if row["attempts"] >= kind.tries:
        await give_up(tx, taken, "Its worker died each time.")
        return None
    await tx.execute(
        """UPDATE job SET claimed_until = $3, attempts = attempts + 1, fence = fence + 1, started_at = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, tx.now + kind.lease, tx.now,
    )  # fmt: skip
    return taken


async def renew(tx: Tx, mine: Claim) -> bool:
    """Prolong the lease; claims that the job is still ours."""
    tag = await tx.execute(
        """UPDATE job SET claimed_until = $4
            WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND finished_at IS NULL AND failed_at IS NULL""",
        tx.tenant, mine.id, mine.fence, tx.now + REGISTRY[mine.name].lease,
    )  # fmt: skip
    return tag == "UPDATE 1"


async def finish(tx: Tx, mine: Claim) -> None:
    """Mark the job done. Emits JobMoved. Raises LostClaim."""
    row = await tx.fetchrow(
        """UPDATE job SET finished_at = $4, claimed_until = NULL, error = NULL
            WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND finished_at IS NULL AND failed_at IS NULL
        RETURNING done, total""",
        tx.tenant, mine.id, mine.fence, tx.now,
    )  # fmt: skip
    if row is None:
        raise LostClaim(mine.name)
    tx.emit(JobMoved(mine.id, mine.name, "done", row["done"], row["total"]))


async def put_off(tx: Tx, mine: Claim, error: str) -> None:
    """Note a failure: try again after a pause, or give up where all tries are used. Raises LostClaim."""
    if mine.attempt >= REGISTRY[mine.name].tries:
        await give_up(tx, mine, error)
        return
    pause = PAUSES[min(mine.attempt, len(PAUSES)) - 1]
    tag = await tx.execute(
        """UPDATE job SET run_after = $4, claimed_until = NULL, error = $5
            WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND finished_at IS NULL AND failed_at IS NULL""",
        tx.tenant, mine.id, mine.fence, tx.now + pause, error[:4000],
    )  # fmt: skip
    if tag != "UPDATE 1":
        raise LostClaim(mine.name)
    tx.emit(JobMoved(mine.id, mine.name, "waiting", 0, 0))


async def give_back(tx: Tx, mine: Claim) -> None:
    """Leave a job that a shutdown cut short to the next worker, at once; it doesn't count as a try."""
    await tx.execute(
        """UPDATE job SET claimed_until = NULL, attempts = attempts - 1
            WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND finished_at IS NULL AND failed_at IS NULL""",
        tx.tenant, mine.id, mine.fence,
    )  # fmt: skip


async def give_up(tx: Tx, mine: Claim, error: str) -> None:
    """Mark the job failed for good and keep the error. Emits JobMoved."""
    await tx.execute(
        """UPDATE job SET failed_at = $3, claimed_until = NULL, error = concat_ws(' ', $4::text, error)
            WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL AND failed_at IS NULL""",
        tx.tenant, mine.id, tx.now, error[:4000],
    )  # fmt: skip
    tx.audit("job.failed", "job", mine.id, kind=mine.name)
    tx.emit(JobMoved(mine.id, mine.name, "failed", 0, 0))


async def try_again(tx: Tx, id: UUID) -> bool:
    """Take a job that failed for good up again, with all its tries; claims that there was one. Emits JobQueued."""
    tag = await tx.execute(
        """UPDATE job SET failed_at = NULL, attempts = 0, run_after = $3, claimed_until = NULL
            WHERE tenant_id = $1 AND id = $2 AND failed_at IS NOT NULL""",
        tx.tenant, id, tx.now,
    )  # fmt: skip
    if tag == "UPDATE 1":
        tx.audit("job.taken_up_again", "job", id)
        tx.emit(JobQueued(id, tx.now))
    return tag == "UPDATE 1"


async def hold(tx: Tx) -> None:
    """Prove, in the transaction that has the effect, that this run still owns its job. Locks the row. LostClaim."""
    mine = _mine()[1]
    held = await tx.fetchval(
        """SELECT id FROM job WHERE tenant_id = $1 AND id = $2 AND fence = $3
              AND finished_at IS NULL AND failed_at IS NULL FOR UPDATE""",
        tx.tenant, mine.id, mine.fence,
    )  # fmt: skip
    if held is None:
        raise LostClaim(mine.name)


async def progress(done: int, total: int) -> None:
    """Tell how far the running job is, outside of any transaction; shown on topic job:{id}. Raises LostClaim.

    Call it a few times a second at most.
    """
    db, mine = _mine()
    async with db.begin(Scope.system(mine.tenant)) as tx:
        tag = await tx.execute(
            """UPDATE job SET done = $4, total = $5
                WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND finished_at IS NULL AND failed_at IS NULL""",
            tx.tenant, mine.id, mine.fence, done, total,
        )  # fmt: skip
        if tag != "UPDATE 1":
            raise LostClaim(mine.name)
        tx.emit(JobMoved(mine.id, mine.name, "running", done, total))


def current_job() -> UUID:
    """Name the job that this code runs in. Raises RuntimeError outside of one."""
    return _mine()[1].id


def _mine() -> tuple[Database, Claim]:
    running = _running.get()
    if running is None:
        raise RuntimeError("This is only meant for the body of a job.")
    return running


async def run_body(db: Database, mine: Claim) -> None:
    """Run a claimed job's body with its context; whatever it raises goes on."""
    token = _running.set((db, mine))
    try:
        await REGISTRY[mine.name].body(db, Scope.system(mine.tenant), **mine.args)
    finally:
        _running.reset(token)
