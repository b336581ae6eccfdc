"""One till in two places, and a till beside its back office: tabs, devices, new products, prices, sessions."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.support.counter import OUTAGE, Counter
from tests.support.day import Day
from tests.support.house import eventually
from tests.support.world import ean13


async def test_a_second_tab_waits_and_takes_the_till_when_asked(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    clerk = await day.device("clerk")
    first = await day.at_till(clerk, float_digits="5000")
    await first.sell(bread)

    second = await day.at_till(clerk)
    await second.shows("This till is open in another tab")
    await second.tap("Use it here")
    await first.shows("This till is now open in another tab")
    await second.may_sell()
    await second.sell(milk)
    await second.has_sent_everything()
    assert [(one["number"], one["exceptions"]) for one in await day.sales()] == [(1, []), (2, [])]


async def test_a_second_device_takes_over_and_the_first_ones_offline_sales_arrive_flagged(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    clerk, manager = await day.device("clerk"), await day.device("manager")
    clerk.bears(*OUTAGE, "status of 409")
    manager.bears("status of 409")
    first = await day.at_till(clerk, float_digits="5000")
    await first.sell(bread)
    await first.has_sent_everything()
    await first.works_offline()
    await clerk.context.set_offline(True)
    await first.pill_says(re.compile("Reconnecting|Offline"))
    await first.sell(milk)
    await first.sell(bread)

    second = await day.at_till(manager)
    await second.shows(re.compile("In use"))
    await second.tap("Take over")
    await second.may_sell()
    await second.sell(milk)
    await second.has_sent_everything()

    await clerk.context.set_offline(False)
    await first.shows(re.compile("took this till over|In use"))
    await first.has_sent_everything()
    sales = await day.sales()
    assert sorted((one["number"], one["total_minor"]) for one in sales) == [(1, 420), (2, 135), (2, 135), (3, 420)]
    flagged = [one for one in sales if "taken_over" in one["exceptions"]]
    assert sorted(one["number"] for one in flagged) == [2, 3]
    await day.every_check_holds()


async def test_an_unknown_barcode_is_told_the_next_scan_works_and_the_new_product_arrives_by_itself(day: Day) -> None:
    bread, *_rest = day.shop.products
    owner = await day.device("owner")
    till = await day.at_till(owner, float_digits="5000")
    code = ean13(4711)
    await till.scan(code)
    await till.shows(f"Nothing here has the code {code}.")
    await till.scan(bread)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.scan(code)
    await till.shows(f"Nothing here has the code {code}.")

    async with owner.context.expect_page() as opened:
        await till.tap("Add product")
    form = await opened.value
    await expect(form.get_by_label("Barcodes")).to_have_value(code)
    await form.get_by_label("Name").fill("Sea salt 500 g")
    await form.get_by_label("SKU").fill("SKU-SALT")
    await form.get_by_label("Price", exact=True).fill("1.89")
    await form.get_by_label("Tax class").select_option(label="Reduced 7 %")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("heading", name="Sea salt 500 g")).to_be_visible()
    await till.page.bring_to_front()
    await till.page.locator(".chips button", has_text="All").click()
    await expect(till.page.locator(".tile", has_text="Sea salt 500 g")).to_be_visible(timeout=5_000)
    await till.scan(code)
    await till.has_lines("1 Sourdough loaf 800 g €4.20", "1 Sea salt 500 g €1.89")


async def test_a_new_price_reaches_the_till_live_and_an_offline_sale_at_the_old_one_is_marked(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    clerk, owner = await day.device("clerk"), await day.device("owner")
    clerk.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    tile = till.page.locator(".tile", has_text=milk.name)
    await expect(tile).to_contain_text("€1.35")
    form = await owner.visit(day.path(f"/products/{milk.id}/edit"))

    async def set_price(price: str) -> None:
        await form.goto(f"{owner.origin}{day.path(f'/products/{milk.id}/edit')}")
        await form.get_by_label("Price", exact=True).fill(price)
        await form.get_by_role("button", name="Save").click()
        await form.wait_for_url(f"**/products/{milk.id}")

    await set_price("1.49")
    await expect(tile).to_contain_text("€1.49")
    await till.sell(milk)
    await till.has_sent_everything()

    await till.works_offline()
    await clerk.context.set_offline(True)
    await till.pill_says(re.compile("Reconnecting|Offline"))
    await set_price("1.59")
    await till.sell(milk)
    await clerk.context.set_offline(False)
    await till.has_sent_everything()
    await expect(tile).to_contain_text("€1.59")
    assert [(one["total_minor"], one["exceptions"]) for one in await day.sales()] == [
        (149, []),
        (149, ["price_changed"]),
    ]
    await till.tap("Receipts")
    await till.shows("1 record needs attention")


async def test_a_till_that_was_signed_out_keeps_its_queue_says_so_and_sends_after_signing_in(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "20", milk: "20"})
    clerk = await day.device("clerk")
    clerk.bears(*OUTAGE, "status of 401")
    till = await day.at_till(clerk, float_digits="5000")
    await till.sell(bread)
    await till.has_sent_everything()
    await till.works_offline()

    await clerk.context.clear_cookies()
    await till.sell(milk)
    await till.shows("Sign in to send 1 sale")
    await till.page.reload()
    await expect(till.page.locator("#till[aria-busy]")).to_have_count(0)
    await till.sell(bread)
    await till.shows("Sign in to send 2 sales")
    assert [one["number"] for one in await day.sales()] == [1]

    await till.page.get_by_role("link", name="Sign in").click()
    await clerk.sign_in(till.page)
    await expect(till.page).to_have_url(re.compile(r"/sell$"))
    back = await Counter.on(clerk, till.page, day.shop.till)
    await back.has_sent_everything()
    await expect(till.page.locator(".notices")).not_to_contain_text("Sign in")
    assert [(one["number"], one["exceptions"]) for one in await day.sales()] == [(1, []), (2, []), (3, [])]
    await eventually(back.waiting, 0)
    await day.every_check_holds()
