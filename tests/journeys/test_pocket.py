"""The owner's app in a real browser: installed, live, pulled, without a network, and left to somebody else."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from retail.runtime.notices import post_notice
from tests.support.axe import violations
from tests.support.counter import OUTAGE, Device
from tests.support.day import PHONE, Day
from tests.support.house import eventually
from tests.support.selling import open_counter
from tests.support.web import enrol

PICTURES = os.environ.get("POCKET_PICTURES", "")
TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


async def picture(page: Page, name: str) -> None:
    """Keep what is shown, light and dark, where somebody wants to look at it."""
    for scheme in ("light", "dark") if PICTURES else ():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.screenshot(path=str(Path(PICTURES) / f"{name}-{scheme}.png"))


async def fits(page: Page) -> None:
    widths = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{page.url}: {widths}"


async def with_worker(owner: Device, day: Day, path: str = "/pocket") -> Page:
    """Open the app and wait until its worker answers for it, with what it needs without a network."""
    page = await owner.visit(day.path(path))
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    kept = """async (name) => (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)"""
    shell = f"pocket shell /t/{day.shop.tenant.slug}"

    async def has() -> bool:
        controlled = await page.evaluate("navigator.serviceWorker.controller !== null")
        return controlled and day.path("/pocket/offline") in await page.evaluate(kept, shell)

    await eventually(has)
    return page


async def sold(day: Day) -> None:
    """Sell two loaves today, without a till's page: what is looked at is the owner's."""
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "7"})
    counter = await open_counter(day.shop)
    now = day.shop.db.clock.now().isoformat().replace("+00:00", "Z")
    told = await counter.sell((bread, 2), occurred_at=now)
    assert told.status == "created", told


async def sold_at_a_till(day: Day) -> None:
    """Sell the same at a till's own page, which stays open: it is online."""
    bread, *_rest = day.shop.products
    await day.stock_up({bread: "7"})
    clerk = await day.device("clerk")
    clerk.bears(*OUTAGE)
    till = await day.at_till(clerk, float_digits="10000")
    await till.scan(bread, 2)
    await till.pay_cash("1000")
    await till.tap("Next sale")
    await till.has_sent_everything()


async def test_the_app_installs_and_its_worker_has_no_page_of_a_till(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    page = await with_worker(owner, day)
    cdp = await page.context.new_cdp_session(page)
    found = await cdp.send("Page.getAppManifest")
    assert found["errors"] == []
    told = json.loads(found["data"])
    assert told["start_url"] == day.path("/pocket")
    faults = (await cdp.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [one["errorId"] for one in faults if one["errorId"] != "in-incognito"] == []
    scopes = await page.evaluate(
        "(async () => (await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname))()"
    )
    assert day.path("/pocket") in scopes
    assert not [one for one in scopes if day.path("/tills").startswith(one)]
    till = await owner.visit(day.path(f"/tills/{day.shop.till}/sell"))
    controller = "navigator.serviceWorker.ready.then((one) => new URL(one.active.scriptURL).pathname)"
    assert await till.evaluate(controller) == "/sw.js"
    await page.reload()
    assert await page.evaluate(controller) == "/office.js"


async def test_the_pages_hold_together_at_every_size_and_only_one_socket_is_open(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    for path in (
        "/pocket",
        "/pocket/stock",
        "/pocket/stock?q=loaf",
        "/pocket/orders",
        "/pocket/messages",
        "/pocket/photo",
    ):
        page = await owner.context.new_page()
        sockets: list[str] = []
        page.on("websocket", lambda socket, seen=sockets: seen.append(socket.url))
        await page.goto(f"{owner.origin}{day.path(path)}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        if path != "/pocket/photo":
            current = {"/pocket": "Today", "/pocket/stock?q=loaf": "Stock"}.get(path, path.split("/")[-1].title())
            bar = page.get_by_role("navigation", name="Quick")
            await expect(bar.locator("[aria-current=page]")).to_contain_text(current)
        assert await violations(page) == []
        for width, height in ((390, 844), (360, 640), (1280, 800)):
            await page.set_viewport_size({"width": width, "height": height})
            await fits(page)
            await picture(page, f"{re.sub(r'[^a-z]+', '-', path[1:])}-{width}")
        await page.set_viewport_size(PHONE)
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await fits(page)
        await picture(page, f"{re.sub(r'[^a-z]+', '-', path[1:])}-rtl")
        assert len(sockets) == 1, sockets
        await page.close()


async def test_today_is_live_on_one_socket_and_approvals_are_one_tap_away(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    await sold_at_a_till(day)
    page = await owner.visit(day.path("/pocket"))
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")
    await expect(page.locator("#now-shifts")).to_have_text("1")
    await expect(page.locator("#now-online")).to_have_text("1 of 2")
    await page.evaluate("document.body.dataset.same = 'page'")
    async with day.house.db.begin(day.shop.scope) as tx:
        await post_notice(tx, "big_refund", store=day.shop.store, subject=uuid4(), amount_minor=12_345)
    await expect(page.locator(".bell .spot")).to_have_text("1")
    await page.get_by_role("link", name=re.compile("approvals wait")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Approvals")


async def test_the_number_of_new_notices_stands_on_the_apps_mark(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    await owner.context.add_init_script(
        """window.marked = [];
        Navigator.prototype.setAppBadge = async (count) => { window.marked.push(count); };
        Navigator.prototype.clearAppBadge = async () => { window.marked.push(0); };"""
    )
    page = await owner.visit(day.path("/pocket"))
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    for count in (1, 2):
        async with day.house.db.begin(day.shop.scope) as tx:
            await post_notice(tx, "big_refund", store=day.shop.store, subject=uuid4(), amount_minor=12_345)
        await expect(page.locator(".bell .spot")).to_have_text(str(count))
        await eventually(lambda: page.evaluate("window.marked.at(-1)"), count)


async def drag(page: Page, way: int) -> None:
    """Put a finger on the page, draw it down and let go."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 195, "y": 300}]})
    for step in range(1, 11):
        point = {"x": 195, "y": 300 + way * step / 10}
        await cdp.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    await cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def test_a_pull_refreshes_and_so_does_a_key(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    page = await owner.visit(day.path("/pocket"))
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    assert await page.evaluate("getComputedStyle(document.documentElement).overscrollBehaviorY") == "contain"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/today/regions" in request.url else None)
    says = page.locator("[data-pull-says]")
    await drag(page, 60)  # too short: nothing is asked
    await expect(page.locator(".pull")).not_to_have_class(re.compile("busy"))
    assert asked == []
    async with page.expect_response(re.compile("/today/regions")):
        await drag(page, 240)
    await expect(says).to_contain_text("Up to date, as of")
    await page.get_by_role("button", name="Refresh").focus()
    async with page.expect_response(re.compile("/today/regions")):
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Refresh")).to_be_enabled()
    assert len(asked) == 2


async def test_without_a_network_the_last_figures_stand_there_with_their_time(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    owner.bears(*OUTAGE)
    page = await with_worker(owner, day)
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    day.house.web.kill()
    try:
        await page.get_by_role("button", name="Refresh").click()
        await expect(page.locator("[data-pull-says]")).to_contain_text("No connection. What is shown is from")
        for path in ("/pocket", "/pocket/orders"):
            await page.goto(f"{owner.origin}{day.path(path)}")
            await expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
            await expect(page.locator("[data-kept-at]")).to_have_text(
                re.compile(r"^As of \d{1,2}:\d\d.*last figures that this device has seen")
            )
            await expect(page.locator("[data-kept-rows] > div", has_text="Revenue")).to_contain_text("€8.40")
        await fits(page)
        assert await violations(page) == []
        await picture(page, "offline")
    finally:
        await day.house.start_web()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Orders")  # by itself, to where one was
    await expect(page).to_have_url(f"{owner.origin}{day.path('/pocket/orders')}")


async def keys(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('pocket '))")
    return found


async def test_who_signs_out_leaves_no_figure_behind(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    page = await with_worker(owner, day)
    assert await keys(page) == [f"pocket /t/{day.shop.tenant.slug}"]
    await page.evaluate("caches.open('pocket photo').then((one) => one.put('/x', new Response('y')))")
    await page.locator("summary.account").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    assert await keys(page) == []
    await eventually(lambda: page.evaluate("caches.has('pocket photo')"), False)
    kept = """async () => {
      const caught = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return caught.flat().map((one) => new URL(one.url).pathname);
    }"""
    words = day.path("/pocket/offline")
    assert [one for one in await page.evaluate(kept) if not one.startswith("/static/") and one != words] == []


async def test_a_browser_that_only_shows_the_back_office_keeps_nothing(day: Day) -> None:
    await sold(day)
    owner = await day.device("owner")
    page = await owner.visit(day.path("/"))
    await expect(page.locator("#kpi-revenue-value")).to_have_text("€8.40")
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    assert await keys(page) == []
    registered = "navigator.serviceWorker.getRegistrations().then((found) => found.length)"
    assert await page.evaluate(registered) == 0


@pytest.mark.parametrize("ended", ["by another person", "elsewhere"])
async def test_nobody_sees_the_figures_of_whoever_was_signed_in_before(day: Day, ended: str) -> None:
    await sold(day)
    owner = await day.device("owner", **TOUCH)
    page = await with_worker(owner, day)
    assert len(await keys(page)) == 1
    if ended == "by another person":
        person, _email, _secret = await enrol(day.house.db, day.shop.tenant.id, "clerk")
        await day.sign_in_quietly(owner, person)
        await page.goto(f"{owner.origin}{day.path('/messages')}")
    else:
        await owner.context.clear_cookies()
        await page.goto(f"{owner.origin}{day.path('/pocket')}")
        await expect(page).to_have_url(re.compile("/sign-in"))
    await eventually(lambda: keys(page), [])


async def test_a_shared_photo_becomes_the_picture_of_the_product_that_is_picked(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    page = await with_worker(owner, day)
    drawn = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(drawn, "JPEG")
    # as the system hands it over: a form sent to the share target by a navigation
    share = """([action, photo]) => {
      const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0));
      const how = { method: "post", action, enctype: "multipart/form-data" };
      const form = Object.assign(document.createElement("form"), how);
      const input = Object.assign(document.createElement("input"), { type: "file", name: "photo" });
      const hands = new DataTransfer();
      hands.items.add(new File([bytes], "IMG_1.jpg", { type: "image/jpeg" }));
      input.files = hands.files;
      form.append(input);
      document.body.append(form);
      form.submit();
    }"""
    photo = base64.b64encode(drawn.getvalue()).decode()
    async with page.expect_navigation(url=re.compile(r"/pocket/photo\?shared=1$")):
        await page.evaluate(share, [day.path("/pocket/photo"), photo])
    await expect(page.get_by_role("img", name="The photo")).to_be_visible()
    await fits(page)
    assert await violations(page) == []
    await page.get_by_label("Which product?").fill("sourdough")
    await page.get_by_role("button", name="Sourdough loaf 800 g").click()
    await expect(page).to_have_url(re.compile(f"/products/{day.shop.products[0].id}"))
    async with day.house.db.read(day.shop.scope) as read:
        kept = "SELECT count(*) FROM product_image WHERE tenant_id = $1 AND product_id = $2"
        assert await read.fetchval(kept, read.tenant, day.shop.products[0].id) == 1
    await page.goto(f"{owner.origin}{day.path('/pocket/photo')}")
    await expect(page.get_by_role("img", name="The photo")).to_have_count(0)
    await page.get_by_label("Which product?").fill("sourdough")
    await page.get_by_role("button", name="Sourdough loaf 800 g").click()
    await expect(page.get_by_role("alert")).to_have_text("Pick a photo first.")


async def test_the_app_is_offered_once(day: Day) -> None:
    owner = await day.device("owner", **TOUCH)
    page = await owner.visit(day.path("/pocket"))
    offered = page.get_by_role("complementary", name="Install the app")
    await expect(offered).to_be_hidden()
    ask = """() => { const asked = new Event("beforeinstallprompt", { cancelable: true });
      asked.prompt = async () => { window.prompted = true; }; dispatchEvent(asked); return asked.defaultPrevented; }"""
    assert await page.evaluate(ask)
    await expect(offered.get_by_role("button", name="Install", exact=True)).to_be_visible()
    assert await violations(page) == []
    await expect(offered.get_by_text("Not now", exact=True)).to_be_visible()
    await offered.get_by_role("button", name="Not now").click()
    await expect(offered).to_be_hidden()
    await page.reload()
    assert await page.evaluate(ask)
    await expect(offered).to_be_hidden()


async def test_an_iphone_is_told_how(day: Day) -> None:
    safari = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 "
        "Safari/604.1"
    )
    owner = await day.device("owner", **TOUCH, user_agent=safari)
    page = await owner.visit(day.path("/pocket"))
    offered = page.get_by_role("complementary", name="Install the app")
    await expect(offered).to_contain_text("press Share, then Add to Home Screen")
