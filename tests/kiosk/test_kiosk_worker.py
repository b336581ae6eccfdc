"""The service worker: the shell without a network, updates that wait, nothing of a shop in a cache."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import DATABASE, TillPage, eventually

# Gives how many shells are kept, and what is in them. A cache with nothing in it is none: the browser keeps a script's
# compiled form in the cache that it came from, and opens that for it anew where it has been deleted meanwhile.
CACHED = """async () => {
  const names = await caches.keys();
  const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  const kept = requests.map((some) => some.map((one) => new URL(one.url).pathname));
  const shells = names.filter((name, i) => name.startsWith("till-shell-") && kept[i].length);
  return [shells.length, kept.flat()];
}"""

# A browser answers a question for updates with one that is still under way and may have read the version before, so
# the till asks again and again; so do these tests. Gives how many workers are there, and how many have a newer one.
ASKED_FOR_UPDATES = """async () => {
  const old = (await navigator.serviceWorker.getRegistrations()).filter((one) => !one.installing && !one.waiting);
  await Promise.all(old.map((one) => one.update().catch(() => null)));
  const all = await navigator.serviceWorker.getRegistrations();
  return [all.length, all.filter((one) => one.waiting).length];
}"""


@pytest.mark.shell
async def test_only_the_shell_is_cached(selling: TillPage) -> None:
    await selling.works_offline()
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.sell(0)
    caches, paths = await selling.page.evaluate(CACHED)
    assert caches == 1
    assert "/kiosk/till/shell.html" in paths
    assert [path for path in paths if not path.startswith(("/kiosk/till/", "/static/"))] == []


@pytest.mark.shell
async def test_the_shell_from_the_cache_keeps_its_security_policy(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    fake.stop()
    await selling.page.reload()
    await selling.shows("Charge")
    blocked = await selling.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch { return true; } }"
    )
    assert blocked
    selling.errors.clear()  # the browser says so too
    fake.start()


@pytest.mark.shell
async def test_an_update_waits_for_an_empty_cart(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    await selling.page.reload()
    await selling.shows("Charge")
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    fake.release = "2"
    await eventually(lambda: selling.page.evaluate(ASKED_FOR_UPDATES), [1, 1])
    await selling.shows("Update ready")
    await selling.tap("Use it now")
    await selling.shows("Finish this sale or put it on hold, then update.")
    await selling.key("F7")
    await selling.has_lines()
    async with selling.page.expect_navigation():
        await selling.tap("Use it now")
    await selling.shows("Charge")
    await expect(selling.page.get_by_text("Update ready")).to_have_count(0)
    caches, _ = await selling.page.evaluate(CACHED)
    assert caches == 1


@pytest.mark.shell
async def test_the_kill_switch_removes_the_shell_and_leaves_the_sales(selling: TillPage, fake: FakeTillServer) -> None:
    await selling.works_offline()
    await selling.sell(0)
    fake.release = "kill"
    await eventually(lambda: selling.page.evaluate(ASKED_FOR_UPDATES), [0, 0])
    caches, _ = await selling.page.evaluate(CACHED)
    assert [caches, len(await selling.journal())] == [0, 2]


@pytest.mark.shell
async def test_a_first_start_without_a_network_says_what_is_needed(fake: FakeTillServer, till: TillPage) -> None:
    await till.works_offline()
    await till.page.evaluate(
        """(name) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = () => done(); })""",
        DATABASE,
    )
    await till.shows("This till was updated")
    fake.stop()
    await till.page.reload()
    await till.shows("Connect this till once")
    await till.tap("Try again")
    await till.shows("Connect this till once")
    fake.claim = None
    fake.start()
    await till.shows("Open the shift")  # by itself
