"""An error that nothing in the till's page handles is told once: its kind and where, never what it says."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, Route

from tests.support.till_page import TillPage, eventually

LISTENS = "() => import('/kiosk/till/reports.js').then(({ listen }) => listen())"  # read ahead, which no test waits for
BREAKS = """async (said) => {
  const { listenForScans } = await import("/kiosk/till/scanner.js");
  setTimeout(() => listenForScans(null));
  void Promise.resolve().then(() => listenForScans(null));
  setTimeout(() => { throw Object.assign(new Error(said), { name: said }); });
}"""
READ = """async (stack) => {
  const { factsOf } = await import("/kiosk/till/reports.js");
  return factsOf(Object.assign(new TypeError("Anna has 4111"), { stack }));
}"""
STACK = """TypeError: Anna has 4111
    at complete (http://shop.test/kiosk/till/paying.js:1:2)
    at async Cart.put [as set] (https://shop.test:8000/kiosk/till/cart.js?v=2:10:3)
    at new Sheet (http://shop.test/kiosk/till/sheet.js:1:2)
    at http://shop.test/kiosk/till/late_keys.js:3:4
    at Anna (http://shop.test/t/anna/secret?token=1:1:1)
    at <anonymous>"""


@pytest.mark.shell
async def test_an_error_is_told_by_its_kind_and_place_once_and_without_a_word_of_it(selling: TillPage) -> None:
    told: list[Any] = []

    async def hear(route: Route) -> None:
        told.append(route.request.post_data_json)
        await route.fulfill(status=204)

    await selling.page.route("**/till-reports", hear)
    await selling.page.evaluate(LISTENS)
    await selling.page.evaluate(BREAKS, "Anna 4111")
    await eventually(lambda: len(told), 2)
    await selling.page.evaluate(BREAKS, "Anna 4111")
    await selling.sell(0)
    assert sorted(told, key=lambda one: one["type"]) == [
        {"type": "Error", "frames": []},
        {"type": "TypeError", "frames": ["kiosk/till/scanner.js listenForScans"]},
    ]
    assert len(selling.errors) == 6
    selling.errors.clear()  # they were meant


async def test_of_a_stack_functions_and_files_of_the_till_are_read(bare: Page) -> None:
    assert await bare.evaluate(READ, STACK) == {
        "type": "TypeError",
        "frames": [
            "kiosk/till/paying.js complete",
            "kiosk/till/cart.js Cart.put",
            "kiosk/till/sheet.js Sheet",
            "kiosk/till/late_keys.js ",
        ],
    }
