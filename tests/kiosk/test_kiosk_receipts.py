"""After payment: print, e-mail, gift receipt, the code for the customer's phone; a printer that fails; copies."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page, Route, expect

from tests.support.escpos_reader import read
from tests.support.fake_till_paper import RECEIPT
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import DATABASE, TillPage, eventually

PRINT = "() => { window.printed = 0; window.print = () => { window.printed += 1; }; }"
USB = """() => {
  window.sent = [];
  window.broken = false;
  const out = { direction: "out", type: "bulk", endpointNumber: 2 };
  const device = {
    configuration: { interfaces: [{ interfaceNumber: 0, alternate: { interfaceClass: 7, endpoints: [out] } }] },
    open: async () => { if (window.broken) throw new DOMException("gone", "NetworkError"); },
    claimInterface: async () => {}, releaseInterface: async () => {}, close: async () => {},
    transferOut: async (endpoint, bytes) => { window.sent.push([endpoint, ...bytes]); },
  };
  const bus = { getDevices: async () => [device], requestDevice: async () => device };
  Object.defineProperty(navigator, "usb", { value: bus });
}"""


TEMPLATE = """async () => (await import("/kiosk/till/state.js")).state.setup.receipt"""


@pytest.fixture
async def paid(selling: TillPage, fake: FakeTillServer) -> TillPage:
    """A till that has sold one article, on the receipt's screen, with the shop's template."""
    fake.receipt = RECEIPT
    await selling.page.evaluate(USB)
    await selling.page.evaluate(PRINT)
    return selling


async def sell(till: TillPage) -> None:
    """With the template on the device."""
    await till.page.reload()
    await till.shows("Charge")
    await eventually(lambda: till.page.evaluate(TEMPLATE), till.fake.receipt)
    await till.page.evaluate(USB)
    await till.page.evaluate(PRINT)
    await till.scan(0)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.pay_cash("1000")


async def use_printer(till: TillPage) -> None:
    """Choose USB under This till, and close the sheets."""
    await till.page.locator(".top .pill").click()
    await till.page.get_by_role("button", name="This browser's own printing").click()
    await till.page.get_by_label("How receipts are printed here").select_option("usb")
    await till.page.get_by_role("button", name="Choose the printer").click()
    await till.shows("Chosen. Print a test page.")
    for _ in range(2):
        await till.key("Escape")
    await expect(till.page.locator("dialog[open]")).to_have_count(0)


async def cut_off(till: TillPage) -> bool:
    """Whether the printer got the end of a receipt."""
    return await till.page.evaluate("String(window.sent.at(-1)?.slice(-4)) === '29,86,66,0'")


@pytest.mark.shell
async def test_the_receipt_is_on_paper_with_its_codes_and_the_drawer_opens(
    paid: TillPage, fake: FakeTillServer
) -> None:
    await sell(paid)
    await paid.tap("Next sale")
    await use_printer(paid)
    await paid.scan(0)
    await eventually(lambda: paid.page.locator(".lines li").count(), 1)
    await paid.pay_cash("1000")
    await eventually(lambda: paid.page.evaluate("window.sent.length"), 1)  # the drawer
    await paid.tap("Print receipt")
    await eventually(lambda: cut_off(paid), wanted=True)
    raw: list[list[int]] = await paid.page.evaluate("window.sent")
    assert bytes(raw[0][1:]).startswith(b"\x1bp\x00")
    paper = read(b"".join(bytes(one[1:]) for one in raw[1:]))
    whole = "\n".join(paper.lines)
    for words in (
        "Alma's Corner",
        "Bread since 1931",
        "Receipt T2-000002",
        "Sourdough loaf 800 g",
        "Change",
        "Thank you!",
    ):
        assert words in whole, whole
    assert paper.cuts == 1
    assert await paid.page.evaluate("window.printed") == 0


async def test_the_sale_has_the_hash_of_the_address_that_the_customer_scans(
    paid: TillPage, fake: FakeTillServer
) -> None:
    await sell(paid)
    picture = paid.page.locator(".onphone svg")
    await expect(picture).to_be_visible()
    address = await picture.get_attribute("aria-label")
    assert address
    assert address.startswith(f"{fake.origin}/r/")
    token = address.rpartition("/")[2]
    assert len(token) == 22
    await eventually(
        lambda: [one.get("receipt_link") for one in fake.sales], [hashlib.sha256(token.encode()).hexdigest()]
    )
    assert token not in str(fake.sales)
    shot = Image.open(io.BytesIO(await picture.screenshot()))
    assert [one.text for one in zxingcpp.read_barcodes(shot.resize((shot.width * 3, shot.height * 3)))] == [address]


async def test_a_printer_that_fails_stops_nothing_and_can_be_tried_again(paid: TillPage) -> None:
    await sell(paid)
    await paid.tap("Next sale")
    await use_printer(paid)
    await paid.page.evaluate("window.broken = true")
    await paid.scan(0)
    await eventually(lambda: paid.page.locator(".lines li").count(), 1)
    await paid.pay_cash()
    await paid.tap("Print receipt")
    await paid.shows("Not printed. The printer could not be reached. Is it on, and is its cable in?")
    await paid.page.evaluate("window.broken = false; window.sent.length = 0")
    await paid.tap("Try again")
    await eventually(lambda: paid.page.evaluate("window.sent.length > 0"), wanted=True)
    await paid.tap("Next sale")
    await paid.shows("Charge")


async def test_the_second_print_is_a_copy_and_in_the_journal(paid: TillPage, fake: FakeTillServer) -> None:
    await sell(paid)
    await paid.tap("Print receipt")
    await eventually(lambda: paid.page.evaluate("window.printed"), 1)
    paper = paid.page.locator("#print")
    await expect(paper).not_to_contain_text("COPY")
    for n in (1, 2):
        await paid.tap("Print receipt")
        await expect(paper).to_contain_text(f"COPY {n}")
    await eventually(lambda: [one["n"] for one in fake.of_kind("receipt_copied")], [1, 2])
    assert {one["sale"] for one in fake.of_kind("receipt_copied")} == {fake.sales[0]["id"]}
    await paid.key("F9")
    await paid.tap("Print a copy of T2-000001")
    await expect(paper).to_contain_text("COPY 3")


@pytest.mark.shell
async def test_a_gift_receipt_has_no_price_and_a_code_to_exchange_by(paid: TillPage) -> None:
    await sell(paid)
    await paid.key("g")
    paper = paid.page.locator("#print")
    await expect(paper).to_contain_text("GIFT RECEIPT")
    await expect(paper).to_contain_text("To exchange: T2-000001")
    await expect(paper).not_to_contain_text("€")


async def test_a_receipt_by_mail_waits_for_the_network_and_is_forgotten(paid: TillPage, fake: FakeTillServer) -> None:
    await sell(paid)
    await eventually(lambda: len(fake.sales), 1)
    await paid.key("e")
    await paid.page.get_by_label("E-mail address of the customer").fill("anna@example")
    await paid.tap("Send")
    await paid.shows("Type one address, with its @.")
    fake.status = 503
    await paid.page.get_by_label("E-mail address of the customer").fill("anna@example.com")
    await paid.key("Enter")
    await expect(paid.page.locator("dialog[open]")).to_have_count(0)
    assert fake.mails == []
    fake.status = 0
    await paid.tap("Next sale")
    await paid.scan(0)
    await paid.pay_cash()
    await eventually(
        lambda: [(one["address"], one["sale"]) for one in fake.mails], [("anna@example.com", fake.sales[0]["id"])]
    )
    await eventually(lambda: kept(paid.page), [])
    assert "anna@" not in str(await paid.journal())


async def kept(page: Page) -> list[Any]:
    """What of letters is on the disk."""
    return await page.evaluate(
        """(name) => new Promise((resolve) => {
             const open = indexedDB.open(name);
             open.onsuccess = () => {
               const got = open.result.transaction("meta").objectStore("meta").get("mails");
               got.onsuccess = () => { open.result.close(); resolve(got.result ?? []); };
             };
           })""",
        DATABASE,
    )


async def test_the_logo_is_kept_for_when_there_is_no_network(paid: TillPage, fake: FakeTillServer) -> None:
    fake.receipt = {**RECEIPT, "logo": "checks"}
    await sell(paid)
    await paid.tap("Print receipt")
    logo = paid.page.locator("#print img.logo")
    await expect(logo).to_have_count(1)
    assert await logo.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") == 256


async def has_page(till: TillPage, wanted: str) -> bool:
    """Claim that paper is of this size: the one rule for pages says so."""
    rules = await till.page.evaluate(
        """() => document.adoptedStyleSheets.flatMap((one) => [...one.cssRules])
                   .map((one) => one.cssText.toLowerCase()).filter((one) => one.startsWith("@page"))"""
    )
    return [wanted in rule for rule in rules] == [True]


async def test_narrow_and_a4_paper_have_their_own_page(paid: TillPage, fake: FakeTillServer) -> None:
    for paper, wanted in (("58", "58mm"), ("a4", "a4")):
        fake.receipt = {**RECEIPT, "paper": paper}
        await sell(paid)
        await paid.tap("Print receipt")
        await eventually(lambda wanted=wanted: has_page(paid, wanted), wanted=True)
        await paid.tap("Next sale")


async def choose_way(till: TillPage, way: str) -> None:
    """Open the printer's sheet and take another way."""
    await till.page.locator(".top .pill").click()
    await till.page.get_by_role("button", name="This browser's own printing").click()
    await till.page.get_by_label("How receipts are printed here").select_option(way)


async def print_test(till: TillPage) -> None:
    """Print a test page from the printer's own sheet."""
    await till.page.locator("dialog[open]").last.get_by_role("button", name="Test print").click()


@pytest.mark.shell
async def test_a_network_printer_is_reached_through_the_bridge_with_its_secret(
    selling: TillPage, fake: FakeTillServer
) -> None:
    jobs: list[tuple[str, str, bytes]] = []
    answers = [204]

    async def bridge(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": fake.origin, "Access-Control-Allow-Headers": "*, authorization"}
        request = route.request
        if request.method == "POST":
            told = await request.all_headers()
            jobs.append((told["authorization"], told["x-printer"], request.post_data_buffer or b""))
        await route.fulfill(status=answers[0] if request.method == "POST" else 204, headers=headers)

    await selling.page.route("http://127.0.0.1:9187/print", bridge)
    await choose_way(selling, "bridge")
    await selling.page.get_by_label("Address of the printer").fill("10.0.0.9")
    await selling.page.get_by_label("Pairing secret that the bridge has shown").fill("s3cret")
    await selling.page.get_by_label("Letters that it knows").select_option("cp1252")
    await print_test(selling)
    await eventually(lambda: len(jobs), 1)
    assert jobs[0][:2] == ("Bearer s3cret", "10.0.0.9:9100")
    for status, words in ((401, "Type its pairing secret again"), (403, "Add its address"), (502, "10.0.0.9:9100")):
        answers[0] = status
        await print_test(selling)
        await selling.shows(words)


async def test_a_serial_printer_gets_the_speed_that_was_chosen(selling: TillPage) -> None:
    await selling.page.evaluate(
        """() => {
          window.sent = [];
          const writer = { write: async (bytes) => window.sent.push(...bytes), close: async () => {} };
          const port = {
            open: async (options) => { window.opened = options; },
            close: async () => {},
            writable: { getWriter: () => writer },
          };
          Object.defineProperty(navigator, "serial", { value: { getPorts: async () => [port] } });
        }"""
    )
    await choose_way(selling, "serial")
    await selling.page.get_by_label("Speed of the cable").select_option("38400")
    await selling.page.get_by_label("Paper", exact=True).select_option("58")
    await selling.page.get_by_label("It cuts the paper").uncheck()
    await print_test(selling)
    await eventually(lambda: selling.page.evaluate("window.sent.length > 0"), wanted=True)
    assert await selling.page.evaluate("window.opened") == {"baudRate": 38400}
    paper = read(bytes(await selling.page.evaluate("window.sent")))
    assert "Test print" in paper.lines
    assert paper.cuts == 0
    assert max(map(len, paper.lines)) <= 32
    assert {one.width for one in paper.pictures} == {384}


async def test_the_first_print_that_failed_was_no_original(paid: TillPage, fake: FakeTillServer) -> None:
    await sell(paid)
    await paid.tap("Next sale")
    await use_printer(paid)
    await paid.page.evaluate("window.broken = true")
    await paid.scan(0)
    await eventually(lambda: paid.page.locator(".lines li").count(), 1)
    await paid.pay_cash()
    await paid.tap("Print receipt")
    await paid.shows("Not printed.")
    await paid.page.evaluate("() => { window.broken = false; window.sent.length = 0; }")
    await paid.tap("Print receipt")
    await eventually(lambda: cut_off(paid), wanted=True)
    assert fake.of_kind("receipt_copied") == []
