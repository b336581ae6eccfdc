"""Wrong PINs that a device judged alone reach the trail with its journal, and with a revoked device's farewell."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from retail.identity import devices
from retail.kit.ids import new_id
from tests.support.device import Device
from tests.support.enrolled import Keys, SigningDevice, enrol
from tests.support.web import Site, site
from tests.support.web import enrol as take_on
from tests.support.world import Shop

__all__ = ["site"]


async def trail(shop: Shop) -> list[dict[str, Any]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch(
            "SELECT subject_id, facts FROM audit_event WHERE tenant_id = $1 AND action = 'pin.wrong' ORDER BY id",
            read.tenant,
        )
    return [{"person": row["subject_id"], **json.loads(row["facts"])} for row in rows]


def mistype(device: Device, person: UUID, failures: int) -> None:
    device.write("pin_wrong", {"id": str(new_id()), "person": str(person), "failures": failures})


async def test_wrong_pins_of_an_outage_are_on_the_trail_even_of_a_device_that_was_revoked_meanwhile(
    site: Site, shop: Shop
) -> None:
    keys = Keys()
    device = SigningDevice(shop, shop.till, keys, await enrol(shop.db, shop, keys))
    await device.claim()
    anna, _, _ = await take_on(shop.db, shop.tenant.id, "clerk")
    for failures in range(1, 8):
        mistype(device, anna, failures)
    await shop.db.run(shop.scope, devices.revoke_device, device.id)
    browser = site.visitor()
    named = {"device": str(device.id)}
    challenge = (await browser.post("/api/v1/devices/challenges", json=named)).json()["challenge"]
    signature = keys.prove("farewell", str(device.id), challenge)
    body = named | {"challenge": challenge, "signature": signature, "till": str(shop.till)}
    farewell = await browser.post(
        "/api/v1/devices/farewells", json=body | {"records": [asdict(one) for one in device.records]}
    )
    assert farewell.status_code == 200, farewell.text
    assert [one["status"] for one in farewell.json()["results"]] == ["created"] * 7
    told = await trail(shop)
    assert [(one["person"], one["failures"], one["device"]) for one in told] == [
        (anna, failures, str(device.id)) for failures in range(1, 8)
    ]
    assert all(one["offline_at"] for one in told)


async def test_a_till_without_an_enrolled_device_tells_of_no_pins(shop: Shop) -> None:
    device = Device(shop, shop.till)
    await device.claim()
    mistype(device, new_id(), 1)
    received = await device.deliver()
    assert [one.status for one in received.answers] == ["invalid"]
    assert await trail(shop) == []
