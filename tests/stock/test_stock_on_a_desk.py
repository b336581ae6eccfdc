"""The list of stock fits the smallest screen of a desk: its last column, where goods are moved from, is in sight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.async_api import Page

from retail.kit.ids import new_id
from retail.stock.reserving.operations import Wish, reserve
from tests.support.office import office
from tests.support.shelves import stocked
from tests.support.stockroom import D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


async def test_the_last_column_is_not_cut(shop: Shop, site: Site, office: Page) -> None:
    assert site
    await stocked(shop, "4007.734", 5, cost="151.44")
    until = datetime.now(UTC) + timedelta(days=1)
    await shop.db.run(shop.scope, reserve, Wish(new_id(), shop.store, shop.products[5].id, D("1.5"), until))
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = 5000, unit = 'kg' WHERE tenant_id = $1", tx.tenant)
        await tx.execute("UPDATE stock_balance SET low_since = now() WHERE tenant_id = $1", tx.tenant)
    await office.set_viewport_size({"width": 1280, "height": 800})
    await office.goto(f"/t/{shop.tenant.slug}/stock")
    wide = await office.locator("#stock .table-wrap, .table-wrap").first.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]
