"""Whoever stands below somebody neither gives nor takes their PIN or badge, nor unlocks them."""

from __future__ import annotations

import pytest

from retail.identity import pins
from tests.support.web import KEYS, Site, enrol
from tests.support.world import Shop


@pytest.mark.parametrize("what", ["pin", "pin-removal", "unlocking", "badge", "badge-removal"])
async def test_a_manager_changes_nothing_of_an_owners(site: Site, shop: Shop, what: str) -> None:
    owner, _email, _secret = await enrol(site.db, shop.tenant.id, "owner")
    await site.db.run(shop.scope, pins.set_pin, KEYS, owner, "7391")
    await site.db.run(shop.scope, pins.issue_badge, owner)
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "manager")

    async def kept() -> list[object]:
        async with site.db.read(shop.scope) as read:
            return [
                await read.fetchval("SELECT version FROM pin WHERE tenant_id = $1 AND person_id = $2", *at),
                await read.fetchval("SELECT version FROM badge WHERE tenant_id = $1 AND person_id = $2", *at),
            ]

    at = (shop.tenant.id, owner)
    before = await kept()
    manager = site.visitor(secret)
    answer = await manager.post(f"/t/{shop.tenant.slug}/devices/cashiers/{owner}/{what}")
    assert answer.status_code == 403
    assert await kept() == before


async def test_a_manager_takes_a_clerks_pin(site: Site, shop: Shop) -> None:
    clerk, _email, _secret = await enrol(site.db, shop.tenant.id, "clerk")
    await site.db.run(shop.scope, pins.set_pin, KEYS, clerk, "7391")
    _person, _email, secret = await enrol(site.db, shop.tenant.id, "manager")
    answer = await site.visitor(secret).post(f"/t/{shop.tenant.slug}/devices/cashiers/{clerk}/pin-removal")
    assert answer.status_code == 303
    async with site.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM pin WHERE tenant_id = $1", read.tenant) == 0
