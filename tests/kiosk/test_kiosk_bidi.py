"""Lines of Arabic words and figures: the words run from the right, each amount from the left."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from tests.kiosk.test_kiosk_held import line
from tests.kiosk.test_kiosk_languages import Speaking
from tests.support.fake_till_held import hold_elsewhere
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

EDGES = """(row) => [...row.children].map((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return Math.round(range.getBoundingClientRect().right);
})"""
APART = """() => {
  const told = new Date(2026, 10, 21, 20, 11);
  return import("/kiosk/till/format.js").then(({ clock, moment }) => moment(told).endsWith(clock(told)));
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
    detail = arabic.page.locator("#receipt .paid > p.muted.num")
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


@pytest.mark.parametrize("wide", [390, 1280])
async def test_a_receipt_in_the_list_has_its_number_above_its_day_and_articles(arabic: Speaking, wide: int) -> None:
    await arabic.page.set_viewport_size({"width": wide, "height": 844})
    await arabic.till.scan(2)
    await expect(arabic.page.locator(".lines li")).to_have_count(2)
    await arabic.is_paid()
    await arabic.till.key("F9")
    told = arabic.page.locator("#receipts .rows .row > .grow")
    await expect(told).to_contain_text("T2-000001")
    number, about = await told.evaluate(EDGES)
    assert abs(number - about) <= 1
    if wide > 1000:  # else they are in two lines
        await from_the_right(told.locator(".sm"), "·", "Sourdough", ",", "Whole milk")
        await from_the_left(told.locator(".sm"), "Whole", "milk", "1")


async def test_a_sale_on_hold_names_its_articles_one_after_the_other_from_the_right(
    arabic: Speaking, fake: FakeTillServer
) -> None:
    hold_elsewhere(fake, [line(fake, 0), line(fake, 2)], 555)
    await arabic.page.set_viewport_size({"width": 1600, "height": 844})
    await arabic.till.key("F8")
    about = arabic.page.locator("dialog .rows li .muted").first
    await expect(about).to_contain_text("Sourdough loaf 800 g")
    in_one_line = "(sheet) => { sheet.style.inlineSize = '60rem'; }"
    await arabic.page.locator("dialog[open]").evaluate(in_one_line)
    await from_the_right(about, "Ben", "T2", "Sourdough", "Whole milk")
    await from_the_left(about, "Sourdough", "loaf", "800", "g")
    await from_the_left(about, "Whole", "milk", "1", "l")


async def test_a_time_of_the_day_is_written_as_the_one_behind_a_date(arabic: Speaking) -> None:
    assert await arabic.page.evaluate(APART)
