"""A backlog of offline sales: 500 in one request, and by a till's journal, beside one sale per request.

    python -m benchmarks.sales_batch [--sales 500] [--rounds 3]

All ways send sales of five lines, one request after the other, to the same server in the same run; the single requests
come from sixteen tills in turn, because one till alone may not go that fast. Eight connections at a time are shown too,
as the most that single requests reach. Rounds take turns; medians are shown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace

from benchmarks.sales_http import CREW, crews
from benchmarks.support.load import Driver, Outcome, Requests, request
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import median, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import Crew, Till, World, open_world, sale, sale_text
from retail.kit.ids import new_id
from retail.sales.chain import GENESIS, Record, hash_of
from retail.sales.claims import claim_till
from retail.sales.operations import MOST_AT_ONCE
from retail.sales.payloads import MOST_RECORDS

TARGET = 3.0
TOGETHER = 8


class Sender:
    """One way to send a backlog, over as many connections as there are crews; the tills of a crew take turns."""

    def __init__(self, world: World, crews: Sequence[Crew]) -> None:
        self.world, self.crews = world, crews
        self.baskets = world.baskets(24, hot=False)

    async def prepare(self, sales: int) -> list[Requests]:
        """Make the requests of each connection."""
        made = [Requests(await self.texts(crew, sales)) for crew in self.crews]
        for crew in self.crews:
            crew.sold += sales
        return made

    async def texts(self, crew: Crew, sales: int) -> list[bytes]:
        """Make one request per sale."""
        found = []
        for ahead in range(sales):
            till, number = crew.turn(ahead)
            text = sale_text(till, number, self.baskets[number % len(self.baskets)])
            found.append(request("POST", "/api/v1/sales", text, Authorization=f"Bearer {till.token}"))
        return found

    def bodies(self, crew: Crew, sales: int) -> list[dict[str, object]]:
        """Make the sales of a crew of one till."""
        turns = [crew.turn(ahead) for ahead in range(sales)]
        return [sale(till, number, self.baskets[number % len(self.baskets)]) for till, number in turns]


class Batches(Sender):
    """As many sales in a request as are allowed."""

    async def texts(self, crew: Crew, sales: int) -> list[bytes]:
        """Make one request per 500 sales."""
        made = self.bodies(crew, sales)
        parts = [made[at : at + MOST_AT_ONCE] for at in range(0, len(made), MOST_AT_ONCE)]
        bearer = f"Bearer {crew.tills[0].token}"
        return [
            request("POST", "/api/v1/sales/batch", json.dumps({"sales": part}).encode(), Authorization=bearer)
            for part in parts
        ]


class Journal(Sender):
    """The till's own way: records of a hash chain, as many in a request as are allowed."""

    def __init__(self, world: World, crews: Sequence[Crew]) -> None:
        super().__init__(world, crews)
        self.device, self.fence = new_id(), 0
        self.seq, self.hash = 0, GENESIS

    async def texts(self, crew: Crew, sales: int) -> list[bytes]:
        """Make one request per 100 records."""
        (till,) = crew.tills
        if not self.fence:
            db, scope = self.world.shop.db, self.world.shop.scope
            claim = await db.run(scope, claim_till, till.id, self.device, "benchmark", take_over=False)
            self.fence = claim.fence
        records = [self._record(till, body) for body in self.bodies(crew, sales)]
        parts = [records[at : at + MOST_RECORDS] for at in range(0, len(records), MOST_RECORDS)]
        path = f"/api/v1/tills/{till.id}/journal"
        return [
            request(
                "POST",
                path,
                json.dumps({"device": str(self.device), "fence": self.fence, "records": part}).encode(),
                Authorization=f"Bearer {till.token}",
            )
            for part in parts
        ]

    def _record(self, till: Till, body: dict[str, object]) -> dict[str, object]:
        self.seq += 1
        text = json.dumps(body, separators=(",", ":"))
        record = Record(self.seq, "sale", str(body["id"]), str(body["occurred_at"]), text, self.hash, "")
        self.hash = hash_of(till.id, self.device, record)
        return asdict(replace(record, hash=self.hash))


async def measure(on: Stage, world: World, asked: argparse.Namespace) -> dict[str, list[float]]:
    """Run the rounds; gives the rates of each way. Raises where a sale is missing or stored twice."""
    tills = iter(world.tills)
    ways = {
        "one request each, one at a time": Sender(world, crews(tills, 1)),
        f"one request each, {TOGETHER} at a time": Sender(world, crews(tills, TOGETHER)),
        f"{MOST_AT_ONCE} in a request, one till": Batches(world, [Crew([next(tills)])]),
        f"by the journal, {MOST_RECORDS} in a request, one till": Journal(world, [Crew([next(tills)])]),
    }
    rates: dict[str, list[float]] = defaultdict(list)
    driver = Driver()
    try:
        for turn in range(asked.rounds + 1):
            for name, way in ways.items():
                share = max(1, asked.sales // len(way.crews)) if turn else 20  # the first turn warms up
                prepared = await way.prepare(share)
                await on.settle()
                outcome = await driver.drive(on.port, prepared)
                _refuse_failures(outcome)
                if turn:
                    rates[name].append(share * len(way.crews) / outcome.seconds)
    finally:
        driver.close()
    sent = sum(crew.sold for way in ways.values() for crew in way.crews)
    if sent != await _count(on, world):
        raise RuntimeError(f"{sent} sales were sent, {await _count(on, world)} are stored")
    return rates


def _refuse_failures(outcome: Outcome) -> None:
    if set(outcome.statuses) - {"200", "201"}:
        raise RuntimeError(f"{outcome.statuses}: {outcome.odd}")


async def _count(on: Stage, world: World) -> int:
    async with on.admin() as conn:
        found: int = await conn.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", world.shop.tenant.id)
        return found


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=MOST_AT_ONCE, help="the backlog (500)")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    busy = load_of_others()
    async with stage() as on:
        world = await open_world(on.db, tills=(TOGETHER + 1) * CREW + 2)
        await on.settle()
        rates = await measure(on, world, asked)
        stored = await _count(on, world)
    single, together, *others = rates
    rows = [
        (name, median(found), f"{median(found) / median(rates[single]):.1f}", asked.sales / median(found))
        for name, found in rates.items()
    ]
    show(
        f"A backlog of {asked.sales} sales of five lines, fsync on",
        ("", "sales/s", "times one at a time", "seconds for all"),
        rows,
        note=f"{stored} sales stored, each once. {busy}.",
    )
    for name in others:
        times = median(rates[name]) / median(rates[single])
        again = median(rates[name]) / median(rates[together])
        verdict(name, met=times >= TARGET, measured=f"{times:.1f} x single, {again:.1f} x eight", target=">= 3 x")


if __name__ == "__main__":
    asyncio.run(main())
