"""A refund soon after a sale of the same cashier is asked about before money goes out, with and without a network."""

from __future__ import annotations

import copy

import pytest
from playwright.async_api import expect

from tests.kiosk.test_kiosk_returns import find, give_back, sell_some, why
from tests.kiosk.test_kiosk_risk import rules
from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually


async def refund(till: TillPage, number: str, amount: str) -> None:
    """Choose all of a receipt and ask to pay it back."""
    await find(till, number)
    await till.tap("All of it")
    await why(till.page)
    await till.page.get_by_role("button", name=f"Refund {amount}", exact=True).click()


async def asks_why(till: TillPage) -> None:
    await expect(till.page.get_by_role("heading", name="Why?", exact=True)).to_be_visible()


@pytest.mark.shell
async def test_ones_own_sale_a_moment_ago_asks_why_and_the_return_says_so(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await rules(selling, refund_outcome="reason", refund_least=1, refund_minutes=30)
    await sell_some(selling, fake, 0)
    await refund(selling, "1", "€4.20")
    await asks_why(selling)
    await selling.tap("Don't do it")
    await expect(selling.page.get_by_role("dialog", name="Give back €4.20")).to_have_count(0)
    await selling.page.get_by_role("button", name="Refund €4.20", exact=True).click()
    await selling.page.get_by_role("button", name="Scanned by mistake", exact=True).click()
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await eventually(
        lambda: [(one["reason"], one.get("why")) for one in fake.of_kind("goods_returned")],
        [("Broken", "Scanned by mistake")],
    )


@pytest.mark.shell
async def test_somebody_elses_sale_is_paid_back_without_a_word(selling: TillPage, fake: FakeTillServer) -> None:
    await rules(selling, refund_outcome="reason", refund_least=1, refund_minutes=30)
    sale = await sell_some(selling, fake, 0)
    other = copy.deepcopy(sale) | {"id": "9f0d5c1e-0000-4000-8000-000000000001", "number": 77, "cashier": "ben"}
    fake.elsewhere.append(other)
    await find(selling, "77")
    await selling.tap("All of it")
    await why(selling.page)
    await give_back(selling, "€4.20")
    await eventually(lambda: [one.get("why") for one in fake.of_kind("goods_returned")], [None])


@pytest.mark.shell
async def test_the_second_of_a_day_wants_an_approval_also_without_a_network_and_after_a_reload(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await rules(selling, refund_outcome="approval", refund_least=2, refund_minutes=30)
    await selling.works_offline()
    await sell_some(selling, fake, 0)
    await sell_some(selling, fake, 1)
    await refund(selling, "1", "€4.20")
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await selling.tap("Done")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    await selling.page.reload()
    await selling.is_online()
    fake.stop()
    await selling.hear()
    amount = await selling.page.evaluate(
        "(n) => new Intl.NumberFormat('en', {style: 'currency', currency: 'EUR'}).format(n / 100)",
        fake.sales[1]["total"],
    )
    await refund(selling, "2", amount)
    await expect(selling.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await selling.tap("Don't do it")
    fake.start()
    await selling.hear()
    await selling.is_online()
    assert len(fake.of_kind("goods_returned")) == 1
