"""Stock is searched as products are: words in any order and any case, SKUs, and whole barcodes."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from retail.kit.ids import new_id
from retail.stock.counts.operations import NewArea, NewCount, NewEntry, start
from retail.stock.counts.operations import record as record_counted
from retail.stock.levels import Narrowed, levels
from tests.support.office import office
from tests.support.shelves import stocked
from tests.support.stockroom import D
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]


def asked(shop: Shop) -> list[tuple[str, list[str]]]:
    """Give what is typed about the second product, and which SKUs are to be found."""
    milk = shop.products[1]
    return [
        (milk.barcode, [milk.sku]),
        (f"  {milk.barcode} ", [milk.sku]),
        (f"MILK {milk.barcode}", [milk.sku]),
        (milk.barcode[:-1], []),
        ("1 milk WHÓLE", [milk.sku]),
        (milk.sku.lower(), [milk.sku]),
        (f"whole {milk.sku.lower()}", [milk.sku]),
        ("whole loaf", []),
    ]


async def test_the_stock_on_hand_is_found_by_barcode_too(shop: Shop, site: Site) -> None:
    await stocked(shop, "4", 1)
    for text, wanted in asked(shop):
        async with shop.db.read(shop.scope) as read:
            page = await levels(read, Narrowed(store=shop.store, text=text), limit=50)
        assert [one.sku for one in page.items] == wanted, text
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock"
    shown = (await owner.get(at, params={"q": shop.products[1].barcode})).text
    assert (shop.products[1].name in shown, "Nothing matches" in shown) == (True, False)
    assert 'placeholder="Name, SKU or barcode"' in shown
    file = (await owner.get(f"{at}/export", params={"q": shop.products[1].barcode, "format": "json"})).json()
    assert {row["sku"] for row in file} == {shop.products[1].sku}
    sent = await owner.get(f"/t/{shop.tenant.slug}/api/v1/stock", params={"q": shop.products[1].barcode})
    assert {row["sku"] for row in sent.json()["items"]} == {shop.products[1].sku}


async def counted(shop: Shop) -> NewCount:
    for product in range(3):
        await stocked(shop, "4", product)
    new = NewCount(new_id(), shop.store, "Friday", (NewArea(new_id(), "Floor"),))
    await shop.db.run(shop.scope, start, new)
    entry = NewEntry(new_id(), shop.products[0].id, new.areas[0].id, D(3), "set")
    await shop.db.run(shop.scope, record_counted, new.id, [entry])
    return new


async def test_the_products_of_a_count_are_found_so_too(shop: Shop, site: Site) -> None:
    of = await counted(shop)
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/stock/counts"
    skus = [ware.sku for ware in shop.products]
    for text, wanted in asked(shop):
        page = (await owner.get(f"{home}/{of.id}", params={"q": text, "show": "all"})).text
        assert [sku for sku in skus if f">{sku}<" in page] == wanted, text
        file = await owner.get(
            f"{home}/lines/export", params={"q": text, "count": str(of.id), "show": "all", "format": "json"}
        )
        assert [row["sku"] for row in file.json()] == wanted, text
    assert 'aria-label="Product, SKU or barcode"' in page


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_ways_to_look_at_a_count_stand_on_one_line_each(shop: Shop, office: Page, width: int) -> None:
    of = await counted(shop)
    await office.set_viewport_size({"width": width, "height": 800})
    await office.goto(f"/t/{shop.tenant.slug}/stock/counts/{of.id}")
    if width < 768:
        await office.locator("#filters > summary").click()
    strip = office.get_by_role("radiogroup", name="Which products")
    await expect(strip.get_by_text("To count", exact=True)).to_be_visible()
    sizes = await strip.locator("label").evaluate_all("all => all.map(one => [one.offsetHeight, one.scrollWidth])")
    assert max(height for height, _width in sizes) <= 48, sizes
    assert await strip.evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing is out of sight"


async def test_of_a_finished_count_the_rest_is_not_counted(shop: Shop, site: Site) -> None:
    of = await counted(shop)
    owner, at = await site.member(shop), f"/t/{shop.tenant.slug}/stock/counts/{of.id}"
    assert "To count" in (await owner.get(at)).text
    assert (await owner.post(f"{at}/closure", data={})).status_code == 303
    page = (await owner.get(at)).text
    assert ("To count" in page, ">Not counted<" in page) == (False, True)
