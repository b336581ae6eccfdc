"""A delivery that takes its time, because the database recovers or the machine is busy, is still its device's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from retail.identity import devices
from retail.identity.device_door import caller_by
from retail.identity.proof import still_holds
from retail.identity.roles_errors import RightsChanged
from retail.identity.rules import digest
from retail.kit.clock import FixedClock
from retail.runtime.db import PROVED_FOR, Database, Tx
from retail.runtime.tenancy import Actor, Scope
from retail.sales.claims import claim_till
from tests.support.database import Clone
from tests.support.enrolled import Keys, enrol
from tests.support.world import Shop, open_shop

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOON + PROVED_FOR + timedelta(seconds=3)


@pytest.fixture
async def timed(clone: Clone) -> AsyncIterator[Database]:
    """Give a database whose clock the test sets, and which asks late writers to prove themselves."""
    opened = await Database.connect(clone.app_url, size=4, clock=FixedClock(NOON))
    opened.prove = still_holds
    yield opened
    await opened.close()


async def alone(db: Database, shop: Shop, device: UUID) -> Scope:
    """Give the scope of a request that a device makes while nobody stands at it."""
    itself = Scope(shop.tenant.id, Actor("device", device, "Tablet"), device=device)
    session = await db.run(itself, devices.open_device_session, device, None, "")
    caller = await caller_by(db, digest(session.secret))
    assert caller is not None
    return caller.scope("request", "")


async def test_a_device_that_waited_long_for_the_database_still_claims_its_till(timed: Database) -> None:
    shop = await open_shop(timed)
    device = await enrol(timed, shop, Keys())
    scope = await alone(timed, shop, device)
    timed.clock = FixedClock(LATER)
    assert (await timed.run(scope, claim_till, shop.till, device, "Tablet", take_over=False)).fence == 1


async def test_a_device_whose_transaction_took_long_still_commits(timed: Database) -> None:
    shop = await open_shop(timed)
    device = await enrol(timed, shop, Keys())
    scope = await alone(timed, shop, device)

    async def slowly(tx: Tx) -> int:
        claim = await claim_till(tx, shop.till, device, "Tablet", take_over=False)
        timed.clock = FixedClock(LATER)
        return claim.fence

    assert await timed.run(scope, slowly) == 1
    async with timed.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM till_claim WHERE tenant_id = $1", read.tenant) == 1


async def test_a_device_that_was_revoked_while_it_waited_writes_nothing(timed: Database) -> None:
    shop = await open_shop(timed)
    device = await enrol(timed, shop, Keys())
    scope = await alone(timed, shop, device)
    await timed.run(shop.scope, devices.revoke_device, device)
    timed.clock = FixedClock(LATER)
    with pytest.raises(RightsChanged):
        await timed.run(scope, claim_till, shop.till, device, "Tablet", take_over=False)
    async with timed.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM till_claim WHERE tenant_id = $1", read.tenant) == 0
