"""A page that is loaded anew while a card is charged says what came of it, to whoever types their PIN first too."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_staff import enrol_for_good, say_pin
from tests.support.till_page import TillPage, eventually

# the page goes after the sale is on the disk and before its receipt is shown
GOES_BEFORE_THE_RECEIPT = """() => { const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (name, value) {
    if (name !== "paid" || !JSON.parse(value).seq) set.call(this, name, value);
  }; }"""
# the page goes after the card was charged and before the sale is on the disk
GOES_BEFORE_THE_SALE = """() => { const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (value, ...rest) {
    if (value.kind === "sale") throw new DOMException("gone", "AbortError");
    return add.call(this, value, ...rest);
  }; }"""


@pytest.fixture
async def enrolled(context: BrowserContext, fake: FakeTillServer) -> TillPage:
    """An enrolled till with the practice terminal, and a loaf on payment by card."""
    fake.payments = {"terminal": "simulator", "tips": False, "currencies": []}
    till = await TillPage.open(context, fake)
    await enrol_for_good(till)
    await till.open_shift("15000")
    await eventually(lambda: len(fake.of_kind("shift_opened")), 1)
    await till.scan(0)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.key("Enter")
    await till.tap("Card")
    return till


async def comes_again(till: TillPage) -> None:
    await till.page.reload()
    await expect(till.page.get_by_role("button", name="Anna", exact=True)).to_be_visible()


async def is_paid(till: TillPage) -> None:
    await expect(till.page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await expect(till.page.get_by_text("Card €4.20", exact=True)).to_be_visible()
    await eventually(lambda: [sale["total"] for sale in till.fake.sales], [420])


@pytest.mark.shell
async def test_a_sale_that_was_recorded_as_the_page_went_is_shown_after_the_pin(
    enrolled: TillPage, fake: FakeTillServer
) -> None:
    await enrolled.page.evaluate(GOES_BEFORE_THE_RECEIPT)
    await enrolled.tap("€4.20 by card")
    await eventually(lambda: len(fake.sales), 1)
    await comes_again(enrolled)
    await say_pin(enrolled)
    await is_paid(enrolled)
    await enrolled.tap("Next sale")
    await comes_again(enrolled)  # it is done with
    await say_pin(enrolled)
    await enrolled.shows("Charge")
    await enrolled.page.evaluate("() => import('/kiosk/till/paid_again.js').then(({ showPaid }) => showPaid())")
    await expect(enrolled.page.get_by_role("heading", name="Paid", exact=True)).to_have_count(0)
    assert enrolled.errors == []


@pytest.mark.shell
async def test_a_sale_that_a_card_paid_for_and_that_was_cut_off_is_recorded_then(
    enrolled: TillPage, fake: FakeTillServer
) -> None:
    await enrolled.page.evaluate(GOES_BEFORE_THE_SALE)
    await enrolled.tap("€4.20 by card")
    await enrolled.shows("This sale is NOT recorded")
    assert fake.sales == []
    await comes_again(enrolled)
    await say_pin(enrolled)
    await is_paid(enrolled)
    assert fake.sales[0]["tenders"][0]["attempt"] == fake.of_kind("payment_started")[0]["id"]


async def test_what_became_of_the_first_try_is_said_once_somebody_can_read_it(
    enrolled: TillPage, fake: FakeTillServer
) -> None:
    await enrolled.tap("€4.20 by card")
    await enrolled.shows("Waiting for the card")
    await eventually(lambda: len(fake.of_kind("payment_started")), 1)
    await comes_again(enrolled)
    await eventually(lambda: [one["source"] for one in fake.of_kind("payment_settled")], ["inquiry"])
    await expect(enrolled.page.locator("#toasts > *")).to_have_count(0)  # not to a till that asks who is there
    await say_pin(enrolled)
    await enrolled.shows("The card payment of €4.20 was cut off, and the terminal has taken nothing.")
    await expect(enrolled.page.locator(".due .v")).to_have_text("€4.20")
    assert fake.sales == []
