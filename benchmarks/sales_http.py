"""Sales per second over HTTP, beside pgbench with the same statements on the same server in the same run.

    python -m benchmarks.sales_http [--seconds 4] [--rounds 3] [--clients 8] [--web 1]

Every client is a keep-alive connection over which sixteen tills sell in turn, each with its own token and contiguous
numbers, so that none is faster than a till may be; five lines a sale, new ids, fsync on.
Rounds take turns (pgbench, HTTP, pgbench, ...), the relay works beside both and catches up between them; medians are
shown. Then the same with all lines of all sales on one product. At the end every invariant is checked.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence

from benchmarks.support.floor import floor
from benchmarks.support.load import Driver, Outcome, Requests, request
from benchmarks.support.pgbench import Floor, PgBench, Script, record
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import console, median, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import Crew, Product, Till, World, open_world, sale_text
from retail.checks import run_checks

TARGET = 0.5
WARM_SECONDS = 1.0
FAST = 3000
"""Sales per second that no machine is expected to reach twice over: as many are prepared before any is measured."""


CREW = 16
"""Tills that share a connection."""


def crews(tills: Iterator[Till], clients: int) -> list[Crew]:
    """Take a crew for each client."""
    return [Crew([next(tills) for _ in range(CREW)]) for _ in range(clients)]


class Clients:
    """The connections over which crews of tills sell."""

    def __init__(self, crews: Sequence[Crew], baskets: Sequence[list[Product]]) -> None:
        self._crews, self._baskets = crews, baskets

    def requests(self, most: int) -> list[Requests]:
        """Make up to `most` sales for each client."""
        return [Requests([self._sale(crew, ahead) for ahead in range(most)]) for crew in self._crews]

    def _sale(self, crew: Crew, ahead: int) -> bytes:
        till, number = crew.turn(ahead)
        text = sale_text(till, number, self._baskets[(crew.sold + ahead) % len(self._baskets)])
        return request("POST", "/api/v1/sales", text, Authorization=f"Bearer {till.token}")

    async def sell(self, on: Stage, driver: Driver, seconds: float, expected: float) -> Outcome:
        """Sell for a time; raises where an answer was not 201."""
        prepared = await asyncio.to_thread(self.requests, int(expected * seconds * 2 / len(self._crews)) + 50)
        outcome = await driver.drive(on.port, prepared, seconds)
        for crew, sent in zip(self._crews, outcome.sent, strict=True):
            crew.sold += sent
        if set(outcome.statuses) != {"201"}:
            raise RuntimeError(f"{outcome.statuses}: {outcome.odd}")
        return outcome


class Case:
    """One case: the same baskets by pgbench and over HTTP, each at tills of its own."""

    def __init__(self, on: Stage, world: World, driver: Driver, asked: argparse.Namespace, *, hot: bool) -> None:
        self.on, self.world, self.driver, self.asked = on, world, driver, asked
        self.name = "one product" if hot else f"{len(world.products)} products"
        self.baskets = world.baskets(24, hot=hot)
        tills = iter(world.tills[len(world.tills) // 2 :] if hot else world.tills)
        self.clients = Clients(crews(tills, asked.clients), self.baskets)
        self.tills = [next(tills) for _ in range(asked.clients)]
        self.floors: list[Floor] = []
        self.outcomes: list[Outcome] = []
        self.spent: list[dict[str, float]] = []
        self.behind: list[float] = []

    async def run(self) -> list[tuple[object, ...]]:
        """Run the rounds; gives the rows of the table."""
        script = Script(self.world, await record(self.world, self.baskets))
        bench = PgBench(self.on, script, self.tills)
        alone = await bench.run(WARM_SECONDS, expected=FAST, sales_per_row=1)
        first = await self.clients.sell(self.on, self.driver, WARM_SECONDS, FAST)
        for _ in range(self.asked.rounds):
            await self.on.settle()
            self.floors.append(await bench.run(self.asked.seconds, expected=alone.per_second * 1.5))
            await self.on.settle()
            before = self.on.cpu()
            self.outcomes.append(
                await self.clients.sell(self.on, self.driver, self.asked.seconds, first.per_second * 1.5)
            )
            self.behind.append(await self.on.settle())
            after = self.on.cpu()
            self.spent.append({name: after[name] - before[name] for name in after})
        return self._rows(alone)

    def _rows(self, alone: Floor) -> list[tuple[object, ...]]:
        ratio = median(a.per_second / b.per_second for a, b in zip(self.outcomes, self.floors, strict=True))
        latencies = [ms for one in self.outcomes for ms in one.latencies]
        cpu = {name: sum(one[name] for one in self.spent) / len(latencies) * 1e3 for name in self.spent[0]}
        cpu["clients"] = sum(one.cpu for one in self.outcomes) / len(latencies) * 1e3
        console.print(
            f"{self.name}: CPU ms per sale by pgbench: database {median(one.database_ms for one in self.floors):.2f}; "
            f"over HTTP: {', '.join(f'{name} {ms:.2f}' for name, ms in cpu.items())}; "
            f"the relay was done {median(self.behind):.2f} s after a round of {self.asked.seconds:g} s"
        )
        verdict(
            f"sales over HTTP, {self.name}",
            met=ratio >= TARGET,
            measured=f"{ratio:.0%} of pgbench",
            target=f">= {TARGET:.0%}",
        )
        return [
            (f"pgbench, {self.name}", median(one.per_second for one in self.floors), *_latency(alone.latencies), ""),
            (
                f"HTTP, {self.name}",
                median(one.per_second for one in self.outcomes),
                *_latency(latencies),
                f"{ratio:.0%}",
            ),
        ]


def _latency(values: Sequence[float]) -> tuple[float, float]:
    return percentile(values, 0.5), percentile(values, 0.99)


async def clients_alone(driver: Driver, asked: argparse.Namespace, world: World) -> tuple[object, ...]:
    """Let the clients talk to a server that does nothing."""
    clients = Clients(crews(iter(world.tills), asked.clients), world.baskets(4, hot=False))
    prepared = clients.requests(4000)
    with floor("http") as port:
        outcome = await driver.drive(port, prepared)
    cpu = outcome.cpu / len(outcome.latencies) * 1e3
    console.print(f"the clients themselves take {cpu:.3f} ms of CPU per sale where the server does nothing")
    return "the clients, against a server that does nothing", outcome.per_second, *_latency(outcome.latencies), ""


async def check(world: World) -> None:
    """Recompute every invariant after all those sales. Raises where one doesn't hold."""
    async with world.shop.db.read(world.shop.scope) as read:
        checks = await run_checks(read)
    wrong = [f"{one.name}: {one.detail}" for one in checks if not one.ok]
    if wrong:
        raise RuntimeError("; ".join(wrong))
    console.print(f"{len(checks)} checks hold: {', '.join(one.name for one in checks)}")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4, help="length of a round (4)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--web", type=int, default=1, help="web processes (1)")
    asked = parser.parse_args()
    busy = load_of_others()
    driver = Driver()
    try:
        async with stage(web=asked.web) as on:
            world = await open_world(on.db, tills=2 * asked.clients * (CREW + 1))
            await on.settle()
            rows = [await clients_alone(driver, asked, world)]
            for hot in (False, True):
                rows += await Case(on, world, driver, asked, hot=hot).run()
            await check(world)
    finally:
        driver.close()
    show(
        f"Sales of five lines, {asked.clients} at a time, {asked.web} web process(es), fsync on",
        ("", "per second", "p50 ms", "p99 ms", "of pgbench"),
        rows,
        note=f"pgbench's latencies: a short round in which each sale reads its arrays from a table too. {busy}.",
    )


if __name__ == "__main__":
    asyncio.run(main())
