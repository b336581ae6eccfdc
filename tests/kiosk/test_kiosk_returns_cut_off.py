"""A return that a reload cuts off before it is recorded: it comes back, and what is only promised is told apart."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.kiosk.test_kiosk_returns import find, ready, sell_some, sheet, why
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def begin(selling: TillPage, fake: FakeTillServer) -> None:
    await sell_some(selling, fake, 0)
    await find(selling, "1")
    await selling.tap("All of it")
    await why(selling.page)
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await expect(sheet(selling, "Give back €4.20")).to_be_visible()


@pytest.mark.shell
async def test_a_return_that_a_reload_cut_off_comes_back_and_is_finished(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await begin(selling, fake)
    await selling.page.reload()
    await expect(sheet(selling, "Give back €4.20")).to_be_visible()
    await expect(selling.page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await expect(sheet(selling, "Taken back")).to_be_visible()
    await eventually(lambda: [one["total"] for one in fake.of_kind("goods_returned")], [420])
    assert fake.promises == {}


@pytest.mark.shell
async def test_a_return_that_comes_back_can_be_cancelled_and_then_stays_away(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await begin(selling, fake)
    await selling.page.reload()
    await expect(sheet(selling, "Give back €4.20")).to_be_visible()
    await selling.page.get_by_role("button", name="Cancel", exact=True).click()
    await eventually(lambda: fake.promises, {})
    await selling.page.reload()
    await find(selling, "1")
    await expect(selling.page.get_by_text("1 of 1 can come back")).to_be_visible()


@pytest.mark.shell
async def test_what_this_till_began_and_lost_is_no_return_and_can_be_dropped(
    selling: TillPage, fake: FakeTillServer
) -> None:
    sale = await sell_some(selling, fake, 0)
    fake.promises["lost"] = {"sale": sale["id"], "lines": {sale["lines"][0]["id"]: 1000}}
    await find(selling, "1")
    dialog = selling.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Begun at this till by Marta Ruiz, kept until")
    await expect(dialog).to_contain_text("being taken back")
    await expect(dialog).not_to_contain_text(re.compile("come back|all back"))
    await dialog.get_by_role("button", name="Drop that and begin anew", exact=True).click()
    await expect(selling.page.get_by_text("1 of 1 can come back")).to_be_visible()
    assert fake.promises == {}


@pytest.mark.shell
async def test_what_another_till_began_names_it_and_its_cashier(selling: TillPage, fake: FakeTillServer) -> None:
    sale = await sell_some(selling, fake, 0)
    lines = {sale["lines"][0]["id"]: 1000}
    fake.promises["theirs"] = {"sale": sale["id"], "lines": lines, "elsewhere": True}
    await find(selling, "1")
    dialog = selling.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Begun at T1 by Marta Ruiz, kept until")
    await expect(dialog).not_to_contain_text("All of this sale has come back")
    await expect(dialog.get_by_role("button", name="Drop that and begin anew")).to_have_count(0)


@pytest.mark.shell
async def test_what_somebody_else_took_back_meanwhile_is_not_given_back_again_after_a_reload(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await begin(selling, fake)
    sale = fake.sales[-1]
    fake.promises.clear()
    fake.promises["theirs"] = {"sale": sale["id"], "lines": {sale["lines"][0]["id"]: 1000}, "elsewhere": True}
    await selling.page.reload()
    await ready(selling)
    await selling.shows("Somebody at till T1 is taking this back now.")
    await expect(sheet(selling, "Give back €4.20")).to_have_count(0)
