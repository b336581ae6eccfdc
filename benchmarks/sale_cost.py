"""What a sale costs its own path while all that follows from sales is worked out beside it, and while nothing is.

    python -m benchmarks.sale_cost [--sales 600] [--rounds 6]

The same sales of five lines over HTTP, in rounds that take turns: the worker at work (read models, alerts, notices and
all that hears of a sale), and the worker held still by SIGSTOP. Counted is the processor time of the web process, which
is all that a cashier waits for beside the database's own statements; these are the same in both. After each round the
worker catches up, so that none inherits another's work.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence

from benchmarks.sales_http import Clients, check, crews
from benchmarks.support.load import Driver
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import median, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import open_world

MOST = 1.03
CLIENTS = 4
CREW = 16
SECONDS = 60.0
"""Longer than a round may last: it ends when its sales are through."""
SPARE = 50
"""What the clients prepare beyond what is expected, each."""


def hold(on: Stage, *, still: bool) -> None:
    """Let the workers stand still or go on."""
    for process in on.workers:
        process.send_signal(signal.SIGSTOP if still else signal.SIGCONT)


async def one_round(on: Stage, clients: Clients, driver: Driver, sales: int, *, still: bool) -> float:
    """Sell, and give the milliseconds of the web process per sale."""
    hold(on, still=still)
    before = on.cpu()["web"]
    sold = await clients.sell(on, driver, SECONDS, (sales - CLIENTS * SPARE) / SECONDS / 2)
    spent = on.cpu()["web"] - before
    hold(on, still=False)
    await on.settle()
    return spent / sum(sold.sent) * 1e3


async def measure(on: Stage, clients: Clients, driver: Driver, asked: argparse.Namespace) -> list[Sequence[object]]:
    """Run the rounds in turns; gives the rows of the table."""
    found: dict[bool, list[float]] = {False: [], True: []}
    await one_round(on, clients, driver, asked.sales, still=False)
    for turn in range(asked.rounds):
        for still in (False, True) if turn % 2 else (True, False):
            found[still].append(await one_round(on, clients, driver, asked.sales, still=still))
    ratio = median(work / rest for work, rest in zip(found[False], found[True], strict=True))
    verdict("a sale with all that follows", met=ratio <= MOST, measured=f"{ratio:.3f} times", target=f"<= {MOST}")
    rows = (("the worker held still", found[True], ""), ("the worker at work", found[False], f"{ratio:.3f}"))
    return [(name, median(values), min(values), max(values), of) for name, values, of in rows]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=600, help="sales of a round (600)")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of each kind (6)")
    asked = parser.parse_args()
    busy, driver = load_of_others(), Driver()
    try:
        async with stage() as on:
            world = await open_world(on.db, tills=CLIENTS * CREW)
            await on.settle()
            clients = Clients(crews(iter(world.tills), CLIENTS), world.baskets(24, hot=False))
            rows = await measure(on, clients, driver, asked)
            await check(world)
    finally:
        driver.close()
    show(
        f"Processor time of the web process per sale of five lines, {asked.sales} sales a round",
        ("", "ms", "least", "most", "ratio"),
        rows,
        note=f"medians of {asked.rounds} rounds each. {busy}.",
    )


if __name__ == "__main__":
    asyncio.run(main())
