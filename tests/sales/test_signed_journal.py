"""An enrolled device signs its journal: cashiers are believed, and what can't be believed is kept and marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from retail.identity import device_policy, devices
from retail.identity.device_rules import record_message
from retail.kit.ids import new_id
from retail.runtime.checks import Check
from retail.runtime.tenancy import Actor, Scope
from retail.sales.chain import hash_of
from retail.sales.checks import checks
from retail.sales.journal import Received
from retail.sales.signatures import Signed, broken_signatures
from tests.support.database import Clone
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


SIGNED = "sales: the tills' records are as their devices signed them"
WHOLE = "sales: the tills' journals are whole and unchanged"


async def day_of(device: SigningDevice) -> None:
    """A shift and three sales, delivered."""
    device.cashier, _, _ = await take_on(device.shop.db, device.shop.tenant.id, "clerk")
    device.open_shift()
    for product in device.shop.products[:3]:
        device.sell((product, 1))
    await deliver(device)


async def found(shop: Shop) -> dict[str, Check]:
    async with shop.db.read(shop.scope) as read:
        return {one.name: one for one in await checks(read)}


async def tamper(clone: Clone, shop: Shop, statement: str, *args: object) -> None:
    """Change the database with all rights, past every wall."""
    conn = await asyncpg.connect(clone.admin_url)
    try:
        await conn.execute("SET session_replication_role = replica")
        assert not (await conn.execute(statement, shop.tenant.id, *args)).endswith(" 0")
    finally:
        await conn.close()


async def test_the_check_verifies_every_signature_again(device: SigningDevice) -> None:
    await day_of(device)
    made = (await found(device.shop))[SIGNED]
    assert (made.ok, made.detail) == (True, "4 checked")


async def test_a_record_written_anew_with_a_hash_that_fits_is_found_by_its_signature_alone(
    device: SigningDevice, clone: Clone
) -> None:
    await day_of(device)
    last = device.records[-1]
    other = replace(last, payload=last.payload.replace('"occurred_at"', '"note": "x", "occurred_at"', 1))
    assert other.payload != last.payload
    await tamper(
        clone, device.shop, "UPDATE till_journal SET payload = $2, hash = $3 WHERE tenant_id = $1 AND seq = 4",
        other.payload, hash_of(device.till, device.id, other),
    )  # fmt: skip
    made = await found(device.shop)
    assert made[WHOLE].ok, "whoever has the database makes the hashes fit"
    assert (made[SIGNED].ok, made[SIGNED].detail) == (
        False,
        f"till {device.till}: record 4 is not as its device signed it",
    )


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE till_journal SET signature = '' WHERE tenant_id = $1 AND seq = 2", "record 2 is not as its device"),
        (
            "UPDATE device SET public_key = set_byte(public_key, 9, get_byte(public_key, 9) # 1) WHERE tenant_id = $1",
            "record 1 is not",
        ),
        ("DELETE FROM device WHERE tenant_id = $1", "record 1 has a cashier, but no device that could vouch for them"),
    ],
    ids=["the signature is gone", "the key is another", "the device is gone"],
)
async def test_a_signature_a_key_or_a_device_that_was_changed_is_found(
    device: SigningDevice, clone: Clone, statement: str, told: str
) -> None:
    await day_of(device)
    await tamper(clone, device.shop, statement)
    made = (await found(device.shop))[SIGNED]
    assert not made.ok
    assert told in made.detail


async def test_what_came_without_a_good_signature_and_was_marked_so_is_no_news(device: SigningDevice) -> None:
    device.cashier, _, _ = await take_on(device.shop.db, device.shop.tenant.id, "clerk")
    device.open_shift()
    device.sell((device.shop.products[0], 1))
    device.write("drawer_opened", {"id": str(new_id()), "shift": str(device.counter.shift), "reason": "Change"})
    device.records = [replace(one, signature="") for one in device.records]
    received = await deliver(device)
    assert codes(received) == [["signature_broken"]] * 3
    assert (await found(device.shop))[SIGNED].ok


async def test_of_many_the_newest_are_verified_and_each_day_another_part_of_the_others(
    device: SigningDevice, clone: Clone
) -> None:
    await day_of(device)
    shop = device.shop
    aged = "UPDATE till_journal SET received_at = received_at - make_interval(days => 10 - seq::integer)"
    await tamper(clone, shop, f"{aged} WHERE tenant_id = $1")
    await tamper(clone, shop, "UPDATE till_journal SET signature = '' WHERE tenant_id = $1 AND seq = 1")
    seen: list[Signed] = []
    for day in range(3):
        async with shop.db.read(shop.scope) as read:
            read.now += timedelta(days=day)
            seen.append(await broken_signatures(read, newest=1, older=1))
    assert {one.records for one in seen} == {4}
    assert sum(one.verified - 1 for one in seen) == 3, "each of the older ones on one of three days"
    assert sum(len(one.problems) for one in seen) == 1
    assert "of 4 signatures: all since " in seen[0].note
    assert seen[0].note.endswith("one in 3 of the older ones, others each day")
