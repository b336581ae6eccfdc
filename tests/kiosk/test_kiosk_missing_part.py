"""A part of the till that could not be had once is never asked for again in that page: the page begins again."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Error, Route, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

PART = "**/till/view_pay.js*"
STARTS = "() => performance.timeOrigin"
RUNS = "() => [performance.timeOrigin, document.body.dataset.screen]"


async def refuse(route: Route) -> None:
    await route.abort("connectionrefused")


@pytest.fixture
async def till(context: BrowserContext, fake: FakeTillServer) -> TillPage:
    """It sells, and payment never came."""
    await context.route(PART, refuse)
    till = await TillPage.open(context, fake)
    async with context.expect_event("requestfailed", lambda request: "view_pay.js" in request.url):
        await till.open_shift("15000")
    return till


async def begins_again(till: TillPage, before: float) -> None:
    async def does() -> bool:
        try:
            started, screen = await till.page.evaluate(RUNS)
        except Error:  # the page is just going
            return False
        return bool(started > before and screen == "sell")

    await eventually(does, wanted=True)


async def pays(till: TillPage) -> None:
    await till.page.locator(".charge").click()
    await expect(till.page.locator(".quick .btn").first).to_be_visible()


async def test_what_is_in_the_cart_stays_and_charging_again_works(till: TillPage, context: BrowserContext) -> None:
    await till.scan(0)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    started = await till.page.evaluate(STARTS)
    await context.unroute(PART)
    await till.page.locator(".charge").click()
    await begins_again(till, started)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await pays(till)


async def test_nobody_sells_it_begins_again_by_itself_when_the_server_is_back(
    till: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    fake.stop()
    await till.hear()
    await expect(till.page.locator(".top .pill")).not_to_contain_text("Online")
    await context.unroute(PART)
    started = await till.page.evaluate(STARTS)
    fake.start()
    await till.hear()
    await begins_again(till, started)
    await till.scan(0)
    await pays(till)


async def test_a_file_that_the_server_has_not_either_stops_no_till(till: TillPage) -> None:
    await till.scan(0)
    started = await till.page.evaluate(STARTS)
    await till.page.locator(".charge").click()
    await begins_again(till, started)
    started = await till.page.evaluate(STARTS)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.page.locator(".charge").click()
    await till.shows("This part of the till is not on this device yet")
    await till.scan(1)
    await till.has_lines("1 Sourdough loaf 800 g €4.20", "1 Butter croissant €1.60")
    assert await till.page.evaluate(STARTS) == started
