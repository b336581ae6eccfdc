"""A receipt is found by what people know of it, and is seen on the screen, with what can be done from there."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.support.fake_till_paper import RECEIPT
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

TEMPLATE = """async () => (await import("/kiosk/till/state.js")).state.setup.receipt"""
LOAF = "Sourdough loaf 800 g"


async def sold(till: TillPage, fake: FakeTillServer, *indexes: int) -> None:
    known = len(fake.sales)
    for at in indexes:
        await till.scan(at)
    await eventually(lambda: till.page.locator(".lines li").count(), len(set(indexes)))
    await till.pay_cash()
    await till.tap("Next sale")
    await eventually(lambda: len(fake.sales), known + 1)


async def test_a_receipt_is_found_by_number_amount_and_article_and_seen_on_the_screen(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.evaluate("window.printed = 0; window.print = () => { window.printed += 1; }")
    await sold(selling, fake, 0)  # 4.20
    await sold(selling, fake, 2)  # 1.35
    await selling.key("F9")
    rows, field = selling.page.locator(".page > .rows li"), selling.page.get_by_role("searchbox", name="Number, amount")
    await expect(rows).to_have_count(2)
    for typed, found in (("1", "000001"), ("T2-000002", "000002"), ("1.35", "000002"), ("sourd", "000001")):
        await field.fill(typed)
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(f"T2-{found}")
    await field.fill("77")
    await expect(rows).to_have_count(0)
    await selling.shows("Nothing on this device fits.")
    await field.fill("sourd")
    await selling.tap("T2-000001")
    sheet = selling.page.get_by_role("dialog", name="Receipt T2-000001")
    await expect(sheet.locator(".paper")).to_contain_text(LOAF)
    await expect(sheet.locator(".paper")).to_contain_text("€4.20")
    await sheet.get_by_role("button", name="Print a copy", exact=True).click()
    await eventually(lambda: [one["n"] for one in fake.of_kind("receipt_copied")], [1])
    await expect(selling.page.locator("#print")).to_contain_text("COPY 1")
    await sheet.get_by_role("button", name="Gift receipt", exact=True).click()
    await expect(selling.page.locator("#print")).to_contain_text("GIFT RECEIPT")
    await sheet.get_by_role("button", name="E-mail", exact=True).click()
    await expect(selling.page.get_by_label("E-mail address of the customer")).to_be_visible()


async def test_another_tills_receipt_is_asked_of_the_server_by_its_number(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sold(selling, fake, 0)
    fake.elsewhere = [{**fake.sales[0], "id": "0199a000-0000-7000-8000-00000000e15e", "number": 88}]
    await selling.key("F9")
    field = selling.page.get_by_role("searchbox", name="Number, amount")
    await field.fill("88")
    await selling.shows("Nothing on this device fits.")
    await field.press("Enter")
    await selling.tap("T2-000088")
    sheet = selling.page.get_by_role("dialog", name="Receipt T2-000088")
    await expect(sheet.locator(".paper")).to_contain_text(re.compile(f"{LOAF}.*€4.20", re.DOTALL))
    await expect(sheet).to_contain_text("made at another till")


async def test_codes_stand_in_the_middle_of_the_paper(selling: TillPage, fake: FakeTillServer) -> None:
    fake.receipt = RECEIPT
    await selling.page.reload()
    await selling.shows("Charge")
    await eventually(lambda: selling.page.evaluate(TEMPLATE), RECEIPT)
    await sold(selling, fake, 0)
    await selling.key("F9")
    await selling.tap("T2-000001")
    paper = selling.page.locator("dialog .paper")
    codes = paper.locator("figure svg")
    await expect(codes.first).to_be_visible()
    middle = await paper.evaluate(
        "(node) => { const box = node.getBoundingClientRect(); return box.x + box.width / 2; }"
    )
    for code in await codes.all():
        box = await code.bounding_box()
        assert box is not None
        assert abs(box["x"] + box["width"] / 2 - middle) < 2
