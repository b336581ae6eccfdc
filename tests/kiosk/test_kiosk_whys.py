"""Why a price or a discount was given by hand: asked for each, one tap or Enter, on the sale."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF, MILK = "Sourdough loaf 800 g", "Whole milk 1 l"
TEXT = """async (basket) => (await import("/kiosk/till/whys.js")).whyText(basket) ?? ''"""


def basket(**whys: str) -> dict[str, Any]:
    lines = [
        {"id": "bread", "name": "Bread", "discount": {"kind": "percent", "value": 1000}},
        {"id": "milk", "name": "Milk", "discount": None, "listPrice": 135},
        {"id": "cola", "name": "Cola", "discount": None},
    ]
    return {"lines": lines, "discount": {"kind": "amount", "value": 100}, "whys": whys}


async def test_the_sale_says_a_reason_once_or_each_with_its_article(bare: Page) -> None:
    async def text(found: dict[str, Any]) -> str:
        return str(await bare.evaluate(TEXT, found))

    assert await text(basket(bread="Damaged")) == "Damaged"
    assert await text(basket(bread="Damaged", milk="Damaged")) == "Damaged"
    assert await text(basket(bread="Damaged", milk="Wrong price tag")) == "Bread: Damaged; Milk: Wrong price tag"
    assert await text(basket(bread="Damaged") | {"whys": {"": "Other", "bread": "Damaged"}}) == "Other; Bread: Damaged"
    assert await text(basket(cola="Damaged", gone="Damaged")) == ""  # at the list's price, and out of the sale
    assert await text({"lines": [], "discount": None}) == ""


async def discount(till: TillPage, percent: str) -> None:
    await till.key("F6")
    await till.press(percent)
    await till.key("Enter")
    await expect(till.page.get_by_role("heading", name="Why?", exact=True)).to_be_visible()


@pytest.mark.shell
async def test_every_discount_and_price_asks_why_and_remembers_what_was_said(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await discount(selling, "10")
    await selling.tap("Don't do it")
    await expect(selling.page.locator(".charge .num")).to_have_text("€4.20")  # without a reason nothing changes
    await discount(selling, "10")
    await selling.tap("Regular customer")
    await expect(selling.page.locator(".charge .num")).to_have_text("€3.78")
    await selling.pay_cash()
    await selling.tap("Next sale")
    await selling.page.reload()  # it is remembered on the device
    await selling.shows("Charge")
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await discount(selling, "20")
    buttons = selling.page.locator("dialog[open] .stack button")
    await expect(buttons).to_have_text(["Regular customer", "Damaged", "Promised to the customer", "Other"])
    await selling.key("ArrowDown")
    await selling.key("ArrowDown")
    await selling.key("Enter")
    await expect(selling.page.locator(".charge .num")).to_have_text("€3.36")
    await selling.page.locator(".item").click()
    await selling.page.locator(".tools").get_by_role("button", name="Price").click()
    await selling.press("300")
    await selling.tap("Sell at this price")
    await selling.page.get_by_role("button", name="Wrong price tag", exact=True).click()
    await selling.has_lines(f"1 {LOAF} €3.00")
    await selling.pay_cash()
    await eventually(
        lambda: [one.get("why") for one in fake.sales],
        ["Regular customer", f"Damaged; {LOAF}: Wrong price tag"],
    )


async def test_the_lists_price_again_asks_nothing_and_leaves_no_reason(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await discount(selling, "10")
    await selling.key("Enter")
    await expect(selling.page.locator(".charge .num")).to_have_text("€3.78")
    await selling.key("F6")
    await selling.tap("No discount")
    await expect(selling.page.locator(".charge .num")).to_have_text("€4.20")
    await expect(selling.page.locator("dialog[open]")).to_have_count(0)
    await selling.pay_cash()
    await eventually(lambda: [one.get("why") for one in fake.sales], [None])
