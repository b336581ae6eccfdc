"""What an enrolled till loads until its first cashier can sell; what comes later comes without a network too."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.journeys.test_devices import ANNA, Tablet, cashier, enrolled, one_time_pin
from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually
from tests.support.weight import Load, mark_sells

BUDGET = 59_900  # enrolled: its first modules (tests/kiosk/test_kiosk_screens.py), the reader of the stock, the wait
LATER = {
    "sheet.js", "sheet_approval.js", "sheet_attention.js", "sheet_customer.js", "sheet_drawer.js", "sheet_held.js",
    "sheet_line.js", "sheet_price.js", "view_drawer.js", "drawer.js", "view_count.js", "pieces.js",
    "view_health.js", "view_receipts.js", "print.js", "voids.js", "approvals.js", "limits.js", "pin_answers.js",
    "lockout.js", "farewell.js", "enrol.js", "sheets.css", "print.css", "goods.js", "goods.css", "line_tools.js",
    "language.js", "speaking.js",
    "sheet_note.js", "sheet_quick.js", "sheet_scale.js", "scale.js", "view_pay.js", "customer_choice.js",
}  # fmt: skip


async def close(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)


def names(load: Load) -> set[str]:
    return {path.rsplit("/", 1)[-1] for path in load.paths if "/kiosk/" in path}


async def test_an_enrolled_till_is_light_until_somebody_sells_and_opens_the_rest_without_a_network(day: Day) -> None:
    bread, *_others = day.shop.products
    await day.stock_up({bread: "20"})
    await cashier(day, "Anna Kern-Eisenhardt")
    owner = await day.device("owner")
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    tablet.bears(*OUTAGE, r"status of 40[39]")

    # what a new device fetches, up to a shift that is open
    loads: list[Load] = []
    tablet.context.on("page", lambda page: loads.append(Load(page)))
    await mark_sells(tablet.context)
    till = await enrolled(day, office, tablet)
    page, [load] = till.page, loads
    await till.pick("Anna", await one_time_pin(office, day, "Anna Kern-Eisenhardt"), ANNA, ANNA)
    await till.open_shift("5000")
    await load.until_it_sells()
    weights = await load.weigh()
    assert sum(weights.values()) <= BUDGET, sorted(weights.items(), key=lambda one: -one[1])
    assert {"device.js", "view_cashier.js", "view_shift.js", "device.css", "sell.js"} <= names(load)

    # once it sells, the rest is read in idle moments
    await till.sell(bread)
    await till.works_offline()
    await till.has_sent_everything()

    # another start without a network: nothing of the rest is there yet, and each of it opens
    await tablet.context.set_offline(True)
    load = Load(page)
    await page.reload()
    await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    assert names(load) & LATER == set()
    await till.pick("Anna", ANNA)
    await till.may_sell()
    await opens_everything(till)
    await eventually(lambda: LATER - names(load), {"farewell.js", "enrol.js"})
    await tablet.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()
    await day.every_check_holds()


async def opens_everything(till: Tablet) -> None:
    """Open each view and sheet that comes later, with its styles; void, print and close the shift."""
    page = till.page
    await page.evaluate("() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; }")
    for key, title in (
        ("F3", "Not in the catalogue"),
        ("F4", "Customer"),
        ("F8", "On hold"),
        ("F10", "Open the drawer"),
        ("?", "Keys"),
    ):
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog").get_by_role("heading", name=title)).to_be_visible()
        assert await page.locator("dialog").evaluate("(one) => getComputedStyle(one).display") == "flex"
        await close(page)
    await page.locator(".top .pill").click()
    await expect(page.get_by_role("heading", name="This till")).to_be_visible()
    await close(page)
    await page.keyboard.press("F9")
    await expect(page.locator(".page > .rows li")).to_have_count(1)
    assert await page.locator(".page > .rows").evaluate("(one) => getComputedStyle(one).display") == "grid"
    await page.locator(".rows").get_by_role("button", name="Print a copy of").click()
    await eventually(lambda: page.evaluate("window.printed"), 1)
    assert await page.locator("#print").evaluate("(one) => getComputedStyle(one).position") == "absolute"
    await page.keyboard.press("Escape")
    await page.locator(".tile", has_text="Bananas").first.click()
    await expect(page.get_by_text("Weight in kg")).to_be_visible()
    await close(page)
    await page.locator(".tile", has_text="Sourdough").first.click()
    await page.keyboard.press("F6")
    await expect(page.get_by_role("heading", name="Discount on the sale")).to_be_visible()
    await close(page)
    await page.locator(".item").first.click()
    await page.locator(".tools").get_by_role("button", name="Price").click()
    await expect(page.get_by_role("heading", name="Price of")).to_be_visible()
    await close(page)
    await page.locator("#rail").get_by_role("button", name="Shift").click()
    await expect(page.get_by_role("button", name="Count and close the shift")).to_be_visible()
