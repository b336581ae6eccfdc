"""Three sounds that can be told apart, each with its equal on the screen, as loud as this till wants them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.support.fake_till_shop import ean13
from tests.support.till_page import TillPage, eventually

LISTEN = """() => {
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (when) {
    window.tones.push([this.type, Math.round(this.frequency.value)]);
    return start.call(this, when);
  };
  const connect = GainNode.prototype.connect;
  GainNode.prototype.connect = function (to) {
    window.gain = Math.round(this.gain.value * 100) / 100;
    return connect.call(this, to);
  };
}"""
SCAN: list[Any] = [["sine", 1760]]
WRONG: list[Any] = [["square", 320], ["square", 240]]
PAID: list[Any] = [["triangle", 660], ["triangle", 880], ["triangle", 1320]]


async def heard(till: TillPage) -> list[Any]:
    return list(await till.page.evaluate("window.tones"))


async def ready(till: TillPage) -> None:
    """Wait until the sounds are on the device, and listen."""
    await till.page.evaluate("() => import('/kiosk/till/sounds.js').then(({ listen }) => listen())")
    await till.page.evaluate(LISTEN)


async def test_a_scan_a_mistake_and_a_payment_sound_differently(selling: TillPage) -> None:
    await ready(selling)
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await eventually(lambda: heard(selling), SCAN)
    await selling.hands.scan(ean13("401234567890"))
    await selling.shows("Nothing here has the code")
    await eventually(lambda: heard(selling), [*SCAN, *WRONG])
    await selling.pay_cash()
    await eventually(lambda: heard(selling), [*SCAN, *WRONG, *PAID])


async def test_what_is_tapped_is_silent_and_one_scan_is_one_tick(selling: TillPage) -> None:
    await ready(selling)
    await selling.scan(0, 2)
    await selling.has_lines("2 Sourdough loaf 800 g €8.40")
    await eventually(lambda: heard(selling), SCAN * 2)
    await selling.page.locator(".item").first.click()
    await selling.tap("One more")
    await selling.has_lines("3 Sourdough loaf 800 g €12.60")
    assert await heard(selling) == SCAN * 2


async def test_how_loud_is_set_on_this_till_and_kept(selling: TillPage) -> None:
    await ready(selling)
    await selling.page.locator(".top .pill").click()
    sounds = selling.page.get_by_role("group", name="Sounds")
    await expect(sounds.get_by_role("button", name="Normal", exact=True)).to_have_attribute("aria-pressed", "true")
    await sounds.get_by_role("button", name="Loud", exact=True).click()
    await eventually(lambda: heard(selling), PAID)
    assert await selling.page.evaluate("window.gain") == 0.2
    await sounds.get_by_role("button", name="Off", exact=True).click()
    await expect(sounds.get_by_role("button", name="Off", exact=True)).to_have_attribute("aria-pressed", "true")
    await selling.page.reload()
    await selling.shows("Charge")
    await ready(selling)
    await selling.hands.scan(ean13("401234567890"))
    await selling.shows("Nothing here has the code")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    assert await heard(selling) == []
