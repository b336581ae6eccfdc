"""What articles ask at the till: choices, a price, an age, a lot or a number; deposits, notes, quick items."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

SIZE = {
    "id": "0199a100-0000-7000-8000-000000000001", "name": "Size", "least": 1, "most": 1,
    "modifiers": [{"id": f"0199a100-0000-7000-8000-00000000001{i}", "name": name, "price": price}
                  for i, (name, price) in enumerate([("Small", 0), ("Large", 200)])],
}  # fmt: skip
EXTRAS = {
    "id": "0199a100-0000-7000-8000-000000000002", "name": "Extras", "least": 0, "most": 3,
    "modifiers": [{"id": f"0199a100-0000-7000-8000-00000000002{i}", "name": name, "price": price}
                  for i, (name, price) in enumerate([("Cheese", 150), ("Ham", 180), ("No onions", -20)])],
}  # fmt: skip
DEPOSIT = 6


async def opened(
    context: BrowserContext, fake: FakeTillServer, monkeypatch: pytest.MonkeyPatch, **more: Any
) -> TillPage:
    """Open a till whose catalogue has more; `traits` go by place on the shelf."""
    for place, traits in more.pop("traits", {}).items():
        fake.products[place].traits = traits
    plain = fake.catalogue
    monkeypatch.setattr(fake, "catalogue", lambda since: plain(since) | (more if since == 0 else {}))
    till = await TillPage.open(context, fake)
    await till.open_shift("100")
    return till


def sheet(till: TillPage) -> Locator:
    return till.page.locator("dialog[open]").last


async def press_in(till: TillPage, name: str) -> None:
    await sheet(till).get_by_role("button", name=name).first.click()


def voided(fake: FakeTillServer) -> list[list[str]]:
    return [[line["name"] for line in one["lines"]] for one in fake.of_kind("line_voided")]


async def no_sheet(till: TillPage) -> None:
    await expect(till.page.locator("dialog[open]")).to_have_count(0)


async def pay(till: TillPage) -> dict[str, Any]:
    """Pay in cash, exactly; give the sale as it was sent."""
    before = len(till.fake.sales)
    await till.pay_cash()
    await eventually(lambda: len(till.fake.sales), before + 1)
    await till.tap("Next sale")
    return till.fake.sales[-1]


@pytest.mark.shell
async def test_choices_are_asked_for_priced_remembered_and_changed_on_the_line(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await opened(
        context, fake, monkeypatch, choices=[EXTRAS, SIZE], traits={0: {"choices": [EXTRAS["id"], SIZE["id"]]}}
    )
    await till.scan(0)
    await expect(sheet(till).locator("legend b")).to_have_text(["Size", "Extras"])  # what must be chosen comes first
    await expect(sheet(till).locator(".sum-up")).to_contain_text("Choose: Size")
    await till.key("Enter")
    await till.shows("Choose 1 more.")
    await press_in(till, "Large")
    await press_in(till, "Cheese")
    await press_in(till, "One more Cheese")
    await press_in(till, "No onions")
    await expect(sheet(till).get_by_role("button", name="Ham")).to_be_disabled()  # three of three
    await expect(sheet(till).locator(".sum-up")).to_contain_text("€9.00")
    await press_in(till, "Add to sale")
    await till.has_lines("1 Sourdough loaf 800 g €9.00")
    await expect(till.page.locator(".lines .d")).to_have_text("€9.00 each · + Large · + 2 \u00d7 Cheese · + No onions")

    # the size is remembered; the rest is offered, so that nobody pays for the last customer's cheese
    await till.scan(0)
    await expect(sheet(till).get_by_role("button", name="Large")).to_have_attribute("aria-pressed", "true")
    await expect(sheet(till).locator(".sum-up")).to_contain_text("€6.20")
    await press_in(till, "As last time: Cheese, No onions")
    await press_in(till, "One more Cheese")
    await press_in(till, "Add to sale")
    await till.has_lines("2 Sourdough loaf 800 g €18.00")  # chosen alike: one line
    await till.scan(0)
    await till.key("Enter")
    await till.has_lines("2 Sourdough loaf 800 g €18.00", "1 Sourdough loaf 800 g €6.20")

    # a line's choices can be changed, and closing the sheet sells nothing
    await till.page.locator(".item").nth(1).click()
    await till.page.locator(".tools").get_by_role("button", name="Choices").click()
    await press_in(till, "Small")
    await press_in(till, "Add to sale")
    await till.has_lines("2 Sourdough loaf 800 g €18.00", "1 Sourdough loaf 800 g €4.20")
    await till.scan(0)
    await till.key("Escape")
    await no_sheet(till)
    sale = await pay(till)
    assert [(line["quantity"], line["unit_price"]) for line in sale["lines"]] == [("2", 900), ("1", 420)]
    assert [[(one["name"], one["price"], one["quantity"]) for one in line["choices"]] for line in sale["lines"]] == [
        [("Large", 200, 1), ("Cheese", 150, 2), ("No onions", -20, 1)], [("Small", 0, 1)],
    ]  # fmt: skip
    assert "list_price" not in sale["lines"][0]
    assert till.errors == []


async def test_what_articles_ask_waits_its_turn_and_scans_go_on(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    traits = {0: {"choices": [SIZE["id"]]}, 1: {"open": True}}
    till = await opened(context, fake, monkeypatch, choices=[SIZE], traits=traits)
    await till.scan(0)
    await expect(sheet(till)).to_contain_text("Size")
    await till.scan(1)
    await till.scan(5)
    await till.has_lines("1 Cola 330 ml €1.10")
    await expect(till.page.locator("dialog[open]")).to_have_count(1)
    await press_in(till, "Small")
    await press_in(till, "Add to sale")
    await expect(sheet(till)).to_contain_text("Butter croissant")
    await till.press("250")
    await till.key("Enter")
    await till.has_lines("1 Cola 330 ml €1.10", "1 Sourdough loaf 800 g €4.20", "1 Butter croissant €2.50")
    await no_sheet(till)
    assert till.errors == []


async def test_an_open_price_is_typed_kept_and_never_nothing(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.products[1].price = 0
    offers = {"1": [[None, 0, 90]]}  # whatever else is said of prices, the typed one stays
    till = await opened(context, fake, monkeypatch, traits={1: {"open": True}}, offers=offers)
    await till.scan(1)
    await till.key("Enter")
    await till.shows("Type the price. An article without one can't be sold.")
    await till.press("3000000")
    await till.press("00")
    await till.key("Enter")
    await till.shows("Type a smaller price.")
    for _ in range(9):
        await till.key("Backspace")
    await till.press("450")
    await till.key("Enter")
    await till.has_lines("1 Butter croissant €4.50")
    sale = await pay(till)
    assert (sale["lines"][0]["unit_price"], "list_price" in sale["lines"][0], sale["total"]) == (450, False, 450)
    assert till.errors == []


# The day alone stands still: with performance.now() too, keys that wait for a sheet on its way would wait for good.
TWENTY_FIRST_IN_BERLIN = """() => {
  const at = Date.parse("2026-11-20T23:30:00Z");
  globalThis.Date = class extends Date {
    constructor(...given) { super(...(given.length ? given : [at])); }
    static now() { return at; }
  };
}"""


async def test_an_age_is_asked_once_and_for_the_highest_and_no_takes_it_out(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await opened(context, fake, monkeypatch, traits={5: {"age": 16}, 7: {"age": 18}, 8: {"age": 18}})
    await till.page.evaluate(TWENTY_FIRST_IN_BERLIN)
    await till.scan(5)
    await till.scan(0)  # a question stops no scan
    await till.has_lines("1 Cola 330 ml €1.10", "1 Sourdough loaf 800 g €4.20")
    await expect(sheet(till)).to_contain_text("16 or older?")
    await expect(sheet(till).locator(".born b")).to_have_text("Nov 21, 2010")
    await press_in(till, "Yes")
    await till.scan(5)
    await till.has_lines("2 Cola 330 ml €2.20", "1 Sourdough loaf 800 g €4.20")
    await no_sheet(till)

    # left open, it is asked again before payment; who says no takes out what needed it, on record
    await till.scan(7)
    await expect(sheet(till)).to_contain_text("18 or older?")
    await till.key("Escape")
    await till.tap("Charge")
    await expect(sheet(till)).to_contain_text("18 or older?")
    await till.key("Escape")
    await till.shows("Check the customer's age first, or take the article out.")
    await till.scan(8)
    await expect(sheet(till)).to_contain_text("Dark chocolate 70 %, Sea-salt crisps")
    await press_in(till, "No, take it out")
    await till.has_lines("2 Cola 330 ml €2.20", "1 Sourdough loaf 800 g €4.20")
    await eventually(lambda: voided(fake), [["Dark chocolate 70 %", "Sea-salt crisps"]])
    assert [one["reason"] for one in fake.of_kind("line_voided")] == ["age"]
    assert (await pay(till))["checks"] == {"age": 16}
    await till.scan(5)  # another customer
    await expect(sheet(till)).to_contain_text("16 or older?")
    await press_in(till, "Yes")
    assert (await pay(till))["checks"] == {"age": 16}
    assert till.errors == []


async def test_a_deposit_does_as_its_bottle_does(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.products[DEPOSIT].name, fake.products[DEPOSIT].price = "Deposit", 25
    fake.products[DEPOSIT].traits = {"service": True}
    till = await opened(context, fake, monkeypatch, traits={5: {"deposit": fake.products[DEPOSIT].id}})
    await till.scan(5, times=2)
    await till.has_lines("2 Cola 330 ml €2.20", "2 Deposit €0.50")
    along = till.page.locator(".lines li").nth(1)
    await expect(along.locator(".qty")).to_be_disabled()
    await till.key("F6")
    await till.press("50")
    await till.shows("€2.20 \u2212 €1.10 = €1.10")
    await till.tap("Apply")
    await till.tap("Damaged")
    await expect(till.page.locator(".charge")).to_contain_text("€1.60")  # nothing comes off the deposit

    # a bottle less, and back; the whole line out, and back
    await till.page.locator(".item").first.click()
    await till.page.get_by_role("button", name="One less").click()
    await till.has_lines("1 Cola 330 ml €1.10", "1 Deposit €0.25")
    await till.page.get_by_role("button", name="Remove").click()
    await till.has_lines()
    await till.tap("Undo")
    await till.has_lines("1 Cola 330 ml €1.10", "1 Deposit €0.25")
    await eventually(lambda: voided(fake), [["Cola 330 ml", "Deposit"]] * 2)
    await till.page.reload()
    await till.has_lines("1 Cola 330 ml €1.10", "1 Deposit €0.25")
    sale = await pay(till)
    bottle, deposit = sale["lines"]
    assert (deposit["parent"], deposit["discount"], bottle["discount"], sale["total"]) == (bottle["id"], 0, 55, 80)
    assert till.errors == []


async def test_serial_numbers_are_scanned_one_per_piece_and_none_twice(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.pieces = {"A1": "in_stock", "A2": "in_stock", "A3": "sold"}
    gtin = fake.products[9].barcodes[0].zfill(14)
    till = await opened(context, fake, monkeypatch, traits={9: {"tracked": "serial"}})
    await till.press("2*")
    await till.scan(9)
    await expect(sheet(till)).to_contain_text("Scan the numbers of all 2 pieces")
    await till.hands.scan("A1-0001")
    await till.shows("A1-0001 isn't in stock here. Check the label, and enter it again if it is right.")
    await sheet(till).get_by_role("textbox").fill("")
    for number in ("A1", "A1"):
        await sheet(till).get_by_role("textbox").fill(number)
        await till.key("Enter")
    await till.shows("A1 is in the cart already.")
    await sheet(till).get_by_role("textbox").fill("A3")
    await till.key("Enter")
    await till.shows("A3 isn't in stock here.")
    await till.key("Enter")  # so it is
    await till.has_lines("2 Washing-up liquid €4.30")
    await expect(till.page.locator(".lines .d")).to_contain_text("A1 · A3")

    # a GS1 label says it without a question, and what is in the cart already is told
    await till.hands.scan(f"]d201{gtin}21A2")
    await till.has_lines("3 Washing-up liquid €6.45")
    await till.hands.scan(f"]d201{gtin}21A2")
    await till.shows("A2 is in the cart already.")
    await till.has_lines("3 Washing-up liquid €6.45")

    # one more by hand has no number: it is asked for before payment
    await till.page.locator(".item").first.click()
    await till.page.get_by_role("button", name="One more").click()
    await till.has_lines("4 Washing-up liquid €8.60")
    await till.tap("Charge")
    await expect(sheet(till)).to_contain_text("Scan the numbers of all 4 pieces")
    await till.key("Escape")
    await till.shows("Washing-up liquid: scan the serial number of each piece, then pay.")
    await till.tap("Charge")
    await press_in(till, "Without …")
    await press_in(till, "Label missing")
    await till.shows("To pay")
    await till.key("Escape")
    sale = await pay(till)
    line = sale["lines"][0]
    assert (line["serials"], line["note"]) == (["A1", "A3", "A2"], "Number not readable: Label missing")
    assert till.errors == []


async def test_the_lot_that_expires_first_is_proposed_and_where_it_must_be_it_is_needed(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.settings = {"named_goods": "must"}
    fake.lots = [("SOON", "2026-12-01", "3"), ("LATER", None, "12.5")]
    gtin = fake.products[3].barcodes[0].zfill(14)
    till = await opened(context, fake, monkeypatch, traits={3: {"tracked": "lot"}})
    await till.scan(3)
    await expect(sheet(till).locator(".rows li").first).to_contain_text("expires on Dec 1, 2026")
    await expect(sheet(till).locator(".rows li").first).to_contain_text("3 · sell this first")
    await expect(sheet(till).get_by_role("button", name="Without")).to_have_count(0)
    await sheet(till).get_by_role("button", name="SOON").click()
    await till.hands.scan(f"]C101{gtin}1720010110LATER")
    await expect(sheet(till)).to_contain_text("Greek yoghurt 500 g: the label says Jan 1, 2020, which has passed.")
    await sheet(till).get_by_role("button", name="Not sold").click()
    await no_sheet(till)
    await till.has_lines("1 Greek yoghurt 500 g €2.90")
    await till.hands.scan(f"]C101{gtin}1720010110LATER")
    await sheet(till).get_by_role("button", name="Sell it anyway").click()
    await till.has_lines("1 Greek yoghurt 500 g €2.90", "1 Greek yoghurt 500 g €2.90")
    await till.scan(3)
    await till.scan(0)  # the label of another article
    await till.shows("That is the label of another article.")
    await till.key("Escape")
    await no_sheet(till)
    sale = await pay(till)
    assert [line.get("lot") for line in sale["lines"]] == ["SOON", "LATER"]
    assert till.errors == []


async def test_a_label_that_has_run_out_is_asked_about_whatever_the_article(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await opened(context, fake, monkeypatch, traits={})
    gtin = fake.products[3].barcodes[0].zfill(14)
    await till.hands.scan(f"01{gtin}17200101")
    await expect(sheet(till)).to_contain_text("which has passed")
    await till.key("Enter")
    await no_sheet(till)
    await till.has_lines()
    await till.hands.scan(f"01{gtin}17501231")
    await till.has_lines("1 Greek yoghurt 500 g €2.90")
    assert till.errors == []


async def test_a_note_stays_with_its_line_and_is_printed(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.page.locator(".item").first.click()
    await selling.page.locator(".tools").get_by_role("button", name="Note").click()
    await sheet(selling).get_by_role("textbox").fill("For  Anna")
    await press_in(selling, "Gift wrapped")
    await press_in(selling, "Keep the note")
    await expect(selling.page.locator(".lines .d")).to_have_text("€4.20 each · For Anna. Gift wrapped")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20", "1 Sourdough loaf 800 g €4.20")
    await selling.page.evaluate("window.print = () => {}")
    await selling.pay_cash()
    await eventually(
        lambda: [line.get("note") for sale in fake.sales for line in sale["lines"]], ["For Anna. Gift wrapped", None]
    )
    await selling.tap("Print")
    await expect(selling.page.locator("#print")).to_contain_text("For Anna. Gift wrapped")


async def test_what_is_in_no_catalogue_is_sold_by_name_price_and_tax(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.key("F3")
    await sheet(selling).get_by_role("textbox").fill("Flower pot")
    await selling.key("Enter")
    await selling.press("750")
    await selling.key("Enter")
    await selling.shows("Choose how it is taxed.")
    await press_in(selling, "Full 19 %")
    await press_in(selling, "Add to sale")
    await selling.has_lines("1 Flower pot €7.50")
    sale = await pay(selling)
    line = sale["lines"][0]
    assert (line["product"], line["name"], line["tax_code"], line["unit_price"], line["list_price"]) == (
        None, "Flower pot", "standard", 750, 0,
    )  # fmt: skip
    # from a search that finds nothing
    await selling.key("F2")
    await selling.press("vase")
    await selling.tap("Sell it by name and price")
    await expect(sheet(selling).get_by_role("textbox")).to_have_value("vase")
    await selling.press("100")
    await press_in(selling, "VAT")
    await press_in(selling, "Add to sale")
    await selling.has_lines("1 vase €1.00")
    await selling.page.locator(".item").first.click()
    await selling.page.get_by_role("button", name="Remove").click()
    await selling.has_lines()
    await eventually(lambda: [one["lines"][0]["product"] for one in fake.of_kind("line_voided")], [None])


@pytest.mark.shell
async def test_who_is_exempt_is_chosen_without_a_network_and_the_receipt_says_why(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"id": "0199f000-0000-7000-9000-0000000000e1", "customer": "0199f000-0000-7000-9000-0000000000c9",
            "name": "Red Cross", "card": "20427777", "reason": "Certificate 12/345",
            "tax_class": None, "starts_on": "2020-01-01", "ends_on": None}  # fmt: skip
    till = await opened(context, fake, monkeypatch, exemptions=[free])
    await till.scan(0)
    await till.works_offline()
    await eventually(lambda: till.page.evaluate("navigator.serviceWorker.controller !== null"), wanted=True)
    fake.stop()
    await till.tap("Tax exempt")
    await sheet(till).get_by_role("searchbox").fill("777")
    await expect(sheet(till).get_by_role("listitem")).to_contain_text("Red Cross · 20427777")
    await expect(sheet(till).get_by_role("listitem")).not_to_contain_text("0199f000")
    await sheet(till).get_by_role("searchbox").fill("12/3")
    await sheet(till).get_by_role("button", name="Red Cross").click()
    await till.has_lines("1 Sourdough loaf 800 g €3.93")
    await till.shows("Exempt: Certificate 12/345")
    await till.page.evaluate("window.print = () => {}")
    await till.pay_cash()
    await till.tap("Print")
    await expect(till.page.locator("#print")).to_contain_text("Exempt from tax: Certificate 12/345")
    fake.start()
    await till.hear()
    await eventually(
        lambda: [(one["exemption"], one["customer"]) for one in fake.sales], [(free["id"], free["customer"])]
    )
    assert till.errors == []


BORN = "async ([today, age]) => (await import('/kiosk/till/sheet_age.js')).bornBy(today, age)"


async def test_the_last_day_of_birth_is_right_on_leap_days_too(bare: Page) -> None:
    cases = {("2026-11-21", 18): "2008-11-21", ("2028-02-29", 18): "2010-02-28", ("2024-02-29", 16): "2008-02-29",
             ("2026-02-28", 18): "2008-02-28", ("2026-03-01", 18): "2008-03-01"}  # fmt: skip
    for (today, age), wanted in cases.items():
        assert await bare.evaluate(BORN, [today, age]) == wanted


async def test_variants_stand_under_one_tile_and_a_matrix_asks_which(
    fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = {"id": "0199a100-0000-7000-8000-0000000000f1", "name": "T-shirt",
              "options": [["Size", ["S", "M"]], ["Colour", ["Red", "Blue"]]]}  # fmt: skip
    traits = {
        at: {"family": family["id"], "options": {"Size": size, "Colour": colour}}
        for at, (size, colour) in {0: ("S", "Red"), 1: ("M", "Red"), 2: ("M", "Blue")}.items()
    }
    till = await opened(context, fake, monkeypatch, families=[family], traits=traits)
    tile = till.page.locator(".tile", has_text="T-shirt")
    await expect(tile).to_contain_text("€1.35")  # the least of them
    await expect(till.page.locator(".tile", has_text="croissant")).to_have_count(0)
    await till.press("2*")
    await tile.click()
    await expect(sheet(till).locator("thead th")).to_have_text(["Red", "Blue"])
    await expect(sheet(till).locator("tbody tr").first.locator("td").nth(1)).to_have_text("—")
    await press_in(till, "Whole milk")
    await till.has_lines("2 Whole milk 1 l €2.70")
    await tile.click()
    await expect(sheet(till).get_by_role("button", name="Whole milk")).to_be_focused()  # the last one
    await till.key("Escape")
    await till.scan(1)  # its code says which one it is
    await till.has_lines("2 Whole milk 1 l €2.70", "1 Butter croissant €1.60")
    await till.key("F2")
    await till.press("croissant")  # found alone, it is shown as itself
    await expect(till.page.locator(".tile")).to_have_count(1)
    await expect(till.page.locator(".tile b")).to_have_text("Butter croissant")
    assert till.errors == []
