"""Scans that come before the till can take them: they wait their turn or are answered, and never vanish."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import BrowserContext, Route, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.fake_till_shop import SLUG, TILL
from tests.support.till_page import SCANNER, TillPage, eventually

LOAF, MILK = "1 Sourdough loaf 800 g €4.20", "1 Whole milk 1 l €1.35"
SHIFT = {
    "id": "0199a000-0000-7000-8000-0000000000d1",
    "opened_at": "2026-11-20T08:00:00Z",
    "opening_float": 5000,
    "opened_by": "Ben",
}


@pytest.mark.shell
async def test_scans_before_the_articles_are_here_wait_for_them(context: BrowserContext, fake: FakeTillServer) -> None:
    fake.shift = dict(SHIFT)
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await context.route("**/api/v1/catalogue*", late)
    till = await TillPage.open(context, fake)
    await till.scan(0)
    await till.scan(2)
    await till.shows("What you scan waits for them.")
    await till.has_lines()
    arrives.set()
    await till.has_lines(LOAF, MILK)
    await expect(till.page.get_by_text("What you scan waits for them.")).to_have_count(0)


async def test_a_scan_while_a_sale_goes_on_hold_begins_the_next(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.scan(0)
    await selling.has_lines(LOAF)
    await selling.page.evaluate(
        """async (code) => {
             const { holdCart, scanned } = await import("/kiosk/till/sell.js");
             const holding = holdCart();
             await scanned(code, 8);
             await holding;
           }""",
        fake.products[2].barcodes[0],
    )
    await selling.has_lines(MILK)
    await selling.shows("Held · 1")
    await selling.page.reload()
    await selling.has_lines(MILK)
    await selling.key("F8")
    await selling.tap("Recall")
    await selling.has_lines(LOAF)


async def test_a_page_that_is_still_leaving_does_not_lock_the_next_one_out(
    selling: TillPage, fake: FakeTillServer, context: BrowserContext
) -> None:
    await selling.page.goto(f"{fake.origin}/healthz")
    await selling.page.evaluate(
        "(name) => { navigator.locks.request(name, () => new Promise((done) => setTimeout(done, 900))); }",
        f"till:{SLUG}:{TILL}",
    )
    second = await TillPage.open(context, fake)
    await second.sell(0)


async def test_a_scan_where_nothing_can_be_sold_is_answered(selling: TillPage, fake: FakeTillServer) -> None:
    fake.take_over("Tablet of Ben")
    await selling.shows("Tablet of Ben took this till over")
    await selling.scan(0)
    await selling.shows("Not added. Nothing can be sold at this till now.")
    await selling.hands.rest()
    await selling.hands.scan("627294")  # a PIN from a programmable keypad looks like a scan
    assert "627294" not in await selling.page.locator("body").inner_text()


@pytest.mark.shell
async def test_a_scan_whose_keys_come_late_is_not_searched_for_on_its_way(
    selling: TillPage, fake: FakeTillServer
) -> None:
    await selling.page.evaluate(
        """() => {
          window.seen = [];
          const tiles = () => document.querySelectorAll(".tiles:not(.own) .tile").length;
          const own = (node) => node.matches?.(".tiles.own"); // the till's own keys come when they are loaded
          const note = (changes) => {
            const nodes = changes.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
            if (!nodes.every(own)) window.seen.push(tiles());
          };
          new MutationObserver(note).observe(document.querySelector(".shelf"), { childList: true, subtree: true });
        }"""
    )
    hands = selling.hands
    await hands.rest()
    for key in fake.products[2].barcodes[0]:
        await hands.type(key)  # 8 ms after the last by its own time, much later on the page
        await asyncio.sleep(0.12)
    await hands.key("Enter", "Enter", "\r", SCANNER)
    await selling.has_lines("1 Whole milk 1 l €1.35")
    assert await selling.page.evaluate("window.seen") == []
    await selling.press("milk")
    await eventually(lambda: selling.page.evaluate("window.seen.at(-1)"), 1)
