"""What it takes to run: time to start, memory of each process, and the bytes of script and style of each page.

    python -m benchmarks.footprint [--starts 3]

`countertop up` is started on an empty folder, stopped, and started again: the later starts are measured, from the
command to the first good answer of /readyz. Memory is read once the processes have answered some pages. Bytes are those
that travel: each script and style that Chromium asks for, fetched again with gzip. A till is weighed until its first
cashier can scan and sell, from an empty cache and without an open shift: enrolled as a device, and not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

from playwright.async_api import Browser, Page

from benchmarks.support.stage import PATIENT, ROOT, Stage, free_listener, scratch
from benchmarks.support.table import median, show, verdict
from benchmarks.support.usage import family, load_of_others, memory
from benchmarks.support.visitor import chromium, sign_in
from benchmarks.support.world import World, open_world, sale
from retail.cli.servers import reach_servers
from retail.identity import devices, pins
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.sales.operations import complete_sale
from retail.sales.reading import read_sale
from retail.settings import Settings
from retail.tenants import operations as tenants
from tests.support.till_page import Hands
from tests.support.web import enrol
from tests.support.weight import Load, mark_sells

TILL_KB, OFFICE_KB = 58.0, 40.0
TILLS = ("till", "till, enrolled")
CHARTS = ("/vega", "/charts/", "/chart.")
READY_SECONDS = 120


@contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Run `countertop up`; gives the process, and the seconds until it was ready."""
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "PORT": str(port)}
    for name in ("DATABASE_URL", "REDIS_URL", "MIGRATION_DATABASE_URL"):
        environment.pop(name, None)
    began = time.perf_counter()
    with (folder / "up.log").open("wb") as log:
        command = [sys.executable, "-c", "import sys; from retail.cli import main; sys.exit(main())", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        while not _ready(port):
            if process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                raise RuntimeError((folder / "up.log").read_text()[-3000:])
            time.sleep(0.02)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def processes(root: int) -> list[tuple[str, dict[str, float]]]:
    """Name the processes below `countertop up` and give their memory in MiB; Postgres' connections are one line."""
    found: dict[str, dict[str, float]] = {}
    for pid in family(root):
        try:
            name, used = _name(pid, root), memory(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if not any(used.values()):
            continue
        kept = found.setdefault(name, dict.fromkeys(used, 0.0) | {"count": 0})
        for kind, mib in used.items():
            kept[kind] += mib
        kept["count"] += 1
    order = ("supervisor", "web", "worker", "postgres", "redis")
    return sorted(found.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def _name(pid: int, root: int) -> str:
    line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if pid == root:
        return "supervisor"
    for part, name in (("retail.serve", "web"), ("-m workers", "worker"), ("redis", "redis"), ("postgres", "postgres")):
        if part in line:
            return name
    return line.split()[0] if line.split() else "?"


@asynccontextmanager
async def _database(folder: Path) -> AsyncIterator[Database]:
    settings = Settings(data_dir=folder / "data")
    async with reach_servers(settings, lambda _sentence: None) as servers:
        db = await Database.connect(servers.database_url, size=4, settings=PATIENT)
        try:
            yield db
        finally:
            await db.close()


async def weigh(browser: Browser, on: Stage, world: World) -> list[tuple[str, float, float, float, int]]:
    """Open each page with an empty cache; kB of script, style, charts, and the number of files."""
    base = f"/t/{world.shop.tenant.slug}"
    pages = {
        "Today": f"{base}/",
        "Products": f"{base}/products",
        "Stock": f"{base}/stock",
        "Sales": f"{base}/sales",
        "Shifts": f"{base}/shifts",
        "Books": f"{base}/ledger",
        "People": f"{base}/people",
        "sign-in": "/sign-in",
    }
    rows = [_row(name, await weigh_till(browser, on, world, enrolled=name != "till")) for name in TILLS]
    for name, path in pages.items():
        context = await sign_in(browser, on, world)
        if name == "sign-in":
            await context.clear_cookies()
        page = await context.new_page()
        load = Load(page)
        answer = await page.goto(on.origin + path)
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{path}: {answer and answer.status}")
        await page.wait_for_timeout(1500)
        rows.append(_row(name, _by_kind(load, await load.weigh())))
        await context.close()
    return rows


async def weigh_till(browser: Browser, on: Stage, world: World, *, enrolled: bool) -> dict[str, tuple[int, int]]:
    """Open a till that is new to its browser, and its shift; bytes and files by kind until it could sell."""
    db, shop, till = world.shop.db, world.shop, new_id()
    code = f"W{int(enrolled)}"
    async with db.begin(shop.scope) as tx:
        await tenants.set_up_till(tx, tenants.NewTill(till, shop.store, code, f"Weighed {code}"))
    context = await (browser.new_context() if enrolled else sign_in(browser, on, world))
    page = await context.new_page()
    await mark_sells(page)
    load = Load(page)
    if not enrolled:
        await page.goto(f"{on.origin}/t/{shop.tenant.slug}/tills/{till}/sell")
    else:
        badge = await _become_device(page, on, world, till)
        await page.get_by_role("heading", name="Who are you?").wait_for()
        await page.locator(".people button").first.wait_for()
        await (await Hands.on(page)).scan(badge)
    opening = page.get_by_role("button", name="Open shift")
    await opening.wait_for()
    await page.keyboard.press("1")
    await opening.click()
    await page.wait_for_selector("body[data-screen=sell]")
    await load.until_it_sells()
    found = _by_kind(load, await load.weigh())
    await context.close()
    return found


async def _become_device(page: Page, on: Stage, world: World, till: UUID) -> str:
    """Enrol this browser, which opens the till then; gives the badge of somebody who may sell."""
    person, _email, _secret = await enrol(world.shop.db, world.shop.tenant.id, "owner")
    async with world.shop.db.begin(world.shop.scope) as tx:
        badge = await pins.issue_badge(tx, person)
        offer = await devices.offer_enrolment(tx, till, "Counter tablet")
    await page.goto(f"{on.origin}/kiosk#{offer.code}")
    await page.wait_for_url("**/sell")
    return badge


def _by_kind(load: Load, sizes: dict[str, int]) -> dict[str, tuple[int, int]]:
    found = {"script": (0, 0), "stylesheet": (0, 0), "charts": (0, 0)}
    for url, size in sizes.items():
        kind = "charts" if any(part in url for part in CHARTS) else load.kinds[url]
        weight, files = found[kind]
        found[kind] = weight + size, files + 1
    return found


def _row(name: str, found: dict[str, tuple[int, int]]) -> tuple[str, float, float, float, int]:
    script, style, charts = (found[kind][0] / 1e3 for kind in ("script", "stylesheet", "charts"))
    return name, script, style, charts, sum(files for _weight, files in found.values())


async def visit(folder: Path, port: int) -> list[tuple[str, float, float, float, int]]:
    """Open a business and its pages."""
    async with _database(folder) as db, chromium() as browser:
        world = await open_world(db, tills=1)
        sold = read_sale(sale(world.tills[0], 1, world.baskets(1, hot=False)[0]))
        await db.run(world.shop.scope, complete_sale, sold)  # a page that has nothing to show loads less
        await asyncio.sleep(2)  # the relay's clock: nobody rings for it here
        on = Stage(None, folder, db, port)  # type: ignore[arg-type] - its servers belong to `countertop up`
        return await weigh(browser, on, world)


async def measure(
    folder: Path, starts: int
) -> tuple[float, list[float], list[tuple[str, float, float, float, int]], list[tuple[str, dict[str, float]]]]:
    """Start once on nothing and some times again; gives both times, the pages' weights and the processes' memory."""
    with free_listener() as listener:
        port = listener.getsockname()[1]
    with running(folder, port) as (_process, first):
        pass
    later = []
    for _ in range(starts - 1):
        with running(folder, port) as (_process, seconds):
            later.append(seconds)
    with running(folder, port) as (process, seconds):
        later.append(seconds)
        pages = await visit(folder, port)
        return first, later, pages, processes(process.pid)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=3)
    asked = parser.parse_args()
    busy = load_of_others()
    folder = scratch()
    try:
        first, later, pages, used = await measure(folder, asked.starts)
    finally:
        shutil.rmtree(folder)
    show(
        "Starting `countertop up`",
        ("", "seconds"),
        [("on an empty folder (makes and migrates the database)", first), ("again, median", median(later))],
        note=f"{busy}.",
    )
    show(
        "Memory, MiB",
        ("", "processes", "RSS", "with its share of what is shared", "its own"),
        [(name, int(one["count"]), one["rss"], one["pss"], one["own"]) for name, one in used]
        + [("all", sum(int(one["count"]) for _n, one in used), "", sum(one["pss"] for _n, one in used), "")],
        note="RSS counts what Postgres' processes share once for each.",
    )
    show(
        "Script and style per page, kB with gzip",
        ("", "script", "style", "without charts", "limit", "charts", "files"),
        [
            (name, js, css, js + css, TILL_KB if name in TILLS else OFFICE_KB, charts, files)
            for name, js, css, charts, files in pages
        ],
    )
    weights = {name: js + css for name, js, css, _charts, _files in pages}
    for name in TILLS:
        till = weights.pop(name)
        target = f"<= {TILL_KB:.0f} kB"
        verdict(f"{name}, until it sells", met=till <= TILL_KB, measured=f"{till:.1f} kB", target=target)
    office = max(weights.values())
    verdict(
        "heaviest back-office page without charts",
        met=office <= OFFICE_KB,
        measured=f"{office:.1f} kB",
        target=f"<= {OFFICE_KB:.0f} kB",
    )


if __name__ == "__main__":
    asyncio.run(main())
