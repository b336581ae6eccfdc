"""What open dashboards of operators cost the sale path, and a thousand sockets at fifty messages a second.

    python -m benchmarks.console [--sales 2000] [--dashboards 200] [--sockets 1000] [--per-second 50] [--seconds 10]

The sales: sixteen tills sell over HTTP, one after the other, on one web process; rounds without a dashboard and with
all of them open take turns, so that both see the same machine. Every dashboard is a socket of an operator at the same
web process; while tills sell, its figures change with each reading.
The sockets: all on one web process, through outbox, relay and Redis, as in benchmarks.live but five times as fast.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass, field

from benchmarks.live import BYTES, Crowd, crowd
from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.sockets import Listeners
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others, memory
from benchmarks.support.world import World, open_world, sale_text
from retail.console.overview import LIVE
from retail.runtime.realtime.hub import MOST_SOCKETS
from tests.support.web import enrol_operator

TILLS = 16
SHARES = (0.5, 0.99)
UNCHANGED = 1.05
"""Nothing measurable: within a twentieth, which is what two rounds of the same differ by."""


@dataclass
class Round:
    """How long sales took, and what the web process and the database spent meanwhile."""

    milliseconds: list[float] = field(default_factory=list)
    web: float = 0.0
    database: float = 0.0


@dataclass
class Counter:
    """The tills that sell in turn, so that none goes faster than a till may, and where."""

    on: Stage
    world: World
    driver: Driver
    sold: int = 0

    async def sell(self, sales: int, into: Round) -> None:
        """Sell one after the other; the time of each goes into the round."""
        basket, tills = self.world.baskets(1, hot=False)[0], self.world.tills
        texts = []
        for n in range(self.sold, self.sold + sales):
            till, number = tills[n % len(tills)], n // len(tills) + 1
            bearer = f"Bearer {till.token}"
            texts.append(request("POST", "/api/v1/sales", sale_text(till, number, basket), Authorization=bearer))
        self.sold += sales
        before = self.on.cpu()
        outcome = await self.driver.drive(self.on.port, [Requests(texts)])
        if set(outcome.statuses) != {"201"}:
            raise RuntimeError(outcome.odd)
        after = self.on.cpu()
        into.milliseconds += outcome.latencies
        into.web += after["web"] - before["web"]
        into.database += after["database"] - before["database"]
        await self.on.settle()


async def dashboards(on: Stage, count: int) -> Listeners:
    """Open the pages' sockets, each session its eight."""
    secrets = [(await enrol_operator(on.db, second_factor=True))[2] for _session in range(-(-count // MOST_SOCKETS))]
    cookies = [f"s={secrets[n // MOST_SOCKETS]}" for n in range(count)]
    return Listeners(on.port, LIVE, [""] * count, cookies=cookies)


async def compare(
    counter: Counter, dashboards_open: int, sales: int, rounds: int
) -> tuple[tuple[Round, Round], Round, float]:
    """Sell without and with dashboards, in turns; gives both, and the KiB that a dashboard takes.

    Rounds without are of two kinds that differ in nothing: how far those are apart is what the machine alone does.
    """
    on, without, beside, kib = counter.on, (Round(), Round()), Round(), 0.0
    await counter.sell(50, Round())  # warm
    for number in range(rounds):
        await counter.sell(sales // rounds, without[number % 2])
        own = memory(on.web[0].pid)["own"]
        open_ones = await dashboards(on, dashboards_open)
        await open_ones.open()
        await asyncio.sleep(3)  # until each has its first picture
        kib = kib or (memory(on.web[0].pid)["own"] - own) * 1024 / dashboards_open
        await counter.sell(sales // rounds, beside)
        _arrivals, closed, _cpu = await open_ones.close()
        if closed:
            raise RuntimeError(f"{closed} dashboards were closed")
        await asyncio.sleep(1)
    return without, beside, kib


def _apart(first: Round, second: Round, share: float) -> float:
    return percentile(second.milliseconds, share) / percentile(first.milliseconds, share)


def _processor(one: Round) -> tuple[float, float]:
    sales = max(1, len(one.milliseconds))
    return one.web * 1e3 / sales, one.database * 1e3 / sales


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=2000, help="with and without dashboards, each")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--dashboards", type=int, default=200)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--per-second", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    busy, driver = load_of_others(), Driver()
    try:
        async with stage() as on:
            world = await open_world(on.db, tills=TILLS)
            without, beside, kib = await compare(
                Counter(on, world, driver), asked.dashboards, asked.sales, asked.rounds
            )
            heard = await crowd(on, world, asked.sockets, asked.seconds, per_second=asked.per_second)
    finally:
        driver.close()
    _show(without, beside, heard, asked, f"A dashboard takes {kib:.0f} KiB of the web process. {busy}.")


def _show(without: tuple[Round, Round], beside: Round, heard: Crowd, asked: argparse.Namespace, note: str) -> None:
    both = Round(
        [one for half in without for one in half.milliseconds],
        sum(half.web for half in without),
        sum(half.database for half in without),
    )
    named = {f"{len(both.milliseconds)} sales, no dashboard": both, f"with {asked.dashboards} open": beside}
    rows = [
        (name, *(percentile(one.milliseconds, share) for share in SHARES), *_processor(one))
        for name, one in named.items()
    ]
    show("A sale over HTTP", ("", "p50 ms", "p99 ms", "web CPU ms", "database CPU ms"), rows, note=note)
    for share in SHARES:
        seen, floor = _apart(both, beside, share), _apart(without[0], without[1], share)
        most = UNCHANGED if share < 0.9 else 2 * UNCHANGED - 1
        verdict(
            f"dashboards cost a sale, p{share * 100:.0f}",
            met=seen <= most,
            measured=f"{seen:.2f} x (two halves of the rounds without: {max(floor, 1 / floor):.2f} x)",
            target=f"<= {most:.2f} x",
        )
    show(
        "A thousand sockets",
        ("", "p50 ms", "p99 ms", "KiB per socket", "web CPU %", "missing"),
        [
            (
                f"{asked.sockets} sockets, {asked.per_second} messages/s of {BYTES} bytes, one web process",
                percentile(heard.milliseconds, 0.5),
                percentile(heard.milliseconds, 0.99),
                heard.kib,
                heard.web * 100,
                heard.missing,
            )
        ],
        note=f"All open after {heard.opened:.1f} s; the listeners take {heard.clients:.0%} of a processor.",
    )


if __name__ == "__main__":
    asyncio.run(main())
