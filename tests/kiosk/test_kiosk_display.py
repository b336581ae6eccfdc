"""The customer display: a second window with the basket, what to pay, change and the receipt's code, offline too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.fake_till_paper import RECEIPT
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


@pytest.fixture
async def display(selling: TillPage, fake: FakeTillServer, context: BrowserContext) -> AsyncIterator[Page]:
    """The display, opened from This till."""
    fake.receipt = RECEIPT
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.page.locator(".top .pill").click()
    async with context.expect_page() as opened:
        await selling.page.get_by_role("button", name="Open in a window").click()
    page = await opened.value
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await selling.page.bring_to_front()
    await selling.key("Escape")
    yield page
    assert errors == []


@pytest.mark.shell
async def test_it_welcomes_then_shows_the_basket_what_to_pay_and_the_change(
    selling: TillPage, display: Page, fake: FakeTillServer
) -> None:
    screen = display.locator("#display")
    await expect(screen).to_contain_text("Welcome")
    await expect(screen).to_contain_text("Alma's Corner")
    await selling.scan(0, 2)
    await expect(screen.locator("li")).to_have_count(1)
    many = screen.locator("li .sm", has_text="2 \N{MULTIPLICATION SIGN} €4.20")
    for wide in (480, 1920):  # read from where the customer stands
        await display.set_viewport_size({"width": wide, "height": 800})
        assert await many.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)") >= 24
    await expect(screen.locator(".sum b")).to_have_text("€8.40")
    await selling.key("Enter")
    await expect(screen.locator(".sum")).to_contain_text("To pay")
    await selling.press("1000")
    await selling.tap("Complete sale")
    await expect(screen).to_contain_text("Thank you!")
    await expect(screen.locator(".sum b")).to_have_text("€1.60")
    label = await screen.locator("svg.qr").get_attribute("aria-label")
    assert label
    assert label.startswith(f"{fake.origin}/r/")
    await selling.tap("Next sale")
    await expect(screen).to_contain_text("Welcome")


async def test_it_never_shows_who_the_customer_is(selling: TillPage, display: Page) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("F4")
    await selling.page.locator("dialog input").first.fill("lena")
    await selling.page.get_by_role("button", name="Lena Marsh").click()
    await expect(selling.page.locator("#cart")).to_contain_text("Lena Marsh")
    await expect(display.locator("#display li")).to_have_count(1)
    await expect(display.locator("#display")).not_to_contain_text("Lena")


@pytest.mark.shell
async def test_it_opens_and_works_without_a_network(selling: TillPage, display: Page, context: BrowserContext) -> None:
    await selling.works_offline()
    await context.set_offline(True)
    await display.reload()
    await expect(display.locator("#display")).to_contain_text("Welcome")
    await selling.scan(0)
    await expect(display.locator("#display .sum b")).to_have_text("€4.20")
    await context.set_offline(False)
