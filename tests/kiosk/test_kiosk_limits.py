"""What a till sells unheard of by the server ends where the business says, before a sale's first money is taken."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import DATABASE, TillPage, eventually

HEARD = """([name, hours]) => new Promise((done, fail) => {
  const open = indexedDB.open(name);
  open.onerror = () => fail(open.error);
  open.onsuccess = () => {
    const tx = open.result.transaction("meta", "readwrite");
    tx.objectStore("meta").put(Date.now() - hours * 3600_000, "heard");
    tx.oncomplete = () => { open.result.close(); done(); };
  };
})"""


FORGET = """(name) => new Promise((done, fail) => {
  const open = indexedDB.open(name);
  open.onerror = () => fail(open.error);
  open.onsuccess = () => {
    const tx = open.result.transaction(["meta", "catalogue"], "readwrite");
    tx.objectStore("meta").delete("stockAt");
    tx.objectStore("catalogue").delete("stock");
    tx.oncomplete = () => { open.result.close(); done(); };
  };
})"""


async def cut(till: TillPage, **settings: int | str) -> None:
    """Set what may be sold without a network, let the till hear it, and take the network away."""
    till.fake.settings = settings
    await till.works_offline()
    await till.page.reload()
    await till.is_online()
    till.fake.stop()
    await till.hear()
    await expect(till.page.locator(".top .pill")).to_contain_text(re.compile("Reconnecting|Offline"))


async def again(till: TillPage) -> None:
    """Load the page anew, until it listens."""
    await till.page.reload()
    await expect(till.page.locator("#till[aria-busy]")).to_have_count(0)
    await till.shows("Charge")


async def back(till: TillPage) -> None:
    till.fake.start()
    await till.hear()
    await till.is_online()


async def is_told(till: TillPage, text: str) -> None:
    """The till says why no payment is taken; the sale is still there to be scanned on."""
    await till.page.locator(".charge").click()
    await till.shows(text)
    await expect(till.page.locator("#pay")).to_be_hidden()
    await expect(till.page.locator(".charge")).to_be_visible()


@pytest.mark.shell
async def test_so_many_sales_wait_and_the_next_is_paid_when_they_have_arrived(selling: TillPage) -> None:
    await cut(selling, offline_sales=2)
    await selling.sell(0)
    await again(selling)  # the setting is on the device
    await selling.sell(2)
    await selling.scan(5)
    await is_told(selling, "2 sales wait to be sent, as many as may. Connect this till, then take payment.")
    await selling.has_lines("1 Cola 330 ml €1.10")
    await back(selling)
    await selling.pay_cash()
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1, 2, 3])


@pytest.mark.shell
async def test_a_till_that_was_away_for_longer_than_it_may_says_since_when(selling: TillPage) -> None:
    await cut(selling, offline_hours=24)
    await selling.page.evaluate(HEARD, [DATABASE, 23.9])
    await again(selling)
    await selling.sell(0)
    await selling.page.evaluate(HEARD, [DATABASE, 24.1])
    await again(selling)
    await selling.scan(2)
    await is_told(selling, "more than 24 hours ago. Connect this till, then take payment.")
    await back(selling)
    await selling.pay_cash()
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1, 2])


@pytest.mark.shell
async def test_after_a_week_alone_no_payment_is_begun_even_where_the_business_only_wants_to_be_warned(
    selling: TillPage,
) -> None:
    await cut(selling, offline_hours=1, offline_hours_then="warn")
    await selling.page.evaluate(HEARD, [DATABASE, 167.9])
    await again(selling)
    await selling.sell(0)
    await selling.page.evaluate(HEARD, [DATABASE, 168.1])
    await again(selling)
    await selling.scan(2)
    await is_told(selling, "more than 168 hours ago. Connect this till, then take payment.")
    await back(selling)
    await selling.pay_cash()
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1, 2])


@pytest.mark.shell
async def test_one_sale_is_at_most_so_large_also_by_what_is_scanned_on_the_way_to_pay(selling: TillPage) -> None:
    await cut(selling, offline_sale_minor=500)
    await selling.scan(0, 2)
    await is_told(selling, "€8.40 is more than one sale may be without the network (€5.00).")
    await selling.tap("Clear")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator("#pay")).to_be_visible()
    await selling.scan(2)
    await selling.shows("€5.55 is more than one sale may be without the network (€5.00).")
    await expect(selling.page.locator("#pay")).to_be_hidden()
    await selling.has_lines("1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35")


@pytest.mark.shell
async def test_what_was_begun_to_be_paid_is_finished_whatever_the_limit(selling: TillPage) -> None:
    await cut(selling, offline_sale_minor=500, offline_sales=1)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await selling.page.get_by_role("button", name="Card", exact=True).click()
    await selling.press("200")
    await selling.tap("Card took")
    await selling.scan(2)
    await selling.shows("Added: Whole milk 1 l")
    await expect(selling.page.locator("#pay")).to_be_visible()
    await selling.page.get_by_role("button", name="Card", exact=True).click()
    await selling.tap("Card paid")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await back(selling)
    await eventually(lambda: [one["total"] for one in selling.fake.sales], [555])


@pytest.mark.shell
async def test_all_that_waits_is_worth_at_most_so_much(selling: TillPage) -> None:
    await cut(selling, offline_total_minor=1000)
    await selling.sell(0)
    await selling.sell(0)
    await selling.scan(0)
    await is_told(selling, "With this sale €12.60 would wait to be sent, more than may (€10.00).")
    await selling.tap("Clear")
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.pay_cash()
    await back(selling)
    await eventually(lambda: [one["total"] for one in selling.fake.sales], [420, 420, 135])


@pytest.mark.shell
@pytest.mark.parametrize("settings", [{}, {"offline_hours": 72, "offline_sales": 500, "offline_sale_minor": 0}])
async def test_without_a_limit_that_is_reached_a_till_sells_on(selling: TillPage, settings: dict[str, int]) -> None:
    await cut(selling, **settings)
    await selling.sell(0)
    await back(selling)
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1])


async def test_a_till_that_is_online_sells_whatever_it_sells(selling: TillPage, fake: FakeTillServer) -> None:
    fake.settings = {"offline_hours": 1, "offline_sales": 1, "offline_sale_minor": 100, "offline_total_minor": 100}
    await selling.page.reload()
    await selling.is_online()
    for _ in range(3):
        await selling.sell(0)
    await eventually(lambda: [one["number"] for one in fake.sales], [1, 2, 3])


@pytest.mark.shell
async def test_a_business_that_sells_no_more_than_it_has_is_told_before_payment(
    selling: TillPage, fake: FakeTillServer
) -> None:
    fake.settings = {"negative_stock": "block"}
    fake.set_stock(fake.products[0], "1")
    await selling.page.reload()
    await selling.is_online()
    await selling.scan(0)
    await selling.scan(0)
    await is_told(selling, "2 in the cart, 1 in stock. Take some off, or have the shelf counted.")
    fake.reserved = "3"
    await is_told(selling, "2 in the cart, 1 free; 3 are kept for customers.")
    fake.set_stock(fake.products[0], "2")
    await expect(selling.page.locator(".tile").first).to_contain_text("2")
    await selling.pay_cash()
    await eventually(lambda: [one["number"] for one in fake.sales], [1])
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await selling.sell(0)  # nobody knows what is there now, and who pays gets the goods
    fake.start()
    await eventually(lambda: [one["number"] for one in fake.sales], [1, 2])


async def test_what_a_fresh_till_does_not_know_yet_is_asked_before_payment(
    selling: TillPage, fake: FakeTillServer
) -> None:
    """A large shop's figures come page by page; the first customer comes before them."""
    fake.settings, fake.stock_late = {"negative_stock": "block"}, True
    fake.products[0].on_hand, fake.products[2].on_hand = "0", "1"
    await selling.page.evaluate(FORGET, DATABASE)
    await selling.page.reload()
    await selling.is_online()
    await selling.scan(0, 2)
    await is_told(selling, "2 in the cart, 0 in stock. Take some off, or have the shelf counted.")
    await selling.tap("Clear")
    await selling.scan(2)
    await selling.pay_cash()
    await eventually(lambda: [one["total"] for one in fake.sales], [135])
    fake.stock_late = False
