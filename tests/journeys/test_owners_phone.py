"""The owner on a phone: Today, what is low, a sale's receipt, goods that come back, and figures that follow."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.day import PHONE, Day


async def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def test_the_owner_follows_the_day_on_a_phone_and_takes_goods_back(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "7", milk: "30"})
    till = await day.at_till(await day.device("clerk"), float_digits="10000")
    await till.scan(bread, 2)
    await till.scan(milk)
    await till.has_lines("2 Sourdough loaf 800 g €8.40", "1 Whole milk 1 l €1.35")
    await till.pay_cash("1000")
    await till.tap("Next sale")
    await till.has_sent_everything()

    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)
    today = await owner.visit(day.path("/"))
    await expect(today.locator("#kpi-revenue-value")).to_have_text("€9.75")
    await fits(today)
    await today.locator("#today-worth a").click()
    await expect(today.locator("main")).to_contain_text(bread.name)
    await fits(today)
    await today.get_by_role("navigation", name="Quick").get_by_role("link", name="Today").click()
    await today.locator("#today-feed a").first.click()
    await expect(today.get_by_role("heading", level=1)).to_have_text("T1-000001")
    await fits(today)

    await today.get_by_role("link", name="Receipt").click()
    await expect(today.locator("#paper")).to_contain_text("€9.75")
    await expect(today.locator("#paper")).to_contain_text("Change")
    await fits(today)
    await today.go_back()

    await today.get_by_label(re.compile("Sourdough loaf")).fill("1")
    await today.get_by_role("button", name="Take back").click()
    await expect(today.get_by_role("heading", level=1)).to_have_text("T1-R000001")
    await expect(today.locator("main")).to_contain_text("Taken back. Pay the customer the amount shown here.")
    await expect(today.get_by_role("row", name="Total -€4.20", exact=True)).to_be_visible()
    await fits(today)

    await today.goto(f"{owner.origin}{day.path('/')}")
    await expect(today.locator("#kpi-revenue-value")).to_have_text("€5.55")
    await expect(today.locator("#today-feed li").first).to_contain_text("refund")
    refunds = today.locator("#kpi-refunds-value")
    await expect(refunds).to_have_text("€4.20")
    assert [(one["kind"], one["total_minor"]) for one in await day.sales()] == [("return", -420), ("sale", 975)]
    await day.every_check_holds()


@pytest.mark.parametrize("script", ["htmx@4.0.1/hx-ws.min.js", "js/live.js"])
async def test_a_page_is_live_whichever_of_its_scripts_comes_last(day: Day, script: str) -> None:
    owner = await day.device("owner")

    async def late(route: Route) -> None:
        await asyncio.sleep(2)
        await route.continue_()

    await owner.context.route(f"**/{script}*", late)
    page = await owner.visit(day.path("/stock"))
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
