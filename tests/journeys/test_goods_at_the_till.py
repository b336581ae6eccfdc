"""Goods that ask: sold without a network with choices, an age and a deposit; seen in the office, and brought back."""

from __future__ import annotations

from playwright.async_api import expect

from retail.catalog.products.modifiers import Group, Modifier, put_group
from retail.catalog.products.traits import Traits
from retail.kit.ids import new_id
from tests.support.counter import OUTAGE, Counter
from tests.support.day import Day
from tests.support.kits import make_service, put


async def answer(till: Counter, *names: str) -> None:
    """Press what stands in the open sheet."""
    sheet = till.page.locator("dialog[open]").last
    for name in names:
        await sheet.get_by_role("button", name=name).first.click()


async def test_goods_that_ask_are_sold_without_a_network_and_come_back_with_their_deposit(day: Day) -> None:
    size = Group(new_id(), "Size", 1, 1, (Modifier(new_id(), "Small", 0), Modifier(new_id(), "Large", 250)))
    await day.house.db.run(day.shop.scope, put_group, size)
    deposit = await make_service(day.shop, "Bottle deposit", 25)
    pizza = await put(day.shop, "Pizza Margherita", 900, Traits(modifier_groups=(size.id,)))
    beer = await put(day.shop, "Dark beer", 180, Traits(min_age=16, deposit=deposit.id))
    await day.stock_up({pizza: "10", beer: "10"})
    owner = await day.device("owner")
    owner.bears(*OUTAGE)
    till = await day.at_till(owner, float_digits="5000")
    page = till.page
    await till.works_offline()
    await owner.context.set_offline(True)

    await page.get_by_role("button", name="All", exact=True).click()
    await till.press("2*")
    await page.locator(".tile", has_text="Pizza Margherita").click()
    await answer(till, "Large", "Add to sale")
    await page.locator(".tile", has_text="Dark beer").click()
    await expect(page.get_by_role("heading", name="16 or older?")).to_be_visible()
    await answer(till, "Yes")
    await page.locator(".tile", has_text="Dark beer").click()
    await till.has_lines("2 Pizza Margherita €23.00", "2 Dark beer €3.60", "2 Bottle deposit €0.50")
    await page.locator(".item").first.click()
    await page.locator(".tools").get_by_role("button", name="Note").click()
    await page.locator("dialog[open] textarea").fill("No onions, please")
    await answer(till, "Keep the note")
    await till.pay_cash()
    await owner.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()
    [sale] = await day.sales()
    assert (sale["total_minor"], sale["exceptions"]) == (2710, [])

    office = await owner.visit(day.path(f"/sales/{sale['id']}"))
    for text in ("+ Large", "No onions, please", "Goes with Dark beer", "Age checked: 16 or older."):
        await expect(office.get_by_text(text, exact=False).first).to_be_visible()
    await office.get_by_label("Dark beer").fill("1")
    await office.get_by_role("button", name="Take back").click()
    await expect(office.get_by_text("Goods that came back.")).to_be_visible()
    await expect(office.locator("tbody")).to_contain_text("Bottle deposit")
    assert [one["total_minor"] for one in await day.sales() if one["kind"] == "return"] == [-205]
    await day.every_check_holds()
