"""GS1 element strings find their product wherever one is looked for, and fill in the lot that they name."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest
from playwright.async_api import Page, Route, expect

from retail.catalog import operations as catalog
from retail.kit.ids import new_id
from retail.stock.counts.operations import NewArea, NewCount, start
from tests.support.office import office
from tests.support.shelves import drafted, follow_by, lots_of, stocked
from tests.support.stockroom import D, count, on_hand
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["office", "site"]

GTIN = "04060017800884"
SCANS = (
    "]d2010406001780088417271231",
    "010406001780088417271231",
    "(01)04060017800884(17)271231",
    "0104060017800884",
    "]C1010406001780088410AB7\x1d17271231",
    f"https://id.example/01/{GTIN}/10/AB7",
)


def home(shop: Shop) -> str:
    return f"/t/{shop.tenant.slug}"


async def mark(shop: Shop, product: int = 2) -> None:
    """Give a product the barcode that the scans name."""
    ware = shop.products[product]
    draft = catalog.Draft(
        ware.id, ware.sku, ware.name, shop.reduced, ware.price_minor, shop.category, (GTIN[1:],), unit_cost=D(110)
    )
    await shop.db.run(shop.scope, catalog.put_products, [draft])


@pytest.mark.parametrize("scan", SCANS)
async def test_a_scan_finds_its_product_on_every_page(shop: Shop, site: Site, scan: str) -> None:
    await mark(shop)
    owner = await site.member(shop)
    typed = quote(scan)
    for path in (
        f"stock/moves/product?code={typed}",
        f"stock/moves/new?code={typed}",
        f"products?q={typed}",
        f"search?q={typed}",
        f"stock/waste/new?code={typed}",
        f"products/barcode-rules?code={typed}",
    ):
        page = await owner.get(f"{home(shop)}/{path}")
        assert (page.status_code, "Dark chocolate" in page.text) == (200, True), path
        assert "Whole milk" not in page.text, path


async def test_a_scan_is_taken_by_moves_counts_and_transfers(shop: Shop, site: Site) -> None:
    await mark(shop)
    await stocked(shop, "5", 2)
    transfer = await drafted(shop, (2, "1", ""))
    counting, area = new_id(), new_id()
    await shop.db.run(shop.scope, start, NewCount(counting, shop.store, "Friday", [NewArea(area, "Floor", True)]))
    owner = await site.member(shop)
    for at, scan in enumerate(SCANS):
        goods = {"id": str(new_id()), "code": scan, "quantity": "1"}
        move = goods | {"kind": "receipt", "store": str(shop.store)}
        assert (await owner.post(f"{home(shop)}/stock/moves", data=move)).status_code == 303, scan
        assert await on_hand(shop, 2) == D(6 + at)
        line = await owner.post(f"{home(shop)}/stock/transfers/{transfer}/lines", data=goods)
        assert line.status_code == 303, scan
        entry = goods | {"area": str(area), "mode": "add"}
        found = await owner.post(f"{home(shop)}/stock/counts/{counting}/entries", data=entry)
        assert found.status_code == 303, scan
    assert await count(shop, "stock_count_entry") == len(SCANS)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT quantity FROM transfer_line") == D(1 + len(SCANS))


async def test_a_scan_fills_in_the_lot_that_is_received(shop: Shop, site: Site) -> None:
    await mark(shop)
    await follow_by(shop, "lot", 2)
    owner = await site.member(shop)
    scan = "]d20104060017800884" + "17991231" + "10AB7"
    page = await owner.get(f"{home(shop)}/stock/lots/new?code={quote(scan)}&lot=OLD&quantity=4")
    assert 'value="AB7"' in page.text
    assert 'value="SKU-003"' in page.text
    assert 'value="4"' in page.text
    scan = "]d20104060017800884" + "17691231" + "10AB7"
    page = await owner.get(f"{home(shop)}/stock/lots/new?code={quote(scan)}")
    assert 'value="2069-12-31"' in page.text
    form = {"code": scan, "quantity": "4", "lot_store": str(shop.store)}
    done = await owner.post(f"{home(shop)}/stock/lots", data=form)
    assert done.status_code == 303
    assert await lots_of(shop, product=2) == {"AB7": "4"}
    async with shop.db.read(shop.scope) as read:
        assert (await read.fetchval("SELECT expires_on FROM lot")).isoformat() == "2069-12-31"


async def test_a_lot_that_is_out_of_date_is_taken_only_on_purpose(shop: Shop, site: Site) -> None:
    await follow_by(shop, "lot", 2)
    owner = await site.member(shop)
    form = {"code": "SKU-003", "quantity": "4", "lot": "L1", "lot_store": str(shop.store), "expires_on": "2001-01-01"}
    page = await owner.post(f"{home(shop)}/stock/lots", data=form)
    assert (page.status_code, "This day is past." in page.text) == (422, True)
    assert "It is out of date already" in page.text
    assert await lots_of(shop, product=2) == {}
    assert (await owner.post(f"{home(shop)}/stock/lots", data=form | {"expired": "on"})).status_code == 303
    assert await lots_of(shop, product=2) == {"L1": "4"}


async def test_a_scanner_fills_in_the_lot_on_the_page(shop: Shop, office: Page) -> None:
    await mark(shop)
    await follow_by(shop, "lot", 2)
    await office.goto(f"{home(shop)}/stock/lots/new")
    await office.get_by_label("Scan or type").fill("]d2010406001780088417691231" + "10AB7")
    await office.keyboard.press("Enter")  # as a scanner ends
    await expect(office.locator("#f-lot")).to_have_value("AB7")
    await expect(office.locator("#f-expires_on")).to_have_value("2069-12-31")
    await expect(office.locator("#f-code")).to_have_value("SKU-003")
    await expect(office.locator("#lot-goods")).to_contain_text("Dark chocolate")


async def test_an_answer_that_comes_late_takes_nothing_from_what_is_typed(shop: Shop, office: Page) -> None:
    await mark(shop)
    await follow_by(shop, "lot", 2)
    await office.goto(f"{home(shop)}/stock/lots/new")
    asked, typed = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await typed.wait()
        await route.continue_()

    await office.route("**/stock/lots/new?*", late)
    await office.get_by_label("Scan or type").fill("]d2010406001780088417691231" + "10AB7")
    await office.keyboard.press("Tab")
    await asyncio.wait_for(asked.wait(), 20)
    await office.keyboard.type("LOT-12")
    typed.set()
    await expect(office.locator("#f-expires_on")).to_have_value("2069-12-31")
    await office.keyboard.type("345678")
    await expect(office.locator("#f-lot")).to_have_value("LOT-12345678")
    await expect(office.locator("#lot-goods")).to_contain_text("Dark chocolate")


async def test_a_lot_that_is_filled_in_under_the_cursor_gives_way_to_what_is_typed(shop: Shop, office: Page) -> None:
    await mark(shop)
    await follow_by(shop, "lot", 2)
    await office.goto(f"{home(shop)}/stock/lots/new")
    await office.get_by_label("Scan or type").fill("]d2010406001780088417691231" + "10AB7")
    await office.keyboard.press("Tab")
    await expect(office.locator("#f-lot")).to_have_value("AB7")
    await office.keyboard.type("MINE")
    await expect(office.locator("#f-lot")).to_have_value("MINE")
