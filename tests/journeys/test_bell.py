"""The bell counts live on any page; a device rings once it was allowed to, and what it shows names nobody."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from retail.runtime.notices import post_notice
from tests.support.axe import violations
from tests.support.browser import a_browser, chromium_path
from tests.support.day import PHONE, Day

# A browser without a network has no push service: this one gives it an address at one, and keys of its own.
SERVICE = """
PushManager.prototype.subscribe = async function () {
  const keys = { p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
                 auth: "tBHItJI5svbpez7KI4CCXg" };
  const made = { endpoint: "https://fcm.googleapis.com/fcm/send/one", options: {}, unsubscribe: async () => true,
                 toJSON: () => ({ endpoint: made.endpoint, keys }) };
  window.madeOne = made;
  return made;
};
PushManager.prototype.getSubscription = async () => window.madeOne ?? null;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium with its window: without one it lets no site ring."""
    async with a_browser(chromium_path()) as running:
        yield running


async def post(day: Day, kind: str, **facts: object) -> None:
    async with day.shop.db.begin(day.shop.scope) as tx:
        await post_notice(tx, kind, store=day.shop.store, **facts)  # type: ignore[arg-type]


async def fits(page: Page) -> None:
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def test_the_bell_rings_on_a_page_where_nothing_else_is_live(day: Day) -> None:
    owner = await day.device("owner", viewport=PHONE, has_touch=True, is_mobile=True)
    page = await owner.visit(day.path("/notices/settings"))
    await page.evaluate("document.body.dataset.same = 'page'")
    await expect(page.locator(".bell .spot")).to_have_count(0)
    await post(day, "big_refund", subject=uuid4(), amount_minor=12_345)
    await expect(page.locator(".bell .spot")).to_have_text("1")
    await expect(page.locator("body")).to_have_attribute("data-same", "page")
    await fits(page)
    assert await violations(page) == []

    await page.locator("a.bell").click()
    await expect(page.locator("#notices")).to_contain_text("€123.45 were paid back in one return in Altstadt.")
    await post(day, "device_revoked", name="Till 7")
    await expect(page.locator("#notices")).to_contain_text("The device Till 7 was blocked.")
    await fits(page)
    assert await violations(page) == []
    await page.get_by_role("button", name="Mark this one read").first.click()
    await expect(page.locator(".bell .spot")).to_have_text("1")


async def test_a_device_rings_beside_the_tills_own_worker(day: Day) -> None:
    owner = await day.device("owner")
    page = await owner.visit(day.path("/notices"))
    await page.context.grant_permissions(["notifications"], origin=owner.origin)
    await page.context.add_init_script(SERVICE)
    await page.goto(f"{owner.origin}{day.path('/notices/settings')}")
    await expect(page.locator("[data-push-words]")).to_have_text("This device does not ring.")
    async with page.expect_response(re.compile("/notices/browsers$")) as kept:
        await page.get_by_role("button", name="Ring on this device").click()
    assert (await kept.value).status == 204
    await expect(page.locator("[data-push-words]")).to_contain_text(
        "This device rings, also while Countertop is closed."
    )

    scope = f"{owner.origin}/t/{day.shop.tenant.slug}/pocket"
    workers = "(async () => (await navigator.serviceWorker.getRegistrations()).map((one) => one.scope))()"
    assert scope in await page.evaluate(workers)
    assert await page.evaluate("navigator.serviceWorker.controller") is None, "the page itself is nobody's"

    cdp = await page.context.new_cdp_session(page)
    found: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"] if one["scopeURL"] == scope),
    )
    await cdp.send("ServiceWorker.enable")
    while not found:
        await page.wait_for_timeout(50)
    said = {"title": "Ein Gerät wurde gesperrt", "body": "Open Countertop to see it.", "id": str(uuid4())}
    await cdp.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": owner.origin, "registrationId": found[0], "data": json.dumps(said)},
    )
    shown = """async (scope) => {
      const registration = await navigator.serviceWorker.getRegistration(scope);
      return (await registration.getNotifications()).map(({ title, body, tag }) => [title, body, tag]);
    }"""
    await page.wait_for_function(f"async () => (await ({shown})({json.dumps(scope)})).length === 1")
    assert await page.evaluate(shown, scope) == [[said["title"], said["body"], said["id"]]]

    await page.get_by_role("button", name="Stop ringing here").click()
    await expect(page.locator("[data-push-words]")).to_have_text("This device does not ring.")


async def test_a_service_that_is_not_known_here_is_named_and_not_the_network(day: Day) -> None:
    owner = await day.device("owner")
    owner.bears("status of 422")
    page = await owner.visit(day.path("/notices"))
    await page.context.grant_permissions(["notifications"], origin=owner.origin)
    gone = "async () => { window.madeOne = null; return true; }"
    strange = SERVICE.replace("fcm.googleapis.com", "push.nobody-knows.example").replace("async () => true", gone)
    await page.context.add_init_script(strange)
    await page.goto(f"{owner.origin}{day.path('/notices/settings')}")
    await page.get_by_role("button", name="Ring on this device").click()
    await expect(page.locator("[data-push-words]")).to_contain_text("a service that is not known here")
    assert await page.evaluate("window.madeOne") is None, "nothing rings that the server doesn't know of"
