"""All that a till asks the server for is there for an enrolled device too, and its session stays the same meanwhile."""

from __future__ import annotations

from playwright.async_api import expect

from retail.kit.ids import new_id
from retail.promotions import offers
from retail.promotions.offers import OfferFacts
from tests.journeys.test_devices import ANNA, enrolled, one_time_pin
from tests.journeys.test_returns import find, press
from tests.support.buyers import a_customer
from tests.support.day import Day


async def test_offers_customers_returns_and_the_x_report_are_there_and_nobody_is_signed_out(day: Day) -> None:
    loaf, milk = day.shop.products[0], day.shop.products[1]
    await day.stock_up({loaf: "20", milk: "20"})
    await a_customer(day.shop, name="Lena Marsh")
    terms = {"goods": {"products": [str(loaf.id)]}, "buy": 2, "free": 1, "percent": 10_000}
    offer = await day.house.db.run(
        day.shop.scope, offers.create, OfferFacts(new_id(), "Three for two", "buy_get", terms)
    )
    await day.house.db.run(day.shop.scope, offers.turn, offer.id, "running")
    owner = await day.device("owner")
    manager = await day.device("manager", signed_in=False)
    async with day.house.db.begin(day.shop.scope) as tx:
        await tx.execute(
            "UPDATE membership SET name = 'Marta Voss' WHERE tenant_id = $1 AND email = $2", tx.tenant, manager.email
        )
    office = await owner.visit(day.path("/devices"))
    tablet = await day.device()
    till = await enrolled(day, office, tablet)
    page = till.page
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status in {401, 403} else None)
    await till.pick("Marta", await one_time_pin(office, day, "Marta Voss"), ANNA, ANNA)
    await till.open_shift("10000")

    # the offer that runs counts, and the customer is found
    await till.scan(loaf, 3)
    await till.has_lines(f"3 {loaf.name} €{2 * loaf.price_minor / 100:.2f}")
    await page.keyboard.press("F4")
    await page.get_by_label("Find a customer").fill("Lena")
    await page.get_by_role("button", name="Lena Marsh").click()
    await expect(page.locator(".who")).to_contain_text("Lena")
    await till.pay_cash()
    await till.tap("Next sale")
    await till.has_sent_everything()

    # goods come back
    await find(till, "T1-000001")
    await press(till, f"More of {loaf.name}", "Broken")
    await page.keyboard.press("Escape")

    # what the shift has come to so far
    await page.locator("#rail").get_by_role("button", name="Shift", exact=True).click()
    await page.get_by_role("button", name="X report").click()
    await expect(page.get_by_role("dialog", name="X report")).to_contain_text("Sales")
    await page.keyboard.press("Escape")
    await page.locator("#rail").get_by_role("button", name="Sell", exact=True).click()

    # a price that the office changes is there without a reload
    status = await office.evaluate(
        """async ([address, body]) => (await fetch(address, {
             method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
           })).status""",
        [day.path(f"/api/v1/products/{milk.id}"), {"price": milk.price_minor + 1}],
    )
    assert status == 200
    await expect(page.get_by_role("button", name=f"{milk.name} €{(milk.price_minor + 1) / 100:.2f}")).to_be_visible(
        timeout=30_000
    )
    assert refused == []
    async with day.house.db.read(day.shop.scope) as read:
        sessions = await read.fetchval("SELECT count(*) FROM device_session WHERE tenant_id = $1", read.tenant)
    assert sessions == 1, "it has proved itself once, and was believed ever since"
    await day.every_check_holds()
