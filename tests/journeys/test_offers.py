"""An offer: built in the office, at a till that runs, sold without a network, arrived, and right in the books."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually


async def test_an_offer_from_the_office_reaches_a_running_till_is_sold_offline_and_books_right(day: Day) -> None:
    bread, milk, *_others = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    owner, clerk = await day.device("owner"), await day.device("clerk")
    for device in (owner, clerk):
        device.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")

    # the owner builds it: the example shows the shop's own goods before it runs
    office = await owner.visit(day.path("/promotions"))
    await office.get_by_role("link", name="New offer").first.click()
    await office.get_by_role("link", name="Buy and get").click()
    await office.get_by_label("Name", exact=True).fill("Three for two")
    await office.locator("[name='terms.goods.products']").fill(bread.sku)
    await office.get_by_label("Buy", exact=True).fill("2")
    await office.get_by_label("Get", exact=True).fill("1")
    await expect(office.locator("#example")).to_contain_text(re.compile(r"Together.*€8\.40", re.DOTALL))
    await office.get_by_text("Where, for whom, how often").click()
    stores = office.locator(".when-stores")
    await expect(stores).to_be_hidden()  # a store that is ticked counts only with the switch
    some = office.get_by_role("switch", name="Only in some stores")
    await some.check()
    await expect(stores).to_be_visible()
    await some.uncheck()
    await expect(stores).to_be_hidden()
    await office.get_by_role("button", name="Save as a draft").click()
    await expect(office.get_by_role("heading", name="Three for two")).to_be_visible()
    await office.get_by_role("button", name="Start", exact=True).click()
    await expect(office.locator(".page-note").first).to_contain_text("Running")

    # the till that runs has it, and keeps it without a network
    await expect(till.page.get_by_role("button", name="Why this price")).to_be_visible(timeout=30_000)
    await clerk.context.set_offline(True)
    await till.works_offline()
    await till.scan(bread, 2)
    await till.scan(milk)
    await till.has_lines("3 Sourdough loaf 800 g €8.40", "1 Whole milk 1 l €1.35")
    await till.page.get_by_role("button", name="Why this price").click()
    await expect(till.page.get_by_role("dialog")).to_contain_text("Three for two")
    await till.page.keyboard.press("Escape")
    await till.pay_cash("1000")
    await clerk.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()

    # it arrives as it was paid, with nothing odd, and the books hold
    await eventually(lambda: _sold(day), [(975, [])])
    await office.reload()
    await expect(office.locator("#done")).to_contain_text("€4.20")
    async with day.house.db.read(day.shop.scope) as read:
        kept = await read.fetchrow(
            """SELECT t.amount_minor, l.discount_minor, l.total_minor FROM sale_offer t
                 JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = t.sale_id AND l.id = t.line_id
                WHERE t.tenant_id = $1""",
            read.tenant,
        )
    assert kept is not None
    assert tuple(kept) == (420, 420, 840)
    await day.every_check_holds()


async def _sold(day: Day) -> list[tuple[int, list[str]]]:
    return [(sale["total_minor"], sale["exceptions"]) for sale in await day.sales()]
