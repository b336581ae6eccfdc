"""The owner's app opened on slow 3G: from asking for Today to its figures on the screen, and once more.

    python -m benchmarks.pocket [--runs 5]

The network is the browser's own emulation of slow 3G: 400 kbit/s each way and 400 ms for each exchange. Beside it
stands the floor of that network: a page of the same bytes in one answer, which does nothing. The first opening finds an
empty browser; the second one has the files and the worker that the first one brought.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from benchmarks.dashboard import Business, trade
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import console, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.visitor import chromium, session
from benchmarks.support.world import World, open_world

TARGET_S = 5.0
LINES = 50_000
RATE = 400_000 / 8
LATENCY_MS = 400
PHONE = {"width": 390, "height": 844}
_SEEN = """() => new Promise((done) => {
  const look = () => {
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    const there = document.querySelector("#kpi-revenue-value, [data-floor]")?.getBoundingClientRect().height;
    if (painted && there) done(Math.max(painted.startTime, window.seenAt ??= performance.now()) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})"""
_MARK = """(() => { const look = () => {
  const there = document.querySelector("#kpi-revenue-value, [data-floor]")?.getBoundingClientRect().height;
  if (there) window.seenAt ??= performance.now();
  else requestAnimationFrame(look);
}; look(); })()"""


async def slow(page: Page) -> CDPSession:
    """Put a page on slow 3G."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Network.enable")
    await cdp.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": RATE, "uploadThroughput": RATE},
    )
    return cdp


async def opened(context: BrowserContext, address: str) -> tuple[float, int]:
    """Open a page on slow 3G: seconds until it says something, and the bytes that had travelled by its load event."""
    page = await context.new_page()
    cdp = await slow(page)
    travelled: list[int] = []
    cdp.on("Network.loadingFinished", lambda told: travelled.append(int(told["encodedDataLength"])))
    await page.add_init_script(_MARK)
    await page.goto(address, wait_until="load", timeout=90_000)
    seconds = float(await page.evaluate(_SEEN))
    await page.close()
    return seconds, sum(travelled)


@asynccontextmanager
async def plain(size: int) -> AsyncIterator[str]:
    """Serve one page of so many bytes, and nothing else; gives its address."""
    begin, end = b"<!doctype html><title>floor</title><link rel=icon href=data:,><!--", b"--><p data-floor>floor"
    body = begin + os.urandom(max(size - len(begin) - len(end), 0) // 2).hex().encode() + end
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def phone(browser: Browser, on: Stage, secret: str) -> BrowserContext:
    """Give a phone with an empty browser in which the owner is signed in."""
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    await context.add_cookies([{"name": "s", "value": secret, "url": on.origin}])
    return context


async def measured(on: Stage, world: World, runs: int) -> tuple[list[float], list[float], list[float], int]:
    """Give the seconds of first openings, second openings and the floor, and the bytes of a first opening."""
    first, second, floor = [], [], []
    address = f"{on.origin}/t/{world.shop.tenant.slug}/pocket"
    secret = await session(on, world)
    size = 0
    async with chromium() as browser:
        for _ in range(runs):
            context = await phone(browser, on, secret)
            seconds, size = await opened(context, address)
            first.append(seconds)
            warm = await context.new_page()
            await warm.goto(address)
            await warm.evaluate("navigator.serviceWorker.ready.then(() => null)")
            await warm.close()
            second.append((await opened(context, address))[0])
            async with plain(size) as bare:
                floor.append((await opened(context, bare))[0])
            await context.close()
    return first, second, floor, size


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    busy = load_of_others()
    async with stage() as on:
        world = await open_world(on.db, products=200, tills=2)
        await trade(on, Business(world, LINES))
        first, second, floor, size = await measured(on, world, asked.runs)
    named = (("first opening", first), ("opened again", second), ("floor: the same bytes, one page", floor))
    rows = [(name, percentile(found, 0.5), max(found)) for name, found in named]
    note = f"{asked.runs} runs, slow 3G, 390 x 844; {size / 1000:.0f} kB by the load event. {busy}."
    show("The owner's app on slow 3G, seconds to the figures", ("", "p50", "most"), rows, note=note)
    took = percentile(first, 0.5)
    verdict("first opening", met=took <= TARGET_S, measured=f"{took:.1f} s", target=f"<= {TARGET_S:.0f} s")
    console.print("")


if __name__ == "__main__":
    asyncio.run(main())
