"""A layout made in the office is touched at an open till, changes there by itself, and sells without a network."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.counter import OUTAGE
from tests.support.day import Day

LOAF, MILK = "1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35"


async def test_what_the_office_lays_out_is_touched_at_the_till_at_once_and_without_a_network(day: Day) -> None:
    bread, milk, *_rest = day.shop.products
    await day.stock_up({bread: "9", milk: "9"})
    owner, clerk = await day.device("owner"), await day.device("clerk")
    clerk.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="5000")
    await till.works_offline()

    office = await owner.visit(day.path("/tills/layouts"))
    await office.get_by_label("Name", exact=True).fill("Bakery")
    await office.get_by_role("button", name="Make layout").click()
    await office.get_by_label("Name, SKU or barcode").fill("sourdough")
    await office.get_by_role("button", name="Find articles").click()
    await office.get_by_role("button", name="Add “Sourdough loaf 800 g”").click()
    await office.get_by_label("Label of Sourdough loaf 800 g").fill("Bread")
    await office.get_by_role("button", name="Save layout").click()
    await expect(office.get_by_text("Version 2, saved by")).to_be_visible()
    await office.get_by_role("button", name="Use it there", exact=True).click()
    await expect(office.get_by_role("button", name="Use it there no more")).to_be_visible()

    tiles = till.page.locator(".own")
    await tiles.get_by_role("button", name="Bread").click()  # it came by itself
    await till.has_lines(LOAF)
    await office.get_by_label("Name, SKU or barcode").fill("milk")
    await office.get_by_role("button", name="Find articles").click()
    await office.get_by_role("button", name="Add “Whole milk 1 l”").click()
    await expect(office.get_by_role("button", name="Move Whole milk 1 l up")).to_be_visible()
    await office.get_by_role("button", name="Save layout").click()
    await expect(tiles.get_by_role("button", name="Whole milk 1 l")).to_be_visible()

    await clerk.context.set_offline(True)
    await till.page.reload()
    await tiles.get_by_role("button", name="Whole milk 1 l").click()
    await till.has_lines(LOAF, MILK)
    await till.pay_cash()
    await clerk.context.set_offline(False)
    await till.look_for_server()
    await till.has_sent_everything()
    await day.every_check_holds()
