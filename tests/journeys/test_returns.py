"""Goods come back over the counter: a part of a sale, an exchange, and something without a receipt."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.support.buyers import a_customer
from tests.support.counter import Counter
from tests.support.day import Day
from tests.support.till_page import READS


async def find(till: Counter, number: str) -> None:
    page = till.page
    await page.locator("#rail").get_by_role("button", name="Return", exact=True).click()
    await page.get_by_label("Number on the receipt").fill(number)
    await page.get_by_role("dialog").get_by_role("button", name="Find", exact=True).click()
    await expect(page.get_by_role("dialog", name=f"Return from {number}")).to_be_visible()


async def press(till: Counter, *names: str) -> None:
    """Press what stands in the open sheet, as somebody who reads what each press brings."""
    for name in names:
        await till.page.locator("dialog[open]").last.get_by_role("button", name=name, exact=True).click()
        await asyncio.sleep(READS)


async def test_goods_come_back_in_part_in_exchange_and_without_a_receipt(day: Day) -> None:
    loaf, milk = day.shop.products[0], day.shop.products[1]
    await day.stock_up({loaf: "20", milk: "20"})
    await a_customer(day.shop, name="Lena Marsh")
    owner = await day.device("owner")
    till = await day.at_till(owner, float_digits="10000")
    page = till.page
    await till.scan(loaf, 2)
    await till.has_lines(f"2 {loaf.name} €{2 * loaf.price_minor / 100:.2f}")
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    one = f"€{loaf.price_minor / 100:.2f}"
    await find(till, "T1-000001")
    await press(till, f"More of {loaf.name}", "Broken", f"Refund {one}", f"Give back {one}", "Done")
    await till.has_sent_everything()
    [back] = [sale for sale in await day.sales() if sale["kind"] == "return"]
    assert (back["total_minor"], back["exceptions"]) == (-loaf.price_minor, [])

    await find(till, "T1-000001")
    await expect(page.get_by_text("1 of 2 can come back")).to_be_visible()
    await press(till, "All of it", "Doesn't fit", "Exchange")
    await till.scan(milk, 4)
    rest = 4 * milk.price_minor - loaf.price_minor
    await expect(page.locator(".exchange-box .net")).to_have_text(f"Customer pays €{rest / 100:.2f}")
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    await page.locator("#rail").get_by_role("button", name="Return", exact=True).click()
    await press(till, "No receipt")
    await till.scan(milk)
    price = f"€{milk.price_minor / 100:.2f}"
    await press(till, "Wrong article", f"Refund {price}", "Choose the customer")
    await page.get_by_label("Find a customer").fill("Lena")
    await page.get_by_role("button", name="Lena Marsh").click()
    await press(till, f"Give back {price}", "Done")
    await till.has_sent_everything()

    sales = await day.sales()
    returns = [sale for sale in sales if sale["kind"] == "return"]
    assert sorted(sale["total_minor"] for sale in returns) == sorted(
        [-loaf.price_minor, -loaf.price_minor, -milk.price_minor]
    )
    assert [sale["exceptions"] for sale in sales] == [[]] * 5
    loose = next(sale for sale in returns if sale["total_minor"] == -milk.price_minor)
    office = await owner.visit(day.path(f"/sales/{loose['id']}"))
    await expect(office.get_by_text("Goods that came back without a receipt.")).to_be_visible()
    await expect(office.get_by_text("Why: Wrong article")).to_be_visible()
    await day.every_check_holds()
