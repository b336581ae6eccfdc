"""What the office sets anew reaches a till that is open, and disturbs nobody who is typing there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

SET = "async () => (await import('/kiosk/till/state.js')).state.setup.settings?.negative_stock ?? ''"
KEEP = "async () => { window.kept = (await import('/kiosk/till/state.js')).state.setup; }"
IS_KEPT = "async () => window.kept === (await import('/kiosk/till/state.js')).state.setup"
HEARS = "async () => (await import('/kiosk/till/hearing.js')).keepHearing()"


async def set_anew(till: TillPage, **settings: int | str) -> None:
    till.fake.settings = {**till.fake.settings, **settings}
    till.fake.push("settings", "settings.changed", {"store": None})


@pytest.mark.shell
async def test_a_change_of_settings_holds_at_an_open_till_and_its_basket_stays(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.evaluate(HEARS)
    await set_anew(selling, negative_stock="block")
    await eventually(lambda: selling.page.evaluate(SET), "block")
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")


@pytest.mark.shell
async def test_what_is_as_it_was_redraws_nothing(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.page.evaluate(HEARS)
    await selling.page.evaluate(KEEP)
    asked = fake.setups
    await set_anew(selling)
    await eventually(lambda: fake.setups > asked, wanted=True)
    await set_anew(selling, negative_stock="flag")
    await eventually(lambda: selling.page.evaluate(SET), "flag")
    assert not await selling.page.evaluate(IS_KEPT)
    await selling.page.evaluate(KEEP)
    asked = fake.setups
    await set_anew(selling)
    await eventually(lambda: fake.setups > asked, wanted=True)
    assert await selling.page.evaluate(IS_KEPT)


@pytest.mark.shell
async def test_a_count_that_is_being_typed_stays(selling: TillPage) -> None:
    await selling.page.evaluate(HEARS)
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Count and close the shift")
    await selling.press("14400")
    total = selling.page.locator(".shift output.figure")
    await expect(total).to_have_text("€144.00")
    await set_anew(selling, negative_stock="block")
    await eventually(lambda: selling.page.evaluate(SET), "block")
    await expect(total).to_have_text("€144.00")


@pytest.mark.shell
async def test_a_float_that_is_being_typed_stays(till: TillPage) -> None:
    await till.page.evaluate(HEARS)
    await till.press("12300")
    value = till.page.locator(".shift output.figure")
    await expect(value).to_have_text("€123.00")
    await set_anew(till, negative_stock="block")
    await eventually(lambda: till.page.evaluate(SET), "block")
    await expect(value).to_have_text("€123.00")


async def test_it_asks_now_and_then_in_any_case(selling: TillPage, fake: FakeTillServer) -> None:
    page = selling.page
    await page.clock.install()
    await page.reload()
    await selling.is_online()
    fake.settings = {"negative_stock": "block"}

    async def after_a_while() -> str:
        await page.clock.run_for(30_000)
        held: str = await page.evaluate(SET)
        return held

    await eventually(after_a_while, "block")


@pytest.mark.shell
async def test_a_tile_of_nothing_left_is_grey_only_where_it_can_not_be_sold(
    selling: TillPage, fake: FakeTillServer
) -> None:
    tile = selling.page.get_by_role("button", name="Greek yoghurt 500 g")
    await expect(tile).to_contain_text("sold out")
    border = "(tile) => getComputedStyle(tile).borderTopStyle"
    await eventually(lambda: tile.evaluate(border), "solid")
    await set_anew(selling, negative_stock="block")
    await eventually(lambda: tile.evaluate(border), "dashed")
    await set_anew(selling, negative_stock="flag")
    await eventually(lambda: tile.evaluate(border), "solid")
    assert selling.errors == []
