"""Security alarms reach the people of a business at the bell, once each, and name nobody to those who may not look."""

from __future__ import annotations

from dataclasses import replace

from retail.identity.device_rules import record_message
from retail.runtime.web.limits import LIMITS
from retail.sales.journal import Received
from tests.support.enrolled import Keys, SigningDevice, enrol
from tests.support.told import posted, relay
from tests.support.web import Site
from tests.support.web import enrol as take_on
from tests.support.world import Shop


async def at_the_bell(shop: Shop) -> list[tuple[str, dict[str, object]]]:
    await relay(shop)
    return await posted(shop)


async def test_whoever_is_refused_again_and_again_is_told_of_once(site: Site, shop: Shop) -> None:
    _person, email, secret = await take_on(site.db, shop.tenant.id, "clerk")
    owner = await site.member(shop)
    clerk, base = site.visitor(secret), f"/t/{shop.tenant.slug}"
    for _try in range(LIMITS["refusal"].tries + 5):
        assert (await clerk.post(f"{base}/people/{shop.store}/departure")).status_code == 403
    assert await at_the_bell(shop) == [("refused_often", {})]
    page = (await owner.get(f"{base}/notices")).text
    assert "Somebody was refused many times" in page
    assert f'href="{base}/audit"' in page
    assert email not in page


async def test_a_few_refusals_ring_no_bell(site: Site, shop: Shop) -> None:
    clerk = await site.member(shop, "clerk")
    for _try in range(LIMITS["refusal"].tries):
        await clerk.post(f"/t/{shop.tenant.slug}/people/{shop.store}/departure")
    assert await at_the_bell(shop) == []


async def test_a_journal_that_is_not_its_devices_own_rings_until_somebody_has_read_it(site: Site, shop: Shop) -> None:
    keys, owner = Keys(), await site.member(shop)
    device = SigningDevice(shop, shop.till, keys, await enrol(shop.db, shop, keys))
    await device.claim()
    device.open_shift()
    device.sell((shop.products[0], 1))
    await device.deliver()
    assert [one for one in await at_the_bell(shop) if one[0] != "stock_low"] == [], "a good one rings nothing"
    await forged(device)
    await forged(device)
    rung = [("journal_doubted", {"till": await name_of_till(shop), "doubts": ["signature_broken"]})]
    assert [one for one in await at_the_bell(shop) if one[0] != "stock_low"] == rung
    base = f"/t/{shop.tenant.slug}"
    page = (await owner.get(f"{base}/notices")).text
    assert "be proved to be its own" in page
    assert f'href="{base}/devices"' in page
    await owner.post(f"{base}/notices/reading")
    await forged(device)
    assert [one for one in await at_the_bell(shop) if one[0] != "stock_low"] == rung * 2


async def forged(device: SigningDevice) -> Received:
    """Deliver a sale that another key has signed."""
    sold = device.sell((device.shop.products[1], 1))
    device.records[-1] = replace(sold, signature=Keys().sign(record_message(sold.hash)))
    return await device.deliver(device.records[-1])


async def name_of_till(shop: Shop) -> str:
    async with shop.db.read(shop.scope) as read:
        return str(
            await read.fetchval("SELECT name FROM till WHERE tenant_id = $1 AND id = $2", read.tenant, shop.till)
        )
