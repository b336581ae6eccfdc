"""Kiosk mode: the till fills the screen, can't be zoomed, and lets out only by a PIN, with and without the network."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.axe import violations
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_staff import ANNA, MIRA, enrol
from tests.support.till_page import TillPage, eventually

FULL = "document.fullscreenElement !== null"
SETTING = "async () => (await (await import('/kiosk/till/context.js')).till.db.get('meta', 'settings'))?.kiosk"
CASHIER = "async () => (await import('/kiosk/till/state.js')).state.setup.cashier.name"
BEGUN = "async () => { (await import('/kiosk/till/kiosk.js')).mount(); }"
HARMLESS = """(kind) => {
  const about = { ctrlKey: true, bubbles: true, cancelable: true };
  const key = () => new KeyboardEvent("keydown", { ...about, key: kind });
  const event = kind === "wheel" ? new WheelEvent(kind, { ...about, deltaY: -100 }) : key();
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def here(till: TillPage) -> Locator:
    return till.page.get_by_role("dialog", name="This till")


def way_out(till: TillPage) -> Locator:
    return till.page.get_by_role("dialog", name="Leave kiosk mode")


async def in_kiosk_mode(till: TillPage) -> None:
    """Enrol the page and switch kiosk mode on."""
    await enrol(till)
    await till.page.locator(".top .pill").click()
    await here(till).get_by_label("Kiosk mode", exact=True).check()
    await eventually(lambda: till.page.evaluate(FULL), wanted=True)


async def type_pin(till: TillPage, person: dict[str, object]) -> None:
    await way_out(till).get_by_role("button", name=str(person["name"]), exact=True).click()
    for digit in str(person["secret"]):
        await way_out(till).get_by_role("button", name=digit, exact=True).click()
    await way_out(till).get_by_role("button", name="OK", exact=True).click()


async def test_a_device_that_is_not_enrolled_fills_the_screen_but_has_no_kiosk_mode(selling: TillPage) -> None:
    await selling.page.locator(".top .pill").click()
    await expect(here(selling).get_by_label("Kiosk mode", exact=True)).to_be_disabled()
    await selling.shows("Kiosk mode needs an enrolled device")
    await here(selling).get_by_role("button", name="Full screen", exact=True).click()
    await eventually(lambda: selling.page.evaluate(FULL), wanted=True)
    await here(selling).get_by_role("button", name="Leave full screen", exact=True).click()
    await eventually(lambda: selling.page.evaluate(FULL), wanted=False)
    assert await selling.page.evaluate(HARMLESS, "wheel") is False


async def test_nothing_zooms_and_only_a_pin_of_who_may_approve_lets_out(selling: TillPage) -> None:
    await in_kiosk_mode(selling)
    assert [await selling.page.evaluate(HARMLESS, kind) for kind in ("wheel", "+", "-", "0", "s")] == [True] * 4 + [
        False
    ]
    assert await selling.page.evaluate("getComputedStyle(document.body).touchAction") == "pan-x pan-y"
    await here(selling).get_by_role("button", name="Leave full screen", exact=True).click()
    await expect(way_out(selling).get_by_role("button", name=ANNA["name"], exact=True)).to_have_count(0)
    await type_pin(selling, MIRA | {"secret": "0000"})
    await expect(way_out(selling).get_by_role("alert")).to_have_text("Wrong PIN. Try again.")
    await selling.press(str(MIRA["secret"]))
    await selling.key("Enter")
    await expect(way_out(selling)).to_have_count(0)
    await eventually(lambda: selling.page.evaluate(FULL), wanted=False)
    assert await selling.page.evaluate(CASHIER) == "Mira"
    await expect(selling.page.locator(".toast", has_text="has left full screen")).to_have_count(0)


@pytest.mark.shell
async def test_without_a_network_a_pin_that_was_right_here_lets_out_and_switches_the_mode_off(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await in_kiosk_mode(selling)
    await eventually(lambda: selling.page.evaluate(SETTING), wanted=True)
    await selling.page.evaluate("async () => { await import('/kiosk/till/sheet_exit.js'); window.away = true; }")
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await here(selling).get_by_label("Kiosk mode", exact=True).click()
    await way_out(selling).get_by_role("button", name="Stay", exact=True).click()
    await expect(here(selling).get_by_label("Kiosk mode", exact=True)).to_be_checked()
    await here(selling).get_by_label("Kiosk mode", exact=True).click()
    await type_pin(selling, MIRA)
    await expect(here(selling).get_by_label("Kiosk mode", exact=True)).not_to_be_checked()
    await eventually(lambda: selling.page.evaluate(SETTING), wanted=False)
    await eventually(lambda: selling.page.evaluate(FULL), wanted=False)
    fake.start()
    await selling.hear()
    await selling.is_online()


async def test_a_badge_lets_out_if_it_is_of_somebody_who_may(selling: TillPage) -> None:
    await in_kiosk_mode(selling)
    await here(selling).get_by_role("button", name="Leave full screen", exact=True).click()
    await expect(way_out(selling)).to_be_visible()
    await selling.hands.scan(str(ANNA["card"]))
    await expect(way_out(selling).get_by_role("alert")).to_contain_text("They may not let the till out")
    await selling.hands.scan(str(MIRA["card"]))
    await expect(way_out(selling)).to_have_count(0)
    await eventually(lambda: selling.page.evaluate(FULL), wanted=False)


async def test_full_screen_that_ends_by_itself_is_noticed_and_one_touch_brings_it_back(selling: TillPage) -> None:
    await in_kiosk_mode(selling)
    await selling.page.keyboard.press("Escape")
    await selling.page.evaluate("document.fullscreenElement && document.exitFullscreen()")
    toast = selling.page.locator(".toast", has_text="The till has left full screen.")
    await toast.get_by_role("button", name="Full screen", exact=True).click()
    await eventually(lambda: selling.page.evaluate(FULL), wanted=True)
    await expect(toast).to_have_count(0)


async def test_the_first_touch_after_a_start_fills_the_screen(selling: TillPage) -> None:
    await in_kiosk_mode(selling)
    await selling.page.reload()
    await selling.is_online()
    await enrol(selling)
    await selling.page.evaluate(BEGUN)
    assert await selling.page.evaluate(FULL) is False
    await selling.page.locator(".tile").first.click()
    await eventually(lambda: selling.page.evaluate(FULL), wanted=True)


async def test_the_way_out_can_be_used_by_everybody(selling: TillPage) -> None:
    await in_kiosk_mode(selling)
    assert await broken(selling.page) == []
    await here(selling).get_by_role("button", name="Close the till", exact=True).click()
    await way_out(selling).get_by_role("button", name="Mira", exact=True).click()
    assert await broken(selling.page) == []


async def broken(page: Page) -> list[str]:
    return [str(one) for one in await violations(page)]
