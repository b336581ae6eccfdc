"""From the app to the rest of the back office without a network: a page of ours, which goes again, and nothing kept."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, expect

from retail.analytics.pocket.reach import SECTIONS
from tests.journeys.test_console import operator
from tests.journeys.test_pocket import TOUCH, fits, picture, sold, with_worker
from tests.support.axe import violations
from tests.support.counter import OUTAGE
from tests.support.day import Day
from tests.support.house import eventually

_SCOPES = """navigator.serviceWorker.getRegistrations().then((found) => found
  .filter((one) => one.active).map((one) => new URL(one.scope).pathname).sort())"""
_KEPT_BY_THEM = """caches.open("offline shell").then((cache) => cache.keys())
  .then((all) => all.map((one) => new URL(one.url).pathname))"""
_KEPT = """async () => {
  const caught = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  return caught.flat().map((one) => new URL(one.url).pathname).filter((one) => !one.startsWith("/static/"));
}"""


async def is_ours(page: Page) -> None:
    """What is shown is the app's own page, not the browser's."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    await expect(page.get_by_role("heading", name="What can be read without a network")).to_be_visible()
    await expect(page.locator("[data-kept-rows] > div", has_text="Revenue")).to_contain_text("€8.40")
    await expect(page.locator("[data-something]")).to_be_visible()
    await expect(page.locator("[data-nothing]")).to_be_hidden()


async def test_a_link_out_of_the_app_without_a_network_leads_to_our_own_page_and_on_by_itself(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    wanted = sorted([*(day.path(f"/{one}") for one in ("pocket", *SECTIONS)), "/account"])
    await eventually(lambda: page.evaluate(_SCOPES), wanted)
    await page.goto(f"{owner.origin}{day.path('/pocket/stock?q=loaf')}")
    bread = day.shop.products[0]
    link = page.locator("#pocket-found").get_by_role("link", name=bread.name, exact=True)
    await expect(link).to_be_visible()
    day.house.web.kill()
    try:
        await link.click()
        await is_ours(page)
        await expect(page).to_have_url(f"{owner.origin}{day.path(f'/stock/{bread.id}')}")
        await fits(page)
        assert await violations(page) == []
        await picture(page, "offline-elsewhere")
        for path in ("/products", "/people", "/billing", "/notices/settings", "/sales", "/messages"):
            await page.goto(f"{owner.origin}{day.path(path)}")
            await is_ours(page)
        assert set(await page.evaluate(_KEPT)) == {day.path("/pocket/offline"), "/offline"}
    finally:
        await day.house.start_web()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Messages")  # by itself, to where one was
    assert set(await page.evaluate(_KEPT)) == {day.path("/pocket/offline"), "/offline"}, "pages are never kept"


async def test_today_and_the_tills_are_led_to_over_the_apps_own_addresses(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner")
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    menu = page.get_by_role("navigation", name="Main")
    await menu.get_by_role("link", name="Tills", exact=True).click()
    await expect(page).to_have_url(f"{owner.origin}{day.path('/tills')}")
    await page.go_back()
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")
    for name, at in (("Tills", "/pocket/tills"), ("Today", "/pocket")):
        day.house.web.kill()
        try:
            await menu.get_by_role("link", name=name, exact=True).click()
            await is_ours(page)
            await expect(page).to_have_url(f"{owner.origin}{day.path(at)}")
        finally:
            await day.house.start_web()
        await expect(page).to_have_url(f"{owner.origin}{day.path(at.replace('pocket/', ''))}")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("No connection")
        await page.goto(f"{owner.origin}{day.path('/pocket')}")


async def test_pages_of_no_business_have_a_page_of_ours_too_and_go_on_by_themselves(day: Day) -> None:
    boss = await operator(day, **TOUCH)
    boss.bears(*OUTAGE)
    kept = _KEPT_BY_THEM
    for scope, first, then, heading in (
        ("/account", "/account", "/account/history", "Sign-ins"),
        ("/platform", "/platform/businesses", "/platform/errors", "Errors"),
    ):
        page = await boss.visit(first)
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        await eventually(lambda: page.evaluate(f"{_SCOPES}.then((all) => all.includes({json.dumps(scope)}))"))  # noqa: B023
        await eventually(lambda: page.evaluate(f"{kept}.then((all) => all.includes('/offline'))"))  # noqa: B023
        day.house.web.kill()
        try:
            await page.goto(f"{boss.origin}{then}")
            await expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
            await expect(page.get_by_text("Nothing of it is kept on this device.")).to_be_visible()
            await fits(page)
            assert await violations(page) == []
            await picture(page, f"offline{scope.replace('/', '-')}")
            assert [one for one in await page.evaluate(kept) if not one.startswith("/static/")] == ["/offline"]
        finally:
            await day.house.start_web()
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        await page.close()


async def test_a_till_and_a_sign_in_and_a_file_are_not_the_apps(day: Day) -> None:
    owner = await day.device("owner")
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    await eventually(lambda: page.evaluate(f"{_SCOPES}.then((all) => all.length)"), len(SECTIONS) + 2)
    till = await owner.visit(day.path(f"/tills/{day.shop.till}/sell"))
    controller = "navigator.serviceWorker.ready.then((one) => new URL(one.active.scriptURL).pathname)"
    assert await till.evaluate(controller) == "/sw.js"
    await till.close()
    listed = await owner.visit(day.path("/sales"))
    assert await listed.evaluate("navigator.serviceWorker.controller.scriptURL.endsWith('&at=sales')")
    ways = [day.path("/sales/export?format=csv"), day.path(f"/tills/{day.shop.till}"), "/sign-in"]
    day.house.web.kill()
    try:
        for way in ways:
            gone = await owner.context.new_page()
            with pytest.raises(PlaywrightError, match="ERR_CONNECTION_REFUSED"):
                await gone.goto(f"{owner.origin}{way}")
            await gone.close()
    finally:
        await day.house.start_web()
    async with listed.expect_download() as coming:
        await listed.evaluate(f"location.href = {json.dumps(ways[0])}")
    assert (await coming.value).suggested_filename.endswith(".csv")
