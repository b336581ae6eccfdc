"""The list of stock: its orders through all pages, and the reorder point of the ticked products."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

from retail import stock
from retail.catalog import queries as catalog
from retail.kit.ids import new_id
from retail.stock import Arrival, Document
from retail.stock.levels import ORDERS, Narrowed, StockLevel, levels
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def everything(shop: Shop, asked: str) -> list[StockLevel]:
    """Read the list five by five."""
    order = ORDERS.named(asked)
    assert order is not None
    found: list[StockLevel] = []
    after = None
    while True:
        async with shop.db.read(shop.scope) as read:
            page = await levels(read, Narrowed(), limit=5, after=after, order=order)
        found += page.items
        after = page.next
        if after is None:
            return found


async def test_levels_sort_by_name_sku_and_what_is_there(shop: Shop) -> None:
    for place, quantity in ((0, "7"), (5, "1.5"), (4, "7")):
        document = Document(new_id(), shop.store, "", AT)
        arrival = Arrival(shop.products[place].id, Decimal(quantity), Decimal(50))
        await shop.db.run(shop.scope, stock.receive, document, [arrival])
    rising = await everything(shop, "on_hand")
    assert [one.on_hand for one in rising] == [Decimal(0)] * 9 + [Decimal("1.5"), Decimal(7), Decimal(7)]
    assert len({(one.product, one.store) for one in rising}) == 12
    assert await everything(shop, "-on_hand") == rising[::-1]
    assert [one.sku for one in await everything(shop, "sku")] == sorted(one.sku for one in rising)
    names = [one.name.lower() for one in await everything(shop, "name")]
    assert names == sorted(names)
    assert await everything(shop, "-name") == (await everything(shop, "name"))[::-1]


async def test_the_reorder_point_of_ticked_products_is_set(shop: Shop, site: Site) -> None:
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/stock"
    rows = (await everything(shop, "name"))[:4]  # two products in two stores
    ids = [f"{one.product}@{one.version}@{one.store}" for one in rows]
    data = {"new_reorder_point": "12", "ids": ids, "back": f"store={shop.store}"}
    answer = await owner.post(f"{home}/reorder-points", data=data)
    said = json.loads(answer.headers["hx-trigger"])["toast"]["text"]
    assert (answer.status_code, said) == (200, "2 products have the new reorder point.")
    picked = {one.product for one in rows}
    async with shop.db.read(shop.scope) as read:
        for id in picked:
            assert (await catalog.product(read, id)).reorder_point == Decimal("12")
    stale = await owner.post(f"{home}/reorder-points", data=data | {"new_reorder_point": ""})
    assert stale.status_code == 409
    assert stale.text.count("Changed meanwhile") == 2, "once per row that is shown"
    async with shop.db.read(shop.scope) as read:
        assert {(await catalog.product(read, id)).reorder_point for id in picked} == {Decimal("12")}
    for typed in ("-1", "much", "100000000000"):
        assert (await owner.post(f"{home}/reorder-points", data=data | {"new_reorder_point": typed})).status_code == 422
    clerk = await site.member(shop, "clerk")
    assert (await clerk.post(f"{home}/reorder-points", data=data)).status_code == 403
    page = (await clerk.get(home)).text
    assert "new_reorder_point" not in page
    assert f'formaction="{home}/export"' not in page
    assert 'name="ids"' not in page, "nothing can be done with ticked rows, so there is nothing to tick"
    viewer = (await (await site.member(shop, "viewer")).get(home)).text
    assert f'formaction="{home}/export"' in viewer
    assert 'name="ids"' in viewer
