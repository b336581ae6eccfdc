"""One page on one device sells at a till; everyone else is told who does, and can ask."""

from __future__ import annotations

from playwright.async_api import Browser, BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def test_a_second_tab_waits_and_an_idle_first_one_steps_aside(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    second = await TillPage.open(context, fake, ready=False)
    await second.shows("This till is open in another tab")
    await second.hands.scan(fake.products[0].barcodes[0])
    await second.tap("Use it here")
    await second.shows("Charge")
    await selling.shows("This till is now open in another tab")
    await second.sell(0)
    await eventually(lambda: len(fake.sales), 1)
    await selling.tap("Use it here")
    await selling.shows("Charge")
    await selling.sell(1)
    await eventually(lambda: [sale["number"] for sale in fake.sales], [1, 2])


async def test_a_tab_in_the_middle_of_a_sale_is_not_disturbed_without_a_word(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    await selling.scan(0)
    second = await TillPage.open(context, fake, ready=False)
    await second.tap("Use it here")
    await second.shows("The other tab is in the middle of a sale")
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await second.tap("Use it here anyway")
    await second.shows("Charge")
    await second.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.shows("This till is now open in another tab")


async def test_a_tab_that_does_not_answer_can_be_pushed_aside(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    await selling.page.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    await selling.scan(0)
    second = await TillPage.open(context, fake, ready=False)
    await second.tap("Use it here")
    await second.shows("The other tab doesn't answer")
    await second.tap("Use it here anyway")
    await second.shows("Charge")
    # the first can write nothing more, even if it tried
    failed = await selling.page.evaluate(
        """async () => {
             const { moveCash } = await import("/kiosk/till/drawer.js");
             return moveCash("pay_in", 1, "too late").then(() => "recorded", (error) => error.constructor.name);
           }"""
    )
    assert failed == "NotRecorded"


async def test_another_device_asks_before_it_takes_over(
    selling: TillPage, fake: FakeTillServer, browser: Browser
) -> None:
    other = await browser.new_context()
    second = await TillPage.open(other, fake, ready=False)
    await second.shows("In use:")
    await second.tap("Take over")
    await second.shows("Charge")
    await second.sell(0)
    await eventually(lambda: [sale["number"] for sale in fake.sales], [1])
    fake.push("till:" + fake.page.split("/")[-2], "till.taken_over", {"fence": fake.fence, "label": "the other one"})
    await selling.shows("the other one took this till over")
    await expect(selling.page.locator(".charge")).not_to_be_visible()
    await other.close()
