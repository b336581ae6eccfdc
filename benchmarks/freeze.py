"""From the freeze of a business to its open screens: a painted banner in browsers, and sockets of tills and programs.

    python -m benchmarks.freeze [--rounds 20] [--sockets 200] [--pages 3]

Each round freezes the business, waits, and lifts the freeze again, as an operator's act does; both ways are measured
alike. The clock starts when the transaction is committed. A page's clock stops behind the frame whose banner has
changed: outbox, relay, Redis, hub, socket, htmx, the banner's own request, frame. A socket's stops when the message is
there. Beside both, in the same run: a byte there and back through a server that does nothing. 2 s at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from contextlib import AsyncExitStack

from playwright.async_api import Page

from benchmarks.support.floor import floor
from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.sockets import Listeners
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.visitor import chromium, sign_in
from benchmarks.support.world import World, open_world
from retail.identity.tokens import create_token
from retail.runtime.realtime.hub import MOST_SOCKETS
from retail.tenants.life import FROZEN, settle, step

TARGET_MS = 2000.0
PAUSE = 2.5
TOPIC = "settings"

# Notes when the frame was done that shows another banner than the one before; as in live.py, behind the painting.
_WATCH = """
() => {
  window.painted = [];
  const behind = new MessageChannel();
  const read = () => document.querySelector("#standing").textContent.trim();
  let seen = read();
  behind.port1.onmessage = () => {
    const now = read();
    if (now !== seen) { seen = now; window.painted.push(performance.timeOrigin + performance.now()); }
  };
  new MutationObserver(() => requestAnimationFrame(() => behind.port2.postMessage(0)))
    .observe(document.body, { childList: true, subtree: true, characterData: true });
}
"""


async def turn(world: World, rounds: int) -> list[tuple[float, float]]:
    """Freeze and lift so many times; gives the moments of the commits by both clocks (perf_counter, epoch seconds)."""
    committed = []
    for _round in range(rounds):
        for frozen in (True, False):
            async with world.shop.db.begin(world.shop.scope) as tx:
                if frozen:
                    await step(tx, FROZEN, reason="benchmark")
                else:
                    await settle(tx, lift=True)
            committed.append((time.perf_counter(), time.time()))
            await asyncio.sleep(PAUSE)
    return committed


def after_each(committed: list[float], seen: list[float], factor: float) -> list[float]:
    """Give the milliseconds from each commit to the first time that something was seen before the next; pure.

    `factor`: how many milliseconds a unit of these clocks has. Raises RuntimeError for one that was never seen.
    """
    found = []
    for place, at in enumerate(committed):
        end = committed[place + 1] if place + 1 < len(committed) else float("inf")
        first = next((when for when in sorted(seen) if at <= when < end), None)
        if first is None:
            raise RuntimeError(f"move {place + 1} of {len(committed)} never came")
        found.append((first - at) * factor)
    return found


async def listeners_of(on: Stage, world: World, sockets: int) -> Listeners:
    """Open sockets on the topic on which every member hears how the business stands."""
    async with world.shop.db.begin(world.shop.scope) as tx:
        tokens = [await create_token(tx, role="viewer", name=f"screen {n}") for n in range(-(-sockets // MOST_SOCKETS))]
    hellos = [
        json.dumps({"token": tokens[n // MOST_SOCKETS], "topics": [TOPIC], "since": None}) for n in range(sockets)
    ]
    made = Listeners(on.port, "/api/v1/events", hellos, number=r'"version":(\d+),"type":"settings')
    await made.open()
    return made


async def open_pages(on: Stage, world: World, browsers: AsyncExitStack, pages: int) -> list[Page]:
    """Open Today in so many windows of people's own."""
    if not pages:
        return []
    browser = await browsers.enter_async_context(chromium())
    found = []
    for _page in range(pages):
        page = await (await sign_in(browser, on, world)).new_page()
        await page.goto(f"{on.origin}/t/{world.shop.tenant.slug}/")
        await page.wait_for_selector("#standing", state="attached")
        await page.wait_for_timeout(1500)
        await page.evaluate(_WATCH)
        found.append(page)
    return found


async def measure(on: Stage, rounds: int, sockets: int, pages: int) -> tuple[list[float], list[float]]:
    """Give the milliseconds to sockets, and to painted banners."""
    world = await open_world(on.db, tills=1)
    await on.settle()
    async with AsyncExitStack() as browsers:
        opened = await open_pages(on, world, browsers, pages)
        listeners = await listeners_of(on, world, sockets)
        await asyncio.sleep(1)
        committed = await turn(world, rounds)
        painted = [await page.evaluate("() => window.painted") for page in opened]
    arrivals, closed, _cpu = await listeners.close()
    if closed:
        raise RuntimeError(f"{closed} sockets were closed: a freeze lets people look")
    own = [at for at, _epoch in committed]
    heard = [(at - max(one for one in own if one <= at)) * 1e3 for _version, at in arrivals if at >= own[0]]
    if len(heard) != len(committed) * sockets:
        raise RuntimeError(f"{len(heard)} messages came in place of {len(committed) * sockets}")
    epochs = [epoch * 1e3 for _at, epoch in committed]
    return heard, [one for times in painted for one in after_each(epochs, times, 1.0)]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--pages", type=int, default=3)
    asked = parser.parse_args()
    busy, driver = load_of_others(), Driver()
    try:
        with floor("http") as port:
            echo = (await driver.drive(port, [Requests([request("GET", "/")] * 200)])).latencies
    finally:
        driver.close()
    async with stage() as on:
        heard, painted = await measure(on, asked.rounds, asked.sockets, asked.pages)
    rows: list[tuple[object, ...]] = [
        ("a server that does nothing, there and back", percentile(echo, 0.5), percentile(echo, 0.99), max(echo)),
        (f"{asked.sockets} sockets", percentile(heard, 0.5), percentile(heard, 0.99), max(heard)),
    ]
    if painted:
        rows.append((f"{asked.pages} open pages", percentile(painted, 0.5), percentile(painted, 0.99), max(painted)))
    title = f"A freeze reaches open screens, {2 * asked.rounds} moves"
    show(title, ("", "p50 ms", "p99 ms", "slowest ms"), rows, note=f"{busy}.")
    worst = max([*heard, *painted])
    verdict("freeze to the slowest screen", met=worst <= TARGET_MS, measured=f"{worst:.0f} ms", target="<= 2000 ms")


if __name__ == "__main__":
    asyncio.run(main())
