"""Stores and tills: opened once, coded once, seen by their own business only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from retail.identity.sockets import SocketDoorman
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.guests import Guest
from retail.sales.claims import claim_till, note_listeners
from retail.tenants import operations, queries
from retail.tenants.errors import CodeTaken
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]


async def test_tills_are_listed_by_store_and_code(shop: Shop) -> None:
    await shop.db.run(
        shop.scope, operations.set_up_till, operations.NewTill(new_id(), shop.second_store, "A1", "Quay till")
    )
    async with shop.db.read(shop.scope) as read:
        found = await queries.tills(read)
    assert [(till.store_name, till.code) for till in found] == [("Altstadt", "T1"), ("Altstadt", "T2"), ("Hafen", "A1")]


async def test_a_code_that_is_in_use_is_refused_and_nothing_is_made(shop: Shop) -> None:
    with pytest.raises(CodeTaken):
        await shop.db.run(shop.scope, operations.set_up_till, operations.NewTill(new_id(), shop.store, "T1", "Again"))
    with pytest.raises(CodeTaken):
        await shop.db.run(shop.scope, operations.open_store, operations.NewStore(new_id(), "ALT", "Again", "UTC"))
    async with shop.db.read(shop.scope) as read:
        assert (len(await queries.tills(read)), len(await queries.stores(read))) == (2, 2)


async def test_two_businesses_may_use_the_same_codes_and_see_only_their_own(db: Database, shop: Shop) -> None:
    other = await open_shop(db)
    async with db.read(other.scope) as read:
        with pytest.raises(NotFound):
            await queries.till(read, shop.till)
        assert {till.id for till in await queries.tills(read)} == {other.till, other.second_till}


async def test_a_business_is_found_by_its_address_before_anybody_is_known(db: Database, shop: Shop) -> None:
    async with db.platform() as unit:
        assert await queries.tenant_by_slug(unit, shop.tenant.slug) == shop.tenant
        assert await queries.tenant_by_slug(unit, "nobody-here") is None


async def test_long_lists_of_stores_and_tills_come_in_pages(shop: Shop, site: Site) -> None:
    async with shop.db.begin(shop.scope) as tx:
        for n in range(60):
            await operations.open_store(tx, operations.NewStore(new_id(), f"S{n:02}", f"Market {n:02}", "UTC"))
            await operations.set_up_till(tx, operations.NewTill(new_id(), shop.store, f"N{n:02}", f"Counter {n:02}"))
    owner, base = await site.member(shop), f"/t/{shop.tenant.slug}"
    for kind, name in (("stores", "Market"), ("tills", "Counter")):
        first = (await owner.get(f"{base}/{kind}?sort=code")).text
        (more,) = re.findall(r'rel="next"\s+href="([^"]+)"', first)
        second = (await owner.get(unescape(more))).text
        shown = [set(re.findall(rf"{name} \d\d", page)) for page in (first, second)]
        assert shown[0] | shown[1] == {f"{name} {n:02}" for n in range(60)}
        assert shown[0] & shown[1] == set()
        found, after = [], None
        while True:
            asked = {"limit": "25"} | ({"after": after} if after else {})
            page = (await owner.get(f"{base}/api/v1/{kind}", params=asked)).json()
            found += [one["code"] for one in page["items"]]
            if (after := page["next"]) is None:
                break
        assert (found == sorted(found), len(found)) == (True, 62)


async def test_the_tills_page_says_when_a_device_was_last_there(shop: Shop, site: Site) -> None:
    owner, device = await site.member(shop), new_id()
    assert "connected" not in (await owner.get(f"/t/{shop.tenant.slug}/tills")).text
    await shop.db.run(shop.scope, claim_till, shop.till, device, "Counter", take_over=False)
    assert (await owner.get(f"/t/{shop.tenant.slug}/tills")).text.count("connected") == 1
    claimed = await last_contact(shop)
    guest = Guest(shop.scope, Audience(shop.tenant, "en"), "session")
    doorman = SocketDoorman(shop.db, note_listeners)
    for topics in ([f"till:{shop.second_till}", "till:nonsense"], [f"stock:{shop.store}"]):
        await doorman.heard(guest, topics)
    assert await last_contact(shop) == claimed
    await doorman.heard(guest, ["catalogue", f"till:{shop.till}"])
    assert await last_contact(shop) > claimed
    async with shop.db.begin(shop.scope) as tx:
        ago = tx.now - timedelta(minutes=3)
        await tx.execute("UPDATE till_claim SET claimed_at = $2, seen_at = $2 WHERE tenant_id = $1", tx.tenant, ago)
    page = (await owner.get(f"/t/{shop.tenant.slug}/tills")).text
    assert "Counter" in page
    assert "connected" not in page
    assert await last_contact(shop) == ago


async def last_contact(shop: Shop) -> datetime:
    async with shop.db.read(shop.scope) as read:
        return (await queries.till_states(read))[shop.till].last_contact
