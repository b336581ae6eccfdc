"""No payment card's number gets from a field of the till into a record, an address or a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Request, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "card_numbers.json").read_text())
CARD, SAID = "4111 1111 1111 1111", "This holds the number of a payment card, which must not be kept."


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"])
async def test_a_text_holds_a_cards_number_as_the_table_says(bare: Page, case: dict[str, Any]) -> None:
    found = await bare.evaluate(
        "async (text) => (await import('/kiosk/till/cards.js')).holdsCard(text)",
        case["text"],
    )
    assert found == case["till"]


async def test_the_reason_of_a_cash_move_takes_no_cards_number(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.page.locator("#rail").get_by_role("button", name="Shift").click()
    await selling.tap("Pay-out")
    await selling.press("1000")
    reason, problem = selling.page.get_by_label("Another reason"), selling.page.locator("#move-reason-problem")
    await reason.fill(f"Refund to {CARD}")
    await expect(problem).to_contain_text(SAID)
    await expect(reason).to_have_attribute("aria-invalid", "true")
    go = selling.page.locator("dialog footer .btn")
    await go.click()
    await expect(selling.page.locator("dialog[open]")).to_be_visible()
    await expect(reason).to_be_focused()
    assert [one["kind"] for one in await selling.journal()] == ["shift_opened"]
    await reason.fill("Refund to the card that ends in 1111")
    await expect(problem).to_be_hidden()
    await go.click()
    await selling.shows("Pay-out: €10.00")
    await eventually(lambda: len(fake.of_kind("cash_moved")), 1)
    assert "1111 1111" not in json.dumps(await selling.journal())


async def test_a_cards_number_is_sent_to_nobody(selling: TillPage) -> None:
    asked: list[str] = []
    selling.page.context.on("request", lambda request: asked.append(_told(request)))
    await selling.key("F4")
    await selling.page.get_by_label("Find a customer").fill(CARD)
    await selling.shows(SAID)
    await selling.page.get_by_label("Find a customer").fill("Lena")
    await selling.shows("Lena Marsh")
    await selling.tap("Close")
    await expect(selling.page.locator("dialog[open]")).to_have_count(0)
    await selling.hands.scan("B4111111111111111^DOE")  # swiped, through a reader that types
    await selling.shows("Nothing here has the code")
    await selling.tap("Add product")
    await selling.shows(SAID)
    assert len(selling.page.context.pages) == 1
    assert [one for one in asked if "customers" in one] != []
    assert [one for one in asked if "4111" in one] == []


def _told(request: Request) -> str:
    return f"{request.url} {request.post_data or ''}"
