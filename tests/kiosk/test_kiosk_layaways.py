"""Kept goods: put aside for a customer against a down payment, paid on, handed over; all of it in the journal."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.fake_till_held import LENA
from tests.support.fake_till_layaways import keep_elsewhere
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

LOAF, MILK = "1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35"
pytestmark = pytest.mark.shell


def line(fake: FakeTillServer, index: int, quantity: int = 1000, **more: Any) -> dict[str, Any]:
    """Make a line as it was kept at another till."""
    one = fake.products[index]
    return {
        "id": str(uuid.uuid4()), "product": one.id, "name": one.name, "unit": "each", "decimals": 0,
        "quantity": quantity, "price": one.price, "base": one.price, "taxCode": "reduced", "taxRate": 70_000,
        "discount": None, **more,
    }  # fmt: skip


def run_half_price(fake: FakeTillServer) -> None:
    goods = {"products": [fake.products[0].id], "categories": [], "tags": []}
    fake.run_offers({"kind": "percent", "name": "Half", "terms": {"goods": goods, "percent": 5000}})
    fake.push("catalogue", "catalogue.changed", {"version": fake.version})


async def doors(till: TillPage) -> None:
    await expect(till.page.locator(".acts .keep")).to_be_visible()


async def choose_lena(till: TillPage) -> None:
    await till.key("F4")
    await expect(till.page.get_by_label("Find a customer")).to_be_focused()
    await till.press("Lena")
    await till.page.get_by_role("button", name="Lena Marsh").click()
    await expect(till.page.locator(".who b")).to_have_text("Lena Marsh")


async def open_kept(till: TillPage, number: str) -> None:
    await till.key("Shift+F8")
    await till.page.get_by_role("button", name=number).locator("visible=true").click()
    await till.shows(f"Kept goods {number}")


async def kept_milk(till: TillPage) -> None:
    """Keep a loaf and a milk for Lena, up to the payment."""
    await doors(till)
    await till.scan(0)
    await till.scan(2)
    await till.has_lines(LOAF, MILK)
    await choose_lena(till)
    await till.key("Shift+F7")
    await till.shows("Keep for Lena Marsh")


async def test_goods_are_kept_and_the_least_is_paid(selling: TillPage, fake: FakeTillServer) -> None:
    await kept_milk(selling)
    await expect(selling.page.locator("dialog output")).to_have_text("€1.11")
    await selling.page.get_by_label("Note").fill("for the feast")
    await selling.tap("Keep and take payment")
    await selling.shows("Down payment L-1")
    [one] = fake.layaways.values()
    assert (one["total"], one["customer"], one["note"]) == (555, LENA, "for the feast")
    assert [row["name"] for row in one["basket"]["lines"]] == ["Sourdough loaf 800 g", "Whole milk 1 l"]
    await selling.press("200")
    await selling.tap("Complete sale")
    await selling.shows("L-1: €4.44 still due")
    await expect(selling.page.locator("#receipt").get_by_text("€0.89")).to_be_visible()  # the change
    await expect(selling.page.get_by_role("button", name="Gift receipt")).to_be_hidden()
    await eventually(lambda: len(fake.sales), 1)
    [sale] = fake.sales
    assert (sale["kind"], sale["lines"], sale["total"], sale["layaway"]) == ("payment", [], 111, one["id"])
    assert (sale["customer"], sale["number"]) == (LENA, 1)
    assert sale["tenders"] == [{"type": "cash", "amount": 200, "change": 89}]
    assert one["paid"] == 111
    await selling.key("Enter")
    await selling.has_lines()


async def test_what_is_paid_first_is_at_least_what_the_business_wants(selling: TillPage, fake: FakeTillServer) -> None:
    await kept_milk(selling)
    await selling.press("50")
    await selling.key("Enter")
    await selling.shows("The first payment is at least €1.11.")
    await selling.press("999")
    await selling.key("Enter")
    await selling.shows("That is more than the goods cost: €5.55.")
    assert fake.layaways == {}


async def test_it_says_why_nothing_can_be_kept(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    keep = selling.page.locator(".acts .keep")
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await expect(keep).to_have_attribute("aria-disabled", "true")
    await keep.click(force=True)
    await selling.shows("Choose the customer first: goods are kept for somebody.")
    await choose_lena(selling)
    await expect(keep).to_have_attribute("aria-disabled", "false")
    fake.none_left = "Only 0 of Sourdough loaf 800 g are free."
    await keep.click(force=True)
    await selling.tap("Keep and take payment")
    await selling.shows("Only 0 of Sourdough loaf 800 g are free.")
    await selling.key("Escape")
    await selling.has_lines(LOAF)
    fake.stop()
    await selling.hear()
    await expect(keep).to_have_attribute("aria-disabled", "true")
    await keep.click(force=True)
    await selling.shows("Kept goods are known to the server")
    await selling.key("Shift+F8")
    await expect(selling.page.locator("dialog")).to_have_count(0)
    fake.start()


async def test_goods_that_were_agreed_on_keep_their_price_whatever_came_since(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0, 2000, price=400, base=400)], paid=300)
    run_half_price(fake)
    fake.change_product(fake.products[0], price=500)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €2.50")
    await selling.key("F7")
    await selling.has_lines()
    await open_kept(selling, "L-1")
    await selling.tap("Hand over")
    await selling.has_lines("2 Sourdough loaf 800 g €8.00")
    for name in (".lines .qty", ".lines .item"):
        await expect(selling.page.locator(name)).to_be_disabled()
    await selling.shows("Charge the rest")
    await expect(selling.page.locator(".charge .num")).to_have_text("€5.00")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 1)
    [sale] = fake.sales
    assert sale["layaway"] == id
    assert sale["tenders"] == [
        {"type": "down_payment", "amount": 300, "layaway": id, "reference": "L-1", "change": 0},
        {"type": "cash", "amount": 500, "change": 0},
    ]
    assert [(one["unit_price"], one["discount"]) for one in sale["lines"]] == [(400, 0)]
    assert fake.layaways[id]["state"] == "fetched"


async def test_where_all_is_paid_one_touch_hands_it_over(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0)], paid=420)
    await open_kept(selling, "L-1")
    await selling.key("Enter")
    await expect(selling.page.locator("#pay .due .v")).to_have_text("€0.00")
    await expect(selling.page.get_by_role("button", name="Remove this payment")).to_have_count(0)
    await selling.tap("Complete sale")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(lambda: fake.layaways[id]["state"], "fetched")
    assert [one["type"] for one in fake.sales[0]["tenders"]] == ["down_payment"]


async def test_a_payment_is_found_taken_and_counted_though_the_network_goes_between(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0, 3000)], paid=300)
    await selling.scan(2)
    await selling.has_lines(MILK)
    await open_kept(selling, "L-1")
    await selling.tap("Take a payment")
    await selling.press("500")
    await selling.key("Enter")
    await selling.shows("The other sale is on hold.")
    fake.stop()
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("L-1: €4.60 still due")
    assert (await selling.journal())[-1]["kind"] == "sale"
    fake.start()
    await selling.hear()
    await eventually(lambda: fake.layaways[id]["paid"], 800)


async def test_a_page_that_is_loaded_anew_goes_on_with_the_payment(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0, 3000)], paid=300)
    await open_kept(selling, "L-1")
    await selling.tap("Take a payment")
    await selling.shows("Payment for L-1")
    await selling.key("Enter")
    await selling.shows("Down payment L-1")
    await selling.press("200")
    await selling.tap("Add €2.00 in cash")
    await selling.page.reload()
    await selling.shows("Charge the rest")
    await selling.has_lines("1 Down payment L-1 €9.60")
    await selling.page.locator(".charge").click()
    await selling.shows("Still to pay")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("L-1: €0.00 still due")
    await eventually(lambda: fake.layaways[id]["paid"], 1260)
    [sale] = fake.sales
    assert [one["amount"] for one in sale["tenders"]] == [960]


async def test_nothing_is_sold_beside_a_payment_and_clearing_it_leaves_the_goods_kept(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0, 3000)], paid=300)
    await open_kept(selling, "L-1")
    await selling.tap("Take a payment")
    await selling.key("Enter")
    await expect(selling.page.locator("#pay .due .v")).to_have_text("€9.60")
    await selling.key("Escape")
    await expect(selling.page.locator("#cart")).to_be_visible()
    await selling.scan(2)
    await selling.shows("A down payment is being taken.")
    await selling.has_lines("1 Down payment L-1 €9.60")
    await selling.tap("Clear")
    await selling.shows("L-1 stays among the kept goods.")
    await selling.has_lines()
    await selling.tap("Undo")
    await selling.has_lines("1 Down payment L-1 €9.60")
    assert fake.of_kind("sale_voided") == fake.of_kind("line_voided") == []
    assert fake.layaways[id]["state"] == "open"


async def test_what_is_sold_beside_a_hand_over_has_todays_price_and_stays_when_it_is_left(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await doors(selling)
    keep_elsewhere(fake, [line(fake, 0, price=400, base=400)], paid=100)
    await open_kept(selling, "L-1")
    await selling.tap("Hand over")
    await selling.has_lines("1 Sourdough loaf 800 g €4.00")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.00", LOAF)
    await selling.tap("Clear")
    await selling.has_lines(LOAF)
    await selling.tap("Charge")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await eventually(lambda: len(fake.sales), 1)
    assert fake.sales[0].get("layaway") is None
    assert fake.sales[0]["total"] == 420


async def test_offers_and_discounts_of_the_day_are_kept_as_amounts(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    run_half_price(fake)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €2.10")
    await choose_lena(selling)
    await selling.key("Shift+F7")
    await selling.tap("Keep and take payment")
    await selling.shows("Down payment L-1")
    [one] = fake.layaways.values()
    [loaf] = one["basket"]["lines"]
    assert (one["total"], loaf["discount"], loaf["off"]) == (210, {"kind": "amount", "value": 210}, 210)


async def test_a_discount_on_the_sale_stays_with_the_lines_and_takes_nothing_off_what_is_added(
    selling: TillPage, fake: FakeTillServer
) -> None:
    fake.permissions = ["discount"]
    await doors(selling)
    await selling.scan(0)
    await selling.scan(2)
    await selling.has_lines(LOAF, MILK)
    await choose_lena(selling)
    await selling.page.evaluate(
        """async () => {
             const { till } = await import("/kiosk/till/context.js");
             till.cart.change({ discount: { kind: "percent", value: 1000 } });
           }"""
    )
    await expect(selling.page.locator(".charge .num")).to_have_text("€4.99")
    await selling.key("Shift+F7")
    await selling.tap("All of it")
    await selling.tap("Keep and take payment")
    await selling.shows("Down payment L-1")
    [one] = fake.layaways.values()
    assert (one["total"], [line["off"] for line in one["basket"]["lines"]]) == (499, [42, 14])
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("L-1: €0.00 still due")
    await selling.key("Enter")
    await open_kept(selling, "L-1")
    await selling.key("Enter")
    await expect(selling.page.locator("#pay .due .v")).to_have_text("€0.00")
    await selling.key("Escape")
    await selling.scan(0)
    await expect(selling.page.locator(".charge .num")).to_have_text("€4.20")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 2)
    assert [line["discount"] for line in fake.sales[1]["lines"]] == [42, 14, 0]
