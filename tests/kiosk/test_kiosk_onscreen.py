"""Letters on the screen where the device has no keyboard: they come by touch, write as keys do, and go."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.support.axe import violations
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

SET = """async (wanted) => {
  const { keepSettings } = await import("/kiosk/till/context.js");
  await keepSettings(wanted);
  (await import("/kiosk/till/onscreen.js")).mount();
}"""

PREFIX = "async () => (await (await import('/kiosk/till/context.js')).till.db.get('meta', 'settings')).prefix"


def board(till: TillPage, name: str = "Keyboard on the screen") -> Locator:
    return till.page.get_by_role("region", name=name, exact=True)


async def tap(till: TillPage, *keys: str) -> None:
    for key in keys:
        await board(till).get_by_role("button", name=key, exact=True).click()


@pytest.mark.shell
async def test_it_comes_by_touch_writes_into_the_field_and_goes_also_without_a_network(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.locator(".top .pill").click()
    await selling.page.get_by_label("This device has no keyboard: show one on the screen", exact=True).check()
    await selling.page.evaluate(SET, {})
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    field = selling.page.get_by_label("Characters the scanner sends first (if any)")
    await field.click()
    await expect(board(selling)).to_be_visible()
    await tap(selling, "Capital letters", "Q", "7", "a", "b")
    await expect(field).to_have_value("Q7a")
    await tap(selling, "Hide the keyboard")
    await eventually(lambda: selling.page.evaluate(PREFIX), "Q7a")
    fake.start()
    await selling.hear()
    await selling.is_online()


async def test_a_search_is_typed_by_touch_and_the_keys_are_large(selling: TillPage) -> None:
    await selling.page.evaluate(SET, {"noKeyboard": True})
    search = selling.page.locator(".scan input")
    await search.click()
    await tap(selling, "Capital letters", "S", "o", "u", "x", "Delete")
    await expect(search).to_have_value("Sou")
    await expect(search).to_be_focused()
    await expect(selling.page.locator(".tile")).to_have_count(1)
    assert [str(one) for one in await violations(selling.page)] == []
    heights = await board(selling).locator(".btn").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert min(heights) >= 48
    await tap(selling, "Signs", "+", "Space", "1")
    await expect(search).to_have_value("Sou+ 1")
    await tap(selling, "Hide the keyboard")
    await expect(board(selling)).to_have_count(0)


async def test_without_the_setting_nothing_comes(selling: TillPage) -> None:
    await selling.page.evaluate(SET, {"noKeyboard": False})
    await selling.page.locator(".scan input").click()
    await expect(selling.page.locator(".scan input")).to_be_focused()
    await expect(board(selling)).to_have_count(0)


async def test_in_arabic_the_letters_are_arabic_and_latin_ones_are_one_touch_away(selling: TillPage) -> None:
    await selling.page.evaluate(SET, {"noKeyboard": True, "language": "ar"})
    await selling.page.reload()
    await expect(selling.page.locator("html")).to_have_attribute("dir", "rtl")
    await selling.page.evaluate(SET, {})
    search = selling.page.locator(".scan input")
    await search.click()
    keys = selling.page.locator(".onscreen")
    await keys.get_by_role("button", name="ش", exact=True).click()
    await keys.get_by_text("abc", exact=True).click()
    await keys.get_by_role("button", name="q", exact=True).click()
    await eventually(search.input_value, "شq")
