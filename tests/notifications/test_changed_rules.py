"""New reorder points for many products are one act: one notice at the bell, which goes when the act is undone."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from retail import stock
from retail.catalog.changes import running
from retail.catalog.changes.running import Pick
from retail.kit.ids import new_id
from retail.stock import Arrival, Document
from tests.support.stockroom import AT
from tests.support.told import posted, relay
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]


@pytest.fixture
async def full(shop: Shop) -> Shop:
    """A shop with five of everything in both of its stores, and nothing of one of them."""
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = NULL WHERE tenant_id = $1", tx.tenant)
    for store in (shop.store, shop.second_store):
        goods = [Arrival(ware.id, Decimal(5), ware.unit_cost) for ware in shop.products]
        await shop.db.run(shop.scope, stock.receive, Document(new_id(), store, "", AT), goods)
    gone = Document(new_id(), shop.store, "thrown away", AT)
    await shop.db.run(shop.scope, stock.waste, gone, [stock.Taken(shop.products[-1].id, Decimal(5))])
    await relay(shop)
    assert await posted(shop) == []
    return shop


async def put(shop: Shop, point: str, products: int, most: int = 500) -> UUID:
    """Set the point of the first products, so many at a time, as the page and the worker do."""
    async with shop.db.begin(shop.scope) as tx:
        rows = await tx.fetch("SELECT id, version FROM product WHERE tenant_id = $1 ORDER BY sku", tx.tenant)
        picks = [Pick(row["id"], row["version"]) for row in rows[:products]]
        id = await running.start(tx, "reorder_point", {"reorder_point": point}, picks)
    await taken(shop, id, most)
    return id


async def taken(shop: Shop, change: UUID, most: int = 500) -> None:
    while await shop.db.run(shop.scope, running.take, change, most):
        await relay(shop)
    await relay(shop)


async def test_many_new_points_are_one_notice_with_its_count_and_the_way_there(full: Shop, site: Site) -> None:
    owner = await site.member(full)
    change = await put(full, "12", 5)
    assert await posted(full) == [("stock_low", {"products": 5})]
    at = f"/t/{full.tenant.slug}"
    page = (await owner.get(f"{at}/notices")).text
    assert "5 products are low by their new reorder points, in several stores." in page
    assert f'href="{at}/stock?low=1"' in page
    assert (await owner.get(f"{at}/notices/unread")).text.count(">1<") == 1
    undoing = await full.db.run(full.scope, running.start_undoing, change)
    await taken(full, undoing)
    assert await posted(full) == [("stock_low", {"products": 5})]
    assert ">1<" not in (await owner.get(f"{at}/notices/unread")).text


async def test_a_large_change_that_comes_in_parts_is_one_notice_that_grows(full: Shop) -> None:
    await put(full, "12", 5, 2)
    told = await posted(full)
    assert [kind for kind, _facts in told] == ["stock_low"]
    assert told[0][1]["products"] >= 4


async def test_one_product_of_one_store_is_told_by_itself(full: Shop) -> None:
    async with full.db.begin(full.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", full.second_store)
    await put(full, "5", 1)
    assert [(kind, Decimal(facts["on_hand"])) for kind, facts in await posted(full)] == [("stock_low", 5)]
