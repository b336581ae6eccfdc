"""What the till asks back or says plainly: a slip in cash, a discount too large, a search, a sign-in, an address."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, Page, expect

from retail.identity.approval_rules import Act, ActLine, plain_percent
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import TILL
from tests.support.till_page import TillPage, eventually


async def test_far_more_cash_than_is_due_is_asked_about(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.press("20420")
    await selling.tap("Complete sale")
    await selling.shows("Paid")
    await selling.tap("Next sale")
    await selling.scan(0)
    await selling.page.locator(".charge").click()
    await selling.press("999999999")
    await selling.tap("Complete sale")
    await selling.shows("Really €9,999,999.99?")
    await selling.key("Escape")
    assert len(fake.sales) == 1
    await selling.tap("Complete sale")
    await selling.tap("Yes, €9,999,999.99 was given")
    await selling.shows("Paid")
    await eventually(lambda: [sale["tenders"][0]["amount"] for sale in fake.sales], [20420, 999999999])


async def test_more_than_everything_is_no_discount(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.key("F6")
    await selling.press("150")
    await selling.shows("150 %")
    await selling.shows("More than 100 % can't be taken off.")
    await selling.tap("Apply")
    await selling.shows("More than 100 % can't be taken off.")
    await selling.key("Escape")
    await expect(selling.page.locator(".charge")).to_contain_text("€4.20")
    await selling.key("F6")
    await selling.press("100")
    await selling.tap("Apply")
    await selling.page.get_by_role("button", name="Other", exact=True).click()
    await expect(selling.page.locator(".charge")).to_contain_text("€0.00")


async def test_enter_takes_the_only_one_that_is_found_escape_and_a_scan_clear_the_search(selling: TillPage) -> None:
    search, tiles = selling.page.get_by_role("searchbox"), selling.page.locator(".tile")
    shelf = await tiles.count()
    await selling.key("F2")
    await selling.press("wa")
    await expect(tiles).to_have_count(2)
    await selling.key("Enter")
    await selling.shows("Tap the article that is meant, or type more of its name.")
    await expect(selling.page.locator(".lines li")).to_have_count(0)
    await selling.press("sh")
    await expect(tiles).to_have_count(1)
    await selling.key("Enter")
    await eventually(lambda: selling.page.locator(".lines .n").all_inner_texts(), ["Washing-up liquid"])
    await expect(search).to_have_value("")
    await selling.press("wa")
    await expect(tiles).to_have_count(2)
    await search.blur()
    await selling.key("Escape")
    await expect(search).to_have_value("")
    await expect(tiles).to_have_count(shelf)
    await selling.key("F2")
    await selling.press("wa")
    await expect(tiles).to_have_count(2)
    await selling.scan(0)
    await expect(search).to_have_value("")
    await expect(tiles).to_have_count(shelf)


@pytest.mark.shell
async def test_a_till_that_is_signed_out_says_so_where_it_says_how_things_stand(
    selling: TillPage, fake: FakeTillServer
) -> None:
    pill = selling.page.locator(".top .pill")
    fake.status = 401
    await selling.sell(0)
    await expect(pill).to_have_text(re.compile(r"^Sign in to send( · €4\.20)?$"))  # the money once it is added up
    await expect(pill).to_have_class("pill dot warn")
    fake.status = 0
    await selling.sell(1)
    await expect(pill).to_have_text("Online")


async def test_an_address_of_no_till_says_so_and_leads_back(context: BrowserContext, fake: FakeTillServer) -> None:
    fake.status = 422
    page = await context.new_page()
    await page.goto(fake.page.replace(TILL, "xyz"))
    await expect(page.get_by_role("heading", name="You can't sell at this till")).to_be_visible()
    await expect(page.get_by_role("link", name="All tills")).to_have_attribute("href", "/t/alma/tills")


async def test_the_till_shows_the_percentage_that_the_approvers_phone_shows(bare: Page) -> None:
    acts = [
        (own, quantity, price, discount)
        for own in (0, 1, 144)
        for quantity in (1000, 762)
        for price in (420, 719, 99_999)
        for discount in (1, 84, 144, 300)
    ]
    shown = await bare.evaluate(
        """async (acts) => {
          const { plainPercent } = await import("/kiosk/till/approval_rules.js");
          return acts.map(([discount, quantity_milli, unit_price, line]) =>
            plainPercent({ id: "a", discount, lines: [{ id: "l", quantity_milli, unit_price, discount: line }] }));
        }""",
        acts,
    )
    lines = [(own, ActLine(UUID(int=1), None, milli, price, off)) for own, milli, price, off in acts]
    assert shown == [plain_percent(Act(UUID(int=2), own, [line])) for own, line in lines]
