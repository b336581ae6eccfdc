"""On a phone, 390 pixels wide: what sheets hold stays inside, and what is touched is large enough."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.kiosk.test_kiosk_languages import Speaking
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_staff import enrol_for_good
from tests.support.till_page import TillPage, eventually

PHONE = {"width": 390, "height": 844}
LANGUAGES = ("en", "de", "fr", "es", "ar")
LEAST = 44
FAULTS = """(least) => {
  const sheet = [...document.querySelectorAll("dialog[open]")].at(-1);
  const name = (node) => (node.getAttribute("aria-label") ?? node.textContent.trim()) || node.id || node.className;
  const faults = [];
  const { top, bottom } = sheet.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight + 0.5) faults.push(`the sheet: from ${top} to ${bottom}`);
  for (const node of [sheet, ...sheet.querySelectorAll("*")]) {
    const box = node.getBoundingClientRect();
    if (!box.width || node.closest("svg")) continue;
    if (box.left < -0.5 || box.right > innerWidth + 0.5) faults.push(`${name(node)}: from ${box.left} to ${box.right}`);
    const wider = node.scrollWidth > node.clientWidth + 1;
    if (wider && !node.matches("input, select, span, b, dd, dt")) faults.push(`${name(node)}: wider inside`);
    if (!node.matches("button, select, input:not([type=checkbox]), label.check")) continue;
    if (box.height < least - 0.5) faults.push(`${name(node)}: ${box.height} high`);
    if (node.matches("button") && box.width < least - 0.5) faults.push(`${name(node)}: ${box.width} wide`);
  }
  return faults;
}"""

DOORS = """() => [...document.querySelectorAll("#rail > *")].map((door) => {
  const { left, right, width } = door.getBoundingClientRect();
  return [door.textContent, Math.round(width), left, innerWidth - right];
}).filter(([, width]) => width)"""
ALSO = """(names) => names.forEach((name) => {
  if ([...document.querySelectorAll("#rail > *")].some((one) => one.textContent.includes(name))) return;
  const door = document.querySelector("#rail button:last-of-type").cloneNode(true);
  door.lastChild.textContent = name;
  document.querySelector("#rail").append(door);
})"""


READ = "(name) => performance.getEntriesByType('resource').some((one) => one.name.includes(name))"


async def opened(browser: Browser, fake: FakeTillServer, language: str) -> Speaking:
    context = await browser.new_context(viewport=PHONE, has_touch=True, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    it = await Speaking.open(context, fake, language)
    await it.opens()
    return it


@pytest.mark.parametrize("language", LANGUAGES)
async def test_this_till_and_its_sheets_fit(browser: Browser, fake: FakeTillServer, language: str) -> None:
    it = await opened(browser, fake, language)
    await it.page.locator(".top .pill").click()
    sheets = it.page.locator("dialog[open]")
    await expect(sheets).to_have_count(1)
    await expect(sheets.last.locator("footer .btn")).to_have_count(4)
    found = {"device": await it.page.evaluate(FAULTS, LEAST)}
    for name in ("wifi-off", "keyboard", "scan-barcode"):  # what works without a network, the keys, the wizard
        await sheets.first.locator(f'.btn:has(use[href$="#{name}"])').click()
        await expect(sheets).to_have_count(2)
        found[name] = await it.page.evaluate(FAULTS, LEAST)
        await it.page.keyboard.press("Escape")
        await expect(sheets).to_have_count(1)
    assert {name: faults for name, faults in found.items() if faults} == {}
    await it.page.context.close()


SET = """async () => {
  const { keepSettings } = await import("/kiosk/till/context.js");
  await keepSettings({ noKeyboard: true });
  (await import("/kiosk/till/onscreen.js")).mount();
}"""
STYLED = "() => getComputedStyle(document.querySelector('.onscreen')).position === 'fixed'"
KEYS = """() => [...document.querySelectorAll(".onscreen .keys-row")].map((row) => [...row.children].map((one) => {
  const { left, width, height } = one.getBoundingClientRect();
  return [left, width, height];
}))"""
GAP = """() => {
  const keys = document.querySelector(".onscreen").getBoundingClientRect();
  return keys.top - document.activeElement.getBoundingClientRect().bottom;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_keys_on_the_screen_fill_its_width_without_gaps(
    browser: Browser, fake: FakeTillServer, language: str
) -> None:
    it = await opened(browser, fake, language)
    await it.page.evaluate(SET)
    await it.page.locator(".top .pill").click()
    field = it.page.locator("#scan-prefix")
    await field.click()
    await it.page.wait_for_function(STYLED)
    board = it.page.locator(".onscreen")
    for also in ((), ("Signs",), ("Signs", "Latin letters") if language == "ar" else ()):
        for name in also:
            await board.get_by_role("button", name=it.say(name), exact=True).click()
        rows = await it.page.evaluate(KEYS)
        assert max(len(row) for row in rows) == 10
        for row in rows:
            at = 0.0
            for left, width, height in row:
                assert (abs(left - at) < 0.6, width >= 38.9, height >= 52) == (True, True, True), (language, row)
                at = left + width
            assert abs(at - PHONE["width"]) < 1, "to the edge"
    await it.page.wait_for_function(f"() => ({GAP})() >= 0")
    await expect(field).to_be_focused()
    await it.page.context.close()


async def out_of_sight(it: Speaking) -> list[list[Any]]:
    """Give the doors that are too small to be hit, or not wholly on the screen."""
    return [one for one in await it.page.evaluate(DOORS) if one[1] < LEAST or one[2] < 0 or one[3] < 0]


@pytest.mark.shell
@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_seven_doors_of_an_enrolled_till_are_on_the_screen(
    browser: Browser, fake: FakeTillServer, language: str
) -> None:
    context = await browser.new_context(viewport=PHONE, has_touch=True, reduced_motion="reduce")
    it = await Speaking.open(context, fake, language)
    await enrol_for_good(it.till)
    await it.opens()
    await it.page.wait_for_function(READ, arg="floor_tools.js")  # behind the doors, which come when they are loaded
    await it.page.evaluate(ALSO, [it.say(name) for name in ("Return", "Stock")])  # where the business has them
    for width in (390, 360):
        await it.page.set_viewport_size({"width": width, "height": 844})
        assert len(await it.page.evaluate(DOORS)) >= 7
        await eventually(lambda: out_of_sight(it), [])
    await it.page.context.close()


async def test_the_search_says_less_where_there_is_little_room(browser: Browser, fake: FakeTillServer) -> None:
    it = await opened(browser, fake, "en")
    field = it.page.get_by_role("searchbox", name="Scan, or type a name, SKU or barcode", exact=True)
    await expect(field).to_have_attribute("placeholder", "Scan or search")
    await it.page.set_viewport_size({"width": 1280, "height": 800})
    await expect(field).to_have_attribute("placeholder", "Scan, or type a name, SKU or barcode")
    await it.page.locator(".top .scan").evaluate("(bar) => { bar.style.maxInlineSize = '21rem'; }")  # others need more
    await expect(field).to_have_attribute("placeholder", "Scan or search")
    await it.page.context.close()


async def test_the_list_of_keys_begins_its_words_at_one_line(selling: TillPage) -> None:
    await selling.press("?")
    await expect(selling.page.locator("dialog .keys dd").first).to_be_visible()
    gaps = await selling.page.evaluate(
        """() => [...document.querySelectorAll("dialog .keys > div")].map((row) => {
             const [key, does] = ["kbd", "dd"].map((name) => row.querySelector(name).getBoundingClientRect());
             return [Math.round(does.left - row.getBoundingClientRect().left), key.right < does.left];
           })"""
    )
    assert len(gaps) > 10
    assert {tuple(one) for one in gaps} == {(gaps[0][0], True)}
