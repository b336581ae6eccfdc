"""An enrolled device signs its journal: cashiers are believed, and what can't be believed is kept and marked."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from retail.identity import device_policy, devices
from retail.identity.device_rules import record_message
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Scope
from retail.sales.journal import Received
from tests.support.device import Device
from tests.support.enrolled import Keys, SigningDevice, enrol
from tests.support.web import enrol as take_on
from tests.support.world import Shop


@pytest.fixture
async def device(shop: Shop) -> SigningDevice:
    """An enrolled device that has claimed the first till."""
    keys = Keys()
    made = SigningDevice(shop, shop.till, keys, await enrol(shop.db, shop, keys))
    await made.claim()
    return made


def codes(received: Received) -> list[list[str]]:
    return [
        [one["code"] for one in answer.exceptions if one["code"] != "stock_below_zero"] for answer in received.answers
    ]


async def cashiers(shop: Shop) -> list[tuple[int, UUID | None, str]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT number, cashier_id, cashier_name FROM sale WHERE tenant_id = $1 ORDER BY number", read.tenant
        )
    return [(row["number"], row["cashier_id"], row["cashier_name"]) for row in rows]


async def deliver(device: Device) -> Received:
    """Deliver as the device itself does: with nobody signed in."""
    before = device.shop
    scope = Scope(before.tenant.id, Actor("device", device.id, "Tablet"), before.scope.permissions, device=device.id)
    device.shop = replace(before, scope=scope)
    try:
        return await device.deliver()
    finally:
        device.shop = before


async def test_each_sale_is_its_cashiers(device: SigningDevice) -> None:
    shop = device.shop
    anna, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    ben, _, _ = await take_on(shop.db, shop.tenant.id, "manager")
    device.cashier = anna
    device.open_shift()
    device.sell((shop.products[0], 1))
    device.cashier = ben
    device.sell((shop.products[1], 1))
    device.cashier = None
    device.sell((shop.products[2], 1))
    received = await deliver(device)
    assert [one.status for one in received.answers] == ["created"] * 4
    assert codes(received) == [[], [], [], []]
    assert await cashiers(shop) == [(1, anna, "Clerk"), (2, ben, "Manager"), (3, device.id, "Tablet")]
    async with shop.db.read(shop.scope) as read:
        opened = await read.fetchval("SELECT opened_by_name FROM shift WHERE tenant_id = $1", read.tenant)
        kept = await read.fetch(
            "SELECT cashier_id, length(signature) AS size FROM till_journal WHERE tenant_id = $1 ORDER BY seq",
            read.tenant,
        )
    assert opened == "Clerk"
    assert [tuple(row) for row in kept] == [(anna, 86), (anna, 86), (ben, 86), (None, 86)]


async def test_a_record_without_a_good_signature_is_kept_and_its_cashier_not_believed(device: SigningDevice) -> None:
    shop = device.shop
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    device.open_shift()
    device.sell((shop.products[0], 1))
    device.sell((shop.products[1], 1))
    device.sell((shop.products[2], 1))
    device.records[1] = replace(device.records[1], signature="")
    device.records[2] = replace(device.records[2], signature=Keys().sign(record_message(device.records[2].hash)))
    received = await deliver(device)
    assert codes(received) == [[], ["signature_broken"], ["signature_broken"], []]
    assert [by for _number, by, _name in await cashiers(shop)] == [device.id, device.id, device.cashier]


async def test_a_changed_cashier_breaks_the_hash_and_so_the_signature_stays_worthless(device: SigningDevice) -> None:
    shop = device.shop
    anna, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    ben, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    device.cashier = anna
    device.open_shift()
    sold = device.sell((shop.products[0], 1))
    device.records[1] = replace(sold, payload=sold.payload.replace(str(anna), str(ben)))
    assert codes(await deliver(device))[1] == ["chain_broken"]


async def test_somebody_who_never_worked_here_is_no_cashier(device: SigningDevice) -> None:
    device.cashier = new_id()
    device.open_shift()
    device.sell((device.shop.products[0], 1))
    assert codes(await deliver(device)) == [["cashier_unknown"], ["cashier_unknown"]]
    assert await cashiers(device.shop) == [(1, device.id, "Tablet")]


async def test_what_a_revoked_device_brings_is_counted_and_marked(device: SigningDevice) -> None:
    shop = device.shop
    device.cashier, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    device.open_shift()
    device.sell((shop.products[0], 1))
    await shop.db.run(shop.scope, devices.revoke_device, device.id)
    received = await deliver(device)
    assert [one.status for one in received.answers] == ["created", "created"]
    assert codes(received) == [["device_revoked"], ["device_revoked"]]
    assert await cashiers(shop) == [(1, device.cashier, "Clerk")]


async def test_a_journal_of_no_enrolled_device_is_marked_only_where_devices_are_asked_for(shop: Shop) -> None:
    free = Device(shop, shop.till)
    await free.claim()
    free.open_shift()
    free.sell((shop.products[0], 1))
    assert codes(await free.deliver()) == [[], []]
    await shop.db.run(shop.scope, device_policy.set_policy, required=True)
    free.sell((shop.products[1], 1))
    received = await free.deliver(free.records[-1])
    assert codes(received) == [["device_unknown"]]
    assert received.answers[0].status == "created"


async def test_the_outbox_of_one_till_is_worthless_at_another(device: SigningDevice) -> None:
    device.open_shift()
    device.sell((device.shop.products[0], 1))
    device.till = device.shop.second_till
    received = await device.deliver()
    assert [one.status for one in received.answers] == ["created", "invalid"]
    assert "chain_broken" in codes(received)[0]
    assert await cashiers(device.shop) == []
