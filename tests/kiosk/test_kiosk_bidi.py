"""Lines of Arabic words and figures: the words run from the right, each amount from the left."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from tests.kiosk.test_kiosk_languages import Speaking
from tests.support.fake_till_server import FakeTillServer

# where the first character of each of these stands; every one is looked for after the one before it
PLACES = """(line, parts) => {
  const nodes = [], walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) nodes.push(walk.currentNode);
  const text = nodes.map((one) => one.data).join("");
  let from = 0;
  return parts.map((part) => {
    let at = text.indexOf(part, from);
    if (at < 0) throw new Error(`${part} is not in ${text}`);
    from = at + part.length;
    const node = nodes.find((one) => (at < one.data.length ? true : (at -= one.data.length, false)));
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().x;
  });
}"""


async def from_the_right(line: Locator, *parts: str) -> None:
    places = await line.evaluate(PLACES, list(parts))
    assert places == sorted(places, reverse=True), (await line.text_content(), places)


async def from_the_left(line: Locator, *parts: str) -> None:
    places = await line.evaluate(PLACES, list(parts))
    assert places == sorted(places), (await line.text_content(), places)


@pytest.fixture
async def arabic(context: BrowserContext, fake: FakeTillServer) -> Speaking:
    """An Arabic till with a loaf in its cart."""
    it = await Speaking.open(context, fake, "ar")
    await it.opens()
    await it.scans()
    return it


async def test_the_paid_screen_reads_from_the_right(arabic: Speaking) -> None:
    await arabic.page.locator(".charge").click()
    await arabic.till.press("2000")
    await arabic.press("Complete sale")
    how = arabic.page.locator("#receipt [role=status] p").last
    await expect(how).to_contain_text("€20.00")
    cash, given = arabic.say("Cash"), arabic.say("{amount} given").replace("{amount}", "").strip()
    await from_the_right(how, cash, "€4.20", given, "€20.00")
    await from_the_left(how, "€", "4", "2")
    detail = arabic.page.locator("#receipt .paid > p.num")
    await from_the_right(detail, arabic.say("Receipt {number}").split(" ")[0], "-0", "€4.20")
    await from_the_left(detail, "€", "4", "2")
    await from_the_left(arabic.page.locator("#receipt .v"), "€", "1", "5")


async def test_the_cart_reads_from_the_right(arabic: Speaking) -> None:
    await arabic.page.evaluate(
        """async () => {
             const { till } = await import("/kiosk/till/context.js");
             till.cart.basket.lines[0].discount = { kind: "percent", value: 1000 };
             await till.cart.keep();
           }"""
    )
    off, each = arabic.page.locator(".lines .off"), arabic.page.locator(".lines .d")
    await expect(off).to_contain_text("€0.42")
    await from_the_right(off, arabic.say("Discount"), "10", "\u2212€0.42")
    await from_the_left(off, "\u2212", "€", "0", "4")
    await from_the_right(each, "€4.20", arabic.say("{price} each").replace("{price}", "").strip())
    await from_the_left(each, "€", "4", "2")
