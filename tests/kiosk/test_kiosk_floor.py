"""What a cashier meets at the counter: keys that answer, quantities that can't be, and a first hit that isn't meant."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.kiosk.test_kiosk_backlog import MUCH_WAITS
from tests.kiosk.test_kiosk_floor_tools import ready
from tests.kiosk.test_kiosk_languages import Speaking
from tests.kiosk.test_kiosk_offers import CROISSANT, goods, opened
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

COVERED = """() => [...document.querySelectorAll("#pay button")].filter((one) => one.offsetParent).flatMap((one) => {
  const { left, right, top, bottom, width, height } = one.getBoundingClientRect();
  const name = one.ariaLabel ?? one.textContent;
  if (left < 0 || right > innerWidth || top < 0 || bottom > innerHeight) return [`${name}: outside`];
  if (width < 43.5 || height < 43.5) return [`${name}: ${width} x ${height}`];
  const points = [[left + 9, top + 9], [right - 9, bottom - 9], [left + width / 2, top + height / 2]];
  return points.every(([x, y]) => one.contains(document.elementFromPoint(x, y))) ? [] : [`${name}: covered`];
})"""


@pytest.mark.parametrize(("key", "title"), [("F1", "Why this price"), ("F5", "Coupon")])
async def test_the_keys_of_offers_do_what_their_buttons_do(
    fake: FakeTillServer, context: BrowserContext, key: str, title: str
) -> None:
    terms = {"goods": goods(fake, CROISSANT), "percent": 1000}
    fake.run_offers({"name": "Ten off", "kind": "percent", "coupon": True, "terms": terms}, series=[{"prefix": "SAVE"}])
    till = await opened(context, fake)
    await till.scan(CROISSANT)
    await expect(till.page.get_by_role("button", name="Why this price")).to_be_visible()
    await till.key(key)
    await expect(till.page.get_by_role("dialog", name=title)).to_be_visible()
    await till.key("Escape")


async def test_where_there_is_nothing_the_keys_of_offers_say_so(selling: TillPage) -> None:
    await selling.key("F1")
    await selling.shows("Nothing is in the cart yet.")
    await selling.key("F5")
    await selling.shows("No offer of this shop takes a coupon now.")
    await selling.scan(CROISSANT)
    await selling.has_lines("1 Butter croissant €1.60")
    await selling.key("F1")
    await expect(selling.page.get_by_role("dialog", name="Why this price")).to_contain_text("€1.60")


@pytest.mark.shell
async def test_the_page_is_not_loaded_anew_in_a_sale(selling: TillPage) -> None:
    await ready(selling)
    await selling.scan(CROISSANT)
    await selling.page.evaluate("() => { window.mark = 1; window.left = []; }")
    await selling.page.evaluate(
        "() => addEventListener('keydown', (event) => window.left.push([event.key, event.defaultPrevented]))"
    )
    await selling.key("F6")
    await expect(selling.page.get_by_role("dialog")).to_be_visible()
    await selling.key("F5")
    await selling.key("Escape")
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator("#pay")).to_be_visible()
    await selling.key("F5")
    keys = await selling.page.evaluate("() => window.left")
    assert [prevented for key, prevented in keys if key == "F5"] == [True, True]
    assert await selling.page.evaluate("() => window.mark") == 1


@pytest.mark.parametrize("typed", ["0.5*", "1,5*"])
async def test_no_part_of_a_piece_is_sold(selling: TillPage, typed: str) -> None:
    await selling.press(typed)
    await selling.scan(CROISSANT)
    await selling.shows("Nothing was added: Butter croissant is sold in whole pieces, not")
    await selling.has_lines()
    await selling.scan(CROISSANT)
    await selling.has_lines("1 Butter croissant €1.60")
    await selling.press(typed)
    await selling.page.locator(".tile", has_text="Bananas").click()
    await eventually(lambda: selling.page.locator(".lines li").count(), 2)  # what is weighed has parts


@pytest.mark.parametrize("typed", ["0*", "99999*", "0,0*", "1.2345*"])
async def test_a_quantity_that_cannot_be_is_said_and_adds_nothing(selling: TillPage, typed: str) -> None:
    await selling.press(typed)
    await selling.shows("Nothing was added: that is no quantity. Type 0.001 to 9,999, then * and the article.")
    await expect(selling.page.get_by_role("searchbox")).to_have_value("")
    await selling.scan(CROISSANT)
    await selling.shows("Nothing was added: that is no quantity.")
    await selling.press("2*")  # the next one counts
    await selling.scan(CROISSANT)
    await selling.has_lines("2 Butter croissant €3.20")


@pytest.mark.shell
async def test_enter_adds_the_only_hit_or_an_exact_code_and_no_digits_of_a_name(selling: TillPage) -> None:
    page = selling.page
    await selling.press("100")
    selling.fake.change_product(selling.fake.products[7], name="Dark chocolate 70 % 100 g")
    await expect(page.locator(".tile b")).to_have_text(["Dark chocolate 70 % 100 g"])
    await selling.key("Enter")
    await selling.shows("Tap the article that is meant")
    await selling.key("Escape")
    await selling.press("cr")  # Butter croissant, Sea-salt crisps, Crème fraîche
    await expect(page.locator(".tile")).to_have_count(3)
    await selling.key("Enter")
    await selling.shows("Tap the article that is meant")
    assert await selling.lines() == []
    await selling.press("oi")
    await expect(page.locator(".tile")).to_have_count(1)
    await selling.key("Enter")
    await selling.has_lines("1 Butter croissant €1.60")
    await selling.press("SKU-0000")
    await selling.key("Enter")
    await selling.has_lines("1 Butter croissant €1.60", "1 Sourdough loaf 800 g €4.20")


async def test_an_empty_float_is_asked_about(till: TillPage) -> None:
    await till.key("Enter")
    sheet = till.page.get_by_role("dialog", name="Open with nothing in the drawer?")
    await expect(sheet).to_be_visible()
    await till.key("Escape")
    await expect(sheet).to_have_count(0)
    assert await till.journal() == []
    await till.key("Enter")
    await sheet.get_by_role("button", name="Open with €0.00").click()
    await till.shows("Charge")
    await eventually(lambda: [one["opening_float"] for one in till.fake.of_kind("shift_opened")], [0])


async def test_what_was_wrong_with_a_scan_goes_with_the_next_good_one_and_with_escape(selling: TillPage) -> None:
    await selling.hands.scan("4006381339995")
    await expect(selling.page.get_by_text("Nothing here has the code")).to_be_visible()
    await selling.scan(CROISSANT)
    await expect(selling.page.get_by_text("Nothing here has the code")).to_have_count(0)
    await selling.hands.scan("4006381339995")
    await expect(selling.page.get_by_text("Nothing here has the code")).to_be_visible()
    await selling.key("Escape")
    await expect(selling.page.get_by_text("Nothing here has the code")).to_have_count(0)


@pytest.mark.parametrize(
    ("width", "height", "language"), [(360, 640, "de"), (360, 740, "en"), (390, 844, "ar"), (1280, 800, "en")]
)
async def test_every_key_of_payment_can_be_touched(
    browser: Browser, fake: FakeTillServer, width: int, height: int, language: str
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    fake.payments = {"tips": True, "currencies": [{"code": "USD", "rate": "0.92", "exponent": 2}]}
    it = await Speaking.open(context, fake, language)
    await it.opens()
    till = it.till
    await till.scan(CROISSANT)
    await eventually(lambda: till.page.locator(".lines li").count(), 1)
    await till.page.locator(".charge").click()
    await expect(till.page.locator("#pay .pad")).to_be_visible()
    await till.page.evaluate(MUCH_WAITS)
    for tendered in ("", "100"):
        await till.press(tendered)
        await eventually(lambda: till.page.evaluate(COVERED), [])
    await context.close()
