"""Look at the owner's pages with Lighthouse, as a phone of the middle class on slow 4G sees them.

Run it as `make quality`. It starts the demo on a folder of its own, signs its owner in, and asks each page several
times in that browser, which forgets before each time all that it keeps but the session. Accessibility and best
practices must be 100 each time, performance 95 in the middle one: the simulated phone's times depend on what else the
machine does. Ends with 1 where a page is below, and names the audits that it failed.
Needs Node.js and npm, which fetches Lighthouse once into build/ (https://developer.chrome.com/docs/lighthouse).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import BrowserContext, async_playwright

from scripts.demo import demo, free_port
from scripts.screens import sign_in
from tests.support.browser import LAUNCH_ARGS, chromium_path

ROOT: Final = Path(__file__).resolve().parents[1]
VERSION: Final = "12.8.2"
PLACE: Final = ROOT / "build" / f"lighthouse-{VERSION}"
PROGRAM: Final = PLACE / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES: Final = (
    *("/pocket", "/pocket/stock", "/pocket/orders", "/pocket/messages", "/notices"),
    *("/", "/products", "/stock", "/sales", "/customers"),
)
TIMES: Final = 3
KEPT: Final = "cache_storage,file_systems,indexeddb,local_storage,service_workers,websql"
LEAST: Final[Mapping[str, int]] = {"accessibility": 100, "best-practices": 100, "performance": 95}


def install() -> None:
    """Fetch Lighthouse once. Raises SystemExit where there is no Node.js."""
    if PROGRAM.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Lighthouse needs Node.js and npm: run 'apt-get install nodejs npm'.")
    sys.stderr.write("Installing Lighthouse (once).\n")
    wanted = ("install", "--prefix", str(PLACE), "--no-audit", "--no-fund", "--ignore-scripts", f"lighthouse@{VERSION}")
    subprocess.run([npm, *wanted], check=True, stdout=sys.stderr)  # noqa: S603 - arguments of our own


@asynccontextmanager
async def owners_browser(origin: str, folder: Path, port: int) -> AsyncIterator[tuple[BrowserContext, str]]:
    """Open a browser that Lighthouse can join at a port, and sign the demo's owner in; gives the business's address."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium_path(), args=[*LAUNCH_ARGS, f"--remote-debugging-port={port}"]
        )
        page = await context.new_page()
        await sign_in(page, origin, "owner")
        await page.wait_for_url("**/t/*/**")
        base = "/".join(page.url.split("/")[:5])
        await page.close()
        yield context, base
        await context.close()


async def forget(context: BrowserContext, origin: str) -> None:
    """Clear what the browser keeps of the shop, as for somebody who comes for the first time; the session stays."""
    page = await context.new_page()
    over = await context.new_cdp_session(page)
    await over.send("Network.clearBrowserCache")
    await over.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT})
    await page.close()


async def looked_at(address: str, port: int, folder: Path) -> dict[str, Any]:
    """Let Lighthouse look at a page once; gives its report."""
    report = folder / "report.json"
    command = [
        "node", str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}", f"--port={port}",
        "--disable-storage-reset", f"--only-categories={','.join(LEAST)}",
    ]  # fmt: skip
    running = await asyncio.create_subprocess_exec(*command)
    if await running.wait():
        raise SystemExit(f"Lighthouse could not look at {address}.")
    read: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    if read.get("runtimeError"):
        raise SystemExit(f"{address}: {read['runtimeError']['message']}")
    if read["finalDisplayedUrl"].split("?")[0].rstrip("/") != address.rstrip("/"):
        raise SystemExit(f"{address} leads to {read['finalDisplayedUrl']}.")
    return read


def failed(report: Mapping[str, Any], category: str) -> Iterator[str]:
    """Name the audits of a category that count and are not passed."""
    for one in report["categories"][category]["auditRefs"]:
        audit = report["audits"][one["id"]]
        if one["weight"] and audit["score"] is not None and audit["score"] < 1:
            yield f"{one['id']} {audit.get('displayValue', '')}".strip()


def judge(address: str, reports: list[dict[str, Any]]) -> list[str]:
    """Print a page's line; gives what it misses."""
    scores = {name: [round(100 * (one["categories"][name]["score"] or 0)) for one in reports] for name in LEAST}
    seen = {name: round(median(many)) if name == "performance" else min(many) for name, many in scores.items()}
    print(f"{address:<22}" + "".join(f"{name}: {seen[name]:>3} {scores[name]}  " for name in LEAST), flush=True)  # noqa: T201
    below = [name for name, least in LEAST.items() if seen[name] < least]
    return [f"{address} {name}: {what}" for name in below for what in failed(reports[-1], name)]


async def every(origin: str, paths: Sequence[str], folder: Path) -> list[str]:
    """Look at each page; gives what is missed."""
    port, missed = free_port(), []
    async with owners_browser(origin, folder / "browser", port) as (context, base):
        for path in paths:
            reports = []
            for _time in range(TIMES):
                await forget(context, origin)
                reports.append(await looked_at(base + path, port, folder))
            missed += judge(base + path, reports)
    return missed


def main() -> int:
    """Look at each page; 1 where one is below what it should be."""
    install()
    with demo() as (origin, _zone), tempfile.TemporaryDirectory(prefix="ct-") as folder:
        missed = asyncio.run(every(origin, sys.argv[1:] or PAGES, Path(folder)))
    sys.stderr.write("".join(f"{one}\n" for one in missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
