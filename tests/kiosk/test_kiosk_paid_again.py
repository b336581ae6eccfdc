"""A page that is loaded anew while a sale's change is on the screen shows it again, and never over the next sale."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.till_page import TillPage

AGAIN = "() => import('/kiosk/till/paid_again.js').then(({ showPaid }) => showPaid())"  # as it is read ahead
KEPT = "() => sessionStorage.getItem('paid')"


async def paid(till: TillPage) -> None:
    await till.scan(0)
    await till.has_lines("1 Sourdough loaf 800 g €4.20")
    await till.pay_cash("2000")
    await expect(till.page.locator("#receipt .v")).to_have_text("€15.80")


@pytest.mark.shell
async def test_the_change_is_there_again_after_a_reload(selling: TillPage) -> None:
    await paid(selling)
    await selling.page.reload()
    await expect(selling.page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await expect(selling.page.locator("#receipt .v")).to_have_text("€15.80")
    await expect(selling.page.get_by_text("Cash €4.20 · €20.00 given", exact=True)).to_be_visible()
    await selling.page.reload()  # and once more
    await expect(selling.page.locator("#receipt .v")).to_have_text("€15.80")
    await selling.tap("Next sale")
    await expect(selling.page.locator(".charge")).to_be_visible()
    assert await selling.page.evaluate(KEPT) is None
    await selling.page.reload()  # it is done with
    await selling.shows("Charge")
    await selling.page.evaluate(AGAIN)
    await expect(selling.page.locator(".charge")).to_be_visible()
    assert selling.errors == []


async def test_it_never_comes_over_the_next_sale(selling: TillPage) -> None:
    await paid(selling)
    kept = await selling.page.evaluate(KEPT)
    await selling.tap("Next sale")
    await selling.scan(2)
    await selling.has_lines("1 Whole milk 1 l €1.35")
    await selling.page.evaluate("(kept) => sessionStorage.setItem('paid', kept)", kept)  # begun before this was asked
    await selling.page.evaluate(AGAIN)
    assert await selling.page.evaluate(KEPT) is None, "it was asked"
    await expect(selling.page.locator(".charge")).to_be_visible()
    await expect(selling.page.get_by_role("heading", name="Paid", exact=True)).to_have_count(0)
    await selling.has_lines("1 Whole milk 1 l €1.35")
