"""A sale put aside at one till is paid at another; what two tills had at once is told of."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.counter import OUTAGE, Counter
from tests.support.day import Day
from tests.support.house import eventually

LOAF, MILK = "1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35"


async def held(till: Counter, text: str) -> None:
    await expect(till.page.locator("#rail").get_by_text("Held", exact=False)).to_have_text(text)


async def test_a_sale_on_hold_goes_from_till_to_till_and_is_never_paid_twice_in_silence(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "9", milk: "9"})
    owner, clerk = await day.device("owner"), await day.device("clerk")
    owner.bears(*OUTAGE, r"status of 409")
    clerk.bears(r"status of 409")
    one = await day.at_till(owner, float_digits="5000")
    two = await day.at_till(clerk, day.shop.second_till, float_digits="5000")
    await two.works_offline()
    await one.works_offline()

    await one.scan(bread)
    await one.has_lines(LOAF)
    await one.page.keyboard.press("F7")
    await held(one, "Held · 1")
    await held(two, "Held · 1")  # by itself
    await two.page.keyboard.press("F8")
    await expect(two.page.locator("dialog[open]")).to_contain_text("T1")
    await two.page.locator("dialog[open]").get_by_role("button", name="Recall", exact=True).click()
    await two.page.get_by_role("button", name="Take over", exact=True).click()
    await two.has_lines(LOAF)
    await held(one, "Held")
    await two.pay_cash()
    await two.tap("Next sale")

    # the first till is offline, goes on with its own, and the second one recalls it meanwhile
    await one.scan(milk)
    await one.has_lines(MILK)
    await one.page.keyboard.press("F7")
    await held(two, "Held · 1")
    await owner.context.set_offline(True)
    await one.pill_says("Offline")
    await one.page.keyboard.press("F8")
    await one.page.locator("dialog[open]").get_by_role("button", name="Recall", exact=True).click()
    await one.has_lines(MILK)
    await one.pay_cash()
    await two.page.keyboard.press("F8")
    await two.page.locator("dialog[open]").get_by_role("button", name="Recall", exact=True).click()
    await two.page.get_by_role("button", name="Take over", exact=True).click()
    await two.has_lines(MILK)
    await two.pay_cash()
    await owner.context.set_offline(False)
    await one.look_for_server()

    async def told() -> list[tuple[str, int, list[str]]]:
        odd = ("held_recalled_twice", "held_sold_twice")
        return [
            (sale["till"], sale["total_minor"], [code for code in sale["exceptions"] if code in odd])
            for sale in await day.sales()
        ]

    await eventually(told, [("T1", 135, ["held_sold_twice"]), ("T2", 420, []), ("T2", 135, [])])
    await one.shows("needs attention")
    await day.every_check_holds()
