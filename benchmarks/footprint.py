"""What it takes to run: time to start, memory of each process, and the bytes of script and style of each page.

    python -m benchmarks.footprint [--starts 3]

`countertop up` is started on an empty folder, stopped, and started again: the later starts are measured, from the
command to the first good answer of /readyz. Memory is read once the processes have answered some pages. Bytes are those
that travel: each script and style that Chromium loads for a page, fetched again with gzip.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
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

from playwright.async_api import Browser, Request

from benchmarks.support.stage import PATIENT, ROOT, Stage, free_listener, scratch
from benchmarks.support.table import median, show, verdict
from benchmarks.support.usage import family, load_of_others, memory
from benchmarks.support.visitor import chromium, sign_in
from benchmarks.support.world import World, open_world, sale
from retail.cli.servers import reach_servers
from retail.runtime.db import Database
from retail.sales.operations import complete_sale
from retail.sales.reading import read_sale
from retail.settings import Settings

TILL_KB, OFFICE_KB = 60.0, 40.0
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
        "till": f"{base}/tills/{world.tills[0].id}/sell",
        "Today": f"{base}/",
        "Products": f"{base}/products",
        "Stock": f"{base}/stock",
        "Sales": f"{base}/sales",
        "Shifts": f"{base}/shifts",
        "Books": f"{base}/ledger",
        "People": f"{base}/people",
        "sign-in": "/sign-in",
    }
    rows = []
    for name, path in pages.items():
        context = await sign_in(browser, on, world)
        if name == "sign-in":
            await context.clear_cookies()
        page = await context.new_page()
        asked: dict[str, str] = {}

        def note(one: Request, asked: dict[str, str] = asked) -> None:
            if one.resource_type in {"script", "stylesheet"}:
                asked[one.url.split("?")[0]] = one.resource_type

        page.on("request", note)
        answer = await page.goto(on.origin + path)
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{path}: {answer and answer.status}")
        await page.wait_for_timeout(1500)
        sizes = {url: await asyncio.to_thread(_packed, url) for url in asked}
        charts = sum(size for url, size in sizes.items() if any(part in url for part in CHARTS))
        by_kind = {
            kind: sum(s for url, s in sizes.items() if asked[url] == kind and not any(part in url for part in CHARTS))
            for kind in ("script", "stylesheet")
        }
        rows.append((name, by_kind["script"] / 1e3, by_kind["stylesheet"] / 1e3, charts / 1e3, len(sizes)))
        await context.close()
    return rows


def _packed(url: str) -> int:
    wanted = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(wanted) as answer:
        body: bytes = answer.read()
        if answer.headers.get("Content-Encoding") != "gzip" and len(body) > len(gzip.compress(body)) > 1024:
            raise RuntimeError(f"{url} is not packed")
        return len(body)


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
            (name, js, css, js + css, TILL_KB if name == "till" else OFFICE_KB, charts, files)
            for name, js, css, charts, files in pages
        ],
    )
    till = next(js + css for name, js, css, _charts, _files in pages if name == "till")
    office = max(js + css for name, js, css, _charts, _files in pages if name != "till")
    verdict("till, script and style", met=till <= TILL_KB, measured=f"{till:.1f} kB", target=f"<= {TILL_KB:.0f} kB")
    verdict(
        "heaviest back-office page without charts",
        met=office <= OFFICE_KB,
        measured=f"{office:.1f} kB",
        target=f"<= {OFFICE_KB:.0f} kB",
    )


if __name__ == "__main__":
    asyncio.run(main())
