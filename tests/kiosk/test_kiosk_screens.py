"""The screens: nothing for axe to complain of, light and dark; fingers, phones, right-to-left, and the weight of it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.support.fake_till_server import FakeTillServer, sent
from tests.support.till_page import TillPage, eventually

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests/support/vendor/axe-core@4.14.1/axe.min.js").read_text()
BUDGET = 58_900  # bytes over the wire (gzip), once per version: the service worker keeps them


async def is_accessible(page: Page) -> None:
    await page.evaluate(AXE)
    found = await page.evaluate(
        """async () => {
             const { violations } = await axe.run(document, { resultTypes: ["violations"] });
             const where = (node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
             return violations.map((one) => [one.id, one.nodes.map(where).slice(0, 4)]);
           }"""
    )
    assert found == []


async def has_room_for_fingers(page: Page) -> None:
    small = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, label:has(input), .input")]
             .filter((one) => one.checkVisibility())
             .map((one) => [one.className, one.getBoundingClientRect()])
             .filter(([, { width, height }]) => height < 48 || width < 48)
             .map(([name, { width, height }]) => [name, Math.round(width), Math.round(height)])"""
    )
    assert small == []


async def is_sound(page: Page) -> None:
    await is_accessible(page)
    await has_room_for_fingers(page)
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), (
        "something is wider than the screen"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_is_sound(browser: Browser, fake: FakeTillServer, scheme: str) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )  # type: ignore[arg-type]
    till = await TillPage.open(context, fake)
    page = till.page
    await is_sound(page)  # the shift, closed
    await till.open_shift("15000")
    await is_sound(page)  # an empty cart
    await till.scan(0, 2)
    await till.scan(2)
    await till.has_lines("2 Sourdough loaf 800 g €8.40", "1 Whole milk 1 l €1.35")
    await page.locator(".item").first.click()
    await till.hands.scan("4012345678901")
    await till.shows("Nothing here has the code")
    await is_sound(page)  # selling
    await till.key("F6")
    await is_sound(page)  # a discount
    await till.key("Escape")
    await page.locator(".charge").click()
    await till.press("2000")
    await is_sound(page)  # paying
    await till.tap("Complete sale")
    await till.shows("Next sale")
    await is_sound(page)  # the receipt
    await till.key("F9")
    await till.shows("T2-000001")
    await is_sound(page)  # receipts
    await till.key("Escape")
    await page.locator(".top .pill").click()
    await is_sound(page)  # this device
    await till.key("Escape")
    await page.locator("#rail").get_by_role("button", name="Shift").click()
    await is_sound(page)  # the shift, open
    await till.tap("Count and close the shift")
    await is_sound(page)  # counting
    await till.press("15000")
    await till.tap("Close the shift")
    await is_sound(page)  # the question before it is for good
    await till.tap("Close it with €150.00")
    await till.shows("Count once more")
    await is_sound(page)  # the one other count
    await till.press("15000")
    await till.tap("Close the shift")
    await till.tap("Close it with €150.00")
    await till.shows("Z report")
    await is_sound(page)  # the report
    assert till.errors == []
    await context.close()


async def test_on_a_phone_the_cart_is_a_sheet_at_the_bottom(browser: Browser, fake: FakeTillServer) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    till = await TillPage.open(context, fake)
    await is_sound(till.page)
    await till.open_shift("15000")
    await till.scan(0)
    await till.shows("1 item")
    await is_sound(till.page)
    await till.page.locator(".handle").click()
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    assert await till.page.locator(".tile").first.is_visible() is False
    await is_sound(till.page)
    await till.page.locator(".charge").click()
    await is_sound(till.page)
    await context.close()


async def test_right_to_left_mirrors_the_page(selling: TillPage) -> None:
    await selling.page.evaluate("document.documentElement.dir = 'rtl'")
    rail, cart = [await selling.page.locator(name).bounding_box() for name in ("#rail", "#cart")]
    assert rail is not None
    assert cart is not None
    assert rail["x"] > cart["x"]
    await is_sound(selling.page)


def needed_by(*modules: str) -> set[Path]:
    """Give these modules, and what they import without import()."""
    found: set[Path] = set()
    waiting = [ROOT / "kiosk/till" / name for name in modules]
    while waiting:
        module = waiting.pop().resolve()
        if module not in found:
            found.add(module)
            named = re.findall(r'^(?:import|export)\b[^;"()]*"([^"]+\.js)"', module.read_text(), re.MULTILINE)
            waiting += [ROOT / name.lstrip("/") if name.startswith("/") else module.parent / name for name in named]
    return found


def in_shell(link: str) -> set[Path]:
    """Give the files that the till's page names in links of a kind."""
    shell = (ROOT / "kiosk/till/shell.html").read_text()
    return {ROOT / path.lstrip("/") for path in re.findall(rf'rel="{link}" href="([^"]+)"', shell)}


def weight(files: set[Path]) -> int:
    return sum(len(gzip.compress(sent(path), 9)) for path in files)


def test_script_and_style_fit_the_budget_enrolled_or_not() -> None:
    """Up to the first shift that is open. tests/journeys/test_till_weight.py compares with what Chromium asks for."""
    plain = in_shell("stylesheet") | needed_by("main.js", "view_shift.js")
    enrolled = plain | needed_by("device.js", "health.js") | {ROOT / "kiosk/till/device.css"}
    assert {"main.js", "sell.js", "till.css"} <= {path.name for path in plain}
    assert not {"device.js", "view_cashier.js", "view_health.js", "enrol.js", "sheet.js"} & {p.name for p in plain}
    assert weight(plain) <= BUDGET - 7_000
    assert weight(enrolled) <= BUDGET


def test_what_the_page_preloads_is_what_its_first_module_needs() -> None:
    assert in_shell("modulepreload") == needed_by("main.js") - {ROOT / "kiosk/till/main.js"}


@pytest.mark.shell
async def test_the_page_asks_for_nothing_that_is_not_on_the_device(fake: FakeTillServer, till: TillPage) -> None:
    await till.works_offline()
    fake.stop()
    failed: list[str] = []
    till.page.on("requestfailed", lambda request: failed.append(request.url.removeprefix(fake.origin)))
    await till.page.reload()
    await till.shows("Open the shift")
    assert [path for path in failed if "/api/" not in path and path != "/healthz" and "/sw.js" not in path] == []
    fake.start()
    await eventually(lambda: till.page.locator("#lock").is_visible(), wanted=False)


def test_every_sentence_goes_through_words() -> None:
    """A literal with a space and a capital that reaches the screen without t()."""
    shown = re.compile(r"""(?:title|label|aria-label|placeholder):\s*"[A-Z]|h\("\w+", \{[^}]*\}, "[A-Z]""")
    found = [
        f"{file.name}: {line.strip()}"
        for file in sorted((ROOT / "kiosk/till").glob("*.js"))
        for line in file.read_text().splitlines()
        if shown.search(line) and not line.strip().startswith("*")
    ]
    assert [one for one in found if '"C")' not in one] == []


def test_modules_are_short_and_say_what_they_promise() -> None:
    for file in (ROOT / "kiosk").rglob("*.js"):
        text = file.read_text()
        assert text.startswith("/*"), file.name
        assert text.count("\n") <= 300, file.name
