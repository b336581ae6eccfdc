"""The relay: contiguous versions, projections exactly once, and no event that stops a shop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from retail.kit.clock import FixedClock, SystemClock
from retail.kit.ids import new_id
from retail.runtime import jobs
from retail.runtime.db import Database, Tx
from retail.runtime.outbox import Event
from retail.runtime.realtime import history
from retail.runtime.realtime.message import Message
from retail.runtime.relay import Relay
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from tests.support.bells import BOARD, BellRung, SilentStep, Tenant
from tests.support.database import Clone


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[UUID, Message]] = []

    async def __call__(self, tenant: UUID, events: Sequence[Event], messages: Sequence[Message]) -> None:
        self.heard += [(tenant, message) for message in messages]


async def count_bells(tx: Tx, events: Sequence[Event]) -> None:
    """A projection whose double run shows: one idempotency row per run of an event."""
    for event in events:
        assert isinstance(event, BellRung)
        await tx.execute(
            """INSERT INTO notice (tenant_id, id, kind, facts, created_at) VALUES ($1, $2, 'counted', $3, $4)""",
            tx.tenant, new_id(), f'{{"count": {event.count}}}', tx.now,
        )  # fmt: skip


async def counted(tenant: Tenant) -> list[int]:
    async with tenant.db.read(tenant.scope) as read:
        rows = await read.fetch("SELECT (facts->>'count')::int AS n FROM notice WHERE kind = 'counted' ORDER BY n")
    return [row["n"] for row in rows]


async def quiet(_tenant: UUID, _events: Sequence[Event], _messages: Sequence[Message]) -> None:
    return None


async def test_an_event_becomes_a_message_with_the_next_version(db: Database, tenant: Tenant) -> None:
    listener = Listener()
    await tenant.ring(1, 2)
    assert await Relay(db, BOARD, {}, listener).relay(tenant.id) == 2
    assert [(m.version, m.topic, m.type, m.facts) for _t, m in listener.heard] == [
        (1, "bell:door", "bell.rung", '{"count":1}'),
        (2, "bell:door", "bell.rung", '{"count":2}'),
    ]
    assert (await tenant.waiting(), await tenant.versions()) == (0, [1, 2])


async def test_two_relays_at_once_give_contiguous_versions_and_run_projections_once(
    db: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    heard = Listener()
    relays = [Relay(db, BOARD, {BellRung: [count_bells]}, heard) for _ in range(2)]
    running = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        for start in range(0, 200, 10):
            await asyncio.gather(
                *(one.ring(*range(start + step, start + step + 5)) for one in (tenant, other_tenant) for step in (0, 5))
            )
            for relay in relays:
                relay.wake()
        async with asyncio.timeout(10):
            while await tenant.waiting() or await other_tenant.waiting():  # noqa: ASYNC110 - rows, no event
                await asyncio.sleep(0.01)
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
    for one in (tenant, other_tenant):
        assert await one.versions() == list(range(1, 201))
        assert await counted(one) == list(range(200))


async def test_a_relay_that_dies_before_its_commit_leaves_everything_to_the_next(db: Database, tenant: Tenant) -> None:
    reached = asyncio.Event()

    async def then_hang(tx: Tx, events: Sequence[Event]) -> None:
        await count_bells(tx, events)
        reached.set()
        await asyncio.Event().wait()

    await tenant.ring(1, 2, 3)
    dying = asyncio.create_task(Relay(db, BOARD, {BellRung: [then_hang]}, quiet).relay(tenant.id))
    await reached.wait()
    dying.cancel()
    await asyncio.wait([dying])
    assert (await tenant.waiting(), await counted(tenant), await tenant.versions()) == (3, [], [])
    await Relay(db, BOARD, {BellRung: [count_bells]}, quiet).relay(tenant.id)
    assert (await tenant.waiting(), await counted(tenant), await tenant.versions()) == (0, [1, 2, 3], [1, 2, 3])


async def test_a_relay_whose_backend_is_killed_leaves_everything_to_the_next(
    db: Database, clone: Clone, tenant: Tenant
) -> None:
    async def then_lose_the_line(tx: Tx, events: Sequence[Event]) -> None:
        await count_bells(tx, events)
        admin = await asyncpg.connect(clone.admin_url)
        await admin.execute("SELECT pg_terminate_backend($1)", tx.conn.get_server_pid())
        await admin.close()
        await tx.execute("SELECT 1")

    await tenant.ring(1)
    assert await Relay(db, BOARD, {BellRung: [then_lose_the_line]}, quiet).round() == 0
    assert (await tenant.waiting(), await counted(tenant), await tenant.versions()) == (1, [], [])


async def test_one_poison_event_is_set_aside_and_the_rest_goes_on(db: Database, tenant: Tenant) -> None:
    async def refuse_the_third(tx: Tx, events: Sequence[Event]) -> None:
        await count_bells(tx, events)
        for event in events:
            if isinstance(event, BellRung) and event.count == 3:
                await tx.execute("SELECT 1 / 0")

    await tenant.ring(1, 2, 3, 4)
    relay = Relay(db, BOARD, {BellRung: [refuse_the_third]}, quiet)
    await relay.relay(tenant.id)
    assert (await counted(tenant), await tenant.versions()) == ([1, 2, 4], [1, 2, 3])
    async with db.read(tenant.scope) as read:
        kept = await read.fetchrow("SELECT id, name, error, failed_at IS NOT NULL AS failed FROM job")
        notices = await read.fetchval("SELECT count(*) FROM notice WHERE kind = 'event_set_aside'")
        audits = await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'event.set_aside'")
    assert kept is not None
    assert (kept["name"], kept["error"], kept["failed"]) == (
        "outbox.put_back", "DivisionByZeroError: division by zero", True,
    )  # fmt: skip
    assert (notices, audits) == (1, 1)
    # mended: put back, and it takes effect once
    assert await db.run(tenant.scope, jobs.try_again, kept["id"])
    assert await Runner(db).run(tenant.id, kept["id"])
    mended = Relay(db, BOARD, {BellRung: [count_bells]}, quiet)
    while await mended.relay(tenant.id):
        pass
    assert await counted(tenant) == [1, 2, 3, 4]


async def test_a_transient_error_undoes_the_batch_and_a_lasting_one_is_set_aside_in_the_end(
    db: Database, tenant: Tenant
) -> None:
    async def too_slow_for_the_second(tx: Tx, events: Sequence[Event]) -> None:
        await count_bells(tx, events)
        if any(isinstance(event, BellRung) and event.count == 2 for event in events):
            await tx.execute("SET LOCAL statement_timeout = 20")
            await tx.execute("SELECT pg_sleep(1)")

    await tenant.ring(1, 2, 3)
    relay = Relay(db, BOARD, {BellRung: [too_slow_for_the_second]}, quiet)
    assert await relay.round() == 0
    assert (await tenant.waiting(), await counted(tenant)) == (3, [])
    for _ in range(12):
        await relay.round()
    assert await counted(tenant) == [1, 3]
    assert await tenant.versions() == [1, 2]


async def test_one_tenants_failure_does_not_hold_up_another(db: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    async def fail_for_one(tx: Tx, events: Sequence[Event]) -> None:
        if tx.tenant == tenant.id:
            raise asyncpg.DeadlockDetectedError
        await count_bells(tx, events)

    await tenant.ring(1)
    await other_tenant.ring(1)
    await Relay(db, BOARD, {BellRung: [fail_for_one]}, quiet).round()
    assert (await tenant.waiting(), await other_tenant.waiting(), await counted(other_tenant)) == (1, 0, [1])


async def test_what_a_projection_emits_is_told_in_the_next_round(db: Database, tenant: Tenant) -> None:
    async def answer(tx: Tx, events: Sequence[Event]) -> None:
        for event in events:
            assert isinstance(event, SilentStep)
            tx.emit(BellRung("back", event.count))

    async with db.begin(tenant.scope) as tx:
        tx.emit(SilentStep(7))
    listener = Listener()
    relay = Relay(db, BOARD, {SilentStep: [answer]}, listener)
    assert [await relay.relay(tenant.id) for _ in range(3)] == [1, 1, 0]
    assert [(m.version, m.topic, m.facts) for _t, m in listener.heard] == [(1, "bell:back", '{"count":7}')]


async def test_an_unknown_event_waits_an_hour_for_a_newer_relay(db: Database, tenant: Tenant) -> None:
    async def tell_foreign(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO outbox (tenant_id, id, name, body, created_at) VALUES ($1, $2, 'test.of_tomorrow', '{}', $3)",
            tx.tenant, new_id(), tx.now,
        )  # fmt: skip

    await db.run(tenant.scope, tell_foreign)
    relay = Relay(db, BOARD, {}, quiet)
    assert (await relay.relay(tenant.id), await tenant.waiting()) == (0, 1)
    db.clock = FixedClock(db.clock.now() + timedelta(hours=2))
    try:
        await relay.relay(tenant.id)
    finally:
        db.clock = SystemClock()
    async with db.read(tenant.scope) as read:
        assert await read.fetchval("SELECT error FROM job") == "UnknownEvent: test.of_tomorrow"
        assert await read.fetchval("SELECT count(*) FROM outbox WHERE name = 'test.of_tomorrow'") == 0


async def test_old_messages_are_pruned_but_the_newest_thousand_stay(db: Database, tenant: Tenant) -> None:
    relay = Relay(db, BOARD, {}, quiet)
    await tenant.ring(*range(1200))
    while await relay.relay(tenant.id):
        pass
    assert await db.run(tenant.scope, history.prune) == 0
    db.clock = FixedClock(db.clock.now() + timedelta(hours=1, seconds=30))
    try:
        assert await db.run(tenant.scope, history.prune) == 200
    finally:
        db.clock = SystemClock()
    assert await tenant.versions() == list(range(201, 1201))
    async with db.read(Scope.system(tenant.id)) as read:
        assert (await history.missed(read, 199)).messages is None
        kept = await history.missed(read, 200)
        assert kept.messages is not None
        assert [m.version for m in kept.messages] == list(range(201, 1201))


@pytest.mark.parametrize("since", [1201, -1])
async def test_a_version_that_never_was_means_reset(db: Database, tenant: Tenant, since: int) -> None:
    await tenant.ring(1)
    await Relay(db, BOARD, {}, quiet).relay(tenant.id)
    async with db.read(tenant.scope) as read:
        assert (await history.missed(read, since)).messages is None
