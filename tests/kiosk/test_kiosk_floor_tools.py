"""The tools beside the search field: a price that is only asked, categories that are typed, three of the next."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import ean13
from tests.support.till_page import TillPage

LOAF, MILK = "Sourdough loaf 800 g", "Whole milk 1 l"
UNKNOWN = ean13("401234567890")


async def ready(till: TillPage) -> None:
    """Wait for the tools: they come when the rest is on the device, which takes its time on a busy machine."""
    await expect(till.page.get_by_role("button", name="Price check")).to_be_visible(timeout=60_000)


async def check(till: TillPage) -> None:
    """Open the price check by its button, which comes once the till sells."""
    await ready(till)
    await till.page.get_by_role("button", name="Price check").click()
    await expect(till.page.get_by_role("dialog", name="Price check")).to_be_visible()


async def offline(till: TillPage, fake: FakeTillServer) -> None:
    """Go offline, with every part of the price check on the device."""
    await till.works_offline()
    fake.stop()
    await till.hear()
    await expect(till.page.locator(".top .pill")).to_contain_text("Offline", timeout=20_000)


@pytest.mark.shell
async def test_a_scan_in_the_price_check_says_price_and_stock_everywhere_and_sells_nothing(
    selling: TillPage, fake: FakeTillServer
) -> None:
    fake.stock_elsewhere = {"Hafen": "7", "Nordstadt": "0"}
    await check(selling)
    await selling.scan(0)
    sheet = selling.page.get_by_role("dialog", name="Price check")
    await expect(sheet.locator(".figure")).to_have_text("€4.20")
    await expect(sheet.locator("dl").last).to_contain_text("18")
    await expect(sheet.locator("dl").last).to_contain_text("Hafen7")
    await expect(sheet.locator("dl").last).to_contain_text("Nordstadtsold out")
    await selling.has_lines()
    await selling.scan(2)
    await expect(sheet.locator(".figure")).to_have_text("€1.35")
    await selling.hands.scan(UNKNOWN)
    await expect(sheet.get_by_text(f"Nothing here has the code {UNKNOWN}.")).to_be_visible()
    await expect(sheet.get_by_role("button", name="Add it")).to_be_hidden()
    await selling.scan(2)
    await sheet.get_by_role("button", name="Add it").click()
    await expect(sheet).to_have_count(0)
    await selling.has_lines(f"1 {MILK} €1.35")
    await selling.scan(0)
    await selling.has_lines(f"1 {MILK} €1.35", f"1 {LOAF} €4.20")


@pytest.mark.shell
async def test_a_name_is_checked_by_keys_alone_and_added_when_that_is_said(selling: TillPage) -> None:
    await ready(selling)
    await selling.key("Shift+F2")
    sheet = selling.page.get_by_role("dialog", name="Price check")
    await selling.press("croiss")
    await expect(sheet.get_by_role("button", name="Butter croissant")).to_be_visible()
    await selling.key("Enter")
    await expect(sheet.locator(".figure")).to_have_text("€1.60")
    await selling.has_lines()
    await selling.key("Enter")
    await selling.has_lines("1 Butter croissant €1.60")
    await selling.key("Shift+F2")
    await selling.press("zzz")
    await expect(sheet.get_by_text("Nothing is called “zzz”.")).to_be_visible()
    await selling.key("Escape")
    await expect(sheet).to_have_count(0)
    await selling.has_lines("1 Butter croissant €1.60")


@pytest.mark.shell
async def test_the_price_check_says_what_several_cost_with_an_offer(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    goods = {"products": [fake.products[1].id]}
    fake.run_offers({"name": "3 for 2", "kind": "buy_get", "terms": {"goods": goods, "buy": 2, "free": 1,
                                                                     "percent": 10_000}})  # fmt: skip
    till = await TillPage.open(context, fake)
    await till.open_shift("15000")
    await till.scan(1, 3)
    await till.has_lines("3 Butter croissant €3.20")
    await check(till)
    await till.scan(1)
    sheet = till.page.get_by_role("dialog", name="Price check")
    await expect(sheet.locator("dl").first).to_contain_text("3 \u00d7 · 3 for 2€3.20")
    await till.has_lines("3 Butter croissant €3.20")
    assert till.errors == []


@pytest.mark.shell
async def test_the_price_check_works_offline_and_says_what_it_cannot_know(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await check(selling)
    await selling.key("Escape")
    await offline(selling, fake)
    await check(selling)
    await selling.scan(0)
    sheet = selling.page.get_by_role("dialog", name="Price check")
    await expect(sheet.locator(".figure")).to_have_text("€4.20")
    await expect(sheet.locator("dl").last).to_contain_text("18")
    await expect(sheet.get_by_text("What the other stores have is known to the server")).to_be_visible()
    await sheet.get_by_role("button", name="Add it").click()
    await selling.has_lines(f"1 {LOAF} €4.20")
    fake.start()


@pytest.mark.shell
async def test_a_categorys_name_finds_its_articles_after_those_that_are_called_so(selling: TillPage) -> None:
    await ready(selling)
    await selling.press("dairy")
    tiles = selling.page.locator(".tile b")
    await expect(tiles).to_have_text(["Crème fraîche", "Greek yoghurt 500 g", MILK])
    await selling.key("Enter")  # none of them is called so: nobody has said which
    await selling.has_lines()
    await tiles.last.click()
    await selling.has_lines(f"1 {MILK} €1.35")


async def test_a_number_and_a_star_count_what_is_scanned_next_and_what_is_tapped_next(selling: TillPage) -> None:
    counted = selling.page.locator(".next")
    await selling.press("3*")
    await expect(counted).to_have_text("3 \u00d7")
    await selling.scan(2)
    await selling.has_lines(f"3 {MILK} €4.05")
    await expect(counted).to_be_hidden()
    await selling.press("4*")
    await expect(counted).to_have_text("4 \u00d7")
    await selling.page.locator(".tile", has_text=LOAF).click()
    await selling.has_lines(f"3 {MILK} €4.05", f"4 {LOAF} €16.80")
    await expect(counted).to_be_hidden()
    await selling.press("2*crois")
    await selling.page.locator(".tile", has_text="Butter croissant").click()
    await selling.has_lines(f"3 {MILK} €4.05", f"4 {LOAF} €16.80", "2 Butter croissant €3.20")
    await selling.page.locator(".tile", has_text=LOAF).click()
    await selling.has_lines(f"3 {MILK} €4.05", f"5 {LOAF} €21.00", "2 Butter croissant €3.20")
