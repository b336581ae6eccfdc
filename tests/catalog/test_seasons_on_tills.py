"""What a till is told of a product that its schedule keeps off sale."""

from __future__ import annotations

from datetime import datetime

from retail.catalog.snapshot import snapshot
from tests.support.web import Site, site
from tests.support.world import Shop

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
