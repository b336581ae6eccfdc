"""What comes too often at a till is asked about before it is done, by the device's own journal, without a network."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

VECTORS: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[1] / "vectors/risk.json").read_text())
CASES, GAPS = VECTORS["cases"], VECTORS["gaps"]
LOAF = "Sourdough loaf 800 g"
OUTCOME = """async ([kind]) => (await import("/kiosk/till/risk.js")).outcomeOf(kind)"""
CASHIER = """async () => (await import("/kiosk/till/state.js")).state.setup.cashier.id"""


async def rules(till: TillPage, **wanted: Any) -> None:
    """Set the store's rules, and let the till hear of them."""
    off = {f"{kind}_outcome": "none" for kind in ("void", "no_sale", "refund", "override")}
    till.fake.settings = {"risk": off | wanted}
    await till.page.evaluate(
        "async (settings) => { (await import('/kiosk/till/state.js')).state.setup.settings = settings; }",
        till.fake.settings,
    )


async def begin_payment(till: TillPage) -> None:
    await till.scan(0)
    await till.page.locator(".charge").click()
    await till.tap("Back to cart")
    await expect(till.page.locator("#pay")).to_be_hidden()


async def test_the_tills_rules_answer_as_the_vectors_say(bare: Page) -> None:
    told = await bare.evaluate(
        """async (cases) => {
          const { seen } = await import("/kiosk/till/risk_rules.js");
          return cases.map(({ rule, act, others }) => seen(rule, act, others));
        }""",
        CASES,
    )
    assert told == [case["seen"] for case in CASES]
    gaps = await bare.evaluate(
        """async (gaps) => {
          const { gapOf } = await import("/kiosk/till/risk_rules.js");
          return gaps.map(({ sale, cashier, at }) => gapOf(sale, cashier, at));
        }""",
        GAPS,
    )
    assert gaps == [case["gap"] for case in GAPS]


async def test_taking_out_after_payment_was_begun_asks_why_and_the_record_says_so(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await rules(selling, void_outcome="reason", void_least=1, void_minutes=60)
    await selling.scan(0)
    await selling.tap("Clear")
    await eventually(lambda: len(fake.of_kind("sale_voided")), 1)
    await begin_payment(selling)
    await selling.tap("Clear")
    await expect(selling.page.get_by_role("heading", name="Why?", exact=True)).to_be_visible()
    rule = selling.page.get_by_text("Taken out after payment was begun: 1 in 60 min.")
    await expect(rule, "the rule that asks is named").to_be_visible()
    await selling.tap("Don't do it")
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Clear")
    await selling.page.get_by_role("button", name="Can't pay", exact=True).click()
    await selling.has_lines()
    await eventually(
        lambda: [(one.get("tendered"), one.get("reason")) for one in fake.of_kind("sale_voided")],
        [(None, None), (True, "Can't pay")],
    )


async def test_what_the_shop_only_watches_is_done_without_a_word(selling: TillPage, fake: FakeTillServer) -> None:
    await rules(selling, void_outcome="alert", void_least=1, void_minutes=60)
    await begin_payment(selling)
    await selling.tap("Clear")
    await selling.has_lines()
    await eventually(lambda: [one["tendered"] for one in fake.of_kind("sale_voided")], [True])


@pytest.mark.shell
async def test_the_third_opening_in_an_hour_wants_an_approval_also_without_a_network(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await rules(selling, no_sale_outcome="approval", no_sale_least=3, no_sale_minutes=60)
    for _ in range(2):
        await selling.key("F10")
        await selling.tap("Check the float")
        await expect(selling.page.locator("dialog[open]")).to_have_count(0)
    await eventually(lambda: len(fake.of_kind("drawer_opened")), 2)
    await selling.works_offline()
    await selling.page.reload()
    await selling.is_online()
    fake.stop()
    await selling.hear()
    await rules(selling, no_sale_outcome="approval", no_sale_least=3, no_sale_minutes=60)
    await selling.key("F10")
    await selling.tap("Check the float")
    await expect(selling.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await expect(selling.page.get_by_text("Drawer opened without a sale: 3 in 60 min.")).to_be_visible()
    await selling.tap("Don't do it")
    fake.start()
    await selling.hear()
    await selling.is_online()
    assert len(fake.of_kind("drawer_opened")) == 2


async def test_prices_by_hand_ask_why_once_a_sale_and_the_sale_carries_it(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await rules(selling, override_outcome="reason", override_least=2, override_minutes=60)

    async def discounted() -> None:
        await selling.scan(0)
        await selling.key("F6")
        await selling.press("10")
        await selling.tap("Apply")
        await selling.tap("Regular customer")

    await discounted()
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 1)
    await selling.tap("Next sale")
    await discounted()
    await expect(selling.page.locator("dialog[open]")).to_have_count(0)  # it was said why: nobody asks again
    await selling.pay_cash()
    await eventually(lambda: [one.get("why") for one in fake.sales], ["Regular customer"] * 2)


async def test_what_a_cashier_did_at_another_till_counts_too(selling: TillPage, fake: FakeTillServer) -> None:
    cashier = await selling.page.evaluate(CASHIER)
    now = int(time.time() * 1000)
    fake.acts = [
        {"id": f"a{n}", "kind": "no_sale", "cashier": cashier, "at": now - n * 1000, "gap": None, "undone": False}
        for n in (1, 2)
    ] + [{"id": "b", "kind": "no_sale", "cashier": "somebody", "at": now, "gap": None, "undone": False}]
    await selling.page.reload()
    await selling.is_online()
    await rules(selling, no_sale_outcome="reason", no_sale_least=3, no_sale_minutes=60)

    async def outcome() -> str:
        return str(await selling.page.evaluate(OUTCOME, ["no_sale"]))

    await eventually(outcome, "reason")
    await rules(selling, no_sale_outcome="reason", no_sale_least=4, no_sale_minutes=60)
    assert await outcome() == "none"


BENS = """async () => {
  const { change, state } = await import("/kiosk/till/state.js");
  change({ setup: { ...state.setup, cashier: { ...state.setup.cashier, id: "ben" } } });
  return (await import("/kiosk/till/risk.js")).outcomeOf("no_sale");
}"""


async def test_somebody_else_who_stands_there_is_asked_about_anew(selling: TillPage, fake: FakeTillServer) -> None:
    """The server tells everybody their own acts only, so what it told the one before is nothing to the next."""
    await rules(selling, no_sale_outcome="reason", no_sale_least=3, no_sale_minutes=60)
    assert await selling.page.evaluate(OUTCOME, ["no_sale"]) == "none"
    now = int(time.time() * 1000)
    fake.acts = [
        {"id": f"a{n}", "kind": "no_sale", "cashier": "ben", "at": now - n * 1000, "gap": None, "undone": False}
        for n in (1, 2)
    ]

    async def outcome() -> str:  # the setup may be asked anew meanwhile, and says who really stands there
        return str(await selling.page.evaluate(BENS))

    await eventually(outcome, "reason")
