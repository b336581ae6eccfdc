"""What a cashier meets at the counter: keys that answer, quantities that can't be, and a first hit that isn't meant."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.kiosk.test_kiosk_offers import CROISSANT, goods, opened
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


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


async def test_the_page_is_not_loaded_anew_in_a_sale(selling: TillPage) -> None:
    await selling.scan(CROISSANT)
    await expect(selling.page.get_by_role("button", name="Price check")).to_be_visible()
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
