"""A device that now stands at another till opens that one, once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page

MOVED_TWICE = """async () => {
  const { moveOn } = await import("/kiosk/till/farewell.js");
  (await import("/kiosk/till/context.js")).till.sync = { stop: () => told.push("stopped") };
  const told = [];
  const own = { slug: "corner", id: "device-1" };
  const keep = (change) => new Promise((done) => { told.push(change); setTimeout(done, 1000); });
  const device = { own, id: own.id, view: { say: () => told.push("said") }, keep };
  window.told = told;
  void moveOn(device, "till-2");
  void moveOn(device, "till-2");
  while (told.length < 3) await new Promise((done) => { setTimeout(done, 5); });
  await new Promise((done) => { setTimeout(done, 100); });
  return told;
}"""


@pytest.mark.shell
async def test_answers_that_both_tell_of_a_move_move_it_once(bare: Page) -> None:
    gone: list[str] = []

    async def aside(route: Any) -> None:
        gone.append(route.request.url)
        await route.fulfill(body="<title>The other till</title>", content_type="text/html")

    await bare.route(re.compile("/sell$"), aside)
    told = await bare.evaluate(MOVED_TWICE)
    assert told == ["said", "stopped", {"till": "till-2"}]
    await bare.wait_for_url(re.compile("/t/corner/tills/till-2/sell$"))
    assert len(gone) == 1
