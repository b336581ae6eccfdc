"""The shift: a float, cash with a reason, and a count that nobody could adjust to what was expected."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def to_count(till: TillPage) -> None:
    await till.page.locator("#rail").get_by_role("button", name="Shift").click()
    await till.tap("Count and close the shift")


async def test_a_shift_from_float_to_z_report(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.sell(0)
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Cash out")
    await selling.press("1000")
    await selling.page.get_by_label("Reason").fill("Window cleaner")
    await selling.page.locator("dialog footer .btn").click()
    await selling.shows("Cash out: €10.00")
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
    for text in ("€144.20", "€144.00", "\u2212€0.20", "1 \u2013 1"):
        await expect(report).to_contain_text(text)
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
    await till.sell(0)
    await eventually(lambda: len(fake.sales), 1)
    (opened,) = fake.of_kind("shift_opened")
    assert [sale["shift"] for sale in fake.sales] == [opened["id"]]


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
    await selling.tap("Cash in")
    await selling.press("1000")
    await selling.tap("Change from the bank")
    await selling.page.locator("dialog footer .btn").evaluate(twice)
    await selling.shows("Cash in: €10.00")
    await selling.tap("Count and close the shift")
    await selling.press("16420")
    await selling.tap("Close the shift")
    await selling.page.get_by_role("button", name="Close it with €164.20").evaluate(twice)
    await selling.shows("The drawer is right")
    kinds = [record["kind"] for record in fake.records]
    assert kinds == ["shift_opened", "sale", "drawer_opened", "cash_moved", "shift_closed"]


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
