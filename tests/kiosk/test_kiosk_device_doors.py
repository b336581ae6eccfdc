"""What leads to an office page at a desk leads to the till's own sheets where the browser is an enrolled device."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_staff import enrol_for_good
from tests.support.till_page import TillPage, eventually

ODD = [{"code": "price_changed", "detail": "The price was 4.50 at that time."}]


@pytest.fixture
async def enrolled(context: BrowserContext, fake: FakeTillServer) -> TillPage:
    till = await TillPage.open(context, fake)
    await enrol_for_good(till)
    await till.open_shift("15000")
    await eventually(lambda: len(fake.of_kind("shift_opened")), 1)
    return till


def rail(till: TillPage) -> Locator:
    return till.page.locator("#rail")


async def odd_sale(till: TillPage) -> Locator:
    """Sell something that the server remarks on; gives the open sheet that tells it."""
    till.fake.exceptions = ODD
    await till.sell(0)
    await till.tap("Look")
    sheet = till.page.get_by_role("dialog", name="Needs attention")
    await expect(sheet.get_by_text("The price was 4.50")).to_be_visible()
    return sheet


@pytest.mark.shell
async def test_stock_is_the_tills_own_sheet_at_a_device(enrolled: TillPage) -> None:
    await expect(rail(enrolled).get_by_role("link")).to_have_count(0)
    await rail(enrolled).get_by_role("button", name="Receipts", exact=True).click()
    await rail(enrolled).get_by_role("button", name="Stock", exact=True).click()
    sheet = enrolled.page.get_by_role("dialog", name="Price check")
    await sheet.get_by_label("Name, SKU or barcode").fill("Sourdough")
    await enrolled.key("Enter")
    await expect(sheet.get_by_role("heading", name="In stock", exact=True)).to_be_visible()
    await sheet.get_by_role("button", name="Add it", exact=True).click()
    await enrolled.has_lines("1 Sourdough loaf 800 g €4.20")


async def test_a_record_that_needs_attention_opens_as_the_receipt_of_this_device(enrolled: TillPage) -> None:
    sheet = await odd_sale(enrolled)
    await expect(sheet.get_by_role("link")).to_have_count(0)
    await sheet.get_by_role("button", name="Open", exact=True).click()
    await expect(enrolled.page.get_by_role("dialog", name="Receipt T2-000001")).to_contain_text("Sourdough loaf 800 g")


async def test_at_a_desk_both_lead_to_the_office_and_to_that_very_sale(selling: TillPage, fake: FakeTillServer) -> None:
    stock = rail(selling).get_by_role("link", name="Stock", exact=True)
    await expect(stock).to_have_attribute("href", re.compile("/stock$"))
    sheet = await odd_sale(selling)
    at = sheet.get_by_role("link", name="Open", exact=True)
    await expect(at).to_have_attribute("href", re.compile(f"/sales/{fake.sales[0]['id']}$"))


async def test_a_code_that_nobody_knows_is_not_added_from_a_device(enrolled: TillPage) -> None:
    await enrolled.hands.scan("4006381333931")
    await enrolled.shows("Nothing here has the code 4006381333931.")
    await expect(enrolled.page.get_by_role("button", name="Add product", exact=True)).to_have_count(0)
