"""Jobs: rows first, one run at a time, another try later, an error that stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from retail.kit.clock import FixedClock, SystemClock
from retail.kit.ids import new_id
from retail.runtime import jobs, upkeep
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import Claim, LostClaim, enqueue, job
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from tests.support.bells import Tenant, make_tenant

ran: list[str] = []
gates: dict[str, asyncio.Event] = {}


@job("test.note")
async def note(db: Database, scope: Scope, *, text: str) -> None:
    ran.append(text)


@job("test.fail", tries=3)
async def fail(db: Database, scope: Scope, *, text: str) -> None:
    ran.append(text)
    raise ValueError("no paper")


@job("test.wait", lease_seconds=1)
async def wait(db: Database, scope: Scope, *, text: str) -> None:
    ran.append(text)
    await gates[text].wait()
    async with db.begin(scope) as tx:
        await jobs.hold(tx)
        ran.append(f"{text} wrote")


@job("test.steps")
async def steps(db: Database, scope: Scope) -> None:
    await jobs.progress(1, 2)
    await jobs.progress(2, 2)


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    ran.clear()
    return await make_tenant(db)


@pytest.fixture
async def clock(db: Database) -> AsyncIterator[FixedClock]:
    """A clock to move; the database goes on with the real one afterwards."""
    fixed = FixedClock(db.clock.now())
    db.clock = fixed
    yield fixed
    db.clock = SystemClock()


async def put(tenant: Tenant, name: str, **args: Any) -> UUID:
    return await tenant.db.run(tenant.scope, enqueue, name, args)


async def row(tenant: Tenant, id: UUID) -> dict[str, Any]:
    async with tenant.db.read(tenant.scope) as read:
        return dict(await read.fetchrow("SELECT * FROM job WHERE id = $1", id) or {})


async def test_a_job_runs_once_and_says_so(db: Database, tenant: Tenant) -> None:
    id = await put(tenant, "test.note", text="once")
    assert [await Runner(db).run(tenant.id, id) for _ in range(2)] == [True, False]
    stored = await row(tenant, id)
    assert (ran, stored["attempts"], stored["finished_at"] is not None) == (["once"], 1, True)


async def test_a_job_that_was_not_committed_does_not_exist(db: Database, tenant: Tenant) -> None:
    id = new_id()

    async def put_and_fail(tx: Tx) -> None:
        await enqueue(tx, "test.note", {"text": "never"}, id=id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.run(tenant.scope, put_and_fail)
    assert (await Runner(db).run(tenant.id, id), ran, await row(tenant, id)) == (False, [], {})


async def test_the_same_id_is_queued_once(db: Database, tenant: Tenant) -> None:
    id = new_id()
    for text in ("first", "second"):
        async with db.begin(tenant.scope) as tx:
            await enqueue(tx, "test.note", {"text": text}, id=id)
    await Runner(db).run(tenant.id, id)
    assert ran == ["first"]
    async with db.read(tenant.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM outbox WHERE name = 'job.queued'") == 1


async def test_two_workers_rung_for_the_same_job_run_it_once(db: Database, tenant: Tenant) -> None:
    ids = [await put(tenant, "test.note", text=str(n)) for n in range(20)]
    one, other = Runner(db), Runner(db)
    await asyncio.gather(*(runner.run(tenant.id, id) for id in ids for runner in (one, other)))
    assert sorted(ran, key=int) == [str(n) for n in range(20)]


async def test_a_failing_job_waits_longer_each_time_and_then_stays_failed(
    db: Database, tenant: Tenant, clock: FixedClock
) -> None:
    id = await put(tenant, "test.fail", text="x")
    runner = Runner(db)
    waits = []
    for _ in range(2):
        assert await runner.run(tenant.id, id)
        stored = await row(tenant, id)
        waits.append((stored["run_after"] - clock.at).total_seconds())
        assert not await runner.run(tenant.id, id)
        clock.at = stored["run_after"]
    await runner.run(tenant.id, id)
    stored = await row(tenant, id)
    assert (waits, ran, stored["attempts"]) == ([5, 30], ["x"] * 3, 3)
    assert stored["failed_at"] == clock.at
    assert "ValueError: no paper" in stored["error"]
    assert id not in [due for _tenant, due in await runner.due(most=1_000_000)]
    assert await db.run(tenant.scope, jobs.try_again, id)
    assert await runner.run(tenant.id, id)
    assert len(ran) == 4


async def test_a_dead_workers_job_is_taken_over_and_the_dead_can_not_write(
    db: Database, tenant: Tenant, clock: FixedClock
) -> None:
    id = await put(tenant, "test.wait", text="paused")
    gates["paused"] = asyncio.Event()
    taken = await db.run(Scope.system(tenant.id), jobs.claim, id)  # then its worker is stopped in its tracks
    assert taken is not None
    stale = asyncio.create_task(jobs.run_body(db, taken))
    await asyncio.sleep(0)
    assert await db.run(Scope.system(tenant.id), jobs.claim, id) is None
    clock.advance(timedelta(seconds=2))
    assert (tenant.id, id) in await Runner(db).due(most=1_000_000)  # other tests' jobs wait too
    taken_over = await db.run(Scope.system(tenant.id), jobs.claim, id)
    assert taken_over is not None
    assert taken_over.fence == taken.fence + 1
    gates["paused"].set()
    with pytest.raises(LostClaim):
        await stale
    with pytest.raises(LostClaim):
        await db.run(Scope.system(tenant.id), jobs.finish, taken)
    await jobs.run_body(db, taken_over)
    await db.run(Scope.system(tenant.id), jobs.finish, taken_over)
    assert ran == ["paused", "paused", "paused wrote"]


async def test_a_long_job_keeps_its_lease(db: Database, tenant: Tenant) -> None:
    id = await put(tenant, "test.wait", text="long")
    gates["long"] = asyncio.Event()
    running = asyncio.create_task(Runner(db).run(tenant.id, id))
    await asyncio.sleep(1.6)
    assert await Runner(db).run(tenant.id, id) is False
    gates["long"].set()
    await running
    assert ran == ["long", "long wrote"]


async def test_a_job_whose_worker_dies_each_time_is_given_up(db: Database, tenant: Tenant, clock: FixedClock) -> None:
    id = await put(tenant, "test.fail", text="crash")
    for _ in range(3):
        assert isinstance(await db.run(Scope.system(tenant.id), jobs.claim, id), Claim)
        clock.advance(timedelta(minutes=2))
    assert await db.run(Scope.system(tenant.id), jobs.claim, id) is None
    stored = await row(tenant, id)
    assert (stored["failed_at"], stored["error"]) == (clock.at, "Its worker died each time.")


async def test_a_shutdown_gives_the_job_back_and_does_not_count(db: Database, tenant: Tenant) -> None:
    id = await put(tenant, "test.wait", text="cut")
    gates["cut"] = asyncio.Event()
    runner = Runner(db)
    runner.start(tenant.id, id)
    async with asyncio.timeout(5):
        while ran != ["cut"]:  # noqa: ASYNC110 - the job's first line
            await asyncio.sleep(0.01)
    await runner.stop(0.05)
    stored = await row(tenant, id)
    assert (stored["attempts"], stored["claimed_until"], stored["failed_at"]) == (0, None, None)
    gates["cut"].set()
    assert await Runner(db).run(tenant.id, id)
    assert ran == ["cut", "cut", "cut wrote"]


async def test_progress_is_kept_and_told(db: Database, tenant: Tenant) -> None:
    id = await put(tenant, "test.steps")
    await Runner(db).run(tenant.id, id)
    stored = await row(tenant, id)
    assert (stored["done"], stored["total"]) == (2, 2)
    async with db.read(tenant.scope) as read:
        told = await read.fetch("SELECT body->>'state' AS s FROM outbox WHERE name = 'job.moved' ORDER BY id")
    assert [one["s"] for one in told] == ["running", "running", "done"]


async def test_an_unknown_name_is_refused_at_once(db: Database, tenant: Tenant) -> None:
    with pytest.raises(jobs.UnknownJob):
        await put(tenant, "test.typo")


async def test_done_jobs_are_forgotten_after_a_week_and_failed_ones_stay(
    db: Database, tenant: Tenant, clock: FixedClock
) -> None:
    done, failed = await put(tenant, "test.note", text="x"), await put(tenant, "test.fail", text="y")
    await Runner(db).run(tenant.id, done)

    async def give_up(tx: Tx) -> None:
        taken = await jobs.claim(tx, failed)
        assert taken is not None
        await jobs.give_up(tx, taken, "no")

    await db.run(Scope.system(tenant.id), give_up)
    clock.advance(timedelta(days=8))
    await upkeep.prune(db, Scope.system(tenant.id))
    assert await row(tenant, done) == {}
    assert (await row(tenant, failed))["error"] == "no"
