"""Card money through a terminal: written down before it starts, never taken twice, never forgotten, whatever breaks."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

USD = {"code": "USD", "exponent": 2, "rate_billionths": 920_000_000}


@pytest.fixture
async def paying(context: BrowserContext, fake: FakeTillServer) -> TillPage:
    """A till with the practice terminal, tips and dollars, an open shift, and nothing in its cart."""
    fake.payments = {"terminal": "simulator", "tips": True, "currencies": [USD]}
    till = await TillPage.open(context, fake)
    await till.open_shift("15000")
    await eventually(lambda: fake.of_kind("shift_opened") != [], wanted=True)
    return till


async def charge(till: TillPage, fake: FakeTillServer, price: int) -> None:
    """Put something of this price into the cart and go to payment by card."""
    fake.change_product(fake.products[0], price=price)
    await till.hear()
    await expect(till.page.locator(".tile", has_text="Sourdough").first).to_contain_text(f"{price / 100:.2f}")
    await till.scan(0)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.key("Enter")
    await till.tap("Card")


async def sends(fake: FakeTillServer, kind: str, wanted: list[list[Any]], *members: str) -> None:
    """Wait until the server has these records of a kind, each as its named members."""
    await eventually(lambda: [[one.get(name) for name in members] for one in fake.of_kind(kind)], wanted)


async def paid(till: TillPage) -> None:
    await expect(till.page.get_by_role("heading", name="Paid")).to_be_visible()


@pytest.mark.shell
async def test_the_attempt_is_on_record_before_the_sale_and_completes_it(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 420)
    await paying.tap("€4.20 by card")
    await paying.shows("Waiting for the card")
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    kinds = [one["kind"] for one in fake.records]
    assert kinds == ["shift_opened", "payment_started", "payment_settled", "sale"]
    (attempt,) = fake.of_kind("payment_started")
    (tender,) = fake.sales[0]["tenders"]
    assert (attempt["sale"], attempt["amount"], attempt["terminal"]) == (fake.sales[0]["id"], 420, "simulator")
    assert (tender["attempt"], tender["amount"], tender["change"]) == (attempt["id"], 420, 0)
    await sends(fake, "payment_settled", [["approved", "terminal", 420]], "outcome", "source", "amount")


@pytest.mark.shell
async def test_a_declined_card_takes_nothing_and_cash_can_be_given(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 405)
    await paying.tap("€4.05 by card")
    await paying.shows("The card was declined.")
    await paying.tap("Cash")
    await paying.tap("€4.05")
    await paying.tap("Complete sale")
    await paid(paying)
    await eventually(lambda: [sale["tenders"] for sale in fake.sales], [[{"type": "cash", "amount": 405, "change": 0}]])
    await sends(fake, "payment_settled", [["declined"]], "outcome")


@pytest.mark.shell
async def test_nothing_is_tendered_and_no_change_said_before_the_terminal_says_so(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 405)
    tendered, change = paying.page.locator(".tend li"), paying.page.locator(".change")
    await expect(change).to_have_text("Change—")
    await expect(tendered).to_have_count(0)
    await paying.tap("€4.05 by card")
    problem = paying.page.locator(".pay-side").get_by_role("alert")
    await expect(problem).to_have_text("The card was declined. Nothing was taken; ask for another card or cash.")
    await expect(tendered).to_have_text(["Card declined€0.00"])
    await expect(change).to_have_text("Change—")
    await expect(change).to_have_class("change missing")
    await expect(paying.page.get_by_role("button", name="€4.05 by card", exact=True)).to_be_visible()
    await paying.tap("Cash")
    await expect(problem).to_have_count(0)
    await expect(tendered).to_have_count(0)
    await sends(fake, "payment_settled", [["declined"]], "outcome")


@pytest.mark.shell
async def test_a_customer_who_changes_their_mind_is_let_go(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 407)
    await paying.tap("€4.07 by card")
    await paying.shows("Waiting for the card")
    await paying.key("Escape")
    await paying.tap("Back to cart")
    await paying.shows("A card payment is not settled yet.")
    await paying.tap("Cancel")
    await paying.shows("The card payment was cancelled.")
    await expect(paying.page.locator(".due .v")).to_have_text("€4.07")
    await sends(fake, "payment_settled", [["cancelled"]], "outcome")
    assert fake.sales == []


@pytest.mark.shell
async def test_a_lost_answer_is_asked_for_and_not_charged_again(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 411)
    await paying.tap("€4.11 by card")
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    assert len(fake.of_kind("payment_started")) == 1
    await sends(
        fake,
        "payment_settled",
        [
            ["unknown", "terminal"],
            ["approved", "inquiry"],
        ],
        "outcome",
        "source",
    )


@pytest.mark.shell
async def test_a_lost_refusal_is_found_out(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 413)
    await paying.tap("€4.13 by card")
    await paying.shows("The card was declined.")
    await sends(
        fake,
        "payment_settled",
        [
            ["unknown", "terminal"],
            ["declined", "inquiry"],
        ],
        "outcome",
        "source",
    )
    assert fake.sales == []


@pytest.mark.shell
async def test_a_page_that_goes_away_meanwhile_takes_the_attempt_up_again(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 420)
    await paying.tap("€4.20 by card")
    await paying.shows("Waiting for the card")
    await eventually(lambda: len(fake.of_kind("payment_started")), 1)
    await paying.page.reload()
    await paying.shows("The card payment of €4.20 was cut off, and the terminal has taken nothing.")
    await expect(paying.page.locator(".due .v")).to_have_text("€4.20")
    await sends(fake, "payment_settled", [["inquiry"]], "source")
    assert fake.of_kind("payment_settled")[0]["outcome"] in {"cancelled", "declined"}  # it may not have heard of it yet


@pytest.mark.shell
async def test_a_card_that_was_charged_while_the_page_was_gone_completes_its_sale(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 420)
    await paying.page.evaluate(
        """() => { // the terminal's own journal says that it was charged; the page never hears of it
             const put = IDBObjectStore.prototype.put;
             IDBObjectStore.prototype.put = function (value, ...rest) {
               const kept = this.name === "charges" ? { ...value, outcome: "approved", reference: "P-1" } : value;
               return put.call(this, kept, ...rest);
             };
           }"""
    )
    await paying.tap("€4.20 by card")
    await paying.shows("Waiting for the card")
    await eventually(lambda: len(fake.of_kind("payment_started")), 1)
    await paying.page.reload()
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    await sends(fake, "payment_settled", [["approved", "inquiry"]], "outcome", "source")
    assert fake.sales[0]["tenders"][0]["attempt"] == fake.of_kind("payment_started")[0]["id"]


@pytest.mark.shell
async def test_what_no_terminal_can_say_a_person_reads_off_its_slip(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 420)
    await paying.page.evaluate(
        """() => { const get = IDBObjectStore.prototype.get;
             IDBObjectStore.prototype.get = function (...facts) {
               if (this.name === "charges") throw new DOMException("gone", "InvalidStateError");
               return get.apply(this, facts);
             }; }"""
    )
    await paying.tap("€4.20 by card")
    await paying.shows("The terminal has not answered")
    await expect(paying.page.locator(".tend li")).to_have_text(["Card not confirmed yet€4.20"])
    await expect(paying.page.locator(".change")).to_have_text("Change—")
    await paying.tap("Ask the terminal again")
    await paying.tap("The terminal can't be asked")
    await paying.tap("It was paid")
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    await sends(
        fake,
        "payment_settled",
        [
            ["unknown", "terminal", 0],
            ["approved", "person", 420],
        ],
        "outcome",
        "source",
        "amount",
    )


@pytest.mark.shell
async def test_a_part_by_card_is_given_back_at_the_terminal_before_it_leaves_the_sale(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 420)
    await paying.press("200")
    await paying.tap("€2.00 by card")
    await expect(paying.page.locator(".due .v")).to_have_text("€2.20")
    await paying.tap("Remove this payment")
    await paying.shows("The terminal gave it back.")
    await expect(paying.page.locator(".due .v")).to_have_text("€4.20")
    await eventually(lambda: len(fake.of_kind("payment_settled")), 2)
    await sends(fake, "payment_settled", [["approved", 200], ["reversed", 200]], "outcome", "amount")


@pytest.mark.shell
async def test_a_tip_is_taken_with_the_card(paying: TillPage, fake: FakeTillServer) -> None:
    await charge(paying, fake, 420)
    await paying.tap("Tip")
    await paying.press("50")
    await paying.tap("Use this tip")
    await expect(paying.page.locator(".due .v")).to_have_text("€4.70")
    await paying.tap("€4.70 by card")
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    (sale,) = fake.sales
    assert (sale["total"], sale["tenders"][0]["amount"], sale["tenders"][0]["tip"]) == (420, 470, 50)
    await sends(fake, "payment_started", [[470, 50]], "amount", "tip")


@pytest.mark.shell
async def test_dollars_are_taken_at_the_days_rate_and_change_is_in_the_own_currency(
    paying: TillPage, fake: FakeTillServer
) -> None:
    await charge(paying, fake, 870)
    await paying.tap("Other currency")
    await paying.shows("Today 1 USD is €0.92.")
    await paying.tap("$10.00")
    await paying.shows("Worth €9.20 · change €0.50")
    await paying.tap("Take the notes")
    await expect(paying.page.locator(".tend li").first).to_contain_text("Foreign cash · $10.00 at 0.92€9.20")
    await paying.tap("Complete sale")
    await paid(paying)
    await eventually(lambda: len(fake.sales), 1)
    assert fake.sales[0]["tenders"] == [
        {
            "type": "foreign_cash", "amount": 920, "currency": "USD", "foreign_amount": 1000,
            "rate_billionths": 920_000_000, "change": 0,
        },
        {"type": "cash", "amount": 0, "change": 50},
    ]  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
async def test_what_many_payments_came_to_is_said_in_the_middle_of_the_screen(
    paying: TillPage, fake: FakeTillServer, width: int, height: int
) -> None:
    await paying.page.set_viewport_size({"width": width, "height": height})
    await charge(paying, fake, 1420)
    for part in ("101", "102", "103", "104", "106"):
        await paying.press(part)
        await paying.tap(f"€{int(part) / 100:.2f} by card")
        await expect(paying.page.locator(".tend li", has_text=f"€{int(part) / 100:.2f}")).to_be_visible()
    await paying.tap("Cash")
    await paying.tap("€20")
    await paying.tap("Complete sale")
    await paid(paying)
    places = await paying.page.evaluate(
        """() => [...document.querySelectorAll(".paid > *")].map((one) => one.getBoundingClientRect())
             .filter((box) => box.width).map(({ left, right }) => [left, innerWidth - right])"""
    )
    assert [one for one in places if min(one) < 0 or abs(one[0] - one[1]) > 2] == []


@pytest.mark.shell
async def test_what_is_allowed_meanwhile_is_there_at_payment(paying: TillPage, fake: FakeTillServer) -> None:
    fake.payments = {"terminal": "simulator", "tips": False, "currencies": []}
    await charge(paying, fake, 420)
    await expect(paying.page.get_by_role("button", name="Other currency")).to_be_hidden()
    fake.payments = {"terminal": "simulator", "tips": True, "currencies": [USD]}
    fake.push("settings", "settings.changed", {"store": None})
    await expect(paying.page.get_by_role("button", name="Other currency")).to_be_visible()
