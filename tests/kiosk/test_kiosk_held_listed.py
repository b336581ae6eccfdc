"""The list of sales on hold: whose each one is, and that an old answer takes nothing off the device."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.kiosk.test_kiosk_held import LOAF, line, says_held
from tests.support.fake_till_held import LENA, hold_elsewhere
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import STORE
from tests.support.till_page import TillPage, eventually

WAITING = "import('/kiosk/till/context.js').then(({ till }) => till.journal.waiting)"


@pytest.mark.shell
async def test_a_sale_of_another_till_says_whose_it_is_until_they_are_erased(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await eventually(lambda: len(fake.sockets), 1)
    theirs = hold_elsewhere(fake, [line(fake, 2)], 135, customer=LENA)
    older = hold_elsewhere(fake, [line(fake, 2)], 135)
    del fake.held[older]["customer_name"]
    await selling.scan(0)
    await selling.hands.scan("20420001")
    await selling.shows("Customer: Lena Marsh")
    await selling.key("F7")
    await says_held(selling, "Held · 3")
    await eventually(lambda: [one["customer"] for one in fake.of_kind("sale_held")], [LENA])
    await selling.key("F8")
    rows = selling.page.get_by_role("dialog", name="On hold").locator("li b:not(.num)")
    await expect(rows).to_have_text(["Lena Marsh", re.compile("^On hold since"), "Lena Marsh"])
    for id in (theirs, fake.of_kind("sale_held")[0]["id"]):
        fake.held[id]["customer_name"] = ""
    fake.push(f"held:{STORE}", "held.changed", {"store": STORE})
    await expect(rows).to_have_text([re.compile("^On hold since")] * 3)


@pytest.mark.shell
async def test_an_answer_that_was_on_its_way_while_a_sale_was_put_aside_takes_nothing_off_the_device(
    selling: TillPage, fake: FakeTillServer
) -> None:
    asked, answered, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await go_on.wait()
        await route.fulfill(response=answer)
        answered.set()

    await eventually(lambda: len(fake.sockets), 1)
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.page.route(re.compile("/held$"), late, times=1)
    fake.push(f"held:{STORE}", "held.changed", {"store": STORE})
    await asyncio.wait_for(asked.wait(), 20)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await eventually(lambda: selling.page.evaluate(WAITING), 0)
    go_on.set()
    await asyncio.wait_for(answered.wait(), 20)
    await selling.key("F8")
    await expect(selling.page.get_by_role("button", name="Delete this held sale")).to_be_visible()  # still its own
