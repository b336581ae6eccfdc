"""What the pill says of a network that comes and goes: no "Offline" while something answers, "Live" only if it is."""

from __future__ import annotations

import re

from playwright.async_api import WebSocketRoute, expect

from tests.journeys.test_pocket import TOUCH, sold
from tests.support.counter import OUTAGE
from tests.support.day import Day


async def test_a_network_that_is_away_for_a_moment_leaves_no_word_behind_and_the_page_is_live_again(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await owner.visit(day.path("/pocket"))
    pill = page.locator("[data-live-status]")
    await expect(pill).to_have_text("Live")
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    await page.evaluate("dispatchEvent(new Event('offline'))")  # the socket is none the wiser
    await expect(pill).to_contain_text("Offline since")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(pill).to_have_text("Live")
    assert len(opened) == 1, "a socket of which nobody knows whether it lives is opened anew"
    await sold(day)
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")


async def test_while_the_socket_is_away_and_pages_answer_it_says_that_live_is_paused(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await owner.context.new_page()
    sockets: list[WebSocketRoute] = []

    async def through(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) == 1:
            socket.connect_to_server()
        else:
            await socket.close(code=1013)

    await page.route_web_socket(re.compile("/live"), through)
    await page.goto(f"{owner.origin}{day.path('/pocket')}")
    pill = page.locator("[data-live-status]")
    await expect(pill).to_have_text("Live")
    await sockets[0].close(code=1008)  # a reason after which nobody calls again
    await expect(pill).to_contain_text("Live paused")
    day.house.web.kill()
    try:
        await page.locator("[data-pull]").click()
        await expect(pill).to_contain_text("Offline since")
    finally:
        await day.house.start_web()
    await page.locator("[data-pull]").click()
    await expect(pill).to_contain_text("Live paused")
