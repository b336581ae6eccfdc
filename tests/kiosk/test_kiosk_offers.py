"""Offers at the till: what they take off is shown, said why, sold and recorded, also without a network; and coupons."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from retail.promotions.codes import make
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF, CROISSANT, MILK = 0, 1, 2


def goods(fake: FakeTillServer, *places: int) -> dict[str, Any]:
    return {"products": [fake.products[place].id for place in places]}


async def opened(context: BrowserContext, fake: FakeTillServer) -> TillPage:
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    return till


@pytest.mark.shell
async def test_an_offer_comes_off_the_cart_says_why_and_goes_into_the_record_without_a_network(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    three = {"name": "3 for 2", "kind": "buy_get", "terms": {"goods": goods(fake, CROISSANT), "buy": 2, "free": 1,
                                                            "percent": 10_000}}  # fmt: skip
    basket = {"name": "Big basket", "kind": "basket", "exclusive": False, "terms": {"goods": {}, "from": 5000,
                                                                                  "percent": 1000}}  # fmt: skip
    fake.run_offers(three, basket)
    till = await opened(context, fake)
    await till.scan(CROISSANT, 2)
    await till.has_lines("2 Butter croissant €3.20")
    await till.scan(CROISSANT)
    await till.has_lines("3 Butter croissant €3.20")
    await expect(till.page.locator(".lines .off")).to_have_text("3 for 2 · \u2212€1.60")
    await till.page.get_by_role("button", name="Why this price").click()
    sheet = till.page.get_by_role("dialog")
    await expect(sheet.get_by_text("3 for 2")).to_be_visible()
    await expect(sheet.get_by_text("€46.80 more are needed.")).to_be_visible()
    await till.page.keyboard.press("Escape")
    await till.works_offline()
    fake.stop()
    await till.page.reload()
    await till.has_lines("3 Butter croissant €3.20")
    await till.scan(CROISSANT, 3)
    await till.has_lines("6 Butter croissant €6.40")
    await till.pay_cash("1000")
    fake.start()
    await eventually(lambda: len(fake.sales), 1)
    [sale] = fake.sales
    [line] = sale["lines"]
    assert fake.offers is not None
    assert (sale["total"], line["discount"], sale["promotions"]) == (640, 320, fake.offers["version"])
    assert line["offers"] == [{"offer": fake.offers["offers"][0]["id"], "version": 1, "amount": 320}]
    assert "coupons" not in sale
    assert (till.errors, fake.faults) == ([], [])


async def test_a_discount_by_hand_is_of_what_the_offer_leaves_and_a_price_by_hand_takes_no_part(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    fake.run_offers({"name": "Half", "kind": "percent", "terms": {"goods": goods(fake, LOAF), "percent": 5000}})
    till = await opened(context, fake)
    await till.scan(LOAF)
    await till.has_lines("1 Sourdough loaf 800 g €2.10")
    await till.page.locator(".lines .item").click()
    await till.page.locator(".tools").get_by_role("button", name="Discount").click()
    await till.page.get_by_role("button", name="10 %").click()
    await till.page.get_by_role("button", name="Apply").click()
    await till.tap("Damaged")
    await till.has_lines("1 Sourdough loaf 800 g €1.89")
    await expect(till.page.locator(".lines .off")).to_have_text("Half · \u2212€2.10 · Discount 10% · \u2212€0.21")
    await till.page.locator(".tools").get_by_role("button", name="Price").click()
    await till.page.get_by_role("dialog").locator("output").wait_for()
    for _ in range(3):
        await till.page.keyboard.press("Backspace")
    await till.page.keyboard.type("400")
    await till.page.get_by_role("button", name="Sell at this price").click()
    await till.tap("Damaged")
    await till.has_lines("1 Sourdough loaf 800 g €3.60")
    assert till.errors == []


@pytest.mark.shell
async def test_a_coupon_is_asked_online_and_offline_taken_only_where_the_business_lets_it(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    ten = {"name": "Ten off", "kind": "basket", "coupon": True, "terms": {"goods": {}, "from": 0, "amount": 100}}
    fake.run_offers(ten, series=[{"prefix": "SUM"}])
    used, good, offline = make("SUM"), make("SUM"), make("SUM")
    fake.used_coupons.add(used)
    till = await opened(context, fake)
    await till.scan(LOAF)
    await till.page.get_by_role("button", name="Coupon", exact=True).click()
    field = till.page.get_by_role("textbox", name="Code of the coupon")
    await field.fill("SUM-AAAAA-AAAAA-A")
    await till.page.get_by_role("button", name="Take the coupon").click()
    await expect(till.page.get_by_text("A letter or digit of this code is wrong.")).to_be_visible()
    await field.fill(used)
    await till.page.get_by_role("button", name="Take the coupon").click()
    await expect(till.page.get_by_text("This coupon is used up.")).to_be_visible()
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.hands.scan(good)
    await till.has_lines("1 Sourdough loaf 800 g €3.20")
    await till.page.get_by_role("button", name="Take the coupon Ten off off").click()
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.works_offline()
    fake.stop()
    await till.hands.scan(offline)
    await expect(till.page.get_by_text("A coupon can't be checked without the network here.")).to_be_visible()
    fake.settings["coupons_offline"] = "accept"
    fake.start()
    await till.is_online()
    await till.page.reload()
    await till.is_online()
    await till.works_offline()
    fake.stop()
    await till.hands.scan(offline)
    await till.has_lines("1 Sourdough loaf 800 g €3.20")
    await till.pay_cash("1000")
    fake.start()
    await eventually(lambda: [sale["coupons"] for sale in fake.sales], [[offline]])
    assert (till.errors, fake.faults) == ([], [])


async def test_what_is_scanned_into_the_open_field_is_the_coupon_and_no_article(
    fake: FakeTillServer, context: BrowserContext
) -> None:
    ten = {"name": "Ten off", "kind": "basket", "coupon": True, "terms": {"goods": {}, "from": 0, "amount": 100}}
    fake.run_offers(ten, series=[{"prefix": "SUM"}])
    till = await opened(context, fake)
    await till.scan(LOAF)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.page.get_by_role("button", name="Coupon", exact=True).click()
    field = till.page.get_by_role("textbox", name="Code of the coupon")
    await expect(field).to_be_visible()
    await till.hands.scan("4012345678901")
    await expect(till.page.get_by_text("We don't know this code. Read it again.")).to_be_visible()
    await expect(till.page.get_by_text("Nothing here has the code")).to_have_count(0)
    await till.scan(MILK)
    await expect(field).to_have_value(fake.products[MILK].barcodes[0])
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.hands.scan(make("SUM"))
    await till.has_lines("1 Sourdough loaf 800 g €3.20")
    await expect(till.page.locator("dialog[open]")).to_have_count(0)
    await till.scan(MILK)  # the sheet is gone, and an article is one again
    await till.has_lines("1 Sourdough loaf 800 g €3.44", "1 Whole milk 1 l €1.11")  # the euro is off both
