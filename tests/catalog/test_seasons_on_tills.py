"""What a till is told of a product that its schedule keeps off sale."""

from __future__ import annotations

from datetime import datetime

from migrations import m0044_told_schedules
from retail.catalog.snapshot import snapshot
from tests.support.web import Site, site
from tests.support.world import Shop, open_shop

__all__ = ["site"]

AHEAD = "2099-01-01T10:00:00+00:00"


async def test_a_till_knows_from_when_something_is_sold_only_while_it_is_not(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    product = f"/t/{shop.tenant.slug}/api/v1/products/{shop.products[0].id}"

    async def told() -> dict[str, object]:
        async with shop.db.read(shop.scope) as read:
            copy = await snapshot(read, 0, shop.store)
        at = copy["products"]["id"].index(str(shop.products[0].id))
        return {"active": copy["products"]["active"][at], **copy["traits"].get(str(at), {})}

    assert await told() == {"active": 1}
    assert (await owner.patch(product, json={"available_from": AHEAD})).status_code == 200
    early = await told()
    assert (early["active"], datetime.fromisoformat(str(early["from"]))) == (0, datetime.fromisoformat(AHEAD))
    assert set(early) == {"active", "from"}
    assert (await owner.patch(product, json={"available_from": "2020-01-01T10:00:00+00:00"})).status_code == 200
    assert await told() == {"active": 1}


async def test_a_till_that_copied_the_catalogue_before_is_told_the_days_by_its_next_delta(
    site: Site, shop: Shop
) -> None:
    owner = await site.member(shop)
    other = await open_shop(shop.db)
    for place, change in enumerate(({"available_from": AHEAD}, {"available_until": "2020-01-01T10:00:00+00:00"})):
        product = f"/t/{shop.tenant.slug}/api/v1/products/{shop.products[place].id}"
        assert (await owner.patch(product, json=change)).status_code == 200
    head = "SELECT version FROM catalogue_head WHERE tenant_id = $1"
    async with shop.db.read(shop.scope) as read:
        since = (await snapshot(read, 0, shop.store))["version"]
        changed = await read.fetchval("SELECT max(updated_at) FROM product WHERE tenant_id = $1", read.tenant)
    async with other.db.read(other.scope) as read:
        untouched = await read.fetchval(head, read.tenant)
    (told,) = [part for part in m0044_told_schedules.TOLD.split(";\n") if part.startswith("WITH")]
    for each in (shop, other):
        async with each.db.begin(each.scope) as tx:
            await tx.execute(told)
    async with shop.db.read(shop.scope) as read:
        delta = await snapshot(read, since, shop.store)
        assert changed == await read.fetchval("SELECT max(updated_at) FROM product WHERE tenant_id = $1", read.tenant)
    assert (delta["full"], delta["version"]) == (False, since + 1)
    at = {id: str(place) for place, id in enumerate(delta["products"]["id"])}
    assert set(at) == {str(one.id) for one in shop.products[:2]}
    assert set(delta["traits"][at[str(shop.products[0].id)]]) == {"from"}
    assert set(delta["traits"][at[str(shop.products[1].id)]]) == {"until"}
    async with other.db.read(other.scope) as read:
        assert await read.fetchval(head, read.tenant) == untouched
