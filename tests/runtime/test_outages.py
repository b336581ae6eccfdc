"""A server in trouble (a full disk first of all) is answered with Busy at every door, and never blamed on what came."""

from __future__ import annotations

import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import asyncpg
import pytest

from retail.kit.errors import Busy, NoRoom
from retail.runtime import outages, room
from retail.runtime.db import Database, Tx
from retail.runtime.outbox import Event
from retail.runtime.realtime.message import Message
from retail.runtime.relay import Relay
from tests.support.bells import BOARD, BellRung, make_tenant
from tests.support.database import Clone
from tests.support.device import Device
from tests.support.web import Site
from tests.support.web import site as site  # noqa: PLC0414 - a fixture
from tests.support.world import Shop

Fault = Callable[[str], Awaitable[None]]

_TRIGGER = """
CREATE OR REPLACE FUNCTION test_fault() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{state}'; END $$;
CREATE OR REPLACE TRIGGER test_fault BEFORE INSERT ON sale_line FOR EACH ROW
WHEN (NEW.tenant_id = '{tenant}') EXECUTE FUNCTION test_fault();
"""


@pytest.fixture
async def fault(clone: Clone, shop: Shop) -> AsyncIterator[Fault]:
    """Let the server refuse every line of this shop's sales with a state; '' lets it recover."""
    owner = await asyncpg.connect(clone.migrator_url)
    await owner.execute("SET ROLE countertop_owner")

    async def have(state: str) -> None:
        if state:
            await owner.execute(_TRIGGER.format(state=state, tenant=shop.tenant.id))
        else:
            await owner.execute("DROP FUNCTION IF EXISTS test_fault CASCADE")

    yield have
    await have("")
    await owner.close()


async def stored(shop: Shop) -> tuple[int, int]:
    async with shop.db.read(shop.scope) as read:
        return (
            await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant),
            await read.fetchval("SELECT count(*) FROM till_journal WHERE tenant_id = $1", read.tenant),
        )


@pytest.mark.parametrize(
    ("state", "answer"),
    [("53100", NoRoom()), ("53200", Busy()), ("53400", Busy()), ("58030", Busy()), ("58000", Busy())],
)
async def test_a_till_is_told_to_wait_and_sells_on_once_the_server_is_itself_again(
    site: Site, shop: Shop, fault: Fault, state: str, answer: Busy
) -> None:
    visitor = await site.member(shop)
    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    device.sell()
    device.sell((shop.products[1], 2))
    delivery = {"device": str(device.id), "fence": device.fence, "records": [asdict(one) for one in device.records]}
    address = f"/t/{shop.tenant.slug}/api/v1/tills/{shop.till}/journal"
    await fault(state)
    for _ in range(2):
        refused = await visitor.post(address, json=delivery)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, str(answer.retry_after))
        assert (refused.json()["code"], refused.json()["detail"]) == (answer.code, answer.sentence())
        assert await stored(shop) == (0, 0)
    await fault("")
    taken = await visitor.post(address, json=delivery)
    assert [one["status"] for one in taken.json()["results"]] == ["created"] * 3
    assert await stored(shop) == (2, 3)


async def test_a_full_disk_is_logged_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outages, "_rhythm", type(outages._rhythm)())
    with caplog.at_level(logging.ERROR):
        answers = [outages.as_busy(asyncpg.DiskFullError("could not extend file")) for _ in range(3)]
    assert all(isinstance(answer, NoRoom) for answer in answers)
    assert [record.getMessage() for record in caplog.records] == [
        "The database's disk is full and nothing can be stored (could not extend file); make room on it."
    ]


async def test_what_is_the_requests_own_fault_stays_so(db: Database) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with db.platform() as unit:
            await unit.fetchval("SELECT 1 / 0")
    with pytest.raises(asyncpg.InterfaceError):
        async with db.platform():
            raise asyncpg.InterfaceError("another operation is in progress")


async def test_no_event_is_set_aside_for_a_full_disk(db: Database) -> None:
    tenant = await make_tenant(db)
    full = True

    async def need_room(tx: Tx, _events: Sequence[Event]) -> None:
        if full:
            await tx.execute("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$")

    async def quiet(_tenant: object, _events: Sequence[Event], _messages: Sequence[Message]) -> None:
        """Publish nothing."""

    await tenant.ring(1, 2, 3)
    relay = Relay(db, BOARD, {BellRung: [need_room]}, quiet)
    for _ in range(8):
        await relay.round()
    with pytest.raises(Busy):
        await relay.relay(tenant.id, 1, lenient=False)
    assert (await tenant.waiting(), await tenant.versions()) == (3, [])
    full = False
    await relay.relay(tenant.id)
    assert (await tenant.waiting(), await tenant.versions()) == (0, [1, 2, 3])


def test_short_room_is_told_at_once_then_once_a_minute_and_its_end_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, free = 1000.0, 300 * 1024 * 1024
    monkeypatch.setattr(room.time, "monotonic", lambda: now)
    monkeypatch.setattr(room, "free_bytes", lambda _place: free)
    watch = room.RoomWatch(tmp_path)
    told: list[tuple[float, str]] = []
    for _ in range(260):
        now += 1
        if now == 1150:
            free = 10**10
        if sentence := watch.look():
            told.append((now - 1000, sentence))
    tight = f"The disk of {tmp_path} is nearly full (300 MB free); make room on it, or sales will wait in the tills."
    assert told == [
        (1, tight),
        (21, tight),
        (81, tight),
        (141, tight),
        (201, f"There is room on the disk of {tmp_path} again."),
    ]


def test_room_is_measured_where_a_folder_will_be_made(tmp_path: Path) -> None:
    assert room.free_bytes(tmp_path / "not" / "yet") > 0
    assert room.is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert not room.is_full(OSError(errno.EACCES, "Permission denied"))
