"""The shift: a float, cash with a reason, and a count that nobody could adjust to what was expected."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.kiosk.test_kiosk_returns import find, give_back, sell_some, why
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def to_count(till: TillPage) -> None:
    await till.page.locator("#rail").get_by_role("button", name="Shift").click()
    await till.tap("Count and close the shift")


async def test_a_shift_from_float_to_z_report(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.sell(0)
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Pay-out")
    await selling.press("1000")
    await selling.key("Enter")  # the field says its name and what is missing, and has the focus
    reason = selling.page.get_by_role("textbox", name="Another reason")
    await expect(reason).to_be_focused()
    await expect(reason).to_have_accessible_description("Say what it is for: press a reason, or type it here.")
    await reason.fill("Window cleaner")
    await expect(selling.page.get_by_text("Say what it is for")).to_have_count(0)
    await selling.page.locator("dialog footer .btn").click()
    await selling.shows("Pay-out: €10.00")
    await selling.tap("Count and close the shift")
    expected = "144.20"
    assert expected not in await selling.page.locator("body").inner_text()
    await selling.press("14400")
    await selling.key("Enter")
    await selling.shows("Close the shift with €144.00 counted?")
    assert expected not in await selling.page.locator("body").inner_text()
    await selling.tap("Count again")
    await selling.tap("Close the shift")
    assert fake.of_kind("shift_closed") == []
    await selling.tap("Close it with €144.00")
    await selling.shows("€0.20 missing")
    report = selling.page.locator(".shift .paper")
    for text in ("€144.20", "€144.00", "\u2212€0.20 short", "1 \u2013 1"):
        await expect(report).to_contain_text(text)
    rows = [text.split("\n") for text in await report.locator(".r").all_inner_texts()]
    at = [words for words, *_ in rows].index("Expected")
    assert [amount for _, amount in rows[at - 3 : at + 1]] == ["€150.00", "€4.20", "\u2212€10.00", "€144.20"]
    assert [words for words, _ in rows[at - 3 : at]] == ["Float", "Cash from sales, less refunds", "Pay-out"]
    moved = fake.of_kind("cash_moved")
    assert [moved[0]["kind"], moved[0]["amount"], moved[0]["reason"]] == ["pay_out", 1000, "Window cleaner"]
    assert moved[0]["shift"] == fake.of_kind("shift_opened")[0]["id"] == fake.of_kind("shift_closed")[0]["id"]
    await selling.scan(0)
    await selling.shows("Open the shift first")


async def test_counting_by_pieces_adds_up(selling: TillPage, fake: FakeTillServer) -> None:
    await to_count(selling)
    await selling.page.get_by_label("€50.00 \u00d7").fill("2")
    await selling.page.get_by_label("€20.00 \u00d7").fill("2")
    await selling.page.get_by_label("€0.50 \u00d7").fill("20")
    await expect(selling.page.locator(".figure")).to_have_text("€150.00")
    await selling.key("Enter")
    await selling.tap("Close it with €150.00")
    await selling.shows("The drawer is right")
    closed = fake.of_kind("shift_closed")[0]
    assert [closed["counted"], closed["denominations"]] == [15000, {"5000": 2, "2000": 2, "50": 20}]


@pytest.mark.shell
async def test_a_close_offline_gets_its_report_later(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    fake.stop()
    await to_count(selling)
    await selling.press("15000")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €150.00")
    await selling.shows("Z report follows when online.")
    await selling.page.reload()
    await selling.shows("Z report follows when online.")
    fake.start()
    await selling.hear()
    await selling.shows("The drawer is right")


@pytest.mark.shell
async def test_the_drawer_opens_with_a_reason_only(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.key("F10")
    await selling.key("Escape")
    await selling.key("F10")
    await selling.tap("Change for a customer")
    await selling.shows("Drawer opened: Change for a customer")
    await eventually(lambda: [one["reason"] for one in fake.of_kind("drawer_opened")], ["Change for a customer"])


async def test_a_sale_in_the_cart_comes_before_the_count(selling: TillPage) -> None:
    await selling.scan(0)
    await to_count(selling)
    await selling.shows("Finish this sale or put it on hold first.")


async def test_a_shift_that_was_opened_elsewhere_is_known_here(till: TillPage, fake: FakeTillServer) -> None:
    fake.shift = {
        "id": "0199a000-0000-7000-8000-0000000000d1",
        "opened_at": "2026-11-20T08:00:00Z",
        "opening_float": 5000,
        "opened_by": "Ben",
    }
    await till.page.reload()
    await till.shows("Charge")
    await till.shows("Butter croissant")
    await till.sell(0)
    await eventually(lambda: [sale["shift"] for sale in fake.sales], [fake.shift["id"]])


async def test_a_second_tap_opens_no_second_shift(till: TillPage, fake: FakeTillServer) -> None:
    await till.press("15000")
    await till.page.get_by_role("button", name="Open shift").evaluate("(button) => { button.click(); button.click(); }")
    await till.shows("Charge")
    await till.sell(0)
    await eventually(lambda: len(fake.sales), 1)
    (opened,) = fake.of_kind("shift_opened")
    assert [sale["shift"] for sale in fake.sales] == [opened["id"]]


@pytest.mark.shell
async def test_a_second_tap_moves_no_cash_twice_and_takes_no_money_twice(
    selling: TillPage, fake: FakeTillServer
) -> None:
    twice = "(button) => { button.click(); button.click(); }"
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.page.locator(".quick .btn").first.click()
    await selling.page.get_by_role("button", name="Complete sale").evaluate(twice)
    await selling.tap("Next sale")
    await selling.key("F10")
    await selling.page.get_by_role("button", name="Check the float").evaluate(twice)
    await selling.shows("Drawer opened: Check the float")
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Pay-in")
    await selling.press("1000")
    await selling.tap("Change from the bank")
    await selling.page.locator("dialog footer .btn").evaluate(twice)
    await selling.shows("Pay-in: €10.00")
    await selling.tap("Count and close the shift")
    await selling.press("16420")
    await selling.tap("Close the shift")
    await selling.page.get_by_role("button", name="Close it with €164.20").evaluate(twice)
    await selling.shows("The drawer is right")
    kinds = [record["kind"] for record in fake.records]
    assert kinds == ["shift_opened", "sale", "drawer_opened", "cash_moved", "shift_counted", "shift_closed"]


async def test_a_till_whose_opening_is_refused_sells_on_in_the_shift_that_is_open(
    till: TillPage, fake: FakeTillServer
) -> None:
    fake.shift = {
        "id": "0199a000-0000-7000-8000-0000000000d1",
        "opened_at": "2026-11-20T08:00:00Z",
        "opening_float": 5000,
        "opened_by": "Ben",
    }
    await till.open_shift("15000")
    await till.shows("1 record needs attention")
    await till.sell(0)
    await eventually(lambda: [sale["shift"] for sale in fake.sales], [fake.shift["id"]])
    await till.page.locator("#rail").get_by_role("button", name="Shift").click()
    await till.shows("Ben")


async def test_a_float_is_counted_by_pieces_and_told_by_pieces(till: TillPage, fake: FakeTillServer) -> None:
    fake.left = 15_500
    await till.press("9900")
    await till.tap("Count by pieces")
    more = till.page.get_by_role("button", name="One €50.00 more")
    for _ in range(4):
        await more.click()
    await till.page.get_by_role("button", name="One €50.00 less").click()
    await expect(till.page.locator(".figure")).to_have_text("€150.00")
    await till.tap("Open shift")
    await till.shows("€5.00 less than the last close left (€155.00). It is noted.")
    opened = fake.of_kind("shift_opened")[0]
    assert [opened["opening_float"], opened["denominations"]] == [15_000, {"5000": 3}]


@pytest.mark.shell
@pytest.mark.parametrize("by_pieces", [True, False])
async def test_a_float_that_is_being_counted_stays_when_the_last_shifts_report_comes_late(
    selling: TillPage, fake: FakeTillServer, by_pieces: bool
) -> None:
    report = asyncio.Event()

    async def late(route: Route) -> None:
        await report.wait()
        await route.continue_()

    await to_count(selling)
    await selling.press("15000")
    await selling.page.route("**/journal", late)
    await selling.tap("Close the shift")
    await selling.tap("Close it with €150.00")
    await selling.shows("Z report follows when online.")
    figure = selling.page.locator(".figure")
    if by_pieces:
        await selling.tap("Count by pieces")
        fields = selling.page.locator("#pieces-5000")
        await expect(fields).to_be_visible()
    else:
        await selling.press("99")
        await expect(figure).to_have_text("€0.99")
    report.set()
    known = "async () => Boolean((await import('/kiosk/till/state.js')).state.closing?.result)"
    await eventually(lambda: selling.page.evaluate(known), wanted=True)
    if by_pieces:
        await fields.fill("3")
        await expect(figure).to_have_text("€150.00")
    else:
        await selling.shows("The drawer is right")
        await expect(figure).to_have_text("€0.99")


async def test_a_count_that_differs_is_asked_for_once_more_and_without_a_word_of_the_amount(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.sell(0)
    await selling.is_online()
    await to_count(selling)
    await selling.press("12000")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €120.00")
    await selling.shows("Count once more")
    body = await selling.page.locator("body").inner_text()
    assert "154.20" not in body
    assert "34.20" not in body
    assert fake.of_kind("shift_closed") == []
    await expect(selling.page.locator(".figure")).to_have_text("€0.00")
    await selling.press("12500")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €125.00")
    await selling.shows("€29.20 missing")
    assert [one["counted"] for one in fake.of_kind("shift_counted")] == [12_000, 12_500]
    assert [one["counted"] for one in fake.of_kind("shift_closed")] == [12_500]


async def test_what_is_to_be_counted_once_more_stays_so_when_the_count_is_left(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.sell(0)
    await selling.is_online()
    await to_count(selling)
    await selling.press("12000")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €120.00")
    await selling.shows("Count once more")
    await selling.page.reload()
    await selling.is_online()
    await to_count(selling)
    await selling.shows("Count once more")
    assert [one["counted"] for one in fake.of_kind("shift_counted")] == [12_000]


@pytest.mark.shell
async def test_the_end_of_a_shift_says_how_much_came_back(selling: TillPage, fake: FakeTillServer) -> None:
    sale = await sell_some(selling, fake, 0)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await give_back(selling, "€4.20")
    await selling.tap("Done")
    await eventually(lambda: [one["sale"] for one in fake.of_kind("goods_returned")], [sale["id"]])
    await to_count(selling)
    await selling.press("15420")  # what the fake server expects: it knows of no refunds
    await selling.tap("Close the shift")
    await selling.tap("Close it with €154.20")
    await expect(selling.page.locator(".card .paper")).to_contain_text("Returns: 1")
    await expect(selling.page.locator("body")).to_contain_text("\N{MINUS SIGN}€4.20")


async def test_cash_out_of_nothing_is_refused_with_a_word(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Pay-out")
    await selling.key("Enter")
    await expect(selling.page.get_by_role("alert").filter(has_text="Type an amount above zero.")).to_be_visible()
    await selling.press("100")
    await expect(selling.page.get_by_text("Type an amount above zero.")).to_have_count(0)
    assert fake.of_kind("cash_moved") == []


async def test_a_float_stays_in_the_drawer_and_the_variance_with_the_managers(
    till: TillPage, fake: FakeTillServer
) -> None:
    fake.settings, fake.hidden = {"float_left_minor": 15_000}, True
    await till.page.reload()
    await till.shows("Open the shift")
    await till.open_shift("15000")
    await to_count(till)
    await till.press("16000")
    await till.tap("Close the shift")
    await till.shows("€150.00 stays in the drawer as the next float, €10.00 goes to the safe.")
    await till.tap("Close it with €160.00")
    await till.shows("Count once more")
    await till.press("16000")
    await till.tap("Close the shift")
    await till.tap("Close it with €160.00")
    await till.shows("Z report 1 is in the office.")
    assert fake.of_kind("shift_closed")[0]["left"] == 15_000
    assert "too much" not in await till.page.locator("body").inner_text()


@pytest.mark.shell
async def test_cash_moves_by_key_with_the_shops_reasons_and_slips(till: TillPage, fake: FakeTillServer) -> None:
    fake.settings = {"reasons": {"pick_up": ["Armoured van"]}, "drawer_most_minor": 15_300}  # type: ignore[dict-item]
    fake.permissions = ["view_shifts"]
    await till.page.reload()
    await till.shows("Open the shift")
    await till.page.evaluate("window.print = () => { window.printed = document.getElementById('print').textContent; }")
    await till.open_shift("15000")
    await till.scan(0)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.pay_cash()
    await till.shows("There is a lot of cash in the drawer. Drop some to the safe.")
    await till.tap("Next sale")
    await till.key("F11")
    await till.shows("Count and close the shift")
    await till.key("p")
    await till.press("5000")
    await till.tap("Armoured van")
    await till.page.locator("dialog footer .btn").click()
    await till.shows("Pick-up: €50.00")
    await till.tap("Print slip")
    await eventually(lambda: till.page.evaluate("window.printed?.includes('Armoured van')"), wanted=True)
    await till.key("c")
    await till.press("2000")
    await till.tap("Coins from the safe")
    await till.page.locator("dialog footer .btn").click()
    await till.shows("Change from the safe: €20.00")
    await expect(till.page.locator(".shift .rows li")).to_have_count(2)
    await till.key("x")
    await till.shows("X report \u2013 not final")
    await expect(till.page.locator("dialog .paper")).to_contain_text("€124.20")
    moved = fake.of_kind("cash_moved")
    assert [(one["kind"], one["amount"], one["reason"]) for one in moved] == [
        ("pick_up", 5_000, "Armoured van"), ("float", 2_000, "Coins from the safe"),
    ]  # fmt: skip


async def test_a_drawer_with_too_much_in_it_says_so_with_a_sign_and_a_word_and_without_a_sale_no_numbers(
    selling: TillPage,
) -> None:
    await to_count(selling)
    await selling.press("25350")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €253.50")
    await selling.shows("Count once more")
    await selling.press("25350")
    await selling.tap("Close the shift")
    await selling.tap("Close it with €253.50")
    report = selling.page.locator(".shift .paper")
    await expect(report.locator(".r", has_text="Difference")).to_have_text("Difference+€103.50 over")
    await expect(report.locator(".r", has_text="Receipts")).to_have_text("Receiptsnone")
