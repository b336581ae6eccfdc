"""Every main page of a shop that has traded: axe finds nothing, the console is silent, no policy is broken."""

from __future__ import annotations

from uuid import UUID

from playwright.async_api import expect

from tests.support.axe import violations
from tests.support.counter import Counter
from tests.support.day import Day
from tests.support.web import enrol_operator

OFFICE = [
    *("/", "/?period=week", "/?period=custom", "/sales", "/exceptions", "/products", "/products/new"),
    *("/products/imports/new", "/stock", "/stock?low=1", "/stock/moves", "/stock/moves/new", "/shifts", "/ledger"),
    *("/ledger/entries", "/tills", "/stores", "/people", "/people/new"),
]


async def trade(day: Day) -> tuple[Counter, UUID, UUID]:
    """Sell, also below zero, and close a shift; gives the till, a sale and the closed shift."""
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "8", milk: "1"})
    till = await day.at_till(await day.device("clerk"), float_digits="10000")
    await till.sell(bread)
    await till.scan(milk, 2)
    await till.has_lines("2 Whole milk 1 l €2.70")
    await till.pay_cash()
    await till.has_sent_everything()
    shift = (await till.meta("shift"))["id"]
    return till, (await day.sales())[0]["id"], UUID(shift)


async def test_the_back_office_has_no_barriers_and_nothing_complains(day: Day) -> None:
    till, sale, shift = await trade(day)
    await till.tap("Next sale")
    await till.tap("Shift")
    await till.tap("Count and close the shift")
    await till.press("10690")
    await till.tap("Close the shift")
    await till.tap("Close it with")
    await till.shows("The drawer is right")
    bread = day.shop.products[0].id
    owner = await day.device("owner")
    wrong: list[str] = []
    page = await owner.context.new_page()
    for path in (
        *OFFICE,
        f"/sales/{sale}",
        f"/sales/{sale}/receipt",
        f"/shifts/{shift}",
        f"/shifts/{shift}/z",
        f"/products/{bread}/edit",
        f"/stock/{bread}",
    ):
        answer = await page.goto(f"{owner.origin}{day.path(path)}")
        assert answer is not None
        assert answer.status == 200, path
        if path == "/":
            await expect(page.locator("#chart-revenue svg")).to_be_visible()
        wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)


async def test_sign_in_the_operators_platform_and_errors_have_no_barriers(day: Day) -> None:
    operator = await day.device()
    operator.bears("status of 404")
    page = await operator.visit("/sign-in")
    wrong = await violations(page)
    person, _email, _secret = await enrol_operator(day.house.db)
    await day.sign_in_quietly(operator, person)
    for path, status in (("/platform", 200), ("/api/v1/docs", 200), ("/nowhere", 404)):
        answer = await page.goto(f"{operator.origin}{path}")
        assert answer is not None
        assert answer.status == status, path
        wrong += await violations(page)
    assert wrong == [], "\n".join(wrong)


async def test_the_till_has_no_barriers_on_any_of_its_screens(day: Day) -> None:
    till, _sale, _shift = await trade(day)
    page = till.page
    wrong = await violations(page)  # the receipt
    await till.tap("Next sale")
    wrong += await violations(page)
    await till.scan(day.shop.products[0])
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    wrong += await violations(page)
    await page.locator(".charge").click()
    await expect(page.get_by_role("button", name="Complete sale")).to_be_visible()
    wrong += await violations(page)
    await till.tap("Back to cart")
    for name in ("Receipts", "Shift"):
        await till.tap(name)
        wrong += await violations(page)
    await till.tap("Count and close the shift")
    wrong += await violations(page)
    second = await day.at_till(till.device)
    await second.shows("This till is open in another tab")
    wrong += await violations(second.page)
    assert wrong == [], "\n".join(wrong)
