"""Analytics in a browser: every chart draws itself, follows the sales and goes out as a picture; forecasts are made."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, WebSocketRoute, expect

from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually
from tests.support.selling import Counter, open_counter

DRAWN = """() => [...document.querySelectorAll("figure[data-chart]")].every((one) => {
  one.scrollIntoView();
  return one.querySelector("[data-chart-stage] svg path, [data-chart-stage] svg line, [data-chart-stage] svg text");
})"""


async def _sell(day: Day, counter: Counter, days: int) -> None:
    now = day.house.db.clock.now()
    sales = []
    for ago in range(days, -1, -1):
        at = (now - timedelta(days=ago, minutes=5)).isoformat().replace("+00:00", "Z")
        sales.append(counter.sale((day.shop.products[0], 2), (day.shop.products[1], 1 + ago % 3), occurred_at=at))
    await counter.send(*sales)


async def _page(day: Day, path: str) -> Page:
    owner = await day.device("owner")
    page = await owner.context.new_page()
    await page.goto(f"{owner.origin}{day.path(path)}")
    return page


async def test_charts_draw_follow_the_sales_and_go_out_as_pictures(day: Day, tmp_path: Path) -> None:
    counter = await open_counter(day.shop)
    await _sell(day, counter, 40)
    page = await _page(day, "/analytics")
    await expect(page.locator("#kpi-revenue-value")).not_to_be_empty(timeout=30_000)
    await page.wait_for_function(DRAWN, timeout=30_000)
    await expect(page.locator("[data-chart-failed]:visible")).to_have_count(0)
    sold = int((await page.locator("#kpi-sales-value").inner_text()).strip())
    await counter.sell(
        (day.shop.products[0], 1), occurred_at=day.house.db.clock.now().isoformat().replace("+00:00", "Z")
    )
    await expect(page.locator("#kpi-sales-value")).to_have_text(str(sold + 1), timeout=30_000)
    await page.goto(page.url + "/sales")
    await page.wait_for_function(DRAWN, timeout=30_000)
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        async with page.expect_download() as waiting:
            await page.locator(f"#chart-heat [data-chart-save={form}]").click()
        file = tmp_path / f"chart.{form}"
        await (await waiting.value).save_as(file)
        assert file.read_bytes().startswith(begins)
        assert file.stat().st_size > 2_000
    await page.get_by_label("Category").select_option(label="Groceries")
    await page.wait_for_url("**category=**")
    await expect(page.locator("#by-category")).to_contain_text("Groceries")


async def test_what_was_sold_before_the_page_began_to_listen_is_shown(day: Day) -> None:
    counter, owner = await open_counter(day.shop), await day.device("owner")
    page, rolled_up = await owner.context.new_page(), asyncio.Event()

    async def late(socket: WebSocketRoute) -> None:
        await rolled_up.wait()
        socket.connect_to_server()

    await page.route_web_socket("**/live?*", late)
    await page.goto(f"{owner.origin}{day.path('/analytics')}")
    await expect(page.locator("#figures")).to_contain_text("Nothing was sold")
    await _sell(day, counter, 2)
    await eventually(lambda: _rolled_up(day), seconds=30)
    rolled_up.set()
    await expect(page.locator("#kpi-revenue-value")).not_to_be_empty(timeout=10_000)


async def _rolled_up(day: Day) -> bool:
    async with day.house.db.read(day.shop.scope) as read:
        return bool(await read.fetchval("SELECT EXISTS (SELECT FROM sales_day WHERE tenant_id = $1)", read.tenant))


async def test_forecasts_are_made_while_one_looks(day: Day) -> None:
    counter = await open_counter(day.shop)
    await _sell(day, counter, 60)
    page = await _page(day, "/analytics/forecast")
    await expect(page.locator("main")).to_contain_text("Nothing is forecast yet")
    await page.get_by_role("button", name="Forecast now").click()
    await expect(page.locator("#figures")).to_contain_text("Likely in 30 days", timeout=60_000)
    await page.wait_for_function(DRAWN, timeout=30_000)
    await expect(page.locator("main")).to_contain_text("How good it is")
    for device in day.devices:
        device.bears(*OUTAGE, "htmx:error: Failed to fetch")
    await _what_if_without_a_socket(page)


async def _what_if_without_a_socket(page: Page) -> None:
    """Its levers answer by the page where the socket is down, and keep what was set where there is no network."""
    opened = asyncio.Event()

    async def shut(socket: WebSocketRoute) -> None:
        if opened.is_set():
            socket.connect_to_server()
        else:
            await socket.close(code=1012)

    await page.route_web_socket("**/live*", shut)
    await page.reload()
    units = page.locator("#supposed tbody tr", has_text="Units")
    note, growth = page.locator("[data-ask-note]"), page.locator("#w-growth")
    plain = await units.locator("b").inner_text()
    await growth.fill("50")
    await expect(note).to_contain_text("The live connection is down")
    await expect(units).to_contain_text("50")
    slower = await units.locator("b").inner_text()
    assert slower != plain
    await page.context.set_offline(True)
    await growth.fill("80")
    await expect(note).to_contain_text("No connection")
    await page.get_by_role("button", name="Work it out").click()
    await expect(note).to_contain_text("No connection")
    assert (await growth.input_value(), await units.locator("b").inner_text()) == ("80", slower)
    opened.set()
    await page.context.set_offline(False)
    await expect(units.locator("b")).not_to_have_text(slower, timeout=10_000)
    await expect(note).not_to_contain_text("No connection")
    assert "growth=80" in page.url
