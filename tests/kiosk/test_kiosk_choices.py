"""The sheet of choices under a keyboard: Enter ends it or says what is missing, and never changes what was chosen."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from tests.kiosk.test_kiosk_goods import EXTRAS, opened, sheet
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage

MILK = {
    "id": "0199a100-0000-7000-8000-000000000003", "name": "Milk", "least": 1, "most": 1,
    "modifiers": [{"id": f"0199a100-0000-7000-8000-00000000003{i}", "name": name, "price": price}
                  for i, (name, price) in enumerate([("Whole milk", 0), ("Soy milk", 50), ("Oat milk", 60)])],
}  # fmt: skip


@pytest.fixture
async def asking(fake: FakeTillServer, context: BrowserContext, monkeypatch: pytest.MonkeyPatch) -> TillPage:
    """A till that asks about milk, which must be chosen, and extras, which may."""
    choices = {"choices": [MILK["id"], EXTRAS["id"]]}
    till = await opened(context, fake, monkeypatch, choices=[MILK, EXTRAS], traits={0: choices})
    await till.scan(0)
    await expect(sheet(till).locator(".sum-up")).to_contain_text("Choose: Milk")
    return till


def option(till: TillPage, name: str) -> Locator:
    return sheet(till).get_by_role("button", name=name, exact=False).first


async def is_chosen(till: TillPage, *names: str) -> None:
    await expect(sheet(till).locator(".option[aria-pressed=true] .grow")).to_have_text(list(names))


async def test_enter_says_what_is_missing_and_then_confirms_what_was_tapped(asking: TillPage) -> None:
    await asking.key("Enter")
    await asking.shows("Choose 1 more.")
    await is_chosen(asking)
    await option(asking, "Soy milk").click()
    await expect(option(asking, "Soy milk")).to_be_focused()
    await is_chosen(asking, "Soy milk")
    await asking.key("Enter")
    await asking.has_lines("1 Sourdough loaf 800 g €4.70")
    await expect(asking.page.locator(".lines .d")).to_have_text("€4.70 each · + Soy milk")
    assert asking.errors == []


async def test_space_and_arrows_choose_and_enter_on_a_choice_does_not(asking: TillPage) -> None:
    await option(asking, "Whole milk").focus()
    await asking.key("Enter")
    await asking.shows("Choose 1 more.")
    await is_chosen(asking)
    await asking.key("ArrowDown")  # of one that must be, the arrow takes it along
    await is_chosen(asking, "Soy milk")
    await asking.key("ArrowDown")
    await asking.key("ArrowDown")  # round to the first
    await is_chosen(asking, "Whole milk")
    await expect(asking.page.get_by_text("Choose 1 more.")).to_have_count(0)
    await asking.key("ArrowUp")
    await is_chosen(asking, "Oat milk")
    await option(asking, "Cheese").focus()
    await asking.key("ArrowDown")  # of several, only Space does
    await expect(option(asking, "Ham")).to_be_focused()
    await is_chosen(asking, "Oat milk")
    await asking.key(" ")
    await is_chosen(asking, "Oat milk", "Ham")
    await asking.key("Enter")
    await asking.has_lines("1 Sourdough loaf 800 g €6.60")
    assert asking.errors == []


async def test_the_focus_stays_in_the_sheet_where_one_more_is_the_last(asking: TillPage) -> None:
    await option(asking, "Oat milk").click()
    await option(asking, "Cheese").click()
    for focused in ("One more Cheese", "Cheese"):  # at three of three there is no more
        await sheet(asking).get_by_role("button", name="One more Cheese").click()
        await expect(sheet(asking).get_by_role("button", name=focused).first).to_be_focused()
    await asking.key("Enter")
    await asking.has_lines("1 Sourdough loaf 800 g €9.30")
