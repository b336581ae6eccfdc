"""The till's rules of approvals, by the vectors that the server runs too; and its voids, each a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/approvals.json").read_text())
LOAF = "Sourdough loaf 800 g"
RULES = """async ({ percents, acts, decisions }) => {
  const rules = await import("/kiosk/till/approval_rules.js");
  return {
    percents: percents.map(([off, amount]) => rules.percent(off, amount)),
    hashes: await Promise.all(acts.map(({ act }) => rules.actHash(act))),
    asks: acts.map(({ act }) => rules.asksOf(act)),
    decisions: decisions.map(([right, amount]) => rules.decide(right ?? undefined, amount)),
  };
}"""


async def test_the_tills_rules_answer_as_the_vectors_say(bare: Page) -> None:
    told = await bare.evaluate(RULES, VECTORS)
    assert told["percents"] == [wanted for _off, _amount, wanted in VECTORS["percents"]]
    assert told["hashes"] == [one["hash"] for one in VECTORS["acts"]]
    assert told["asks"] == [one["asks"] for one in VECTORS["acts"]]
    assert told["decisions"] == [wanted for _right, _amount, wanted in VECTORS["decisions"]]


async def test_nothing_leaves_an_open_sale_without_a_record_of_it(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0, 3)
    await selling.has_lines(f"3 {LOAF} €12.60")
    await selling.page.locator(".item").click()
    await selling.tap("One less")
    await selling.has_lines(f"2 {LOAF} €8.40")
    await selling.page.locator(".qty").click()
    await selling.press("1")
    await selling.key("Enter")
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Remove")
    await selling.has_lines()
    await selling.tap("Undo")
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Clear")
    await selling.has_lines()
    await eventually(lambda: len(fake.of_kind("sale_voided")), 1)
    lines = [
        (one["amount"], [(line["name"], line["quantity_milli"]) for line in one["lines"]])
        for one in fake.of_kind("line_voided")
    ]
    assert lines == [(420, [(LOAF, 1000)])] * 3
    assert [one["void"] for one in fake.of_kind("void_undone")] == [fake.of_kind("line_voided")[2]["id"]]
    assert [(one["amount"], one["shift"] is not None) for one in fake.of_kind("sale_voided")] == [(420, True)]
    await selling.page.reload()
    await selling.shows("Charge")
    assert await selling.lines() == []


async def test_a_held_sale_that_is_deleted_is_a_void(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.key("F7")
    await selling.has_lines()
    await selling.key("F8")
    await selling.page.get_by_label("Delete this held sale").click()
    await expect(selling.page.locator(".toast", has_text="Held sale deleted")).to_be_visible()
    await eventually(lambda: [one["amount"] for one in fake.of_kind("sale_voided")], [420])


async def test_another_price_is_on_the_record_with_the_lists(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.page.locator(".item").click()
    await selling.page.locator(".tools").get_by_role("button", name="Price").click()
    await expect(selling.page.get_by_text("The list says €4.20")).to_be_visible()
    await selling.press("300")
    await selling.tap("Sell at this price")
    await selling.page.get_by_role("button", name="Wrong price tag", exact=True).click()
    await selling.has_lines(f"1 {LOAF} €3.00")
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €3.00", f"1 {LOAF} €4.20")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 1)
    assert [(line["unit_price"], line.get("list_price")) for line in fake.sales[0]["lines"]] == [
        (300, 420),
        (420, None),
    ]


async def test_who_may_not_do_a_thing_at_all_is_told_so_and_nothing_happens(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.evaluate(
        """import("/kiosk/till/state.js").then(({ state }) => {
             state.setup.cashier.rights = { discount: { state: "allowed", limit: 1000 } };
           })"""
    )
    await selling.scan(0)
    await selling.has_lines(f"1 {LOAF} €4.20")
    await selling.tap("Clear")
    await selling.shows("You may not do this here.")
    await selling.has_lines(f"1 {LOAF} €4.20")
    assert fake.of_kind("sale_voided") == []
    await selling.key("F6")
    await selling.press("10")
    await selling.tap("Apply")
    await selling.page.get_by_role("button", name="Other", exact=True).click()
    await selling.pay_cash()
    await eventually(lambda: [sale["total"] for sale in fake.sales], [378])
