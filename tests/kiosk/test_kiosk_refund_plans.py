"""How money goes back, by the till's own rules: all of it, as it was paid, to the last unit."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.async_api import Page

from retail.kit.money import mul_div
from retail.sales.rules import return_cash

_PLAN = """async ([cases]) => {
  const { planRefund, inCoins, cashLeft } = await import("/kiosk/till/returns_plan.js");
  return cases.map(([due, tenders, before, coin]) => {
    const plan = planRefund(due, tenders);
    return { plan, coins: inCoins(plan, before, coin), cash: cashLeft(tenders) };
  });
}"""
_ALONG = """async ([receipt, wanted]) => {
  const { alongWith, workOut, leftOf } = await import("/kiosk/till/returns_plan.js");
  const all = alongWith(receipt, wanted);
  const priced = workOut(receipt, all);
  return { all, total: priced.total, left: receipt.lines.map(leftOf) };
}"""


async def plans(page: Page, *cases: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate(_PLAN, [list(cases)])
    return found


def paid(type: str, amount: int, back: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": type, "amount": amount, "back": back, **more}


async def test_the_table_of_the_page_is_true(bare: Page) -> None:
    def sold(card: int, cash: int) -> list[dict[str, Any]]:
        return [paid("cash", 400, cash), paid("card", 600, card, attempt="a")]

    found = await plans(bare, [333, sold(0, 0), 0, 1], [334, sold(333, 0), 333, 1], [333, sold(600, 67), 667, 1])
    assert [[(one["type"], one["amount"]) for one in case["plan"]] for case in found] == [
        [("card", 333)],
        [("card", 267), ("cash", 67)],
        [("cash", 333)],
    ]


@pytest.mark.shell
async def test_any_refund_comes_to_what_is_due_and_takes_no_tender_beyond_what_it_paid(bare: Page) -> None:
    dice = random.Random(41)
    cases = []
    for _ in range(400):
        types = dice.sample(["cash", "card", "gift_card", "store_credit", "account", "foreign_cash", "exchange"], 3)
        tenders = []
        for type in types:
            amount = dice.randrange(1, 5000)
            tenders.append(paid(type, amount, dice.randrange(0, amount + 1)))
        cases.append([dice.randrange(1, 9000), tenders, dice.randrange(0, 9000), dice.choice([1, 5, 10])])
    for (due, tenders, before, coin), found in zip(cases, await plans(bare, *cases), strict=True):
        plan, coins = found["plan"], found["coins"]
        assert sum(one["amount"] for one in plan) == due
        for one in plan:
            assert one["amount"] > 0
            if one["type"] != "cash":
                assert one["amount"] <= sum(
                    two["amount"] - two["back"] for two in tenders if two["type"] == one["type"]
                )
        out = sum(one["amount"] for one in coins["plan"])
        assert out + coins["rounding"] == due
        assert abs(coins["rounding"]) < coin
        if len(plan) == 1 and plan[0]["type"] == "cash":
            assert out == return_cash(before, before + due, coin)


async def test_a_bottles_deposit_comes_along_and_pieces_together_give_back_what_was_paid(bare: Page) -> None:
    beer = {
        "id": "beer", "product": "b", "name": "Beer", "unit": "", "decimals": 0, "quantity": "3", "returned": "0",
        "unit_price": 333, "amount": 999, "discount": 99, "tax": 143, "rate_micros": 190_000, "tax_code": "S",
    }  # fmt: skip
    deposit = beer | {"id": "deposit", "name": "Deposit", "unit_price": 25, "amount": 75, "discount": 0, "tax": 12,
                      "parent": "beer"}  # fmt: skip
    total = 0
    for back in range(3):
        lines = [one | {"returned": str(back)} for one in (beer, deposit)]
        receipt = {"prices_include_tax": True, "lines": lines}
        found = await bare.evaluate(_ALONG, [receipt, {"beer": 1000}])
        assert found["all"] == {"beer": 1000, "deposit": 1000}
        assert found["total"] == -(mul_div(900, back + 1, 3) - mul_div(900, back, 3) + 25)
        total -= found["total"]
    assert total == 975
