"""A reader that types each code and Enter: the next code takes the last one's place, wherever codes are typed."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from retail.kit.ids import new_id
from retail.stock.counts.operations import NewArea, NewCount, start
from tests.support.office import office
from tests.support.shelves import drafted, stocked
from tests.support.web import site
from tests.support.world import Shop

__all__ = ["office", "site"]

UNKNOWN = "9999999999994"


async def scan(page: Page, code: str) -> None:
    """Type as a reader does: fast, into whatever has the focus, with Enter at the end."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def selected(field: Locator) -> None:
    """Wait until all that the field holds is selected, and has the focus."""
    await expect(field).to_be_focused()
    handle = await field.element_handle()
    assert handle is not None
    await field.page.wait_for_function(
        "(one) => one.value && one.selectionStart === 0 && one.selectionEnd === one.value.length", arg=handle
    )


async def test_a_count_takes_the_next_code_after_an_unknown_one(shop: Shop, office: Page) -> None:
    await stocked(shop, "10")
    counting = new_id()
    new = NewCount(counting, shop.store, "Friday", [NewArea(new_id(), "Floor", True)])
    await shop.db.run(shop.scope, start, new)
    await office.goto(f"/t/{shop.tenant.slug}/stock/counts/{counting}/entries")
    field = office.get_by_role("textbox", name="Product")
    await expect(field).to_be_focused()
    await scan(office, UNKNOWN)
    await expect(office.locator("#counting .field.wrong").first).to_be_visible()
    await selected(field)
    await scan(office, shop.products[0].barcode)
    await expect(office.locator("#counting").get_by_role("status")).to_contain_text(shop.products[0].name)


async def test_a_transfer_takes_the_next_code_after_an_unknown_one(shop: Shop, office: Page) -> None:
    await stocked(shop, "10")
    transfer = await drafted(shop, (0, "1", ""))
    await office.goto(f"/t/{shop.tenant.slug}/stock/transfers/{transfer}")
    field = office.get_by_role("textbox", name="Scan or type")
    await field.click()
    await scan(office, UNKNOWN)
    await expect(office.locator("#transfer .field.wrong").first).to_be_visible()
    await selected(field)
    await scan(office, shop.products[1].barcode)
    await expect(office.locator("#transfer")).to_contain_text(shop.products[1].name)


async def test_a_move_takes_the_next_code_after_an_unknown_one(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/stock/moves/new")
    field = office.get_by_role("textbox", name="Product")
    await field.click()
    await scan(office, UNKNOWN)
    await expect(office.locator("#move-found")).to_contain_text("No product on sale")
    await selected(field)
    await scan(office, shop.products[0].barcode)
    await expect(office.locator("#move-product .picked")).to_contain_text(shop.products[0].name)


async def test_each_find_takes_the_place_of_the_one_before(shop: Shop, office: Page) -> None:
    await stocked(shop, "10")
    for path, field, answer in (
        ("/pocket/stock", office.get_by_role("searchbox", name="Find a product"), "#pocket-found"),
        ("/products", office.get_by_role("searchbox", name="Search products"), "#products"),
    ):
        await office.goto(f"/t/{shop.tenant.slug}{path}")
        await field.click()
        for ware in (shop.products[0], shop.products[1]):
            await scan(office, ware.barcode)
            await expect(office.locator(answer)).to_contain_text(ware.name)
            await selected(field)


async def test_whoever_types_on_after_enter_keeps_the_caret(shop: Shop, office: Page) -> None:
    await office.goto(f"/t/{shop.tenant.slug}/products")
    field = office.get_by_role("searchbox", name="Search products")
    await field.fill("Whole")
    await expect(office.locator("#products")).not_to_contain_text(shop.products[0].name)
    await field.press("End")
    await field.press_sequentially(" milk")
    await expect(office).to_have_url(re.compile("milk"))
    await field.press_sequentially("!")
    await expect(field).to_have_value("Whole milk!")
