"""A tablet turned to the customer shows what the till on the counter sells, while it sells, through the real server."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support.counter import OUTAGE, Counter, Device
from tests.support.day import Day


async def paired(till: Counter, tablet: Device) -> Page:
    """Make a code at the till and type it on the tablet."""
    await till.page.locator(".top .pill").click()
    await till.page.get_by_role("button", name="Pair or end").click()
    await till.page.get_by_role("button", name="Make a code").click()
    code = await till.page.locator(".pairing .code").inner_text()
    page = await tablet.visit("/display")
    await page.get_by_label("Code").fill(code.lower())
    await page.get_by_role("button", name="Pair").click()
    await expect(page.locator("#display")).to_contain_text("Welcome")
    await expect(till.page.locator("dialog .rows li")).to_have_count(1)
    for left in (1, 0):
        await till.page.keyboard.press("Escape")
        await expect(till.page.locator("dialog")).to_have_count(left)
    return page


async def test_the_tablet_shows_each_line_within_a_moment_and_ends_from_the_office(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "9", milk: "9"})
    owner, clerk, tablet = await day.device("owner"), await day.device("clerk"), await day.device(signed_in=False)
    tablet.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    shown = await paired(till, tablet)
    screen = shown.locator("#display")
    await till.scan(bread)
    await expect(screen.locator("li")).to_have_count(1)
    await expect(screen.locator("li .n")).to_have_text(bread.name)
    await till.scan(milk)
    await expect(screen.locator(".sum b")).to_have_text("€5.55")

    await shown.reload()
    await expect(screen.locator(".sum b")).to_have_text("€5.55")
    await tablet.context.set_offline(True)
    await expect(screen).to_contain_text("Waiting for the till")
    await till.pay_cash()
    await tablet.context.set_offline(False)
    await expect(screen).to_contain_text("Thank you!", timeout=40_000)

    office = await owner.visit(day.path(f"/tills/{day.shop.till}"))
    await office.get_by_role("button", name="End this display").click()
    await expect(office.get_by_text("The display is ended.")).to_be_visible()
    await expect(shown.get_by_label("Code")).to_be_visible()
    await till.tap("Next sale")
    await till.scan(bread)
    await expect(till.page.locator(".lines li")).to_have_count(1)
    await till.has_sent_everything()
    await day.every_check_holds()
