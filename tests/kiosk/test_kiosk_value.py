"""What a customer may owe is offered beside the other means of payment, with how much it still is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

ACCOUNT = "0199a000-0000-7000-8000-0000000000e1"


def account(**more: Any) -> dict[str, Any]:
    return {
        "id": ACCOUNT, "kind": "account", "last_four": None, "balance": -4_000, "spendable": 6_000, "blocked": False,
        "expired": False, **more,
    }  # fmt: skip


@pytest.mark.shell
async def test_a_sale_is_paid_on_account_up_to_what_the_customer_may_still_owe(
    selling: TillPage, fake: FakeTillServer
) -> None:
    asked: list[dict[str, Any]] = []

    async def check(route: Any) -> None:
        asked.append(route.request.post_data_json)
        await route.fulfill(json={"items": [account()], "next": None})

    await selling.page.route("**/value/check", check)
    await selling.hands.scan("20420001")
    await selling.shows("Customer: Lena Marsh")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".charge").click()
    await selling.tap("Gift card, account")
    row = selling.page.get_by_role("dialog", name="Gift card or account").locator(".rows button")
    await expect(row).to_contain_text("On account")
    await expect(row).to_contain_text("May still owe €60.00")
    await row.click()
    await selling.tap("Use it")
    await selling.tap("Complete sale")
    await eventually(lambda: len(fake.sales), 1)
    assert [(one["type"], one["amount"], one["value"]) for one in fake.sales[0]["tenders"]] == [
        ("account", 420, ACCOUNT)
    ]
    assert [one["customer"] for one in asked] == ["0199a000-0000-7000-8000-0000000000c1"]
