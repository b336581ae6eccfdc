"""Paying: cash, card, both; rounding to the coins there are; change to the last cent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import READS, TillPage, eventually


async def change_shown(till: TillPage) -> str:
    return await till.page.locator(".change .v").inner_text()


@pytest.mark.shell
async def test_cash_with_change_by_keys_alone(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0, 2)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("Enter")
    await selling.press("2000")
    await eventually(lambda: change_shown(selling), "€11.60")
    await selling.key("Enter")
    await expect(selling.page.locator("#receipt .v")).to_have_text("€11.60")
    await expect(selling.page.get_by_text("Cash €8.40 · €20.00 given", exact=True)).to_be_visible()
    await selling.key("Enter")
    await selling.shows("Charge")
    await eventually(
        lambda: [sale["tenders"] for sale in fake.sales], [[{"type": "cash", "amount": 2000, "change": 1160}]]
    )


async def test_quick_amounts_are_exact_and_the_next_notes(selling: TillPage) -> None:
    await selling.scan(0, 3)
    await eventually(selling.lines, ["3 Sourdough loaf 800 g €12.60"])
    await selling.key("Enter")
    await expect(selling.page.locator(".quick .btn")).to_have_text(["€12.60", "€15", "€20", "€50", "€100"])


@pytest.mark.shell
async def test_card_is_confirmed_after_the_terminal(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("Enter")
    await selling.tap("Card")
    await selling.shows("Key the amount into the card terminal.")
    await selling.tap("Card paid · complete sale")
    await expect(selling.page.locator("#receipt [role=status]")).to_have_text("Card €4.20", use_inner_text=True)
    await expect(selling.page.locator("#receipt .v")).to_be_hidden()  # where change stands, nothing else does
    await eventually(lambda: [sale["tenders"] for sale in fake.sales], [[{"type": "card", "amount": 420, "change": 0}]])


@pytest.mark.shell
async def test_part_card_part_cash_survives_a_reload(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0, 2)
    await eventually(selling.lines, ["2 Sourdough loaf 800 g €8.40"])
    await selling.key("Enter")
    await selling.tap("Card")
    await selling.press("500")
    await selling.tap("Card took €5.00")
    await expect(selling.page.locator(".due .v")).to_have_text("€3.40")
    await selling.page.reload()
    await selling.shows("Taken already")
    await expect(selling.page.locator(".charge")).to_have_text("Charge the rest€3.40")
    await selling.tap("Clear")
    await selling.shows("Money has been taken for this sale.")
    await selling.page.locator(".charge").click()
    await selling.press("1000")
    await eventually(lambda: change_shown(selling), "€6.60")
    await selling.tap("Complete sale")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(
        lambda: [sale["tenders"] for sale in fake.sales],
        [[{"type": "card", "amount": 500, "change": 0}, {"type": "cash", "amount": 1000, "change": 660}]],
    )


@pytest.mark.shell
async def test_cash_that_was_typed_is_a_part_before_another_means(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0, 2)
    await selling.has_lines("2 Sourdough loaf 800 g €8.40")
    await selling.key("Enter")
    await selling.press("2000")
    await selling.tap("Card")  # they pay otherwise: what covered all of it is no part
    await expect(selling.page.locator(".due .v")).to_have_text("€8.40")
    await selling.press("300")
    await selling.tap("Cash")  # no card was charged
    await expect(selling.page.locator(".tend li")).to_have_count(0)
    await selling.press("500")
    await selling.tap("Card")
    await expect(selling.page.locator(".due .v")).to_have_text("€3.40")
    await expect(selling.page.locator(".tend b")).to_have_text(["€5.00", "€3.40"])
    await selling.tap("Card paid · complete sale")
    tenders = [{"type": "card", "amount": 340, "change": 0}, {"type": "cash", "amount": 500, "change": 0}]
    await eventually(lambda: [sale["tenders"] for sale in fake.sales], [tenders])


async def test_cash_that_was_typed_is_a_part_before_a_gift_card(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.key("Enter")
    await selling.press("200")
    await selling.tap("Gift card, account")
    await expect(selling.page.locator(".tend b")).to_have_text(["€2.00"])
    await expect(selling.page.locator(".due .v")).to_have_text("€2.20")


@pytest.mark.shell
async def test_too_little_cash_is_a_part_and_can_be_taken_back(selling: TillPage) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("Enter")
    await selling.key("Enter")
    await selling.shows("Type what the customer gave, or tap an amount.")
    await selling.press("200")
    await selling.shows("Missing")
    await eventually(lambda: change_shown(selling), "€2.20")
    await selling.tap("Add €2.00 in cash")
    await expect(selling.page.locator(".due .v")).to_have_text("€2.20")
    await selling.tap("Remove this payment")
    await expect(selling.page.locator(".due .v")).to_have_text("€4.20")


async def test_a_scan_while_paying_raises_what_is_due_and_types_nothing(selling: TillPage) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("Enter")
    await selling.press("500")
    await selling.scan(2)
    await selling.shows("Added: Whole milk 1 l")
    await expect(selling.page.locator(".due .v")).to_have_text("€5.55")
    await expect(selling.page.locator(".tend b")).to_have_text(["€5.00"])


@pytest.mark.shell
async def test_cash_is_rounded_to_the_coins_there_are_and_a_card_is_not(till: TillPage, fake: FakeTillServer) -> None:
    fake.currency = ("CHF", 2, 5)
    fake.change_product(fake.products[6], price=88)
    await till.page.reload()
    await till.open_shift("10000")
    await till.scan(6)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.key("Enter")
    await expect(till.page.locator(".due .v")).to_have_text("CHF 0.90")
    await till.tap("Card")
    await expect(till.page.locator(".due .v")).to_have_text("CHF 0.88")
    await till.tap("Cash")
    await till.press("100")
    await till.tap("Complete sale")
    await till.shows("CHF 0.10")
    await eventually(
        lambda: [[sale["total"], sale["cash_rounding"], sale["tenders"]] for sale in fake.sales],
        [[88, 2, [{"type": "cash", "amount": 100, "change": 10}]]],
    )


async def test_a_sale_of_nothing_to_pay_needs_no_money(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("F6")
    await selling.press("100")
    await selling.tap("Apply")
    await selling.page.get_by_role("button", name="Other", exact=True).click()
    await selling.page.locator(".charge").click()
    await selling.shows("Complete sale")
    await asyncio.sleep(READS)  # it stands where *Charge* did, and a double tap must not press it
    await selling.tap("Complete sale")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(lambda: [[sale["total"], sale["tenders"]] for sale in fake.sales], [[0, []]])


RULE = """async ([total, tenders, method, given, coin]) => {
  const { amountDue, settle } = await import("/kiosk/till/payment.js");
  const due = amountDue(total, tenders, method, given, coin);
  const settled = settle(tenders, method, due).map((one) => [one.type, one.amount, one.change]);
  return [due.open, due.rounding, due.change, due.enough, settled];
}"""


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ([1507, [], "cash", 2000, 1], [1507, 0, 493, True, [["cash", 2000, 493]]]),
        ([1002, [], "cash", 1000, 5], [1000, -2, 0, True, [["cash", 1000, 0]]]),
        ([1003, [], "cash", 1005, 5], [1005, 2, 0, True, [["cash", 1005, 0]]]),
        (
            [1002, [{"type": "card", "amount": 500}], "cash", 500, 5],
            [500, -2, 0, True, [["card", 500, 0], ["cash", 500, 0]]],
        ),
        (
            [1002, [{"type": "cash", "amount": 500}], "card", 0, 5],
            [502, 0, 0, True, [["card", 502, 0], ["cash", 500, 0]]],
        ),
        ([1000, [{"type": "cash", "amount": 500}], "cash", 700, 1], [500, 0, 200, True, [["cash", 1200, 200]]]),
        ([1000, [], "cash", 999, 1], [1000, 0, 0, False, [["cash", 999, 0]]]),
        ([2, [], "cash", 0, 5], [0, -2, 0, True, []]),
        ([300, [{"type": "cash", "amount": 500}], "cash", 0, 1], [0, 0, 200, True, [["cash", 500, 200]]]),
        ([873, [{"type": "cash", "amount": 1000}], "cash", 0, 5], [0, 2, 125, True, [["cash", 1000, 125]]]),
        (
            [873, [{"type": "foreign_cash", "amount": 920}], "cash", 0, 5],
            [0, 2, 45, True, [["foreign_cash", 920, 0], ["cash", 0, 45]]],
        ),
    ],
)
async def test_what_is_due_and_what_comes_back(bare: Page, case: list[Any], wanted: list[Any]) -> None:
    assert await bare.evaluate(RULE, case) == wanted
