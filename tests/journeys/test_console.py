"""The operator's overview as a person sees it: a till sells, and the figures move without a reload."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.support.axe import violations
from tests.support.day import DESKTOP, PHONE, Day
from tests.support.device import Device
from tests.support.web import enrol_operator


async def operator(day: Day, **options: object) -> Device:
    """Give an operator's browser."""
    device = await day.device(**options)  # type: ignore[arg-type]
    _person, _email, secret = await enrol_operator(day.house.db, second_factor=True)
    await device.context.add_cookies(
        [{"name": "s", "value": secret, "url": device.origin, "httpOnly": True, "sameSite": "Lax"}]
    )
    return device


async def figure(page: Page, id: str) -> int:
    return int(re.sub(r"\D", "", await page.locator(f"#{id}").inner_text()))


async def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def test_a_sale_at_a_till_moves_the_tiles_of_the_open_overview(day: Day) -> None:
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "20"})
    clerk = await day.device("clerk")
    till = await day.at_till(clerk, float_digits="5000")
    otto = await operator(day)
    page = await otto.visit("/platform")
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    await expect(page.locator("#kpi-online-value")).not_to_have_text("0")
    sold, pieces = await figure(page, "kpi-sales-value"), page.locator("#kpi-sales-value")
    await page.evaluate("window.stays = true")
    await till.scan(bread)
    await till.pay_cash("500")
    await expect(pieces).to_have_text(str(sold + 1))
    await expect(page.locator("#taking-EUR")).to_contain_text("€")
    assert await page.evaluate("window.stays"), "without a reload"


async def test_overview_businesses_and_people_have_no_barriers_and_fit(day: Day) -> None:
    slug = day.shop.tenant.slug
    for viewport in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            otto = await operator(day, viewport=viewport, color_scheme=scheme)
            for path in ("/platform", "/platform/businesses", f"/platform/businesses/{slug}", "/platform/people"):
                page = await otto.visit(path)
                await expect(page).to_have_url(otto.origin + path)
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
                await fits(page)
                assert await violations(page) == [], path


async def test_an_operator_notes_something_by_keyboard_alone(day: Day) -> None:
    otto = await operator(day)
    page = await otto.visit(f"/platform/businesses/{day.shop.tenant.slug}")
    await page.get_by_label("Note", exact=True).focus()
    await page.keyboard.type("Wants a second store in spring")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#notes")).to_contain_text("Otto Operator")
    await expect(page.locator("#notes li")).to_contain_text("Wants a second store in spring")
