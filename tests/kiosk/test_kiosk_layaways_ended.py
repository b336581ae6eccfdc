"""Kept goods that end: cancelled with what goes back, and how their money stands on receipts, lists and in X and Z."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.kiosk.test_kiosk_layaways import LOAF, choose_lena, doors, line, open_kept
from tests.kiosk.test_kiosk_screens import is_sound
from tests.support.fake_till_layaways import keep_elsewhere
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

pytestmark = pytest.mark.shell


async def paid_on(till: TillPage, fake: FakeTillServer) -> dict[str, Any]:
    """Take the whole of a payment for a loaf; give the record."""
    await doors(till)
    keep_elsewhere(fake, [line(fake, 0)], paid=100)
    await open_kept(till, "L-1")
    await till.tap("Take a payment")
    await till.key("Enter")
    await till.shows("Down payment L-1")
    await till.page.locator(".quick .btn").first.click()
    await till.tap("Complete sale")
    await till.shows("L-1: €0.00 still due")
    await eventually(lambda: len(fake.sales), 1)
    return fake.sales[0]


async def cancel(till: TillPage, number: str = "L-1") -> None:
    await open_kept(till, number)
    await till.tap("Cancel")
    await till.shows(f"Cancel {number}?")


async def test_what_was_paid_goes_back_in_cash_less_the_fee(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    fake.layaway_terms["percent_fee"] = 10
    id = keep_elsewhere(fake, [line(fake, 0)], paid=200)
    await cancel(selling)
    await selling.tap("Give back €1.80")
    await selling.shows("Give in cash")
    await eventually(lambda: fake.layaways[id]["state"], "cancelled")
    [sale] = fake.sales
    assert (sale["kind"], sale["cancels"], sale["total"], sale["fee"]) == ("payment", True, -180, 20)
    assert (sale["lines"], sale["tenders"]) == ([], [{"type": "cash", "amount": -180, "change": 0}])
    assert sale["reason"] == "Changed their mind"
    await selling.tap("Done")
    await selling.key("Shift+F8")
    await selling.shows("Nothing is kept for anybody.")


async def test_it_goes_back_as_store_credit_where_that_is_wanted(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    keep_elsewhere(fake, [line(fake, 0)], paid=200)
    await cancel(selling)
    await selling.tap("Store credit")
    await selling.tap("Not fetched")
    await selling.tap("Give back €2.00")
    await selling.shows("Nothing in cash")
    await eventually(lambda: len(fake.sales), 1)
    assert fake.sales[0]["tenders"] == [{"type": "store_credit", "amount": -200, "change": 0}]
    assert fake.sales[0]["reason"] == "Not fetched"


async def test_where_nothing_was_paid_nothing_goes_back(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    id = keep_elsewhere(fake, [line(fake, 0)])
    await cancel(selling)
    await selling.tap("Cancel it")
    await selling.shows("Nothing in cash")
    await eventually(lambda: fake.layaways[id]["state"], "cancelled")
    assert (fake.sales[0]["total"], fake.sales[0]["tenders"]) == (0, [])


async def test_it_is_out_in_coins_that_there_are(selling: TillPage, fake: FakeTillServer) -> None:
    fake.currency = ("EUR", 2, 5)
    await selling.page.reload()
    await doors(selling)
    keep_elsewhere(fake, [line(fake, 0)], paid=202)
    await cancel(selling)
    await selling.tap("Give back €2.00")
    await selling.shows("Give in cash")
    await eventually(lambda: len(fake.sales), 1)
    [sale] = fake.sales
    assert (sale["total"], sale["cash_rounding"], sale["tenders"][0]["amount"]) == (-202, 2, -200)


async def test_what_isnt_sent_yet_counts_in_what_the_server_tells(selling: TillPage, fake: FakeTillServer) -> None:
    await doors(selling)
    keep_elsewhere(fake, [line(fake, 0, 3000)], paid=300)
    fake.hang = True
    await open_kept(selling, "L-1")
    await selling.tap("Take a payment")
    await selling.shows("Payment for L-1")
    await selling.press("500")
    await selling.key("Enter")
    await selling.shows("Down payment L-1")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("L-1: €4.60 still due")
    await selling.key("Shift+F8")
    await selling.shows("€4.60 due")
    fake.hang = False
    await eventually(lambda: fake.layaways[next(iter(fake.layaways))]["paid"], 800)


async def test_no_goods_come_back_from_a_down_payment(selling: TillPage, fake: FakeTillServer) -> None:
    sale = await paid_on(selling, fake)
    await selling.key("F9")
    row = selling.page.locator("#receipts .rows li").first
    await expect(row).to_contain_text("Down payment")
    await expect(row.get_by_role("button", name="Return from")).to_have_count(0)
    await row.get_by_role("button").first.click()
    paper = selling.page.locator("dialog .paper")
    for text in ("Down payment L-1", "Sourdough loaf 800 g", "Paid so far", "Still due", "Kept until"):
        await expect(paper.get_by_text(text, exact=True)).to_be_visible()
    await expect(selling.page.locator("dialog").get_by_role("button", name="Return")).to_have_count(0)
    await selling.key("Escape")
    await selling.key("F12")
    await selling.press(str(sale["number"]))
    await selling.key("Enter")
    await selling.shows("T2-000001 is a down payment: no goods were handed over with it.")
    fake.stop()
    await selling.hear()
    await selling.key("Enter")
    await selling.shows("T2-000001 is a down payment: no goods were handed over with it.")
    fake.start()


async def test_a_copy_says_that_it_is_one(selling: TillPage, fake: FakeTillServer) -> None:
    sale = await paid_on(selling, fake)
    await selling.page.evaluate("window.print = () => {}")
    await selling.key("F9")
    await selling.page.locator("#receipts").get_by_role("button", name="Print a copy of").first.click()
    await eventually(lambda: [one["sale"] for one in fake.of_kind("receipt_copied")], [sale["id"]])
    printed = selling.page.locator("#print")
    for text in ("COPY 1", "Down payment L-1", "Kept until"):
        await expect(printed).to_contain_text(text)


async def test_x_has_down_payments_beside_the_sales(selling: TillPage, fake: FakeTillServer) -> None:
    fake.permissions = ["view_shifts"]
    await selling.page.reload()
    await paid_on(selling, fake)
    await selling.key("Enter")
    await selling.key("F11")
    await selling.key("x")
    sheet = selling.page.get_by_role("dialog")
    await expect(sheet.locator(".r", has_text="Down payments")).to_have_text("Down payments€3.20")
    await expect(sheet.locator(".r.total", has_text="Total")).to_have_text("Total€0.00")
    await expect(sheet.locator(".r", has_text="Cash from sales")).to_contain_text("€3.20")


async def test_the_paid_down_receipt_is_found_again_by_its_number_among_the_kept(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await doors(selling)
    for index in range(5):
        keep_elsewhere(fake, [line(fake, index, 2000)], paid=index)
    await open_kept(selling, "L-2")
    await selling.tap("Take a payment")
    await selling.press("100")
    await selling.key("Enter")
    await selling.shows("Down payment L-2")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("still due")
    await selling.key("Shift+F8")
    rows = selling.page.locator("dialog .list li")
    await expect(rows).to_have_count(3)
    await selling.tap("More")
    await expect(rows).to_have_count(5)
    await selling.hands.scan("T2-000001")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("L-2")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
async def test_its_screens_are_sound(browser: Browser, fake: FakeTillServer, scheme: str, width: int) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )  # type: ignore[arg-type]
    till = await TillPage.open(context, fake)
    await till.open_shift("15000")
    await expect(till.page.locator("#rail").get_by_text("Kept goods")).to_be_attached()
    keep_elsewhere(fake, [line(fake, 0), line(fake, 2)], paid=200, overdue=True, until="2024-02-29")
    await till.scan(0)
    await till.has_lines(LOAF) if width > 1000 else None
    await is_sound(till.page)
    await choose_lena(till)
    await till.key("Shift+F7")
    await till.shows("Keep for Lena Marsh")
    await is_sound(till.page)
    await till.key("Escape")
    await till.key("Shift+F8")
    await till.shows("Overdue")
    await is_sound(till.page)
    await till.page.get_by_role("button", name="L-1").click()
    await till.shows("Kept until")
    await is_sound(till.page)
    await till.tap("Cancel")
    await till.shows("Goes back")
    await is_sound(till.page)
    await till.key("Escape")
    await till.key("Shift+F8")
    await till.page.get_by_role("button", name="L-1").click()
    await till.tap("Hand over")
    await till.shows("The other sale is on hold.")
    await is_sound(till.page)
    assert till.errors == []
    await context.close()
