"""A product that never moved in a store is never low there, and its pages say so where the reorder point stands."""

from __future__ import annotations

from uuid import UUID

from retail.runtime.db import Tx
from retail.stock.levels import Narrowed, levels
from tests.stock.test_stock_pages import home, receive
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

SAID = "not kept here yet"


async def point(shop: Shop, at: int | None) -> None:
    await shop.db.run(shop.scope, _set_point, shop.products[0].id, at)


async def _set_point(tx: Tx, product: UUID, at: int | None) -> None:
    await tx.execute("UPDATE product SET reorder_point = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, product, at)


async def test_a_store_that_never_had_it_says_so_in_place_of_its_reorder_point(shop: Shop, site: Site) -> None:
    await point(shop, 5)
    await receive(shop, 0, "3")
    owner, ware = await site.member(shop), shop.products[0].id
    for path in (f"/products/{ware}", f"/stock/{ware}", f"/stock?q={shop.products[0].sku}"):
        page = (await owner.get(home(shop) + path)).text
        assert page.count(SAID) == 1, path
        assert "Low" in page, path
    async with shop.db.read(shop.scope) as read:
        found = {one.store: one for one in (await levels(read, Narrowed(product=ware), limit=9)).items}
    assert (found[shop.store].low, found[shop.store].idle) == (True, False)
    assert (found[shop.second_store].low, found[shop.second_store].idle) == (False, True)


async def test_without_a_reorder_point_nothing_is_said(shop: Shop, site: Site) -> None:
    await point(shop, None)
    owner = await site.member(shop)
    assert SAID not in (await owner.get(f"{home(shop)}/stock/{shop.products[0].id}")).text
