"""A receipt's way: the template, a sale with its display, paper, the customer's phone, a letter, a copy."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, expect

from tests.support.day import DESKTOP, PHONE, Day
from tests.support.house import eventually
from tests.support.letters import letters_to

SHOTS = os.environ.get("RECEIPT_SHOTS", "")


async def shots(page: Page, name: str) -> None:
    """Keep pictures where a folder is named for them."""
    if SHOTS:
        for look in ("light", "dark"):
            await page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
            for where, size in (("1280", DESKTOP), ("390", PHONE)):
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                await page.screenshot(path=Path(SHOTS) / f"{name}-{look}-{where}.png")
        await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        await page.emulate_media(color_scheme="light")


async def words_of(page: Page, place: str) -> list[str]:
    """The lines that a receipt shows, without what only one of two writers has."""
    text = await page.locator(place).inner_text()
    return [" ".join(one.split()) for one in text.splitlines() if one.strip()]


async def test_a_receipt_from_its_template_to_the_customers_phone(day: Day, browser: Browser) -> None:
    bread, *_others = day.shop.products
    await day.stock_up({bread: "20"})
    owner = await day.device("owner")

    # the template: what is typed is seen at once, what is saved reaches the tills
    office = await owner.visit(day.path("/receipts/template"))
    await office.get_by_label("Lines under the name").fill("Bread since 1931")
    await expect(office.locator("#receipt-preview")).to_contain_text("Bread since 1931")
    await office.get_by_label("Barcode of the number").select_option("hidden")
    await expect(office.locator("#receipt-preview img.barcode")).to_have_count(0)
    await shots(office, "template")
    await office.get_by_role("button", name="Save", exact=True).click()
    await expect(office.get_by_text("Saved. Tills have it the next time they ask.")).to_be_visible()

    till = await day.at_till(owner)
    page = till.page
    await page.evaluate("() => { window.print = () => {}; }")
    await till.open_shift("15000")
    await page.locator(".top .pill").click()
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="Open in a window").click()
    display = await opened.value
    await page.bring_to_front()
    await page.keyboard.press("Escape")
    await till.scan(bread)
    await expect(display.locator("#display li")).to_have_count(1)
    await shots(display, "display-cart")
    await page.locator(".charge").click()
    await page.locator(".quick .btn").first.click()
    await till.tap("Complete sale")
    await expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    await shots(display, "display-paid")
    await shots(page, "paid")

    # paper at the till; the customer's phone shows the same, but for who served
    await till.tap("Print receipt")
    await expect(page.locator("#print")).to_contain_text("Bread since 1931")
    address = await page.locator(".onphone svg").get_attribute("aria-label")
    assert address
    phone = await (await browser.new_context(viewport=PHONE)).new_page()  # type: ignore[arg-type]
    await till.has_sent_everything()
    answer = await phone.goto(day.house.origin + urlsplit(address).path)
    assert answer
    assert answer.status == 200
    await expect(phone.locator("#paper")).to_contain_text("Bread since 1931")
    await shots(phone, "phone")
    printed, shown = await words_of(page, "#print"), await words_of(phone, "#paper")
    for word in ("Total", "Cash"):
        assert any(line.startswith(word) for line in printed), printed
        assert any(line.startswith(word) for line in shown), shown
    amounts = [re.findall(r"€[\d.,]+", " ".join(lines)) for lines in (printed, shown)]
    assert amounts[0] == amounts[1]
    assert not any("Served by" in line for line in shown)

    # a letter, and a copy in the office that counts on
    await page.keyboard.press("e")
    await page.get_by_label("E-mail address of the customer").fill("anna@receipts.example")
    await page.keyboard.press("Enter")
    await till.shows("is on its way by e-mail")
    assert len(await letters_to(day.house.db, "anna@receipts.example", "receipt")) == 1
    await till.tap("Print receipt")
    await expect(page.locator("#print")).to_contain_text("COPY 1")
    await till.has_sent_everything()

    async def told() -> bool:
        async with day.house.db.read(day.shop.scope) as read:
            found = await read.fetch("SELECT how, n FROM receipt_copy WHERE tenant_id = $1 ORDER BY n", read.tenant)
            return [tuple(one) for one in found] == [("mail", 0), ("paper", 1)]

    await eventually(told)
    async with day.house.db.read(day.shop.scope) as read:
        sale = await read.fetchval("SELECT id FROM sale WHERE tenant_id = $1", read.tenant)
    paper = await owner.visit(day.path(f"/sales/{sale}/receipt"))
    await shots(paper, "office-receipt")
    await paper.get_by_role("button", name="Make a copy").click()
    await expect(paper.locator("#paper")).to_contain_text("COPY 2")
    await day.every_check_holds()
