"""A double tap and a double Enter are never for what came under them: an article behind a sheet, a question unread."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF, MILK = "Sourdough loaf 800 g", "Whole milk 1 l"
READY = "() => import('/kiosk/till/twice.js').then(({ listen }) => listen())"  # read ahead, which no test waits for
ONE_LARGE_TILE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".tiles { grid: auto / 1fr !important; grid-auto-rows: 40rem !important; }");
  document.adoptedStyleSheets.push(sheet);
}"""
IS_TILE = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.tile'))"


@pytest.fixture
async def quick(selling: TillPage) -> TillPage:
    """A till that sells, with what a quick hand needs."""
    await selling.page.evaluate(READY)
    return selling


async def tap_twice(page: Page, name: str) -> None:
    """Two taps on the same spot, as a nervous finger does."""
    button = page.get_by_role("button", name=name).locator("visible=true").first
    box = await button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.click(x, y)
    await page.mouse.click(x + 3, y + 2)


async def enter_twice(page: Page) -> None:
    for _ in range(2):
        await page.keyboard.press("Enter")


@pytest.mark.shell
async def test_a_double_tap_on_next_sale_sells_nothing(quick: TillPage) -> None:
    page = quick.page
    await quick.scan(2)
    await quick.has_lines(f"1 {MILK} €1.35")
    await quick.pay_cash()
    await page.evaluate(ONE_LARGE_TILE)
    box = await page.get_by_role("button", name="Next sale").bounding_box()
    assert box is not None
    spot = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    await tap_twice(page, "Next sale")
    await expect(page.locator(".charge")).to_be_visible()
    assert await page.evaluate(IS_TILE, spot), "an article must lie under the button, or this shows nothing"
    await asyncio.sleep(0.5)  # what the second tap did would be seen by then
    assert await quick.lines() == []
    await page.mouse.click(*spot)  # and the same place counts again
    await eventually(lambda: page.locator(".lines li").count(), 1)


@pytest.mark.shell
async def test_a_double_click_on_close_the_shift_leaves_its_question_open(quick: TillPage) -> None:
    page = quick.page
    await page.locator("#rail").get_by_role("button", name="Shift").click()
    await quick.tap("Count and close the shift")
    await quick.press("15000")
    await tap_twice(page, "Close the shift")
    await quick.shows("After that the count can't be changed.")
    await asyncio.sleep(0.5)  # the second tap is over by then, and what it did would be seen
    await expect(page.locator("dialog[open]")).to_have_count(1)
    await page.mouse.click(5, 5)  # a touch outside still closes it
    await expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.shell
async def test_enter_twice_does_not_pass_the_warning_of_the_count(quick: TillPage, fake: FakeTillServer) -> None:
    page = quick.page
    await page.locator("#rail").get_by_role("button", name="Shift").click()
    await quick.tap("Count and close the shift")
    await quick.press("15000")
    await enter_twice(page)
    await quick.shows("After that the count can't be changed.")
    await asyncio.sleep(0.5)
    await expect(page.locator("dialog[open]")).to_have_count(1)
    assert [one["kind"] for one in await quick.journal() if one["kind"].startswith("shift_c")] == []
    await page.keyboard.press("Enter")
    await eventually(lambda: len(fake.of_kind("shift_counted")), 1)


async def test_enter_on_a_found_tile_sells_once_and_the_next_charges(quick: TillPage) -> None:
    page = quick.page
    await quick.press("sourd")
    await expect(page.locator(".tile")).to_have_count(1)
    await quick.key("ArrowDown")
    await expect(page.locator(".tile")).to_be_focused()
    await quick.key("Enter")
    await quick.has_lines(f"1 {LOAF} €4.20")
    await expect(page.locator(".tile:focus")).to_have_count(0)
    await quick.key("Enter")
    await expect(page.locator(".pay-main")).to_be_visible()
    assert await quick.lines() == [f"1 {LOAF} €4.20"]
