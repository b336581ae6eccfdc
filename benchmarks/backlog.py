"""A backlog of unsent sales is drained while another till sells.

    python -m benchmarks.backlog [--sales 10000] [--beat 0.1]

A till was without a network: its journal holds so many sales, hashed and chained, and it sends them as a till does, one
delivery of at most 100 records after the other, waiting for each answer. Another till sells one sale every `--beat`
seconds all along; beside it stand its latency before the drain and that of a server that does nothing, in the same run.
At the end every sale is there once and all checks hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from benchmarks.support.floor import floor
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import Till, World, open_world, sale, sale_text
from retail.checks import run_checks
from retail.kit.ids import new_id
from retail.sales.chain import GENESIS, Record, hash_of

TARGET = 120.0
BATCH = 100
ALONE = 5.0
_PAUSE = 0.2


@dataclass
class Backlog:
    """A device's journal, written while nobody answered."""

    till: Till
    device: UUID = field(default_factory=new_id)
    records: list[Record] = field(default_factory=list)

    def write(self, world: World, sales: int) -> None:
        """Write so many sales, the last a moment ago."""
        baskets, begun = world.baskets(24, hot=False), datetime.now(UTC) - timedelta(seconds=sales)
        last = GENESIS
        for at in range(sales):
            moment = begun + timedelta(seconds=at)
            body = sale(self.till, at + 1, baskets[at % len(baskets)], moment)
            text = json.dumps(body, separators=(",", ":"))
            record = Record(at + 1, "sale", str(body["id"]), moment.isoformat(), text, last, "")
            last = hash_of(self.till.id, self.device, record)
            self.records.append(replace(record, hash=last))

    async def drain(self, client: httpx.AsyncClient) -> tuple[float, int]:
        """Send all of it; gives the seconds, and how often the server asked to wait."""
        headers = {"Authorization": f"Bearer {self.till.token}"}
        claim = {"device": str(self.device), "label": "Backlog", "take_over": True}
        answer = await client.post(f"/api/v1/tills/{self.till.id}/claims", json=claim, headers=headers)
        fence, sent, waited = answer.raise_for_status().json()["fence"], 0, 0
        began = time.perf_counter()
        while sent < len(self.records):
            part = [asdict(record) for record in self.records[sent : sent + BATCH]]
            delivery = {"device": str(self.device), "fence": fence, "records": part}
            answer = await client.post(f"/api/v1/tills/{self.till.id}/journal", json=delivery, headers=headers)
            if answer.status_code in {429, 503}:
                waited += 1
                await asyncio.sleep(float(answer.headers.get("retry-after", _PAUSE)))
                continue
            results = answer.raise_for_status().json()["results"]
            if {one["status"] for one in results} != {"created"}:
                raise RuntimeError(f"{results[:3]}")
            sent += len(part)
        return time.perf_counter() - began, waited


class Seller:
    """Another till, which sells one sale a beat; `took` are its latencies in seconds."""

    def __init__(self, world: World, till: Till, beat: float) -> None:
        self.world, self.till, self.beat, self.number = world, till, beat, 0

    async def sell(self, client: httpx.AsyncClient, until: asyncio.Event) -> list[float]:
        """Sell until the event is set."""
        baskets, took = self.world.baskets(24, hot=False), []
        headers = {"Authorization": f"Bearer {self.till.token}", "Content-Type": "application/json"}
        while not until.is_set():
            self.number += 1
            text = sale_text(self.till, self.number, baskets[self.number % len(baskets)])
            began = time.perf_counter()
            answer = await client.post("/api/v1/sales", content=text, headers=headers)
            took.append(time.perf_counter() - began)
            if answer.status_code not in {200, 201}:
                raise RuntimeError(f"{answer.status_code}: {answer.text[:200]}")
            await asyncio.sleep(self.beat)
        return took

    async def for_seconds(self, origin: str, seconds: float) -> list[float]:
        """Sell for a time, at the shop or at a server that does nothing."""
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        async with httpx.AsyncClient(base_url=origin, timeout=60) as client:
            return await self.sell(client, stop)


async def measure(on: Stage, asked: argparse.Namespace) -> tuple[float, int, dict[str, Sequence[float]]]:
    """Give the seconds of the drain, how often it had to wait, and the other till's latencies by what went on."""
    world = await open_world(on.db, tills=2)
    backlog, seller = Backlog(world.tills[0]), Seller(world, world.tills[1], asked.beat)
    await asyncio.to_thread(backlog.write, world, asked.sales)
    with floor("http") as port:
        idle = await Seller(world, world.tills[1], asked.beat).for_seconds(f"http://127.0.0.1:{port}", ALONE)
    alone = await seller.for_seconds(on.origin, ALONE)
    await on.settle()
    stop = asyncio.Event()
    async with (
        httpx.AsyncClient(base_url=on.origin, timeout=60) as one,
        httpx.AsyncClient(base_url=on.origin, timeout=60) as other,
    ):
        selling = asyncio.create_task(seller.sell(other, stop))
        try:
            seconds, waited = await backlog.drain(one)
        finally:
            stop.set()
        beside = await selling
    await on.settle()
    await _check(world, asked.sales + seller.number)
    rows = {"a server that does nothing": idle, "the shop, nothing drained": alone, "while the backlog drains": beside}
    return seconds, waited, rows


async def _check(world: World, expected: int) -> None:
    async with world.shop.db.read(world.shop.scope) as read:
        stored = await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1", read.tenant)
        wrong = [f"{one.name}: {one.detail}" for one in await run_checks(read) if not one.ok]
    if stored != expected or wrong:
        raise RuntimeError(f"{stored} of {expected} sales; {'; '.join(wrong)}")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=10_000)
    parser.add_argument("--beat", type=float, default=0.1)
    asked = parser.parse_args()
    busy = load_of_others()
    async with stage() as on:
        seconds, waited, took = await measure(on, asked)
    rows = [(f"a sale of the other till: {name}", percentile(of, 0.5) * 1e3, percentile(of, 0.99) * 1e3)
            for name, of in took.items()]  # fmt: skip
    title = f"{asked.sales:,} unsent sales drained in {seconds:.1f} s ({asked.sales / seconds:,.0f}/s)"
    show(title, ("", "p50 ms", "p99 ms"), rows, note=f"{busy}; the drain was asked to wait {waited} times.")
    verdict(
        f"backlog of {asked.sales:,} sales while another till sells",
        met=seconds <= TARGET,
        measured=f"{seconds:.1f} s",
        target=f"<= {TARGET:.0f} s",
    )


if __name__ == "__main__":
    asyncio.run(main())
