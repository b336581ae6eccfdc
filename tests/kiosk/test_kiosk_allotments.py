"""Of scarce goods a till without a network sells its share; then the business's setting says what happens."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.kiosk.test_kiosk_limits import back, cut, is_told
from tests.support.till_page import TillPage, eventually


def share(till: TillPage, quantity: str, *, seq: int = 0) -> None:
    """Give this till's device a share of the first article, counted up to a record of its journal."""
    device = till.fake.claim["device"] if till.fake.claim else None
    till.fake.allotments = {"device": device, "seq": seq, "shares": {till.fake.products[0].id: quantity}}


@pytest.mark.shell
async def test_a_till_sells_its_share_and_no_more_until_it_is_online(selling: TillPage) -> None:
    share(selling, "2", seq=10**6)
    selling.fake.allotments["device"] = None
    await cut(selling, allotment_then="stop")  # type: ignore[arg-type]
    await selling.sell(0)
    await selling.scan(0, 2)
    await is_told(selling, "Sourdough loaf 800 g is scarce: this till may sell 1 more without the network.")
    await back(selling)
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator("#pay")).to_be_visible()


@pytest.mark.shell
async def test_what_the_server_has_counted_is_not_counted_again(selling: TillPage) -> None:
    await selling.sell(0)
    await eventually(lambda: len(selling.fake.sales), 1)
    share(selling, "1", seq=len(selling.fake.records))
    await cut(selling, allotment_then="stop")  # type: ignore[arg-type]
    await selling.sell(0)
    await selling.scan(0)
    await is_told(selling, "this till may sell 0 more without the network.")


@pytest.mark.shell
async def test_where_the_till_only_warns_the_sale_is_paid(selling: TillPage) -> None:
    share(selling, "0")
    await cut(selling, allotment_then="warn")  # type: ignore[arg-type]
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.shows("Connect this till soon.")
    await expect(selling.page.locator("#pay")).to_be_visible()
    await selling.page.keyboard.press("Escape")
    await selling.pay_cash()
    await back(selling)
    await eventually(lambda: [one["number"] for one in selling.fake.sales], [1])


@pytest.mark.shell
async def test_where_a_manager_is_asked_nobody_pays_without_one(selling: TillPage) -> None:
    share(selling, "0")
    await cut(selling, allotment_then="manager")  # type: ignore[arg-type]
    await selling.page.evaluate(
        """import("/kiosk/till/state.js").then(({ state }) => {
             state.setup.cashier.rights = { sell_beyond: { state: "approval", limit: null } };
           })"""
    )
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await expect(selling.page.get_by_role("dialog")).to_contain_text("Sell on without the network")
    await expect(selling.page.locator("#pay")).to_be_hidden()
