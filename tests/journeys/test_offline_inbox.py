"""A till without a network is warned and sells more than there is; the office settles it, and takes a press back."""

from __future__ import annotations

from playwright.async_api import expect

from retail.tenants.settings_changes import change
from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually


async def test_what_was_sold_alone_is_told_of_settled_and_undone(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "1", milk: "40"})
    await day.house.db.run(day.shop.scope, change, {"offline_sale_most": 5, "offline_sale_then": "warn"})

    owner = await day.device("owner")
    inbox = await owner.visit(day.path("/exceptions"))
    await expect(inbox.get_by_role("heading", name="Nothing needs a look")).to_be_visible()

    clerk = await day.device("clerk")
    clerk.bears(*OUTAGE)
    office = await clerk.visit(day.path("/stock"))
    account = await clerk.visit("/account")
    till = await day.at_till(clerk, float_digits="10000")
    await till.works_offline()
    await clerk.context.set_offline(True)
    await till.scan(bread, 3)
    await till.page.locator(".charge").click()
    await expect(till.page.get_by_text("more than one sale may be without the network")).to_be_visible()
    await till.press("2000")
    await till.tap("Complete sale")
    await expect(till.page.get_by_role("heading", name="Paid")).to_be_visible()
    await till.tap("Next sale")
    await expect(till.page.locator(".top .pill")).to_contain_text("1 waiting · €12.60")

    # nobody signs out while it is unsent
    await office.bring_to_front()
    await office.locator("summary.account").click()
    await office.get_by_role("button", name="Sign out").click()
    await expect(office.get_by_text("has 1 record that was not sent")).to_be_visible()
    await account.bring_to_front()
    await account.get_by_role("button", name="Sign out here").click()
    await expect(account.get_by_text("has 1 record that was not sent")).to_be_visible()
    await expect(account.get_by_role("heading", name="Where you are signed in")).to_be_visible()

    await clerk.context.set_offline(False)
    await eventually(lambda: len_of(day), 1)
    await expect(till.page.locator(".top .pill")).not_to_contain_text("waiting")

    # the inbox, open all the time, has it by itself, and says what it means
    short = inbox.get_by_role("row").filter(has_text="fell below zero")
    await expect(short).to_contain_text("More was sold than the books say there was")
    await short.get_by_role("button", name="Correct the stock to zero").click()
    await expect(inbox.get_by_text("Settled:")).to_be_visible()
    await expect(inbox.get_by_role("row").filter(has_text="fell below zero")).to_have_count(0)
    await inbox.get_by_role("button", name="Undo").click()
    await expect(inbox.get_by_role("row").filter(has_text="fell below zero")).to_be_visible()
    await day.every_check_holds()


async def len_of(day: Day) -> int:
    return len(await day.sales())
