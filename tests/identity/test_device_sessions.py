"""A device that proves itself anew goes on with whoever stands there, and no longer than before."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from retail.identity import devices, pins
from retail.identity.device_door import caller_by
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.runtime.db import Database
from tests.support.enrolled import Keys, enrol, proof
from tests.support.web import enrol as take_on
from tests.support.world import Shop


async def opened(db: Database, shop: Shop, keys: Keys, device: UUID) -> bytes:
    made = await db.run(shop.scope, devices.open_device_session, device, await proof(db, shop, keys, device), "")
    return digest(made.secret)


async def standing(db: Database, session: bytes) -> UUID | None:
    caller = await caller_by(db, session)
    assert caller is not None
    return caller.person[0] if caller.person else None


async def test_whoever_stands_there_goes_on_when_the_device_proves_itself_anew(db: Database, shop: Shop) -> None:
    keys = Keys()
    device = await enrol(db, shop, keys)
    person, _email, _secret = await take_on(db, shop.tenant.id, "clerk")
    before = db.clock
    clock = db.clock = FixedClock(before.now())
    try:
        first = await opened(db, shop, keys, device)
        assert await standing(db, first) is None
        await db.run(shop.scope, pins.take_over, first, person)
        second = await opened(db, shop, keys, device)
        assert await standing(db, second) == person
        assert await caller_by(db, first) is None, "the one before has ended"

        # proving oneself is no way to stand there for longer than the till stays open untouched
        clock.advance(timedelta(minutes=4))
        third = await opened(db, shop, keys, device)
        assert await standing(db, third) == person
        clock.advance(timedelta(hours=2))
        assert await standing(db, third) is None
        assert await standing(db, await opened(db, shop, keys, device)) is None
    finally:
        db.clock = before


async def test_whoever_left_is_not_brought_back(db: Database, shop: Shop) -> None:
    keys = Keys()
    device = await enrol(db, shop, keys)
    person, _email, _secret = await take_on(db, shop.tenant.id, "clerk")
    first = await opened(db, shop, keys, device)
    await db.run(shop.scope, pins.take_over, first, person)
    await db.run(shop.scope, pins.take_over, first, None)
    assert await standing(db, await opened(db, shop, keys, device)) is None


async def test_of_two_devices_each_has_its_own(db: Database, shop: Shop) -> None:
    keys, others = Keys(), Keys()
    device, other = await enrol(db, shop, keys), await enrol(db, shop, others, shop.second_till)
    person, _email, _secret = await take_on(db, shop.tenant.id, "clerk")
    await db.run(shop.scope, pins.take_over, await opened(db, shop, keys, device), person)
    assert await standing(db, await opened(db, shop, others, other)) is None
