"""What is written without a network stays where it was typed, however it is sent, and arrives once when sent again."""

from __future__ import annotations

import base64
import re

from playwright.async_api import Page, Route, expect

from tests.journeys.test_pocket import TOUCH, with_worker
from tests.support.axe import violations
from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually

SAID = "No connection: nothing was sent, what you typed is still here."
BROKE = "The connection broke while this was sent."
WORDS = "The fridge in the back is warm; I called the engineer."
_WORKER_OF = """async (at) => (await navigator.serviceWorker.getRegistration(at))
  ?.active?.scriptURL.endsWith("at=messages") ?? false"""
NOTE = {"name": "fridge.txt", "mimeType": "text/plain", "buffer": b"17 degrees at noon"}


async def written(page: Page, day: Day, origin: str) -> None:
    """Write to the operator, with a file, without sending it."""
    await page.goto(f"{origin}{day.path('/messages/new')}")
    await page.get_by_label("Subject").fill("Warm fridge")
    await page.get_by_label(re.compile("To whoever runs this system")).check()
    await page.get_by_label("Your message").fill(WORDS)
    await page.locator("input[type=file]").set_input_files(NOTE)  # type: ignore[arg-type]


async def still_there(page: Page) -> None:
    await expect(page.get_by_label("Subject")).to_have_value("Warm fridge")
    await expect(page.get_by_label("Your message")).to_have_value(WORDS)
    assert await page.locator("input[type=file]").evaluate("(one) => one.files.length") == 1


async def threads(day: Day) -> int:
    async with day.house.db.read(day.shop.scope) as read:
        return int(await read.fetchval("SELECT count(*) FROM thread_message WHERE tenant_id = $1", read.tenant))


async def test_a_message_written_without_a_network_stays_and_is_sent_once_it_is_back(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    await written(page, day, owner.origin)
    day.house.web.kill()
    try:
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("alert")).to_have_text(SAID)
        await still_there(page)
        assert await violations(page) == []
        await page.get_by_role("button", name="Send").click()  # as impatient people do
        await still_there(page)
    finally:
        await day.house.start_web()
    assert await threads(day) == 0
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Warm fridge")
    await expect(page.locator("#talk")).to_contain_text(WORDS)
    await expect(page.locator("#talk")).to_contain_text("fridge.txt")
    assert await threads(day) == 1


async def test_what_breaks_off_while_it_is_sent_stays_too_and_sent_again_it_is_taken_once(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    await eventually(lambda: page.evaluate(_WORKER_OF, day.path("/messages")))
    await written(page, day, owner.origin)
    arrived: list[int] = []

    async def cut(route: Route) -> None:
        if route.request.method != "POST" or arrived:
            await route.continue_()
            return
        arrived.append((await route.fetch(max_redirects=0)).status)  # it arrives, and its answer doesn't
        await route.abort("connectionreset")

    await page.context.route(re.compile(r"/messages$"), cut)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text(BROKE)
    assert arrived == [303]
    await still_there(page)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#talk")).to_contain_text(WORDS)
    assert await threads(day) == 1


async def test_a_form_without_a_worker_and_one_that_htmx_sends_keep_what_was_typed(day: Day) -> None:
    owner = await day.device("owner")
    owner.bears(*OUTAGE, "status of 422")
    page = await owner.visit(day.path("/products/new"))
    await page.get_by_label("Name", exact=True).fill("Rye with caraway")
    await page.get_by_label("Price", exact=True).fill("3.20")
    asked = await owner.visit(day.path("/products/families/new"))
    await asked.get_by_label("Name", exact=True).fill("Shirt")
    await owner.context.set_offline(True)
    try:
        await page.locator("main form[method=post] button.primary").first.click()
        await expect(page.get_by_role("alert")).to_have_text(SAID)
        await expect(page.get_by_label("Name", exact=True)).to_have_value("Rye with caraway")
        await asked.get_by_role("button", name="Show the variants").click()
        await expect(asked.get_by_role("alert")).to_have_text(SAID)
        await expect(asked.get_by_label("Name", exact=True)).to_have_value("Shirt")
    finally:
        await owner.context.set_offline(False)
    await asked.get_by_role("button", name="Show the variants").click()
    await expect(asked.get_by_role("alert").filter(has_text=SAID)).to_have_count(0)


async def test_who_signs_in_or_out_without_a_network_stays_where_they_are(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    stranger = await day.device("clerk")
    stranger.bears(*OUTAGE)
    await stranger.context.clear_cookies()
    door = await stranger.visit("/sign-in")
    await door.get_by_label("E-mail address").fill("ada@corner.example")
    await door.get_by_label("Password").fill(base64.b64encode(b"secret words").decode())
    day.house.web.kill()
    try:
        await door.get_by_role("button", name="Sign in").click()
        await expect(door.get_by_role("alert")).to_contain_text(SAID)
        await expect(door.get_by_label("E-mail address")).to_have_value("ada@corner.example")
        assert await violations(door) == []
        await page.evaluate("document.querySelector('form[data-sign-out-one]').requestSubmit()")
        await expect(page.locator("#toasts")).to_contain_text(SAID)
        await expect(page).to_have_url(f"{owner.origin}{day.path('/pocket')}")
    finally:
        await day.house.start_web()
