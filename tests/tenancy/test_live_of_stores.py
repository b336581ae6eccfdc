"""Whoever may see one store hears and sees live what happens in it, on the topics of all stores too, and no more."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from websockets.asyncio.client import ClientConnection

from retail.identity import devices
from retail.identity.grants import NewGrant, give_grant
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope
from retail.tenants import operations as tenants
from tests.support.enrolled import Keys, enrol
from tests.support.selling import Counter, open_counter
from tests.support.web import PASSWORD_HASH, session
from tests.support.world import Shop
from tests.workers.test_whole_way import House, hear, house

__all__ = ["house"]
PLENTY, OTHERS_NUMBER = 500, 4242


@pytest.fixture
async def counters(shop: Shop) -> tuple[Counter, Counter]:
    """Open a till in each store."""
    till = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await tenants.set_up_till(tx, tenants.NewTill(till, shop.second_store, "H1", "Hafen 1"))
    ours, others = await open_counter(shop), await open_counter(shop, till)
    others.next = OTHERS_NUMBER
    return ours, others


async def limited(db: Database, shop: Shop, *stores: UUID) -> tuple[UUID, str]:
    new = NewMember(f"{new_id().hex}@shop.example", "Mona", "manager", PASSWORD_HASH, stores=stores)
    member = await db.run(shop.scope, add_member, new)
    return member.id, await session(db, member.person_id)


async def all_until(opened: ClientConnection, *wanted: str) -> list[str]:
    """Give every text up to the one that has all of these."""
    texts: list[str] = []
    async with asyncio.timeout(10):
        while not texts or not all(one in texts[-1] for one in wanted):
            texts.append(str(await opened.recv()))
    return texts


async def test_a_page_of_all_stores_shows_ones_own_stores(
    db: Database, shop: Shop, house: House, counters: tuple[Counter, Counter]
) -> None:
    (ours, others), now = counters, datetime.now(UTC).isoformat()
    _member, secret = await limited(db, shop, shop.store)
    base = f"/t/{shop.tenant.slug}"
    async with house.dial(f"{base}/live?topic=today:all&topic=sales", secret) as page:
        await hear(page, "live")
        hidden = await others.sell((shop.products[4], PLENTY), occurred_at=now)
        await ours.sell(shop.products[0], occurred_at=now)
        house.bell.ring()
        texts = await all_until(page, "#today-kpis", "4.20")
        told = [json.loads(text) for text in texts]
        canaries = ("1,875", "1875", "1,879", "1879", str(OTHERS_NUMBER), str(hidden.id), str(shop.second_store))
        assert [one for one in canaries if any(one in text for text in texts)] == []
        while not any(one.get("signal") == "sale.completed" and one["topic"] == "sales" for one in told):
            told.append(json.loads(await page.recv()))
        signals = [one["data"] for one in told if one.get("signal") == "sale.completed"]
        assert {one["store"] for one in signals} == {str(shop.store)}
    _owner, whole = await limited(db, shop)
    async with house.dial(f"{base}/live?topic=today:all", whole) as page:
        await all_until(page, '"chart":"revenue"', "1879.20")


async def test_a_program_hears_its_stores_sales_now_and_later(
    db: Database, shop: Shop, house: House, counters: tuple[Counter, Counter]
) -> None:
    ours, others = counters
    _member, secret = await limited(db, shop, shop.store)
    address = f"/t/{shop.tenant.slug}/api/v1/events"
    hello = {"token": None, "topics": ["sales", f"today:{shop.second_store}"], "since": None}
    async with house.dial(address, secret) as program:
        await program.send(json.dumps(hello))
        assert (await hear(program, "refused"))["topics"] == [f"today:{shop.second_store}"]
        version = (await hear(program, "live"))["version"]
        await others.sell()
        await ours.sell()
        house.bell.ring()
        first = await hear(program, "sale.completed")
        assert first["data"]["store"] == str(shop.store)
    await others.sell()
    await ours.sell(shop.products[1])
    house.bell.ring()
    async with house.dial(address, secret) as program, asyncio.timeout(10):
        totals: list[int] = []
        while totals != [420, 135]:
            await program.send(json.dumps(hello | {"since": version}))
            async for text in program:
                told = json.loads(text)
                if told["type"] == "sale.completed":
                    assert told["data"]["store"] == str(shop.store)
                    totals.append(told["data"]["total"])
                if totals == [420, 135]:
                    break


async def test_who_is_given_other_stores_is_let_in_anew(db: Database, shop: Shop, house: House) -> None:
    member, secret = await limited(db, shop, shop.store)
    async with house.dial(f"/t/{shop.tenant.slug}/live?topic=sales", secret) as page:
        await hear(page, "live")
        await db.run(Scope.system(shop.tenant.id), give_grant, member, NewGrant("manager", shop.second_store))
        house.bell.ring()
        async with asyncio.timeout(10):
            await page.wait_closed()
        assert page.close_code == 1012


async def test_the_devices_of_ones_stores_are_heard_and_no_others(db: Database, shop: Shop, house: House) -> None:
    till = new_id()
    async with shop.db.begin(shop.scope) as tx:
        await tenants.set_up_till(tx, tenants.NewTill(till, shop.second_store, "H1", "Hafen 1"))
    ours, theirs = await enrol(db, shop, Keys()), await enrol(db, shop, Keys(), till, "Harbour tablet")
    _member, secret = await limited(db, shop, shop.store)
    async with house.dial(f"/t/{shop.tenant.slug}/live?topic=devices", secret) as page:
        await hear(page, "live")
        await db.run(shop.scope, devices.rename_device, theirs, "Secret tablet")
        await db.run(shop.scope, devices.rename_device, ours, "Front tablet")
        house.bell.ring()
        texts = await all_until(page, "Front tablet")
        await db.run(shop.scope, devices.move_device, ours, till)  # it leaves: that is heard too
        house.bell.ring()
        texts += await all_until(page, "No device is enrolled")
        canaries = ("Secret tablet", "Harbour tablet", str(theirs), str(shop.second_store))
        assert [one for one in canaries if any(one in text for text in texts)] == []
