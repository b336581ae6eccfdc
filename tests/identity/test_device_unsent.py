"""A device that has told of unsent records is revoked only as lost, and by an owner; the office shows what waits."""

from __future__ import annotations

import json

import pytest

from retail.identity import devices
from retail.identity.approval_queries import scope_of_person
from retail.identity.device_errors import StillUnsent
from retail.identity.errors import OwnersOnly
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from retail.sales.claims import claim_till
from tests.support.enrolled import Keys, enrol
from tests.support.web import Site, site
from tests.support.web import enrol as take_on
from tests.support.world import Shop

__all__ = ["site"]


async def told(shop: Shop, keys: Keys, **health: int) -> str:
    device = await enrol(shop.db, shop, keys)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            "UPDATE device SET health = $3::jsonb WHERE tenant_id = $1 AND id = $2",
            tx.tenant,
            device,
            json.dumps(health),
        )
    return str(device)


async def scope_in(shop: Shop, role: str) -> Scope:
    """Take somebody on, and give their rights as they are now."""
    person, _, _ = await take_on(shop.db, shop.tenant.id, role)
    async with shop.db.read(shop.scope) as read:
        found = await scope_of_person(read, person)
    assert found is not None
    return found


async def test_a_device_that_has_not_sent_all_is_revoked_only_as_lost_and_by_an_owner(db: Database, shop: Shop) -> None:
    from uuid import UUID

    device = UUID(await told(shop, Keys(), waiting=3, waiting_minor=1260))
    with pytest.raises(StillUnsent) as refused:
        await db.run(shop.scope, devices.revoke_device, device)
    assert "3 records that were not sent" in refused.value.sentence()
    with pytest.raises(OwnersOnly):
        await db.run(await scope_in(shop, "manager"), devices.revoke_device, device, lost=True)
    async with db.read(shop.scope) as read:
        assert await read.fetchval("SELECT revoked_at IS NULL FROM device WHERE tenant_id = $1", read.tenant)
    await db.run(await scope_in(shop, "owner"), devices.revoke_device, device, lost=True)
    async with db.read(shop.scope) as read:
        facts = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'device.revoked'", read.tenant
        )
    assert json.loads(facts) == {"device_lost": True, "unsent": 3, "unsent_minor": 1260}


async def test_the_pages_refuse_and_show_what_waits(site: Site, shop: Shop) -> None:
    from uuid import UUID

    owner = await site.member(shop)
    device = await told(shop, Keys(), waiting=2, waiting_minor=840)
    scope = Scope(shop.tenant.id, Actor("device", UUID(device), "Tablet"), shop.scope.permissions, device=UUID(device))
    await shop.db.run(scope, claim_till, shop.till, UUID(device), "Tablet", take_over=False)
    tills = (await owner.get(f"/t/{shop.tenant.slug}/tills")).text
    assert ("2 records" in tills, "€8.40" in tills) == (True, True)
    address = f"/t/{shop.tenant.slug}/devices/{device}"
    assert "2 records are not sent yet." in (await owner.get(address)).text
    refused = await owner.post(f"{address}/revocation")
    assert (refused.status_code, "an owner can revoke it nonetheless" in refused.text) == (409, True)
    assert (await owner.post(f"{address}/revocation", data={"device_lost": "on"})).status_code == 303
    assert "revoked, not yet wiped" in (await owner.get(address)).text
