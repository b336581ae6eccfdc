"""Segments of customers: how good values and risks are on real customers, how long the night takes, and the pages.

    python -m benchmarks.segments [--data FILE] [--customers 100000] [--small 1000] [--reads 40]

Online Retail (a gift shop's invoices, found as ../shared/data/online_retail.csv.gz): each invoice is sold to its
customer by a business, on dates that end yesterday, less what was cancelled, and its worker works everything out. Its
own backtest is printed: the last 90 days predicted from those before, beside "the same again" (what each spent in the
90 days before the cut). Then, of a stand 90 days before the end, how many of each segment came in these days.

Two more businesses have `--customers` and `--small` made-up customers, for time and memory; the page and the list are
asked over HTTP in both.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np

from benchmarks.support.stage import ROOT, Stage, stage
from benchmarks.support.table import percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import World, open_world
from retail.customers.segmented import SEGMENTS
from retail.kit.ids import new_id
from retail.segments import clusters, jobs, moving, queries
from retail.segments.history import Visits, stand
from retail.segments.queries import State
from retail.segments.rules import HORIZON

DATA = ROOT.parent / "shared" / "data" / "online_retail.csv.gz"
SEED = 19
NIGHT_SECONDS = 60
PAGE_MS = 100.0
RATIO = 1.2
AUC = 0.70
_AT_ONCE = 20_000

Bought = tuple[str, date, int]
"""Who, when, for how much in minor units; below zero: brought back."""

_PEOPLE = """
INSERT INTO customer (tenant_id, id, name, phone, phone_digits, email, note, credit_limit_minor, version, created_at,
                      updated_at)
SELECT $1, c.id, c.name, '', '', '', '', 0, 1, now(), now() FROM unnest($2::uuid[], $3::text[]) AS c (id, name)
"""
_SALES = """
INSERT INTO sale (tenant_id, id, kind, store_id, till_id, after_close, number, number_clash, original_id, customer_id,
                  occurred_at, received_at, business_date, local_hour, currency, prices_include_tax, engine, units,
                  subtotal_minor, tax_minor, total_minor, discount_minor, cash_rounding_minor, claimed_total_minor,
                  cost_minor, cashier_name, body_hash)
SELECT $1, s.id, CASE WHEN s.total < 0 THEN 'return' ELSE 'sale' END, $2, $3, false, s.n, 0,
       CASE WHEN s.total < 0 THEN s.id END, s.who, s.at, s.at, s.at::date, s.n % 12 + 8, 'EUR', true, '', 1, s.total, 0,
       s.total, 0, 0, s.total, 0, 'Benchmark', sha256(uuid_send(s.id))
  FROM unnest($4::uuid[], $5::bigint[], $6::uuid[], $7::timestamptz[], $8::bigint[]) AS s (id, n, who, at, total)
"""


def online_retail(path: Path) -> list[Bought]:
    """Read the invoices of known customers, on dates that end yesterday; nothing without the file."""
    if not path.is_file():
        return []
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["CustomerID"]:
                key = (row["CustomerID"], row["InvoiceDate"][:10], row["InvoiceNo"])
                sums[key] += round(float(row["UnitPrice"]) * 100) * int(row["Quantity"])
    last = max(date.fromisoformat(day) for _who, day, _invoice in sums)
    shift = date.today() - timedelta(days=1) - last  # noqa: DTZ011 - a day more or less changes nothing
    return [(who, date.fromisoformat(day) + shift, total) for (who, day, _invoice), total in sorted(sums.items())]


def made_up(customers: int) -> list[Bought]:
    """Make up customers of two years, each with a rhythm and a purse of their own; some stop coming."""
    chance, yesterday = random.Random(SEED), date.today() - timedelta(days=1)  # noqa: DTZ011 - as above
    found: list[Bought] = []
    for who in range(customers):
        pause, purse = chance.choice((14, 30, 60, 120)), int(chance.lognormvariate(7.5, 0.8))
        ago = chance.randint(0, pause) + chance.choice((0, 0, 0, 150))
        end = chance.randint(30, 730)
        while ago <= end:
            found.append((f"{who:07}", yesterday - timedelta(days=ago), int(purse * chance.uniform(0.5, 1.5))))
            ago += max(1, int(chance.expovariate(1 / pause)))
    return found


def visits(bought: Iterable[Bought]) -> Visits:
    """Give purchases as the worker has them."""
    days: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for who, day, total in bought:
        one = days[who, day.toordinal()]
        one[0] += total >= 0
        one[1] += total
    places = {who: place for place, who in enumerate(sorted({who for who, _day in days}))}
    rows = [(places[who], day, *told) for (who, day), told in sorted(days.items())]
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    return Visits(len(places), *columns)


async def sell(on: Stage, world: World, bought: Sequence[Bought]) -> None:
    """Write customers and sales of the business as sets: how long a sale takes is measured elsewhere."""
    tenant, shop, till = world.shop.tenant.id, world.shop.store, world.tills[0].id
    people: dict[str, UUID] = {who: new_id() for who in sorted({one[0] for one in bought})}
    async with on.admin() as conn, conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = replica")  # right by construction
        await conn.execute(_PEOPLE, tenant, list(people.values()), [f"Customer {who}" for who in people])
        for begin in range(0, len(bought), _AT_ONCE):
            part = bought[begin : begin + _AT_ONCE]
            moments = [datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for _who, day, _total in part]
            await conn.execute(
                _SALES, tenant, shop, till, [new_id() for _one in part], list(range(begin + 1, begin + len(part) + 1)),
                [people[who] for who, _day, _total in part], moments, [total for _who, _day, total in part],
            )  # fmt: skip
        await conn.execute("ANALYZE sale; ANALYZE customer")


async def night(on: Stage, world: World) -> tuple[float, float, float, State]:
    """Have the worker work it out: seconds, seconds of the worker's processor, its megabytes, and what came of it."""
    scope = world.shop.scope
    before = on.cpu()["worker"]
    job = await on.db.run(scope, jobs.ask)
    while True:
        async with on.db.read(scope) as read:
            row = await read.fetchrow(
                "SELECT started_at, finished_at, failed_at, error FROM job WHERE tenant_id = $1 AND id = $2",
                read.tenant,
                job,
            )
            if row["failed_at"] is not None:
                raise RuntimeError(row["error"])
            if row["finished_at"] is not None:
                seconds = (row["finished_at"] - row["started_at"]).total_seconds()
                return seconds, on.cpu()["worker"] - before, peak(on), await queries.state(read)
        await asyncio.sleep(0.1)


def peak(on: Stage) -> float:
    """Give the most memory that the worker ever had, in MB."""
    told = [Path(f"/proc/{one.pid}/status").read_text() for one in on.workers]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in told) * 1024 / 1e6


async def asked(on: Stage, world: World, reads: int) -> dict[str, list[float]]:
    """Ask for the list and for a segment of it over HTTP, one after the other; ms of each."""
    base, taken = f"/t/{world.shop.tenant.slug}/api/v1", defaultdict[str, list[float]](list)
    paths = {
        "all segments": "/analytics/customers/segments",
        "first page of customers": "/analytics/customers",
        "first page of a segment, by risk": "/analytics/customers?segment=at_risk&sort=risk",
        "moves": "/analytics/customers/moves",
    }
    headers = {"Authorization": f"Bearer {world.token}"}
    async with httpx.AsyncClient(base_url=on.origin, headers=headers, timeout=60) as client:
        for _round in range(reads):
            for name, path in paths.items():
                began = time.perf_counter()
                (await client.get(base + path)).raise_for_status()
                taken[name].append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(0.02)  # a token may ask so often
    return taken


async def figures(on: Stage, world: World, reads: int) -> list[float]:
    """Read all figures above the page's list in a unit of work, as the page does; ms of each."""
    taken = []
    for _round in range(reads):
        began = time.perf_counter()
        async with on.db.read(world.shop.scope) as read:
            await moving.flows(read, (await moving.months(read))[0])
            for ask in (queries.state, queries.totals, queries.cohorts, queries.rhythm):
                await ask(read)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def real_customers(on: Stage, path: Path, rows: list[tuple[object, ...]]) -> None:
    """Measure on the gift shop's customers, where its file is."""
    bought = online_retail(path)
    if not bought:
        print(f"{path} is not there: values and risks are not measured.")
        return
    world = await open_world(on.db, products=1, tills=1, stocked=False)
    await sell(on, world, bought)
    seconds, processor, megabytes, now = await night(on, world)
    rows.append(("Online Retail, the night: s, s of processor, MB of the worker", seconds, processor, megabytes))
    assert now.value_error_minor is not None
    assert now.floor_error_minor is not None
    rows.append((f"spend in 90 days, wrong per customer ({now.value_method}); the same again",
                 now.value_error_minor / 100, now.floor_error_minor / 100, ""))  # fmt: skip
    rows.append(
        ("told and came, all together", (now.value_told_minor or 0) / 100, (now.value_came_minor or 0) / 100, "")
    )
    auc = (now.risk_auc_permille or 0) / 1000
    shares = (now.risk_low_permille, now.risk_high_permille, now.risk_all_permille)
    rows.append(("stayed away: of low risks, of high risks, of all, %", *((one or 0) / 10 for one in shares)))
    rows.extend(of_segments(visits(bought)))
    verdict("value, beside the same again", met=now.value_error_minor < now.floor_error_minor,
            measured=f"{now.value_error_minor / 100:,.0f}", target=f"< {now.floor_error_minor / 100:,.0f}")  # fmt: skip
    verdict("risk, area under the curve", met=auc >= AUC, measured=f"{auc:.3f}", target=f">= {AUC}")
    verdict("the night, Online Retail", met=seconds <= NIGHT_SECONDS, measured=f"{seconds:.1f} s",
            target=f"<= {NIGHT_SECONDS} s")  # fmt: skip


def of_segments(known: Visits) -> list[tuple[object, ...]]:
    """Tell of each segment, HORIZON days before the end: customers, their share of what was spent, % who came since."""
    last = int(known.day.max())
    of = stand(known, last - HORIZON)
    names = np.array(clusters.segments(clusters.fit(of), of))
    came = known.came_in(last - HORIZON + 1, last)[of.who]
    return [
        (f"{name} 90 days ago: customers, % of revenue, % who came since", int((names == name).sum()),
         float(of.spend[names == name].sum() / of.spend.sum() * 100), float(came[names == name].mean() * 100))
        for name in SEGMENTS if (names == name).any()
    ]  # fmt: skip


async def many(on: Stage, customers: int, reads: int, rows: list[tuple[object, ...]]) -> dict[str, list[float]]:
    """Measure the time of a business with so many customers; ms of each question."""
    world = await open_world(on.db, products=1, tills=1, stocked=False)
    bought = made_up(customers)
    await sell(on, world, bought)
    seconds, processor, megabytes, _now = await night(on, world)
    name = f"{customers:,} customers, {len(bought):,} sales"
    rows.append((f"{name}, the night: s, s of processor, MB of the worker", seconds, processor, megabytes))
    told = await asked(on, world, reads) | {"the page's figures, in a unit of work": await figures(on, world, reads)}
    for path, values in told.items():
        rows.append((f"{name}: {path}, p50 and p95 ms", percentile(values, 0.5), percentile(values, 0.95), ""))
    return told


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--reads", type=int, default=40)
    given = parser.parse_args()
    busy, rows = load_of_others(), list[tuple[object, ...]]()
    async with stage() as on:
        await real_customers(on, given.data, rows)
        few = await many(on, given.small, given.reads, rows)
        large = await many(on, given.customers, given.reads, rows)
    show("Segments of customers", ("", "", "", ""), rows, note=f"{busy}.")
    for path, values in large.items():
        worst = percentile(values, 0.95)
        verdict(f"{path}, {given.customers:,} customers, p95", met=worst <= PAGE_MS, measured=f"{worst:.1f} ms",
                target=f"<= {PAGE_MS:.0f} ms")  # fmt: skip
        ratio = percentile(values, 0.5) / percentile(few[path], 0.5)
        verdict(f"{path}, p50, beside {given.small:,} customers", met=ratio <= RATIO, measured=f"{ratio:.2f}",
                target=f"<= {RATIO}")  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
