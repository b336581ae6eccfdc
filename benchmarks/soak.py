"""Does memory stay? Sales without a pause, and what web and worker processes keep after each lap.

    python -m benchmarks.soak [--minutes 2] [--seconds 5] [--clients 2]

`--minutes 60` is the soak over an hour. The first third of the laps warms up (pools, caches, compiled templates); the
median of the second third is compared with the last one's. Memory is what a process has for itself alone.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from benchmarks.sales_http import CREW, FAST, WARM_SECONDS, Clients, check, crews
from benchmarks.support.load import Driver
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import median, show, verdict
from benchmarks.support.usage import load_of_others, memory
from benchmarks.support.world import open_world

MOST_GROWTH = 0.05
FEWEST_LAPS = 3


def kept(on: Stage) -> dict[str, float]:
    """Give what each process has for itself, in MiB."""
    named = [(f"web {at}", one) for at, one in enumerate(on.web, 1)]
    named += [(f"worker {at}", one) for at, one in enumerate(on.workers, 1)]
    return {name: memory(process.pid)["own"] for name, process in named}


def growth(laps: list[dict[str, float]], name: str) -> tuple[float, float, float]:
    """Give the first lap's figure of a process, the median of the middle third and that of the last."""
    values = [lap[name] for lap in laps]
    third = len(values) // 3
    return values[0], median(values[third : 2 * third]), median(values[-third:])


async def soak(on: Stage, driver: Driver, asked: argparse.Namespace) -> tuple[list[dict[str, float]], int]:
    """Sell lap after lap; gives the memory after each, and how many sales there were."""
    world = await open_world(on.db, tills=asked.clients * CREW)
    clients = Clients(crews(iter(world.tills), asked.clients), world.baskets(24, hot=False))
    first = await clients.sell(on, driver, WARM_SECONDS, FAST)
    laps, sold, until = list[dict[str, float]](), len(first.latencies), time.monotonic() + asked.minutes * 60
    while len(laps) < FEWEST_LAPS or time.monotonic() < until:
        outcome = await clients.sell(on, driver, asked.seconds, first.per_second * 1.5)
        await on.settle()
        sold += len(outcome.latencies)
        laps.append(kept(on))
    await check(world)
    return laps, sold


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seconds", type=float, default=5, help="length of a lap (5)")
    parser.add_argument("--clients", type=int, default=2)
    asked = parser.parse_args()
    busy, driver = load_of_others(), Driver()
    try:
        async with stage() as on:
            laps, sold = await soak(on, driver, asked)
    finally:
        driver.close()
    rows = [(name, *growth(laps, name)) for name in laps[0]]
    show(
        f"Memory over {len(laps)} laps, {sold:,} sales",
        ("MiB of its own", "first lap", "middle third", "last third"),
        rows,
        note=f"{busy}.",
    )
    for name, _first, middle, last in rows:
        more = last / middle - 1
        verdict(f"memory of {name}", met=more <= MOST_GROWTH, measured=f"{more:+.1%}", target=f"<= {MOST_GROWTH:+.0%}")


if __name__ == "__main__":
    asyncio.run(main())
