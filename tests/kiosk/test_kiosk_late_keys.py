"""Keys that come before the sheet they are for: they land in it in order, and a scan's characters never do."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Route, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import SCANNER, TillPage, eventually

LOAF, MILK = "Sourdough loaf 800 g", "Whole milk 1 l"
LATE = 0.5  # s; a module on a slow device
Opener = Callable[..., Awaitable[TillPage]]


@pytest.fixture
async def slow(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser in which nothing is kept by a service worker, so that each module comes over the wire."""
    opened = await browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", service_workers="block"
    )
    opened.set_default_timeout(20_000)
    yield opened
    await opened.close()


@pytest.fixture
async def opened(slow: BrowserContext, fake: FakeTillServer) -> AsyncIterator[Opener]:
    """Open a till with a shift, on which a module comes late."""
    tills: list[TillPage] = []

    async def open_with_late(module: str) -> TillPage:
        async def late(route: Route) -> None:
            await asyncio.sleep(LATE)
            await route.continue_()

        await slow.route(f"**/kiosk/till/{module}*", late)
        till = await TillPage.open(slow, fake)
        tills.append(till)
        await till.open_shift("15000")
        return till

    yield open_with_late
    errors = [error for till in tills for error in till.errors]
    assert [
        error for error in errors if "addEventListener" not in error
    ] == []  # that is the service worker, which isn't there
    await slow.unroute_all(behavior="ignoreErrors")


async def typed_at_once(till: TillPage, key: str, text: str) -> None:
    """A key and what follows it, with no pause that a sheet could come in."""
    await till.hands.settle()
    await till.page.keyboard.press(key)
    await till.page.keyboard.type(text)


@pytest.mark.shell
async def test_a_name_typed_right_after_f4_finds_the_customer(opened: Opener) -> None:
    till = await opened("sheet_customer.js")
    await till.scan(0)
    await till.has_lines(f"1 {LOAF} €4.20")
    await typed_at_once(till, "F4", "lenax")
    await till.page.keyboard.press("Backspace")
    await expect(till.page.get_by_label("Find a customer")).to_have_value("lena")
    await till.tap("Lena Marsh")
    await till.shows("Gold · 1240 points")


@pytest.mark.shell
async def test_a_name_and_a_price_typed_right_after_f3_fill_the_sheet(opened: Opener) -> None:
    till = await opened("sheet_quick.js")
    await typed_at_once(till, "F3", "Bag")
    await till.page.keyboard.press("Enter")  # from the name to the price
    await till.page.keyboard.type("250")
    await expect(till.page.get_by_label("Name on the receipt")).to_have_value("Bag")
    await expect(till.page.locator("dialog .figure")).to_have_text("€2.50")


@pytest.mark.shell
async def test_a_discount_typed_right_after_f6_is_applied_by_its_enter(opened: Opener) -> None:
    till = await opened("sheet_line.js")
    await till.scan(0)
    await till.has_lines(f"1 {LOAF} €4.20")
    await typed_at_once(till, "F6", "25")
    await till.page.keyboard.press("Enter")
    await till.page.keyboard.press("Enter")  # for the reason that stands first, which is still to come
    await expect(till.page.locator(".charge .num")).to_have_text("€3.15")
    await expect(till.page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.shell
@pytest.mark.parametrize(
    ("key", "module", "title"), [("F10", "sheet_drawer.js", "Open the drawer"), ("?", "view_health.js", "Keys")]
)
async def test_an_escape_closes_the_sheet_that_it_came_before(
    opened: Opener, key: str, module: str, title: str
) -> None:
    till = await opened(module)
    await till.page.evaluate(
        """() => {
          window.titles = [];
          const shown = () => [...document.querySelectorAll("dialog[open] h2")].map((one) => one.textContent);
          const note = () => window.titles.push(...shown());
          new MutationObserver(note).observe(document.body, { childList: true });
        }"""
    )  # fmt: skip
    await till.hands.settle()
    await till.page.keyboard.press(key)
    await till.page.keyboard.press("Escape")
    await eventually(lambda: till.page.evaluate("window.titles[0]?.length > 0"), wanted=True)
    assert title in (await till.page.evaluate("window.titles"))[0]
    await expect(till.page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.shell
async def test_a_second_scan_while_an_age_question_is_coming_is_not_typed(opened: Opener, fake: FakeTillServer) -> None:
    fake.products[0].traits = {"age": 18}
    till = await opened("goods.js")
    await till.hands.scan(fake.products[0].barcodes[0])
    await till.hands.scan(fake.products[2].barcodes[0], pause=60)
    await till.shows("18 or older?")
    await till.has_lines(f"1 {LOAF} €4.20", f"1 {MILK} €1.35")
    assert await till.page.evaluate("document.activeElement.closest('dialog') !== null")
    await till.key("Enter")
    await expect(till.page.locator("dialog[open]")).to_have_count(0)
    await expect(till.page.get_by_role("searchbox")).to_have_value("")


@pytest.mark.shell
async def test_a_scan_while_a_field_is_coming_leaves_nothing_in_it_and_letters_before_it_stay(
    opened: Opener, fake: FakeTillServer
) -> None:
    till = await opened("sheet_customer.js")
    await till.hands.settle()
    await till.page.keyboard.press("F4")
    await till.press("le")
    await till.hands.scan(fake.products[2].barcodes[0], pause=60)
    await till.has_lines(f"1 {MILK} €1.35")
    field = till.page.get_by_label("Find a customer")
    await expect(field).to_have_value("le")
    await expect(field).to_be_focused()
    await till.press("na")
    await expect(field).to_have_value("lena")


@pytest.mark.shell
async def test_a_scan_whose_keys_a_busy_machine_brings_late_leaves_nothing_in_the_field_that_came(
    opened: Opener, fake: FakeTillServer
) -> None:
    code = fake.products[2].barcodes[0]
    till = await opened("sheet_customer.js")
    await till.hands.settle()
    await till.page.keyboard.press("F4")
    await till.press("le")
    field = till.page.get_by_label("Find a customer")
    till.hands.clock = max(till.hands.clock, time.time()) + 0.06
    await till.hands.type(code[:1])
    await expect(field).to_have_value(f"le{code[:1]}")  # nothing followed it for long, so it was somebody's
    await till.hands.type(code[1:8])
    await expect(field).to_have_value(f"le{code[:8]}")
    await till.hands.type(code[8:])
    await till.hands.key("Enter", "Enter", "\r", SCANNER)
    await till.has_lines(f"1 {MILK} €1.35")
    await expect(field).to_have_value("le")
    await expect(field).to_be_focused()
    await till.press("na")
    await expect(field).to_have_value("lena")


@pytest.mark.shell
async def test_digits_that_were_pressed_late_into_a_price_leave_it_when_they_turn_out_to_be_a_scan(
    opened: Opener, fake: FakeTillServer
) -> None:
    code = fake.products[2].barcodes[0]
    till = await opened("sheet_line.js")
    await till.scan(0)
    await till.has_lines(f"1 {LOAF} €4.20")
    figure = till.page.locator("dialog .figure")
    await till.hands.settle()
    await till.page.keyboard.press("F6")
    till.hands.clock = time.time() + 0.06
    await till.hands.type(code[:4])
    await expect(figure).to_have_text(re.compile("^4006\\s%$"))
    await till.hands.type(code[4:])
    await till.hands.key("Enter", "Enter", "\r", SCANNER)
    await till.has_lines(f"1 {LOAF} €4.20", f"1 {MILK} €1.35")
    await expect(figure).to_have_text(re.compile("^0\\s%$"))


@pytest.mark.shell
async def test_a_key_of_the_shift_screen_waits_for_what_it_is_for(opened: Opener) -> None:
    till = await opened("view_drawer.js")
    await till.hands.settle()
    await till.page.keyboard.press("F11")
    await till.page.keyboard.press("z")
    await expect(till.page.get_by_role("heading", name="Count the drawer")).to_be_visible()
