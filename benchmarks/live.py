"""From the commit of a sale to what is seen elsewhere: a painted tile in a browser, and a thousand sockets.

    python -m benchmarks.live [--sales 200] [--sockets 1000] [--seconds 10]

The tile: a till sells over HTTP; the page Today is open in Chromium. The clock starts when the till has its 201 (the
commit was just before) and stops behind the frame that shows the new count. The way: outbox, relay, rollup, Redis, hub,
rendering, socket, htmx, frame.
The sockets: all on one web process, 10 events a second through outbox, relay and Redis, from commit to arrival.
Beside both, in the same run: a byte there and back through a server that does nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from dataclasses import dataclass

from playwright.async_api import Page

from benchmarks.support.floor import floor
from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.sockets import Listeners
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others, memory
from benchmarks.support.visitor import chromium, sign_in
from benchmarks.support.world import World, open_world, sale_text
from retail.identity.tokens import create_token
from retail.runtime.realtime.hub import MOST_SOCKETS
from retail.stock.events import StockChanged

TARGET_MS = 150.0
PER_SECOND = 10
BYTES = 390
# DATA.md's table of the same kind of machine: 10 messages/s, a queue per socket.
KNOWN = ("a bare hub on this kind of machine, measured before", 15.0, 48.0, "26")

# Notes, for each new count of the tile, when the frame that shows it was done. What a frame's callbacks change is
# painted in that frame, and a message posted in a callback comes behind the painting.
_WATCH = """
() => {
  window.painted = [];
  const behind = new MessageChannel();
  const read = () => Number(document.querySelector("#kpi-sales-value").textContent.replace(/[^0-9]/g, ""));
  let seen = read();
  behind.port1.onmessage = () => {
    const count = read();
    if (count !== seen) { seen = count; window.painted.push([count, performance.timeOrigin + performance.now()]); }
  };
  new MutationObserver(() => requestAnimationFrame(() => behind.port2.postMessage(0)))
    .observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true, attributes: true });
  return seen;
}
"""


@dataclass
class Tile:
    """What the browser saw: ms from a sale's 201 to the frame with its count, and sales that shared a frame."""

    milliseconds: list[float]
    shared: int


async def tile(on: Stage, world: World, page: Page, driver: Driver, sales: int) -> Tile:
    """Sell now and then, and see when the tile has it."""
    await page.goto(f"{on.origin}/t/{world.shop.tenant.slug}/")
    basket = world.baskets(1, hot=False)[0]
    bearer = f"Bearer {world.token}"
    first = [request("POST", "/api/v1/sales", sale_text(world.tills[0], 1, basket), Authorization=bearer)]
    await driver.drive(on.port, [Requests(first)])
    await on.settle()
    await page.reload()
    await page.wait_for_selector("#kpi-sales-value")
    await page.wait_for_timeout(1500)
    seen = await page.evaluate(_WATCH)
    chance, committed = random.Random(3), []
    for number in range(2, sales + 2):
        text = request("POST", "/api/v1/sales", sale_text(world.tills[0], number, basket), Authorization=bearer)
        outcome = await driver.drive(on.port, [Requests([text])])
        if set(outcome.statuses) != {"201"}:
            raise RuntimeError(outcome.odd)
        committed.append(outcome.answered[0])
        await asyncio.sleep(chance.uniform(0.28, 0.4))
    await page.wait_for_timeout(1500)
    painted = sorted(await page.evaluate("() => window.painted"))
    found = []
    for place, at in enumerate(committed, start=seen + 1):
        after = [when for count, when in painted if count >= place]
        if not after:
            raise RuntimeError(f"the tile never showed {place} sales; it showed {painted[-3:]}")
        found.append(after[0] - at * 1e3)
    return Tile(found, len(committed) - len({count for count, _when in painted if count > seen}))


async def there_and_back(driver: Driver) -> list[float]:
    """Send a small request to a server that does nothing, one after the other: ms each."""
    with floor("http") as port:
        return (await driver.drive(port, [Requests([request("GET", "/")] * 1000)])).latencies


@dataclass
class Crowd:
    """What the sockets heard."""

    milliseconds: list[float]
    opened: float
    kib: float
    missing: int
    web: float
    clients: float


async def crowd(on: Stage, world: World, sockets: int, seconds: float, *, per_second: int = PER_SECOND) -> Crowd:
    """Open sockets on the one web process and send them so many events a second."""
    topic, product = f"stock:{world.shop.store}", str(world.shop.products[0].id)
    async with world.shop.db.begin(world.shop.scope) as tx:
        tokens = [
            await create_token(tx, role="viewer", name=f"listener {n}") for n in range(-(-sockets // MOST_SOCKETS))
        ]
    hellos = [
        json.dumps({"token": tokens[n // MOST_SOCKETS], "topics": [topic], "since": None}) for n in range(sockets)
    ]
    await on.settle()
    await asyncio.sleep(1)
    before = memory(on.web[0].pid)["own"]
    listeners = Listeners(on.port, "/api/v1/events", hellos)
    opened = await listeners.open()
    await asyncio.sleep(1)
    kib = (memory(on.web[0].pid)["own"] - before) * 1024 / sockets
    cpu, began = on.cpu()["web"], time.perf_counter()
    committed = []
    for beat in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + beat / per_second - time.perf_counter()))
        async with world.shop.db.begin(world.shop.scope) as tx:
            level = {"product": product, "on_hand": "5", "low": False, "beat": beat, "pad": "x" * (BYTES - 220)}
            tx.emit(StockChanged(world.shop.store, [level]))
        committed.append(time.perf_counter())
    await asyncio.sleep(2)
    spent = on.cpu()["web"] - cpu
    arrivals, closed, clients = await listeners.close()
    if closed:
        raise RuntimeError(f"{closed} sockets were closed")
    found = [(at - committed[beat]) * 1e3 for beat, at in arrivals]
    return Crowd(found, opened, kib, len(committed) * sockets - len(arrivals), spent / seconds, clients / seconds)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=200)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    busy = load_of_others()
    driver = Driver()
    try:
        async with stage() as on:
            world = await open_world(on.db, tills=1)
            await on.settle()
            echo = await there_and_back(driver)
            async with chromium() as browser:
                context = await sign_in(browser, on, world)
                seen = await tile(on, world, await context.new_page(), driver, asked.sales)
            heard = await crowd(on, world, asked.sockets, asked.seconds)
    finally:
        driver.close()
    p99 = percentile(seen.milliseconds, 0.99)
    show(
        "From the commit to what is seen",
        ("", "p50 ms", "p99 ms", "KiB per socket"),
        [
            ("a server that does nothing, there and back", percentile(echo, 0.5), percentile(echo, 0.99), ""),
            (f"tile of Today in another browser, {asked.sales} sales", percentile(seen.milliseconds, 0.5), p99, ""),
            (
                f"{asked.sockets} sockets, {PER_SECOND} messages/s, one web process",
                percentile(heard.milliseconds, 0.5),
                percentile(heard.milliseconds, 0.99),
                heard.kib,
            ),
            KNOWN,
        ],
        note=f"{seen.shared} sales shared a frame. {heard.missing} messages missing. All sockets open after "
        f"{heard.opened:.1f} s; web process {heard.web:.0%} and listeners {heard.clients:.0%} of a processor. {busy}.",
    )
    verdict(
        "commit to painted tile, p99", met=p99 <= TARGET_MS, measured=f"{p99:.0f} ms", target=f"<= {TARGET_MS:.0f} ms"
    )
    if heard.missing:
        raise RuntimeError("messages are missing")


if __name__ == "__main__":
    asyncio.run(main())
