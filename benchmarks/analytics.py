"""The sections of analytics over five million sale lines, beside fifty thousand: sums are read, so none must notice.

    python -m benchmarks.analytics [--lines 1000000 | --full] [--reads 30]

The same two businesses as those of benchmarks.dashboard, on one server; whole pages and rows of charts over HTTP, in
turns, of four weeks and of a year. It also says how long all rollups take to be worked out.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from benchmarks.dashboard import FEW, FULL, MANY, PRODUCTS, Business, trade
from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import console, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.visitor import session
from benchmarks.support.world import open_world

TARGET_MS = 100.0
RATIO = 1.2
WARM = 3


def paths() -> dict[str, str]:
    """Name the pages that are asked for."""
    today = datetime.now(UTC).date()
    year = f"from={today - timedelta(days=364)}&to={today}"
    return {
        "Overview, 4 weeks": "/analytics",
        "Overview, a year": f"/analytics?{year}",
        "Sales, 4 weeks": "/analytics/sales",
        "Sales, a year": f"/analytics/sales?{year}",
        "Products, 4 weeks": "/analytics/products",
        "Products, a year": f"/analytics/products?{year}",
        "chart: trend of a year": f"/analytics/charts/trend?{year}",
        "chart: hours of the week, a year": f"/analytics/charts/heat?{year}",
        "chart: categories over a year": f"/analytics/charts/categories-time?{year}",
    }


async def measure(on: Stage, businesses: list[Business], reads: int) -> dict[tuple[str, int], list[float]]:
    """Read every page of both businesses, in turns: ms by page and lines."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    secrets = {business.lines: await session(on, business.world) for business in businesses}
    driver = Driver()
    try:
        for _turn in range(3):
            for name, path in paths().items():
                for business in businesses:
                    text = request(
                        "GET", f"/t/{business.world.shop.tenant.slug}{path}", Cookie=f"s={secrets[business.lines]}"
                    )
                    outcome = await driver.drive(on.port, [Requests([text] * (reads // 3 + WARM))])
                    if set(outcome.statuses) != {"200"}:
                        raise RuntimeError(outcome.odd)
                    found[name, business.lines] += outcome.latencies[WARM:]
    finally:
        driver.close()
    return found


async def main() -> None:
    """Make both businesses, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=MANY, help=f"sale lines of the larger business ({MANY:,})")
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} sale lines")
    parser.add_argument("--reads", type=int, default=30)
    asked = parser.parse_args()
    lines, busy = FULL if asked.full else asked.lines, load_of_others()
    async with stage() as on:
        businesses = []
        for count in (FEW, lines):
            businesses.append(Business(await open_world(on.db, products=PRODUCTS, tills=2), count))
            await trade(on, businesses[-1])
            console.print(
                f"{count:,} lines written in {businesses[-1].written:.0f} s, "
                f"rolled up in {businesses[-1].rolled_up:.0f} s"
            )
        found = await measure(on, businesses, asked.reads)
    figures = {
        name: [percentile(found[name, count], share) for count in (FEW, lines) for share in (0.5, 0.95)]
        for name in paths()
    }
    show(
        "Pages of analytics, ms",
        ("", f"{FEW:,} lines: p50", "p95", f"{lines:,} lines: p50", "p95", "ratio of p50"),
        [(name, *one, one[2] / one[0]) for name, one in figures.items()],
        note=f"Whole pages over HTTP. {busy}.",
    )
    slowest, ratio = max(one[3] for one in figures.values()), max(one[2] / one[0] for one in figures.values())
    verdict("slowest, p95", met=slowest <= TARGET_MS, measured=f"{slowest:.0f} ms", target=f"<= {TARGET_MS:.0f} ms")
    verdict("unchanged by what was sold", met=ratio <= RATIO, measured=f"{ratio:.2f} x", target=f"<= {RATIO} x")


if __name__ == "__main__":
    asyncio.run(main())
