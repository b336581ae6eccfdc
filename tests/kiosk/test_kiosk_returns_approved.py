"""Goods without a receipt where the business wants an approval: somebody is asked, with and without a network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.kiosk.test_kiosk_returns import door, ready, why
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_staff import ANNA, MIRA, enrol
from tests.support.till_page import TillPage, eventually

RIGHTS = """async (rights) => {
  const { till } = await import("/kiosk/till/context.js");
  const { state } = await import("/kiosk/till/state.js");
  state.setup.returns = { without_receipt: "approval", in_cash: "as_paid", next: 1 };
  Object.assign(state.setup.cashier, { id: "c", rights });
  const mira = till.device.cashiers.roster.find((one) => one.id === "m");
  Object.assign(mira.rights, { refund: { state: "allowed", limit: null } });
}"""
UP_TO_50 = {"state": "allowed", "limit": 5000}
FREE = {"state": "allowed", "limit": None}


async def clerk(till: TillPage, fake: FakeTillServer, **rights: Any) -> None:
    """Make Anna stand at an enrolled till, who may refund up to 50.00 alone."""
    fake.returns = {"without_receipt": "approval", "in_cash": "as_paid", "next": 1}
    await ready(till)
    await enrol(till)
    await till.page.evaluate(RIGHTS, {"refund": UP_TO_50} | rights)


async def bring_back(till: TillPage) -> None:
    """Choose an article without a receipt, and ask to pay it back."""
    await door(till).click()
    await till.page.get_by_role("button", name="No receipt", exact=True).click()
    await till.shows("Somebody who may must approve it.")
    await till.scan(0)
    await why(till.page)
    await till.page.get_by_role("button", name="Refund €4.20", exact=True).click()


async def mira_agrees(till: TillPage) -> None:
    await expect(till.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await till.page.get_by_role("button", name=MIRA["name"], exact=True).click()
    await till.press(MIRA["secret"])
    await till.key("Enter")


async def give_back(till: TillPage, fake: FakeTillServer) -> dict[str, Any]:
    await till.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await till.tap("Done")
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    return fake.of_kind("goods_returned")[0]


@pytest.mark.shell
async def test_a_manager_is_asked_also_where_the_amount_is_within_the_cashiers_limit(
    selling: TillPage, fake: FakeTillServer
) -> None:
    """The door answers as the product's: what a cashier may do alone is not asked for, unless it must be."""
    asked: list[dict[str, Any]] = []

    async def ask(route: Route) -> None:
        body = route.request.post_data_json
        if not body.get("risky"):
            await route.fulfill(status=409, json={"code": "approval_not_needed", "detail": "Just go on."})
            return
        asked.append(body)
        await route.fulfill(status=201, json={"id": body["id"], "state": "asked", "reason": body["reason"]})

    async def grant(route: Route) -> None:
        right = route.request.post_data_json == {"person": MIRA["id"], "pin": MIRA["secret"]}
        answer = {"version": 1, "person": MIRA["id"], "decided_by": MIRA["name"]} if right else {"code": "wrong_pin"}
        await route.fulfill(status=200 if right else 409, json=answer)

    await clerk(selling, fake)
    await selling.page.route(re.compile("/approvals$"), ask)
    await selling.page.route(re.compile("/approvals/[^/]+$"), lambda route: route.fulfill(json={"state": "asked"}))
    await selling.page.route(re.compile("/approvals/[^/]+/grant$"), grant)
    await bring_back(selling)
    await expect(selling.page.get_by_role("heading", name="Needs an approval")).to_be_visible()
    await expect(selling.page.get_by_role("button", name="Give back €4.20", exact=True)).to_have_count(0)
    await expect(selling.page.get_by_text("alone.")).to_have_count(0)  # the limit isn't why
    await mira_agrees(selling)
    back = await give_back(selling, fake)
    assert [(one["permission"], one["amount"], one["act"]["id"]) for one in asked] == [("refund", 420, back["id"])]
    assert [(one["id"], one["permission"]) for one in back["approvals"]] == [(asked[0]["id"], "refund")]
    assert back["tenders"] == [{"type": "cash", "amount": 420}]


@pytest.mark.shell
async def test_without_a_network_the_pin_on_this_device_is_what_the_record_carries(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.works_offline()
    await clerk(selling, fake)
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline")
    await selling.page.evaluate("window.away = true")
    await bring_back(selling)
    await mira_agrees(selling)
    await selling.page.get_by_role("button", name="Give back €4.20", exact=True).click()
    await selling.tap("Done")
    fake.start()
    await selling.hear()
    await eventually(lambda: len(fake.of_kind("goods_returned")), 1)
    [proof] = fake.of_kind("goods_returned")[0]["approvals"]
    assert (proof["permission"], proof["amount"], proof["approver"]) == ("refund", 420, MIRA["id"])
    assert proof["approver"] != ANNA["id"]


@pytest.mark.shell
async def test_who_approves_is_not_asked(selling: TillPage, fake: FakeTillServer) -> None:
    await clerk(selling, fake, refund=FREE, approve=FREE)
    await bring_back(selling)
    assert "approvals" not in await give_back(selling, fake)
