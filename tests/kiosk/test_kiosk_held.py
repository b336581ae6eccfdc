"""Sales on hold of the whole store: put aside here, recalled anywhere, taken over in so many words."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.support.fake_till_held import hold_elsewhere, take_elsewhere
from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import STORE, TILL
from tests.support.till_page import TillPage, eventually

LOAF, MILK = "1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35"


def line(fake: FakeTillServer, index: int) -> dict[str, Any]:
    """Make a line as another till holds it."""
    one = fake.products[index]
    return {
        "id": str(uuid.uuid4()), "product": one.id, "name": one.name, "unit": "each", "decimals": 0, "quantity": 1000,
        "price": one.price, "base": one.price, "taxCode": "R", "taxRate": 70_000, "discount": None,
    }  # fmt: skip


async def says_held(till: TillPage, text: str) -> None:
    await expect(till.page.locator("#rail").get_by_text("Held", exact=False)).to_have_text(text)


@pytest.mark.shell
async def test_what_is_put_aside_reaches_the_store_and_comes_back_as_the_same_sale(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await selling.has_lines()
    await eventually(lambda: [one["total"] for one in fake.of_kind("sale_held")], [420])
    told = fake.of_kind("sale_held")[0]
    assert [(one["name"], one["quantity"]) for one in told["lines"]] == [("Sourdough loaf 800 g", 1000)]
    await selling.key("F8")
    await selling.shows("Anna · T1")
    await selling.key("Enter")
    await selling.has_lines(LOAF)
    await says_held(selling, "Held")
    await selling.pay_cash()
    await eventually(lambda: [one["id"] for one in fake.sales], [told["id"]])
    assert fake.held[told["id"]]["ended"]


@pytest.mark.shell
async def test_another_tills_sale_appears_by_itself_and_is_taken_over_when_that_is_said(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(2)
    await selling.has_lines(MILK)
    await says_held(selling, "Held")
    await eventually(lambda: len(fake.sockets), 1)
    id = hold_elsewhere(fake, [line(fake, 0)], 420)
    await says_held(selling, "Held · 1")
    await selling.key("F8")
    await selling.shows("Ben · T2")
    await selling.tap("Recall")
    await selling.shows("Ben put this sale on hold at T2.")
    await selling.key("Escape")
    await selling.has_lines(MILK)
    assert fake.held[id]["by"] is None
    await selling.key("F8")
    await selling.tap("Recall")
    await selling.tap("Take over")
    await selling.has_lines(LOAF)
    await selling.shows("The other sale is on hold.")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await says_held(selling, "Held · 1")
    await selling.pay_cash()
    await eventually(lambda: len(fake.sales), 1)
    assert fake.sales[0]["id"] == fake.held[id]["basket"] != id  # a sale of its own, known to come of it
    assert fake.held[id]["ended"]


@pytest.mark.shell
async def test_of_two_tills_the_second_is_told_who_has_it(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await eventually(lambda: len(fake.sockets), 1)
    await selling.key("F8")
    await selling.shows("Anna · T1")
    take_elsewhere(fake, fake.of_kind("sale_held")[0]["id"], quiet=True)
    await selling.tap("Recall")
    await selling.shows("Ben went on with this sale at T2.")
    await selling.has_lines()
    await says_held(selling, "Held")
    await selling.page.reload()
    await selling.shows("Charge")
    await says_held(selling, "Held")


@pytest.mark.shell
async def test_what_is_taken_at_another_till_leaves_the_open_list(selling: TillPage, fake: FakeTillServer) -> None:
    await eventually(lambda: len(fake.sockets), 1)
    first, second = (hold_elsewhere(fake, [line(fake, at)], 420) for at in (0, 2))
    await says_held(selling, "Held · 2")
    await selling.key("F8")
    await expect(selling.page.locator("dialog .rows li")).to_have_count(2)
    take_elsewhere(fake, first)
    await expect(selling.page.locator("dialog .rows li")).to_have_count(1)
    take_elsewhere(fake, second)
    await selling.shows("Nothing is on hold.")


@pytest.mark.shell
async def test_without_a_network_its_own_are_there_and_the_journal_tells_later(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await eventually(lambda: len(fake.sockets), 1)
    hold_elsewhere(fake, [line(fake, 2)], 135)
    await says_held(selling, "Held · 2")
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline", timeout=20_000)
    await selling.key("F8")
    await selling.shows("Without a network you see what was put aside on this device.")
    await expect(selling.page.locator("dialog .rows li")).to_have_count(1)
    await selling.tap("Recall")
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await selling.key("F8")
    await selling.tap("Recall")
    await selling.has_lines(LOAF)
    fake.start()
    await selling.hear()
    held = fake.of_kind("sale_held")[0]["id"]
    await eventually(lambda: [one["held"] for one in fake.of_kind("sale_recalled")], [held, held])
    assert [one["id"] for one in fake.of_kind("sale_held")] == [held, held]


async def test_a_sale_that_a_crash_left_between_two_tills_is_recalled_again(
    selling: TillPage, fake: FakeTillServer
) -> None:
    id = hold_elsewhere(fake, [line(fake, 0)], 420)
    fake.held[id] |= {"by": TILL, "basket": str(uuid.uuid4())}
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.key("F8")
    await selling.shows("Recalled here, not finished")
    await selling.tap("Recall")
    await selling.tap("Take over")
    await selling.has_lines(LOAF)


@pytest.mark.shell
async def test_a_deleted_one_that_is_brought_back_is_told_of_again(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await selling.key("F8")
    await selling.tap("Delete this held sale")
    await eventually(lambda: len(fake.of_kind("sale_voided")), 1)
    await selling.key("Escape")
    await selling.page.locator(".toast", has_text="Held sale deleted").get_by_role("button", name="Undo").click()
    await eventually(lambda: len(fake.of_kind("sale_held")), 2)
    await says_held(selling, "Held · 1")


@pytest.mark.shell
async def test_a_note_says_whose_sale_is_on_hold_at_every_till_and_offline_too(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await eventually(lambda: [one["total"] for one in fake.of_kind("sale_held")], [420])
    hold_elsewhere(fake, [line(fake, 2)], 135, note="blue jacket")
    await says_held(selling, "Held · 2")
    await selling.key("F8")
    sheet = selling.page.get_by_role("dialog", name="On hold")
    await expect(sheet.get_by_text("blue jacket")).to_be_visible()
    await sheet.get_by_role("button", name="Write a note").click()
    field = selling.page.get_by_role("textbox", name="Note for this sale")
    await field.fill("4111 1111 1111 1111")
    await selling.tap("Keep the note")
    await expect(selling.page.get_by_text("This holds the number of a payment card")).to_be_visible()
    await field.fill("red  bag")
    await selling.key("Enter")
    await expect(sheet.get_by_text("red bag")).to_be_visible()
    await eventually(lambda: [one.get("note") for one in fake.of_kind("sale_held")], [None, "red bag"])
    assert fake.of_kind("sale_held")[1]["noted"] is True
    await selling.works_offline()
    fake.stop()
    await selling.hear()
    await expect(selling.page.locator(".top .pill")).to_contain_text("Offline", timeout=20_000)
    await sheet.get_by_role("button", name="Write a note").click()
    await expect(field).to_have_value("red bag")
    await field.fill("green bag")
    await selling.tap("Keep the note")
    await expect(sheet.get_by_text("green bag")).to_be_visible()
    fake.start()
    await selling.hear()
    await eventually(lambda: [one.get("note") for one in fake.of_kind("sale_held")], [None, "red bag", "green bag"])
    await sheet.locator("li", has_text="green bag").get_by_role("button", name="Recall").click()
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await selling.key("F8")
    await expect(sheet.get_by_text("green bag")).to_be_visible()


@pytest.mark.shell
async def test_what_is_deleted_while_it_is_being_told_of_stays_deleted(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    left = await selling.page.evaluate(
        """async () => {
          const { till } = await import("/kiosk/till/context.js");
          const { announce } = await import("/kiosk/till/holding.js");
          const { dropHeld } = await import("/kiosk/till/voids.js");
          const [held] = await till.cart.held();
          await till.db.put("held", { ...held, told: "" });
          const get = till.db.get;
          till.db.get = async (store, ...key) => {
            const found = await get.call(till.db, store, ...key);
            if (store === "held") await new Promise((done) => { setTimeout(done, 500); });
            return found;
          };
          await Promise.all([announce(), dropHeld({ ...held, told: "" })]);
          till.db.get = get;
          return (await till.cart.held()).length;
        }"""
    )
    assert left == 0
    assert [one["kind"] for one in await selling.journal()][-2:] == ["sale_held", "sale_voided"]


@pytest.mark.shell
async def test_whoever_charges_at_once_what_was_recalled_stays_at_payment(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await selling.key("F8")
    await selling.shows("Anna · T1")
    fake.held_after = 1.5
    await selling.key("Enter")
    await selling.has_lines(LOAF)
    await selling.page.locator(".charge").click()
    await says_held(selling, "Held")  # the server has answered
    await expect(selling.page.locator(".quick .btn").first).to_be_visible()


@pytest.mark.shell
async def test_enter_recalls_the_first_sale_also_while_the_list_is_drawn_anew_all_the_time(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.page.evaluate(
        """() => {
          setInterval(() => {
            for (const one of document.querySelectorAll("dialog .rows li")) one.dataset.key = Math.random();
            dispatchEvent(new Event("held.listed"));
          }, 3);
        }"""
    )
    for times in (1, 2, 3):
        await selling.key("F7")
        await eventually(lambda: len(fake.of_kind("sale_held")), times)
        await selling.key("F8")
        await selling.shows("Anna · T1")
        await selling.key("Enter")
        await selling.has_lines(LOAF)


async def test_the_notice_of_what_is_on_hold_goes_with_its_recall(selling: TillPage) -> None:
    await selling.scan(0)
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await selling.key("F7")
    notice = selling.page.locator(".toast", has_text="On hold")
    await expect(notice).to_be_visible()
    await selling.key("F8")
    await selling.page.locator("dialog[open]").get_by_role("button", name="Recall").first.click()
    await eventually(lambda: selling.page.locator(".lines li").count(), 1)
    await expect(notice).to_have_count(0, timeout=4000)  # it would go by itself after nine seconds


@pytest.mark.shell
async def test_a_list_that_was_asked_for_before_a_recall_does_not_bring_it_back(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await eventually(lambda: len(fake.sockets), 1)
    await selling.scan(0)
    await selling.key("F7")
    await eventually(lambda: len(fake.of_kind("sale_held")), 1)
    await says_held(selling, "Held · 1")
    asked, go_on = asyncio.Event(), asyncio.Event()
    told: list[str] = []

    async def behind(route: Route) -> None:
        answer = await route.fetch()
        if not asked.is_set():  # the first: as it was before the recall
            asked.set()
            await go_on.wait()
        await route.fulfill(response=answer)
        told.append(await answer.text())

    await selling.page.route(lambda url: url.endswith(f"/tills/{TILL}/held"), behind)
    fake.push(f"held:{STORE}", "held.changed", {"store": STORE})
    await asyncio.wait_for(asked.wait(), 10)
    await selling.key("F8")
    await selling.key("Enter")
    await selling.has_lines(LOAF)
    await eventually(lambda: len(told), 2)  # the list to choose from, and what is left
    go_on.set()
    await eventually(lambda: len(told), 3)
    await selling.page.wait_for_timeout(300)  # it would have been counted
    await says_held(selling, "Held")
    await selling.page.unroute_all(behavior="wait")
