"""Goods come back at the till: found, chosen, paid back as they were paid, exchanged; also without a network."""

from __future__ import annotations

import copy
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.axe import violations
from tests.support.fake_till_returns import exchanges
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def ready(till: TillPage) -> None:
    """Wait until the doors to returns are there: they come once the till sells."""
    await expect(door(till)).to_be_visible()


def door(till: TillPage) -> Locator:
    return till.page.locator("#rail").get_by_role("button", name="Return", exact=True)


def sheet(till: TillPage, name: str) -> Locator:
    return till.page.get_by_role("dialog", name=name)


async def sell_some(till: TillPage, fake: FakeTillServer, *indexes: int) -> dict[str, Any]:
    """Sell articles for cash, and come back to the next sale; gives the sale as the server has it."""
    known = len(fake.sales)
    for at in indexes:
        await till.scan(at)
    await eventually(lambda: till.page.locator(".lines li").count(), len(set(indexes)))
    await till.pay_cash()
    await till.tap("Next sale")
    await eventually(lambda: len(fake.sales), known + 1)
    return fake.sales[-1]


async def find(till: TillPage, number: str) -> Locator:
    await ready(till)
    await door(till).click()
    await till.page.get_by_label("Number on the receipt").fill(number)
    await sheet(till, "Return").get_by_role("button", name="Find", exact=True).click()
    return till.page.get_by_role("dialog")


async def why(page: Page, text: str = "Broken") -> None:
    await page.get_by_role("dialog").get_by_role("button", name=text, exact=True).click()


async def give_back(till: TillPage, amount: str) -> None:
    """From the chosen lines to the record."""
    await till.page.get_by_role("button", name=f"Refund {amount}", exact=True).click()
    await till.page.get_by_role("button", name=f"Give back {amount}", exact=True).click()
    await expect(sheet(till, "Taken back")).to_be_visible()


@pytest.mark.shell
async def test_a_part_comes_back_by_its_number_and_the_cash_is_said_in_large_type(
    selling: TillPage, fake: FakeTillServer
) -> None:
    sale = await sell_some(selling, fake, 0, 0, 1)
    await find(selling, "1")
    await selling.tap("More of Sourdough loaf 800 g")
    await why(selling.page)
    await give_back(selling, "€4.20")
    await expect(selling.page.locator(".given .v")).to_have_text("€4.20")
    await selling.tap("Done")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    (back,) = fake.of_kind("goods_returned")
    assert (back["sale"], back["number"], back["total"], back["reason"]) == (sale["id"], 1, 420, "Broken")
    assert back["tenders"] == [{"type": "cash", "amount": 420}]
    assert [(one["id"], one["quantity"], one["condition"]) for one in back["lines"]] == [
        (sale["lines"][0]["id"], "1", "stock")
    ]
    await find(selling, "T2-000001")
    await expect(selling.page.get_by_text("1 of 2 can come back")).to_be_visible()


@pytest.mark.shell
async def test_more_than_was_sold_can_be_chosen_nowhere(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0, 0)
    await find(selling, "1")
    field = selling.page.get_by_label("How much of Sourdough loaf 800 g comes back")
    await field.fill("7")
    await field.press("Tab")
    await expect(field).to_have_value("2")
    await expect(selling.page.get_by_role("button", name="Refund €8.40", exact=True)).to_be_visible()
    await selling.page.get_by_role("button", name="Refund €8.40", exact=True).click()
    await selling.shows("Say why it comes back.")
    assert fake.of_kind("goods_returned") == []


@pytest.mark.shell
async def test_a_return_by_keys_alone(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0)
    await ready(selling)
    await selling.key("F12")
    await expect(selling.page.get_by_label("Number on the receipt")).to_be_focused()
    await selling.press("1")
    await selling.key("Enter")
    await expect(selling.page.get_by_label("How much of Sourdough loaf 800 g comes back")).to_be_focused()
    await selling.press("1")
    for _ in range(10):
        await selling.key("Tab")
        if await selling.page.evaluate("document.activeElement.id") == "return-reason":
            break
    await selling.press("Too dry")
    await selling.key("Enter")
    await expect(sheet(selling, "Give back €4.20")).to_be_visible()
    await selling.key("Enter")
    await expect(sheet(selling, "Taken back")).to_be_visible()
    await selling.key("Enter")
    await expect(sheet(selling, "Taken back")).to_have_count(0)
    await eventually(lambda: [one["reason"] for one in fake.of_kind("goods_returned")], ["Too dry"])


@pytest.mark.shell
async def test_without_a_network_this_devices_own_receipt_comes_back_and_no_more_than_once(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.works_offline()
    await sell_some(selling, fake, 0, 0, 5)
    await ready(selling)
    await selling.page.context.set_offline(True)
    fake.stop()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline", timeout=40_000)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await give_back(selling, "€9.50")
    await selling.tap("Done")
    await find(selling, "1")
    await selling.shows("All of this sale has come back.")
    await selling.page.keyboard.press("Escape")
    fake.start()
    await selling.page.context.set_offline(False)
    await selling.hear()
    await eventually(lambda: [one["total"] for one in fake.of_kind("goods_returned")], [950])


@pytest.mark.shell
async def test_what_another_till_has_taken_back_meanwhile_is_refused_before_money_goes_out(
    selling: TillPage, fake: FakeTillServer
) -> None:
    sale = await sell_some(selling, fake, 0)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    fake.promises["another till"] = {"sale": sale["id"], "lines": {sale["lines"][0]["id"]: 1000}}
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await selling.shows("Somebody at till T1 is taking this back now.")
    assert fake.of_kind("goods_returned") == []


@pytest.mark.shell
async def test_more_than_can_come_back_is_said_while_it_is_typed(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0, 0)
    await find(selling, "1")
    field = selling.page.get_by_role("textbox", name=re.compile("How much of .* comes back"))
    await field.fill("5")
    await expect(selling.page.get_by_role("alert").filter(has_text="Only 2 can come back.")).to_be_visible()
    await field.blur()
    await expect(field).to_have_value("2")
    await expect(selling.page.get_by_role("alert").filter(has_text="Only 2 can come back.")).to_be_visible()
    await selling.page.get_by_role("button", name="Less of").click()
    await expect(selling.page.get_by_text("Only 2 can come back.")).to_have_count(0)
    for _ in range(2):  # to two again, and on
        await selling.page.get_by_role("button", name="More of").click()
    await expect(selling.page.get_by_role("alert").filter(has_text="Only 2 can come back.")).to_be_visible()


@pytest.mark.shell
async def test_more_than_can_come_back_stops_the_refund_once_and_is_never_cut_in_silence(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sell_some(selling, fake, 0, 0)
    await find(selling, "1")
    await why(selling.page)
    field = selling.page.get_by_role("textbox", name=re.compile("How much of .* comes back"))
    await field.fill("5")
    await field.press("Enter")
    await expect(selling.page.get_by_role("alert").filter(has_text="Only 2 can come back.")).to_be_visible()
    await expect(field).to_have_value("2")
    await expect(field).to_be_focused()
    await expect(sheet(selling, "Give back €8.40")).to_have_count(0)
    await give_back(selling, "€8.40")
    await eventually(lambda: [one["total"] for one in fake.of_kind("goods_returned")], [840])


@pytest.mark.shell
async def test_an_exchange_with_a_difference_to_pay_is_one_payment_and_two_records(
    selling: TillPage, fake: FakeTillServer
) -> None:
    sale = await sell_some(selling, fake, 1)  # 1.60
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page, "Doesn't fit")
    await selling.page.get_by_role("button", name="Exchange", exact=True).click()
    await expect(selling.page.locator(".exchange")).to_contain_text("Butter croissant")
    await selling.scan(0)  # 4.20
    await expect(selling.page.locator(".exchange-box .net")).to_have_text("Customer pays €2.60")
    await selling.page.reload()
    await expect(selling.page.locator(".exchange-box .net")).to_have_text("Customer pays €2.60")
    await expect(selling.page.locator(".charge")).to_have_text("Charge€2.60")
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator(".due .v")).to_have_text("€2.60")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    await eventually(lambda: exchanges(fake), [(160, 160)])
    back, new = fake.of_kind("goods_returned")[0], fake.sales[-1]
    assert (back["sale"], back["exchange"], new["number"]) == (sale["id"], new["id"], 2)
    assert [(one["type"], one["amount"]) for one in new["tenders"]] == [("exchange", 160), ("cash", 260)]
    assert [one["kind"] for one in fake.records][-2:] == ["goods_returned", "sale"]
    await selling.tap("Next sale")
    await expect(selling.page.locator(".exchange-box")).to_be_hidden()


@pytest.mark.shell
async def test_an_exchange_for_less_gives_the_rest_back(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0)  # 4.20
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Exchange", exact=True).click()
    await selling.scan(1)  # 1.60
    await expect(selling.page.locator(".exchange-box .net")).to_have_text("Customer gets €2.60")
    await expect(selling.page.locator(".charge")).to_have_text("Give back€2.60")
    await selling.page.locator(".charge").click()
    await selling.page.locator("dialog[open]").get_by_role("button", name="Give back €2.60", exact=True).click()
    await expect(selling.page.locator(".given .v")).to_have_text("€2.60")
    await selling.tap("Done")
    await eventually(lambda: exchanges(fake), [(160, 160)])
    (back,) = fake.of_kind("goods_returned")
    assert [(one["type"], one["amount"]) for one in back["tenders"]] == [("exchange", 160), ("cash", 260)]
    await selling.has_lines()


@pytest.mark.shell
async def test_an_exchange_that_can_not_be_written_leaves_neither_record(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sell_some(selling, fake, 1)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Exchange", exact=True).click()
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    before = len(await selling.journal())
    await selling.page.evaluate(
        """() => { const add = IDBObjectStore.prototype.add;
          globalThis.undo = () => { IDBObjectStore.prototype.add = add; };
          IDBObjectStore.prototype.add = function (value, ...more) {
            if (value?.kind === "sale") throw new DOMException("full", "QuotaExceededError");
            return add.call(this, value, ...more); }; }"""
    )
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await selling.shows("This sale is NOT recorded")
    assert len(await selling.journal()) == before
    assert selling.errors == ["The records could not be written"]
    selling.errors.clear()
    await selling.page.evaluate("globalThis.undo()")
    await selling.tap("Try again")
    await expect(selling.page.get_by_role("heading", name="Paid")).to_be_visible()
    assert [one["kind"] for one in await selling.journal()][before:] == ["goods_returned", "sale"]
    await eventually(lambda: exchanges(fake), [(160, 160)])


@pytest.mark.shell
async def test_without_a_receipt_the_customer_gets_store_credit(selling: TillPage, fake: FakeTillServer) -> None:
    await ready(selling)
    await door(selling).click()
    await selling.page.get_by_role("button", name="No receipt", exact=True).click()
    await expect(sheet(selling, "Return without a receipt")).to_be_visible()
    await selling.scan(0)
    await why(selling.page)
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await selling.shows("Store credit needs a customer.")
    await selling.page.get_by_role("button", name="Choose the customer", exact=True).click()
    await selling.page.get_by_label("Find a customer").fill("Lena")
    await selling.page.get_by_role("button", name="Lena Marsh").click()
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await expect(sheet(selling, "Taken back")).to_contain_text("Store credit")
    await selling.tap("Done")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    (back,) = fake.of_kind("goods_returned")
    assert (back["sale"], back["tenders"], back["customer"] is not None) == (
        None,
        [{"type": "store_credit", "amount": 420}],
        True,
    )


@pytest.mark.shell
async def test_a_business_that_takes_nothing_back_without_a_receipt_offers_no_door(
    selling: TillPage, fake: FakeTillServer
) -> None:
    fake.returns = {"without_receipt": "no", "in_cash": "as_paid", "next": 1}
    await selling.page.reload()
    await ready(selling)
    await selling.is_online()
    await door(selling).click()
    await expect(sheet(selling, "Return")).to_be_visible()
    await expect(selling.page.get_by_role("button", name="No receipt", exact=True)).to_have_count(0)


@pytest.fixture
async def with_terminal(selling: TillPage, fake: FakeTillServer) -> TillPage:
    """A till with the practice terminal; it was online when it was told."""
    fake.payments = {"terminal": "simulator", "tips": False, "currencies": []}
    await selling.page.reload()
    await selling.is_online()
    return selling


async def by_card(till: TillPage, fake: FakeTillServer, price: int) -> dict[str, Any]:
    fake.change_product(fake.products[0], price=price)
    await till.hear()
    await expect(till.page.locator(".tile", has_text="Sourdough").first).to_contain_text(f"{price / 100:.2f}")
    await till.scan(0)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.page.locator(".charge").click()
    await till.page.get_by_role("button", name="Card", exact=True).click()
    await till.tap(f"€{price / 100:.2f} by card")
    await expect(till.page.get_by_role("heading", name="Paid")).to_be_visible()
    await till.tap("Next sale")
    await eventually(lambda: len(fake.sales), 1)
    return fake.sales[0]


@pytest.mark.shell
async def test_card_money_goes_back_onto_the_card(with_terminal: TillPage, fake: FakeTillServer) -> None:
    await by_card(with_terminal, fake, 420)
    await find(with_terminal, "1")
    await with_terminal.tap("All of it")
    await why(with_terminal.page)
    await give_back(with_terminal, "€4.20")
    await expect(sheet(with_terminal, "Taken back")).to_contain_text("Nothing in cash")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    started, settled = fake.of_kind("payment_started")[-1], fake.of_kind("payment_settled")[-1]
    (tender,) = fake.of_kind("goods_returned")[0]["tenders"]
    assert (started["type"], started["of"]) == ("refund", fake.of_kind("payment_started")[0]["id"])
    assert (tender["type"], tender["attempt"], settled["outcome"]) == ("card", started["id"], "approved")


@pytest.mark.shell
async def test_a_lost_answer_is_asked_for_again_after_a_restart_and_the_return_finished(
    with_terminal: TillPage, fake: FakeTillServer
) -> None:
    await by_card(with_terminal, fake, 417)  # its answers get lost, and the first inquiry too
    await find(with_terminal, "1")
    await with_terminal.tap("All of it")
    await why(with_terminal.page)
    await with_terminal.page.get_by_role("button", name="Refund €4.17", exact=True).click()
    await with_terminal.page.get_by_role("button", name="Give back €4.17", exact=True).click()
    await with_terminal.shows("The terminal has not answered.")
    assert fake.of_kind("goods_returned") == []
    await with_terminal.page.reload()
    await with_terminal.shows("The terminal has not answered.")
    again = with_terminal.page.get_by_role("button", name="Ask the terminal again", exact=True)
    given = with_terminal.page.get_by_text("Given back", exact=True)
    await expect(again.or_(given).first).to_be_visible()
    if await again.is_visible():
        await again.click()
    await expect(given).to_be_visible()
    await with_terminal.page.get_by_role("button", name="Complete", exact=True).click()  # nothing is left to give
    await expect(sheet(with_terminal, "Taken back")).to_be_visible()
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    refunds = [one for one in fake.of_kind("payment_started") if one["type"] == "refund"]
    assert len(refunds) == 1


@pytest.mark.shell
async def test_a_declined_refund_gives_nothing_and_another_way_is_chosen(
    with_terminal: TillPage, fake: FakeTillServer
) -> None:
    fake.returns = {"without_receipt": "no", "in_cash": "any", "next": 1}
    fake.elsewhere.append(copy.deepcopy(await by_card(with_terminal, fake, 420)) | {"id": str(uuid4()), "number": 77})
    fake.elsewhere[0]["tenders"][0]["attempt"] = str(uuid4())  # this terminal never took it
    await with_terminal.page.reload()
    await with_terminal.is_online()
    await find(with_terminal, "77")
    await with_terminal.tap("All of it")
    await why(with_terminal.page)
    await with_terminal.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await with_terminal.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await with_terminal.shows("The terminal did not give it back.")
    await with_terminal.page.get_by_role("button", name="In cash", exact=True).click()
    await with_terminal.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await expect(with_terminal.page.locator(".given .v")).to_have_text("€4.20")
    await eventually(lambda: [one["tenders"][0]["type"] for one in fake.of_kind("goods_returned")], ["cash"])


@pytest.mark.shell
async def test_the_receipts_list_has_returns_and_a_door_for_each_sale(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0)
    await ready(selling)
    await selling.key("F9")
    await selling.page.get_by_role("button", name="Return from T2-000001").click()
    await selling.tap("All of it")
    await why(selling.page)
    await give_back(selling, "€4.20")
    await selling.tap("Done")
    await selling.key("F9")
    await selling.shows("T2-R000001")
    await expect(selling.page.locator(".rows li", has_text="T2-R000001")).to_contain_text("\u2212€4.20")


@pytest.mark.shell
async def test_a_sale_that_came_back_wholly_has_no_return_left_and_one_in_part_has(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sell_some(selling, fake, 0, 0, 1)
    await ready(selling)
    for more, amount in ((1, "€4.20"), (0, "")):
        await selling.key("F9")
        await selling.page.get_by_role("button", name="Return from T2-000001", exact=True).click()
        rest = sheet(selling, "Return from T2-000001")
        for _ in range(more):
            await rest.get_by_role("button", name="More of Sourdough loaf 800 g", exact=True).click()
        if not more:
            await rest.get_by_role("button", name="All of it", exact=True).click()
        await why(selling.page)
        worth = amount or (await rest.get_by_role("button", name=re.compile("^Refund ")).inner_text())[len("Refund ") :]
        await give_back(selling, worth)
        await selling.tap("Done")
        await expect(selling.page.get_by_role("dialog")).to_have_count(0)  # the sale is on the screen again
    await selling.key("F9")
    row = selling.page.locator(".rows li", has=selling.page.get_by_text("T2-000001", exact=True))
    await expect(row).to_contain_text("All returned")
    await expect(row.get_by_role("button", name="Return from T2-000001", exact=True)).to_have_count(0)
    await row.get_by_role("button", name="T2-000001").first.click()
    paper = sheet(selling, "Receipt T2-000001")
    await expect(paper.get_by_role("button", name="Print a copy", exact=True)).to_be_visible()
    await expect(paper.get_by_role("button", name="Return", exact=True)).to_have_count(0)


@pytest.mark.shell
async def test_the_sheets_leave_axe_nothing_to_complain_of(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0, 5)
    await ready(selling)
    await door(selling).click()
    assert await violations(selling.page) == []
    await selling.page.get_by_label("Number on the receipt").fill("1")
    await sheet(selling, "Return").get_by_role("button", name="Find", exact=True).click()
    await selling.tap("All of it")
    assert await violations(selling.page) == []
    await why(selling.page)
    await selling.page.locator("dialog [data-enter]").click()
    await expect(selling.page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    assert await violations(selling.page) == []
