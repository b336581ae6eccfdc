"""A return asks for the same approval whichever door it is begun by, and again where somebody else goes on with it."""

from __future__ import annotations

import copy
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from tests.kiosk.test_kiosk_returns import find, sell_some, why
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

STANDS_THERE = """async ([id, limit]) => {
  const { state } = await import("/kiosk/till/state.js");
  const rights = { sell: { state: "allowed", limit: null }, refund: { state: "allowed", limit } };
  const stands = (setup) => Object.assign(setup, { cashier: { ...setup.cashier, id, rights } });
  let setup = stands(state.setup);
  Object.defineProperty(state, "setup", { // also where the server says it anew
    configurable: true, enumerable: true, get: () => setup, set: (told) => { setup = stands(told); },
  });
}"""
ELSEWHERE = "9f0d5c1e-0000-4000-8000-000000000001"


async def stands_there(till: TillPage, id: str, limit: int | None) -> None:
    """Have a cashier at the till who may refund so much alone; None: any amount."""
    await till.page.evaluate(STANDS_THERE, [id, limit])


async def receipts(till: TillPage) -> None:
    await till.key("F9")
    await expect(till.page.get_by_role("heading", name="Receipts", exact=True)).to_be_visible()


async def by_number(till: TillPage) -> None:
    await find(till, "1")


async def in_the_list(till: TillPage) -> None:
    await receipts(till)
    await till.page.get_by_role("button", name=re.compile("^Return from T.-000001$")).click()


async def on_the_receipt(till: TillPage) -> None:
    await receipts(till)
    await till.page.get_by_role("button", name=re.compile("^T.-000001")).click()
    sheet = till.page.get_by_role("dialog", name=re.compile("^Receipt T.-000001$"))
    await sheet.get_by_role("button", name="Return", exact=True).click()


async def of_another_till(till: TillPage) -> None:
    await receipts(till)
    await till.page.get_by_role("searchbox").fill("77")
    await till.page.get_by_role("button", name="Find", exact=True).click()
    await till.page.get_by_role("button", name="Return from", exact=False).click()


DOORS = [by_number, in_the_list, on_the_receipt, of_another_till]


async def asks(till: TillPage) -> None:
    await expect(till.page.get_by_role("heading", name="Needs an approval")).to_be_visible()


@pytest.mark.shell
@pytest.mark.parametrize("door", DOORS, ids=[one.__name__ for one in DOORS])
async def test_beyond_the_cashiers_limit_every_door_asks_before_any_money_goes_out(
    selling: TillPage, fake: FakeTillServer, door: Callable[[TillPage], Awaitable[Any]]
) -> None:
    sale = await sell_some(selling, fake, 0)  # 4.20
    fake.elsewhere.append(copy.deepcopy(sale) | {"id": ELSEWHERE, "number": 77, "cashier": "ben"})
    await stands_there(selling, "c", 100)
    await door(selling)
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await asks(selling)
    await selling.tap("Don't do it")
    await expect(selling.page.get_by_role("dialog", name="Give back €4.20")).to_have_count(0)
    await selling.page.get_by_role("button", name="Exchange", exact=True).click()
    await asks(selling)
    await selling.tap("Don't do it")
    await expect(selling.page.locator(".exchange-box")).to_be_hidden()
    assert fake.of_kind("goods_returned") == []


@pytest.mark.shell
async def test_whoever_goes_on_with_anothers_exchange_is_asked_about_themselves(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sell_some(selling, fake, 1)  # 1.60
    await stands_there(selling, "m", None)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Exchange", exact=True).click()
    await selling.scan(0)
    await expect(selling.page.locator(".exchange-box .net")).to_have_text("Customer pays €2.60")
    await stands_there(selling, "c", 100)
    await selling.page.locator(".charge").click()
    await asks(selling)
    await selling.tap("Don't do it")
    await expect(selling.page.locator(".due")).to_be_hidden()
    await stands_there(selling, "m", None)
    await selling.page.locator(".charge").click()
    await expect(selling.page.locator(".due .v")).to_have_text("€2.60")
    await selling.page.locator(".quick .btn").first.click()
    await selling.tap("Complete sale")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)


@pytest.mark.shell
async def test_whoever_stands_there_when_money_goes_back_is_asked_about_themselves(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await sell_some(selling, fake, 0)
    await stands_there(selling, "m", None)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    give = selling.page.get_by_role("dialog").get_by_role("button", name="Give back €4.20", exact=True)
    await expect(give).to_be_visible()
    await stands_there(selling, "c", 100)
    await give.click()
    await asks(selling)
    await selling.tap("Don't do it")
    assert fake.of_kind("goods_returned") == []
    await stands_there(selling, "m", None)
    await give.click()
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
