"""The wizard: one code tells how a scanner is set, and what to change; printer and scanner are tried together."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.axe import violations
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

TEST = "AQWzy-/13579"
GERMAN = str.maketrans({"y": "z", "z": "y", "-": "ß", "/": "-"})
FRENCH = str.maketrans(
    {"A": "Q", "Q": "A", "W": "Z", "z": "w", "-": ")", "/": "!", "1": "&", "3": '"', "5": "(", "7": "è", "9": "ç"}
)
DIAGNOSE = """async ([text, gap, end]) => {
  const { diagnose } = await import("/kiosk/till/scan_diagnosis.js");
  const keys = text.map((key, n) => ({ key, t: n * gap }));
  return diagnose(end ? [...keys, { key: end, t: keys.length * gap }] : keys);
}"""
PRINTED = """() => { window.printed = 0; window.print = () => { window.printed += 1; }; }"""
SETTINGS = "async () => (await (await import('/kiosk/till/context.js')).till.db.get('meta', 'settings')) ?? {}"


@pytest.mark.parametrize(
    ("typed", "gap", "end", "wanted"),
    [
        ([*TEST], 8, "Enter", {"prefix": "", "suffix": "Enter", "troubles": []}),
        ([*("~" + TEST)], 8, "Tab", {"prefix": "~", "suffix": "Tab", "troubles": []}),
        (["F13", *TEST], 8, "Enter", {"prefix": "F13", "suffix": "Enter", "troubles": []}),
        ([*("abcd" + TEST)], 8, "Enter", {"prefix": "abcd", "troubles": ["long_prefix"]}),
        ([*TEST.translate(GERMAN)], 8, "Enter", {"troubles": ["layout"], "scanner": "us", "device": "de"}),
        ([*TEST.translate(FRENCH)], 8, "Enter", {"troubles": ["layout"], "scanner": "us", "device": "fr"}),
        ([*TEST.swapcase()], 8, "Enter", {"troubles": ["caps"]}),
        ([*TEST], 60, "", {"suffix": "", "troubles": ["slow", "no_suffix"]}),
        ([*"AQWzy-13579"], 8, "Enter", {"troubles": ["unread"]}),
    ],
)
async def test_one_code_tells_how_the_scanner_is_set(
    bare: Page, typed: list[str], gap: int, end: str, wanted: dict[str, Any]
) -> None:
    found = await bare.evaluate(DIAGNOSE, [typed, gap, end])
    assert {name: found.get(name) for name in wanted} == wanted
    assert round(found["gap"]) == gap


def wizard(till: TillPage) -> Locator:
    return till.page.get_by_role("dialog", name="Set up the scanner and the printer")


async def begin(till: TillPage) -> Locator:
    await till.page.locator(".top .pill").click()
    await till.page.get_by_role("button", name="Set up step by step", exact=True).click()
    await expect(wizard(till).get_by_role("heading", name="1 of 2: the scanner")).to_be_visible()
    await expect(wizard(till).get_by_role("img", name=TEST)).to_be_visible()
    return wizard(till)


@pytest.mark.shell
async def test_a_scanner_for_another_keyboard_is_told_so_and_then_both_are_known_to_work_without_a_network(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.evaluate(PRINTED)
    sheet = await begin(selling)
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    assert [str(one) for one in await violations(selling.page)] == []
    await selling.hands.scan(TEST.translate(GERMAN))
    await expect(sheet).to_contain_text("The scanner types for a keyboard of US English, this device has one of German")
    await selling.hands.scan("~" + TEST)
    await expect(sheet).to_contain_text("The scanner is set well")
    await expect(sheet).to_contain_text("begins with ~ · ends with Enter")
    await sheet.get_by_role("button", name="On to the printer", exact=True).click()
    await selling.hands.scan("4006381333931")
    await expect(sheet).to_contain_text("Print a page first.")
    await sheet.get_by_role("button", name="Print a page", exact=True).click()
    await eventually(lambda: selling.page.evaluate("window.printed"), 1)
    code = await selling.page.locator("#print figcaption").last.text_content()
    assert code is not None
    await selling.hands.scan("CT-99999")
    await expect(sheet).to_contain_text("This is not the code of the page")
    await selling.hands.scan("~" + code)
    await expect(sheet.get_by_role("heading", name="Scanner and printer work")).to_be_visible()
    kept = await selling.page.evaluate(SETTINGS)
    assert (kept["prefix"], kept["scanner"]["suffix"], kept["scanner"]["troubles"]) == ("~", "Enter", [])
    await sheet.get_by_role("button", name="Done", exact=True).click()
    assert await selling.lines() == []
    fake.start()
    await selling.hear()
    await selling.is_online()


async def test_a_scanner_that_ends_nothing_is_heard_all_the_same(selling: TillPage) -> None:
    sheet = await begin(selling)
    selling.hands.clock = max(selling.hands.clock, time.time())
    await selling.hands.type(TEST)
    await expect(sheet).to_contain_text("Nothing ends the code, so it waits.")
