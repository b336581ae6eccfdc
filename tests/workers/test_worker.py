"""The worker: everything goes on when Redis is killed, hangs or was never there; the timetable runs each slot once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from arq.worker import func

from retail.kit.clock import FixedClock, SystemClock
from retail.kit.errors import Busy
from retail.kit.ids import new_id
from retail.live import projections, switchboard
from retail.runtime import relay as relay_module
from retail.runtime.db import Database
from retail.runtime.doorbell import BEAT_CHANNEL, Doorbell, Ear
from retail.runtime.embedded import EmbeddedRedis
from retail.runtime.jobs import REGISTRY, enqueue, job
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from tests.support.bells import Tenant, make_tenant
from tests.support.database import Clone
from tests.support.redis import kill, running_redis
from tests.support.world import Shop
from workers import schedule, work
from workers.settings import WorkerSettings, from_bytes, open_redis, to_bytes
from workers.work import Work

done: list[str] = []


@job("test.worker_note")
async def note(db: Database, scope: Scope, *, text: str) -> None:
    done.append(text)


@pytest.fixture
def redis() -> Iterator[EmbeddedRedis]:
    with running_redis() as started:
        yield started


@pytest.fixture
async def tenant(db: Database) -> Tenant:
    done.clear()
    return await make_tenant(db)


@pytest.fixture
async def worker_db(clone: Clone) -> AsyncIterator[Database]:
    opened = await Database.connect(clone.app_url, size=8)
    yield opened
    await opened.close()


async def eventually(claim: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await claim():  # noqa: ASYNC110 - rows, no event
            await asyncio.sleep(0.02)


async def put(tenant: Tenant, text: str) -> None:
    await tenant.db.run(tenant.scope, enqueue, "test.worker_note", {"text": text})


async def did(*texts: str) -> bool:
    return set(texts) <= set(done)


async def test_a_rung_worker_relays_and_runs_jobs_through_arq(
    worker_db: Database, tenant: Tenant, redis: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "POLL_SECONDS", 600.0)  # so that nothing but the bell can bring it
    working = Work(worker_db, redis.url)
    working.start()
    bell = Doorbell(redis.url)
    ringing = asyncio.create_task(bell.run())
    try:
        await asyncio.sleep(0.5)
        await put(tenant, "rung")

        async def brought() -> bool:
            bell.ring()
            return await did("rung")

        await eventually(brought)
    finally:
        ringing.cancel()
        await asyncio.wait([ringing])
        await working.stop()


async def test_a_worker_that_stops_leaves_nothing_of_arqs_going(
    worker_db: Database, redis: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run_job(_ctx: dict[str, Any], _tenant: str, _id: str) -> None:
        begun.set()
        try:
            await asyncio.sleep(8)
        finally:
            ended.set()

    monkeypatch.setattr(WorkerSettings, "functions", [func(run_job, name="run_job")])
    working = Work(worker_db, redis.url)
    working.start()
    bell = open_redis(redis.url, 2)
    await bell.enqueue_job("run_job", str(new_id()), str(new_id()))
    await bell.aclose(close_connection_pool=True)
    try:
        async with asyncio.timeout(10):
            await begun.wait()
        assert not ended.is_set()
    finally:
        await working.stop()
    assert ended.is_set()
    assert [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.startswith("Worker.")] == []


async def test_a_worker_survives_redis_killed_hanging_and_back(
    worker_db: Database, tenant: Tenant, redis: EmbeddedRedis
) -> None:
    working = Work(worker_db, redis.url)
    working.start()
    beats: list[float] = []
    ear = Ear(redis.url, [BEAT_CHANNEL], lambda _channel, _payload: beats.append(time.monotonic()))
    hearing = asyncio.create_task(ear.run())
    try:
        await put(tenant, "before")
        await eventually(lambda: did("before"))
        kill(redis)
        await put(tenant, "while dead")
        await eventually(lambda: did("while dead"))
        redis.stop()
        redis.start()
        back = time.monotonic()
        await put(tenant, "after")
        await eventually(lambda: did("after"))

        async def beaten() -> bool:
            return bool(beats) and beats[-1] > back

        await eventually(beaten)
        assert redis.pid is not None
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            await put(tenant, "while hanging")
            await eventually(lambda: did("while hanging"))
        finally:
            os.kill(redis.pid, signal.SIGCONT)
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])
        await working.stop()
    assert [task for task in working._tasks if not task.done()] == []


async def test_a_worker_without_redis_relays_and_works(worker_db: Database, tenant: Tenant) -> None:
    working = Work(worker_db, "")
    working.start()
    try:
        await put(tenant, "alone")
        await eventually(lambda: did("alone"))
    finally:
        await working.stop()


async def test_a_worker_outlives_the_loss_of_all_its_database_connections(
    worker_db: Database, clone: Clone, tenant: Tenant
) -> None:
    working = Work(worker_db, "")
    working.start()
    try:
        await put(tenant, "first")
        await eventually(lambda: did("first"))
        admin = await asyncpg.connect(clone.admin_url)
        await admin.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'countertop'"""
        )
        await admin.close()
        for text in ("second", "third"):
            while True:
                try:
                    await put(tenant, text)
                    break
                except Busy:  # the test's own pool lost its connections too
                    await asyncio.sleep(0)
        await eventually(lambda: did("second", "third"))
    finally:
        await working.stop()


async def test_the_timetable_queues_each_slot_once_for_every_tenant(
    db: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "TIMETABLE", (schedule.Nightly("test.worker_note", 2),))
    tomorrow = datetime.now(UTC).replace(hour=1, minute=59, second=0, microsecond=0) + timedelta(days=1)
    clock = FixedClock(tomorrow)
    db.clock = clock
    try:
        one, other = schedule.Clock(db), schedule.Clock(db)

        async def queued() -> int:
            async with db.read(tenant.scope) as read:
                return await read.fetchval("SELECT count(*) FROM job WHERE name = 'test.worker_note'")

        await asyncio.gather(*(clock.tick() for clock in (one, other)))
        before = await queued()
        clock.advance(timedelta(minutes=2))
        await asyncio.gather(*(clock.tick() for clock in (one, other)))
        await one.tick()
        yesterdays = 1  # at 01:59 the slot of the same day has not begun
        assert (before, await queued()) == (0, yesterdays)
        clock.advance(timedelta(days=1))
        await one.tick()
        assert await queued() == yesterdays + 1
    finally:
        db.clock = SystemClock()


async def test_what_arq_stores_is_json_even_where_a_job_raised() -> None:
    assert from_bytes(to_bytes({"f": "run_job", "a": ["x"], "r": ValueError("no")})) == {
        "f": "run_job", "a": ["x"], "r": "ValueError('no')",
    }  # fmt: skip


def test_every_feature_is_gathered_and_every_slot_has_a_job() -> None:
    assert switchboard().permissions("access") == {"nobody"}
    assert switchboard().permissions("stock:x") == {"view_stock"}
    assert {event.name for event in projections()} >= {"stock.moved", "stock.fell_low"}
    assert {entry.job for entry in schedule.TIMETABLE} <= set(REGISTRY)


async def test_low_stock_is_told_at_the_bell(db: Database, shop: Shop) -> None:
    from decimal import Decimal

    from retail.runtime.relay import Relay
    from retail.stock.events import StockFellLow

    async with db.begin(shop.scope) as tx:
        tx.emit(StockFellLow(shop.store, shop.products[0].id, Decimal(2), Decimal(5)))

    async def quiet(*_told: object) -> None:
        return None

    relay = Relay(db, switchboard(), projections(), quiet)
    while await relay.relay(shop.tenant.id):
        pass
    async with db.read(shop.scope) as read:
        rows = await read.fetch("SELECT kind, subject_id, store_id, facts::text FROM notice")
        told = await read.fetch("SELECT topic, type FROM live_message WHERE topic = 'notices'")
    assert [tuple(row) for row in rows] == [
        ("stock_low", shop.products[0].id, shop.store, '{"on_hand": "2", "reorder_point": "5"}')
    ]
    assert [tuple(row) for row in told] == [("notices", "notice.posted")]


async def test_the_nightly_job_tells_a_red_check_once(
    db: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retail import nightly
    from retail.runtime.checks import Check

    async def red(_read: object) -> list[Check]:
        return [Check("stock: sums", ok=False, detail="2 differ"), Check("cash: sums", ok=True, detail="9 checked")]

    monkeypatch.setattr(nightly, "run_checks", red)
    async with db.begin(shop.scope) as tx:
        id = await enqueue(tx, nightly.JOB)
    assert await Runner(db).run(shop.tenant.id, id)
    async with db.read(shop.scope) as read:
        facts = await read.fetch("SELECT facts::text FROM notice WHERE kind = 'checks_failed'")
    assert [row["facts"] for row in facts] == ['{"checks": [{"name": "stock: sums", "detail": "2 differ"}]}']


async def test_a_part_that_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = 0

    async def end() -> None:
        nonlocal runs
        runs += 1
        if runs > 1:
            raise ConnectionError("gone")

    kept = asyncio.create_task(work.keep_running("part", end))
    await asyncio.sleep(0.7)
    kept.cancel()
    await asyncio.wait([kept])
    assert runs == 2
