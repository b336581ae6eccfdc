"""How many events a relay moves per second, and how soon after its commit an event is heard in the hub.

    python -m benchmarks.relay

Makes a database and a Redis of its own (TEST_DATABASE_ADMIN_URL: in that server). The web's commits, the worker and the
hub share one event loop here, so real processes are a little quicker. Prints a table.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time

import uvloop

from retail.runtime.db import Database
from retail.runtime.doorbell import Doorbell
from retail.runtime.realtime.hub import Hub
from retail.runtime.realtime.message import Message
from retail.runtime.tasks import end
from tests.support import database
from tests.support.bells import BOARD, Tenant, make_tenant
from tests.support.live_server import Door, paint
from tests.support.redis import running_redis
from workers import outbox
from workers.work import Work

COMMITS = 400
BACKLOG = 20_000


class Stopwatch:
    """A subscriber that notes when each count is heard."""

    def __init__(self) -> None:
        self.heard: dict[int, float] = {}

    def hear(self, message: Message) -> None:
        """Note the moment."""
        self.heard[int(message.facts.split(":")[1].rstrip("}"))] = time.perf_counter()

    def restart(self, head: int) -> None:
        """Refuse: nothing may be lost here."""
        raise RuntimeError(f"restarted at {head}")


async def latency(tenant: Tenant, watch: Stopwatch, bell: Doorbell) -> list[float]:
    """Commit one event each 25 ms; give the milliseconds from the commit's return to the socket's subscriber."""
    waits: dict[int, float] = {}
    for count in range(COMMITS):
        await tenant.ring(count)
        waits[count] = time.perf_counter()
        bell.ring()
        await asyncio.sleep(0.025)
    await asyncio.sleep(1)
    return sorted(max(0.0, (watch.heard[count] - at) * 1000) for count, at in waits.items())


async def throughput(tenants: list[Tenant], bell: Doorbell) -> float:
    """Let a backlog wait, then ring once; give events per second until the outbox is empty."""
    began = time.perf_counter()
    bell.ring()
    while sum([await tenant.waiting() for tenant in tenants]):  # noqa: ASYNC110 - rows, no event
        await asyncio.sleep(0.02)
    return BACKLOG / (time.perf_counter() - began)


async def fill(tenants: list[Tenant]) -> None:
    """Put the backlog into the outbox, 100 events a commit."""
    for start in range(0, BACKLOG // len(tenants), 100):
        for tenant in tenants:
            await tenant.ring(*range(COMMITS + start, COMMITS + start + 100))


async def round_of(db: Database, worker_db: Database, redis_url: str, size: int) -> None:
    """Measure with a number of tenants, and print two lines."""
    working, hub, bell = (
        Work(worker_db, redis_url),
        Hub(db, redis_url, BOARD, doorman=Door(), paint=paint),
        Doorbell(redis_url),
    )
    ringing = asyncio.create_task(bell.run())
    await hub.start()
    tenants = [await make_tenant(db) for _ in range(size)]
    await fill(tenants)
    working.start()
    print(f"{size:>3} tenants, backlog: {await throughput(tenants, bell):8.0f} events/s")
    watch = Stopwatch()
    room = await hub._enter(tenants[0].id)  # noqa: SLF001 - as a socket does
    room.stream.subscribe("bell:door", watch)
    waits = await latency(tenants[0], watch, bell)
    cut = statistics.quantiles(waits, n=100)
    print(f"{size:>3} tenants, latency: median {cut[49]:.1f} ms, p95 {cut[94]:.1f}, p99 {cut[98]:.1f}")
    await working.stop()
    await hub.stop()
    await end([ringing])


async def measure(app_url: str) -> None:
    """Print the table."""
    outbox.switchboard, outbox.projections = lambda: BOARD, dict  # the bare relay, no feature's reactions
    db, worker_db = [await Database.connect(app_url, size=6) for _ in range(2)]
    with running_redis() as redis:
        for size in (1, 20):
            await round_of(db, worker_db, redis.url, size)
    await db.close()
    await worker_db.close()


def main() -> None:
    """Make the database, measure, throw it away."""
    with database.template():
        admin = os.environ["TEST_DATABASE_ADMIN_URL"]
        clone = asyncio.run(database.clone(admin, os.environ["TEST_DATABASE_TEMPLATE"]))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(clone.app_url))
        asyncio.run(database.drop(admin, clone.name))


if __name__ == "__main__":
    main()
