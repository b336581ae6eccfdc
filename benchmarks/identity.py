"""What it costs to know who asks, whether sign-ins disturb anybody, and whether one business can see another.

    python -m benchmarks.identity [--requests 2000] [--rounds 7] [--seconds 40] [--sign-ins 20] [--ids 2]

The door: the same page for somebody with a session, in a tenant, with a permission, and for anybody; CPU of the web
process, in turns. Sign-ins: pages at a steady pace with and without twenty people who sign in all the time, each with
a password that costs what it costs. Walls: two businesses trade; members of each role of one ask every address for ids
of the other, and send changes with them; an answer that isn't the one for an id that nobody has is a leak.
"""

from __future__ import annotations

import argparse
import asyncio
from urllib.parse import quote

from benchmarks.support.doorway import Doorway
from benchmarks.support.load import Driver, Outcome, Requests, request
from benchmarks.support.paced import visit
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import console, median, percentile, show, verdict
from benchmarks.support.usage import cpu_seconds, load_of_others
from benchmarks.support.visitor import session
from benchmarks.support.world import World, open_world
from tests.support.doors import doors, of_tenant
from tests.support.two_shops import (
    ROLES,
    Town,
    chosen,
    crawl,
    of_theirs,
    open_town,
    read_with_ids,
    write_with_ids,
)
from tests.support.web import PASSWORD, enrol

TARGET_MS = 0.5
TIMES = 2.0
PACE = 8.0
TURNS = 3
ENOUGH = 400
WRITERS = {"owner", "clerk"}


async def door(on: Stage, world: World, requests: int, rounds: int) -> None:
    """Measure what the door adds to a request."""
    doorway = Doorway(on, world, await session(on, world))
    postmaster = on.embedded.postgres.pid or 0
    rows, added = [], {}
    for name, (open_, guarded) in doorway.pairs.items():
        found: dict[str, list[float]] = {"open": [], "guarded": []}
        served: dict[str, list[float]] = {"open": [], "guarded": []}
        for _ in range(rounds):
            for one in (open_, guarded):
                before = cpu_seconds([postmaster])
                found[one.name].append(await doorway.cpu(one, requests))
                served[one.name].append((cpu_seconds([postmaster]) - before) * 1e3 / requests)
        least, cost = median(found["open"]), median(found["guarded"])
        added[name] = cost - least
        of_database = median(served["guarded"]) - median(served["open"])
        rows.append((name, least, cost, cost - least, of_database))
    show(
        "The same page for anybody and behind the door, CPU ms per request",
        ("", "for anybody: the floor", "behind the door", "added", "added to Postgres"),
        rows,
        note=f"Median of {rounds} rounds of {requests:,} requests, in turns, in one process. {load_of_others()}.",
    )
    for name, more in added.items():
        verdict(name, met=more <= TARGET_MS, measured=f"+ {more:.2f} ms", target=f"<= {TARGET_MS} ms")


def sign_in(port: int, email: str) -> bytes:
    """Write a sign-in out as a browser's form sends it."""
    body = f"email={quote(email)}&password={quote(PASSWORD)}".encode()
    lines = [
        "POST /sign-in HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def pages_and_sign_ins(
    on: Stage, world: World, people: int, seconds: float
) -> tuple[list[float], list[float], list[Outcome]]:
    """Visit a page at a steady pace, alone and while people sign in; gives both latencies and the sign-ins."""
    emails = [(await enrol(on.db, world.shop.tenant.id, "clerk"))[1] for _ in range(people)]
    page = request("GET", f"/t/{world.shop.tenant.slug}/products", Cookie=f"s={await session(on, world)}")
    await visit(on.port, page, seconds=2, per_second=PACE)
    base: list[float] = []
    busy: list[float] = []
    signed: list[Outcome] = []
    driver = Driver()
    try:
        await driver.drive(on.port, [])  # the process is there before the clock starts
        for _ in range(TURNS):
            base += await visit(on.port, page, seconds=seconds / TURNS, per_second=PACE)
            clients = [Requests([sign_in(on.port, email)] * ENOUGH) for email in emails]
            driving = asyncio.create_task(driver.drive(on.port, clients, seconds / TURNS + 1))
            await asyncio.sleep(0.5)
            busy += await visit(on.port, page, seconds=seconds / TURNS, per_second=PACE)
            signed.append(await driving)
    finally:
        driver.close()
    return base, busy, signed


async def sign_ins(on: Stage, world: World, people: int, seconds: float) -> None:
    """Measure pages without and with people who sign in."""
    base, busy, signed = await pages_and_sign_ins(on, world, people, seconds)
    if not {status for outcome in signed for status in outcome.statuses} <= {"303", "429"}:
        raise RuntimeError([outcome.statuses for outcome in signed])
    refused = sum(outcome.statuses.get("429", 0) for outcome in signed)
    a_second = sum(len(outcome.latencies) for outcome in signed) / sum(outcome.seconds for outcome in signed)
    taken = [took for outcome in signed for took in outcome.latencies]
    shares = (0.5, 0.95, 0.99)
    show(
        f"The page Products, {PACE:.0f} a second, ms",
        ("", "p50", "p95", "p99"),
        [
            ("alone: the floor", *(percentile(base, share) for share in shares)),
            (f"while {people} people sign in all the time", *(percentile(busy, share) for share in shares)),
            ("a sign-in", *(percentile(taken, share) for share in shares)),
        ],
        note=f"{a_second:.1f} sign-ins a second, {refused} told to wait, one web process. {load_of_others()}.",
    )
    times = percentile(busy, 0.99) / percentile(base, 0.99)
    verdict("page p99 under sign-ins", met=times <= TIMES, measured=f"{times:.2f} x", target=f"<= {TIMES:.0f} x")


async def at_rest(town: Town) -> dict[str, str]:
    """Give the other business's rows once the worker has nothing left to do there."""
    last = await town.fingerprint(town.theirs.shop.tenant.id)
    for _ in range(60):
        await asyncio.sleep(2)
        now = await town.fingerprint(town.theirs.shop.tenant.id)
        if now == last:
            return now
        last = now
    raise TimeoutError("the other business never came to rest")


async def walls(town: Town, each: int) -> None:
    """Try every route as every role with ids of the other business; print what was tried, and the leaks."""
    known = await town.ids(town.theirs.shop.tenant.id)
    ids = chosen(known, each)
    found = of_tenant(list(doors(town.site.app.routes)))
    before = await at_rest(town)
    rows, leaks = [], []
    for role in ROLES:
        pages = await crawl(town.ours, role)
        asked = await read_with_ids(town, [one for one in found if one.verb == "GET"], ids, role)
        leaks += [path for path, text in pages.items() if of_theirs(town, text, known)] + asked.leaks
        rows.append([role, len(pages), asked.routes, asked.tried, 0, 0])
    for row in rows:  # last, for a business's own trail tells what its people have sent
        if row[0] in WRITERS:
            sent = await write_with_ids(town, [one for one in found if one.verb != "GET"], ids, str(row[0]))
            leaks += sent.leaks
            row[4:] = [sent.routes, sent.tried]
    after = await at_rest(town)
    leaks += [f"{table} was changed" for table, hash_ in before.items() if after[table] != hash_]
    show(
        "Asking one business as a member of another",
        ("", "pages crawled", "routes read", "reads tried", "routes written", "writes tried"),
        rows,
        note=f"{len(ids)} ids of {len([ids for ids in known.values() if ids])} tables of the other business.",
    )
    for leak in leaks[:20]:
        console.print(leak)
    tried = sum(int(row[place]) for row in rows for place in (1, 3, 5))
    verdict("leaks", met=not leaks, measured=f"{len(leaks)} in {tried:,} tries", target="0")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--sign-ins", type=int, default=20)
    parser.add_argument("--ids", type=int, default=2, help="ids of each table; 0: no walls")
    asked = parser.parse_args()
    async with stage() as on:
        world = await open_world(on.db, tills=1)
        await on.settle()
        await door(on, world, asked.requests, asked.rounds)
        await sign_ins(on, world, asked.sign_ins, asked.seconds)
        if asked.ids:
            async with open_town(on.db, on.admin_url) as town:
                await walls(town, asked.ids)


if __name__ == "__main__":
    asyncio.run(main())
