"""Selling: what scans, taps and keys do to the cart, and the way back from each."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import Product, ean13
from tests.support.till_page import TillPage, eventually

LOAF = "Sourdough loaf 800 g"
COLA = 5
UNKNOWN = ean13("401234567890")
READ_AHEAD = """async () => {
  const read = (one) => one.name.endsWith("/unread.js");
  while (!performance.getEntriesByType("resource").some(read)) await new Promise((done) => { setTimeout(done, 50); });
}"""


async def test_the_same_article_again_raises_its_line(selling: TillPage) -> None:
    await selling.scan(0, 3)
    await selling.scan(2)
    await selling.has_lines(f"3 {LOAF} €12.60", "1 Whole milk 1 l €1.35")


async def test_an_unknown_code_is_said_and_the_next_scan_goes_on(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.hands.scan(UNKNOWN)
    await selling.scan(2)
    await selling.has_lines(f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35")
    await selling.hands.scan(UNKNOWN)
    await selling.shows(f"Nothing here has the code {UNKNOWN}.")
    async with selling.page.context.expect_page() as opened:
        await selling.tap("Add product")
    assert (await opened.value).url == f"{fake.origin}/t/alma/products/new?barcode={UNKNOWN}"
    fake.add_product(
        Product(
            id="0199a000-0000-7000-9000-0000000000ff",
            sku="NEW",
            name="Rye bread",
            price=310,
            category=0,
            barcodes=(UNKNOWN,),
        )
    )
    await expect(selling.page.get_by_role("button", name="Rye bread")).to_be_visible()
    await selling.hands.scan(UNKNOWN)
    await selling.has_lines(f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35", "1 Rye bread €3.10")


@pytest.mark.shell
async def test_an_unknown_code_offline_says_what_to_do(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.page.evaluate(READ_AHEAD)
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline", timeout=20_000)
    await selling.hands.scan(UNKNOWN)
    await selling.shows("You're offline: put it aside")
    await expect(selling.page.get_by_role("button", name="Add product")).to_have_count(0)
    fake.start()


async def test_a_misread_is_never_an_unknown_product(selling: TillPage) -> None:
    await selling.hands.scan("4006381333932")
    await selling.shows("Misread: 4006381333932. Scan it again.")
    await expect(selling.page.get_by_role("button", name="Add product")).to_have_count(0)
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")


async def test_digits_and_a_star_count_the_next_article(selling: TillPage) -> None:
    await selling.press("12*")
    await expect(selling.page.locator(".next")).to_have_text("12 \u00d7")
    await selling.scan(2)
    await selling.scan(0)
    await selling.has_lines("12 Whole milk 1 l €16.20", f"1 {LOAF} €4.20")


async def test_a_quantity_that_may_be_a_slip_is_asked_about(selling: TillPage) -> None:
    await selling.press("403*")
    await selling.scan(2)
    await selling.shows("403 \u00d7 Whole milk 1 l?")
    await selling.key("Escape")
    await selling.has_lines()
    await selling.press("100*")
    await selling.scan(2)
    await selling.shows("100 \u00d7 Whole milk 1 l?")
    await selling.key("Enter")
    await selling.has_lines("100 Whole milk 1 l €135.00")


async def test_a_cleared_sale_comes_back_before_what_was_begun_since(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Clear")
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.tap("Undo")
    await selling.has_lines(f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35")


async def test_what_is_scanned_in_the_same_instant_as_a_clear_or_a_minus_stays(selling: TillPage) -> None:
    codes = [selling.fake.products[at].barcodes[0] for at in (0, 2)]
    at_once = """async ([name, codes]) => {
        const { scanned } = await import("/kiosk/till/sell.js");
        const buttons = [...document.querySelectorAll("#cart button")];
        buttons.find((one) => (one.ariaLabel ?? one.textContent) === name).click();
        for (const code of codes) await scanned(code, 5);
    }"""
    await selling.scan(0, 2)
    await selling.has_lines(f"2 {LOAF} €8.40")
    await selling.tap("Sourdough loaf 800 g €4.20 each")
    await selling.page.evaluate(at_once, ["One less", codes[:1]])
    await selling.has_lines(f"2 {LOAF} €8.40")
    await selling.page.evaluate(at_once, ["Clear", codes])
    await selling.has_lines(f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35")
    await selling.tap("Undo")
    await selling.has_lines(f"2 {LOAF} €8.40", f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35")


async def test_what_was_said_on_one_screen_is_not_shown_on_the_next(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Clear")
    await selling.shows("Sale cleared")
    await selling.key("F9")
    await selling.shows("No sales on this device yet.")
    await expect(selling.page.get_by_text("Sale cleared")).to_have_count(0)


async def test_a_scan_ends_the_search_and_leaves_no_digit_in_it(selling: TillPage) -> None:
    await selling.press("whole")
    await expect(selling.page.locator(".tile")).to_have_count(1)
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await expect(selling.page.get_by_role("searchbox")).to_have_value("")
    await selling.press("whole")
    await expect(selling.page.locator(".tile")).to_have_count(1)
    await selling.key("Enter")
    await selling.has_lines(f"1 {LOAF} €4.20", "1 Whole milk 1 l €1.35")
    await expect(selling.page.get_by_role("searchbox")).to_have_value("")


async def test_search_needs_no_accents_and_says_when_there_is_nothing(selling: TillPage) -> None:
    await selling.press("fraiche cr")
    await expect(selling.page.locator(".tile b")).to_have_text(["Crème fraîche"])
    await selling.press("zzz")
    await selling.shows("Nothing is called “fraiche crzzz”.")


async def test_weighed_goods_ask_for_the_weight_and_a_scan_meanwhile_counts(selling: TillPage) -> None:
    await selling.scan(4)
    await selling.press("762")
    await selling.shows("\u00d7 €1.99 = €1.52")
    await selling.scan(0)
    await expect(selling.page.locator("dialog .figure")).to_have_text("0.762 kg")
    await selling.key("Enter")
    await selling.has_lines(f"1 {LOAF} €4.20", "0.762 kg Bananas €1.52")


async def test_weights_are_asked_one_after_the_other(selling: TillPage) -> None:
    dialogs = selling.page.locator("dialog[open]")
    await selling.scan(4)
    await expect(dialogs).to_have_count(1)
    await selling.scan(4)
    await selling.press("500")
    await expect(dialogs).to_have_count(1)
    await selling.key("Enter")
    await expect(selling.page.locator("dialog .figure")).to_have_text("0.000 kg")
    await selling.press("250")
    await selling.key("Enter")
    await expect(dialogs).to_have_count(0)
    await selling.has_lines("0.5 kg Bananas €1.00", "0.25 kg Bananas €0.50")


async def test_elements_on_a_label_count_pieces_and_a_weight_makes_no_part_of_a_piece(selling: TillPage) -> None:
    loaf = ean13("400638133000")
    await selling.hands.scan(f"]C1010{loaf}3103000762")
    await selling.hands.scan(f"]C1010{loaf}3006")
    await selling.has_lines(f"7 {LOAF} €29.40")


@pytest.mark.parametrize("rest", ["", "1727013110ABC", "39221990", "3103000762"])
async def test_a_label_whose_scanner_says_no_kind_of_code_sells_its_article(selling: TillPage, rest: str) -> None:
    loaf = ean13("400638133000")
    await selling.hands.scan(f"010{loaf}{rest}")
    await expect(selling.page.locator(".lines")).to_contain_text(LOAF)
    assert selling.errors == []


async def knows_the_code(selling: TillPage, code: str) -> None:
    """Wait until what was changed at the server is in the till's catalogue."""
    found = "(code) => import('/kiosk/till/context.js').then(({ till }) => Boolean(till.catalogue.find([code])))"
    await eventually(lambda: selling.page.evaluate(found, code), wanted=True)


@pytest.mark.shell
async def test_a_label_with_weight_or_price_needs_no_keypad(selling: TillPage, fake: FakeTillServer) -> None:
    fake.layouts = ["21IIIIIWWWWWC", "22IIIIIPPPPPC"]
    fake.change_product(fake.products[4], sku="2100012")
    await selling.page.reload()
    await selling.shows("Charge")
    await eventually(
        lambda: selling.page.evaluate(
            "import('/kiosk/till/state.js').then(({ state }) => state.setup.tenant.barcode_layouts.length)"
        ),
        2,
    )
    await knows_the_code(selling, "2100012")
    await selling.hands.scan(ean13("210001200762"))
    await selling.has_lines("0.762 kg Bananas €1.52")
    fake.change_product(fake.products[4], sku="2200012")
    await expect(selling.page.locator(".lines li")).to_have_count(1)
    await knows_the_code(selling, "2200012")
    await selling.hands.scan(ean13("220001200333"))
    await eventually(selling.lines, ["0.762 kg Bananas €1.52", "1.671 kg Bananas €3.33"])


@pytest.mark.shell
async def test_lines_change_by_touch_and_come_back_by_undo(selling: TillPage) -> None:
    await selling.scan(0, 2)
    await selling.page.locator(".item").click()
    await selling.tap("One more")
    await selling.has_lines(f"3 {LOAF} €12.60")
    await selling.tap("Remove")
    await selling.has_lines()
    await selling.tap("Undo")
    await selling.has_lines(f"3 {LOAF} €12.60")
    await selling.page.locator(".qty").click()
    await selling.press("7")
    await selling.key("Enter")
    await selling.has_lines(f"7 {LOAF} €29.40")
    await selling.tap("Clear")
    await selling.has_lines()
    await selling.tap("Undo")
    await selling.has_lines(f"7 {LOAF} €29.40")


async def test_discounts_on_a_line_and_on_the_sale_reach_the_server_allocated(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0, 2)
    await selling.scan(2)
    await selling.page.locator(".item").first.click()
    await selling.page.locator(".tools").first.get_by_role("button", name="Discount").click()
    await selling.press("10")
    await selling.key("Enter")
    await selling.tap("Damaged")
    await selling.has_lines(f"2 {LOAF} €7.56", "1 Whole milk 1 l €1.35")
    await selling.key("F6")
    await selling.tap("Amount")
    await selling.press("100")
    await selling.shows("€8.91 \u2212 €1.00 = €7.91")
    await selling.tap("Apply")
    await selling.tap("Regular customer")
    await expect(selling.page.locator(".charge .num")).to_have_text("€7.91")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 1)
    sale = fake.sales[0]
    assert [sale["total"], sale["discount"], [line["discount"] for line in sale["lines"]]] == [791, 100, [84 + 85, 15]]


async def test_a_sale_on_hold_survives_a_reload_and_swaps_with_the_one_being_made(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.key("F7")
    await selling.has_lines()
    await selling.shows("Held · 1")
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.page.reload()
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.key("F8")
    await selling.shows("On hold since")
    await selling.key("Enter")
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.shows("Held · 1")
    await selling.key("F8")
    await selling.tap("Recall")
    await selling.has_lines("1 Whole milk 1 l €1.35")


@pytest.mark.shell
async def test_what_was_said_to_one_person_is_gone_once_the_till_locks(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.key("F7")
    undo = selling.page.locator(".toast", has_text="On hold").get_by_role("button", name="Undo")
    await expect(undo).to_be_visible()
    await selling.page.evaluate(
        """async () => {
          const { change } = await import("/kiosk/till/state.js");
          change({ lock: { kind: "taken_over", label: "Till 2" } });
        }"""
    )
    await expect(selling.page.locator("#lock")).to_be_visible()
    await expect(undo).to_have_count(0)


async def test_a_held_sale_can_be_deleted_and_brought_back(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.key("F7")
    await selling.key("F8")
    await selling.tap("Delete this held sale")
    await expect(selling.page.locator("#rail")).not_to_contain_text("Held ·")
    await selling.key("Escape")
    await selling.page.locator(".toast", has_text="Held sale deleted").get_by_role("button", name="Undo").click()
    await selling.shows("Held · 1")


async def test_a_customer_is_found_and_goes_with_the_sale(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.key("F4")
    await selling.press("lena")
    await selling.tap("Lena Marsh")
    await selling.shows("Gold · 1240 points")
    await selling.pay_cash()
    await eventually(lambda: [sale["customer"] for sale in fake.sales], ["0199a000-0000-7000-8000-0000000000c1"])


async def test_keys_do_what_the_list_says(selling: TillPage) -> None:
    await selling.press("?")
    await selling.shows("Open the drawer, with a reason")
    await selling.key("Escape")
    await selling.key("Enter")
    await selling.shows("Scan something first.")
    await selling.key("F2")
    await expect(selling.page.get_by_role("searchbox")).to_be_focused()
    await selling.key("F9")
    await selling.shows("No sales on this device yet.")
    await selling.key("Escape")
    await selling.scan(0)
    await selling.key("Enter")
    await selling.shows("To pay")
    await selling.key("Escape")
    await selling.shows("Charge")


async def test_a_scan_on_the_receipt_begins_the_next_sale(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.pay_cash()
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")


async def test_without_a_shift_nothing_is_sold(till: TillPage) -> None:
    await till.scan(0)
    await till.shows("Open the shift first: count the cash in the drawer.")
    await till.has_lines()


@pytest.mark.shell
async def test_a_receipt_is_printed_again_as_a_copy(selling: TillPage, context: BrowserContext) -> None:
    await selling.page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    await selling.scan(0)
    await selling.scan(COLA)
    await eventually(lambda: selling.page.locator(".lines li").count(), 2)
    await selling.pay_cash("1000")
    await selling.tap("Print receipt")
    await eventually(lambda: selling.page.evaluate("window.printed"), 1)
    paper = selling.page.locator("#print")
    texts = (
        "Alma's Corner",
        "Receipt T2-000001",
        LOAF,
        "VAT 7%",
        "Full 19 % \u00b7 net",
        "Change",
        "€4.70",
        "Thank you!",
    )
    for text in texts:
        await expect(paper).to_contain_text(text)
    await expect(paper).not_to_contain_text("COPY")
    await selling.key("F9")
    await selling.tap("Print a copy of T2-000001")
    await expect(paper).to_contain_text("COPY")
    of_pages = "[...document.adoptedStyleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText)"
    (rule,) = [rule for rule in await selling.page.evaluate(of_pages) if rule.startswith("@page")]
    assert "80mm" in rule
