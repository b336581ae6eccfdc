"""Closing a shift with very many sales while others sell: what the Z report costs, and what it costs the sellers.

    python -m benchmarks.shift_close [--sales 10000] [--rounds 5] [--sellers 4]

A shift with a thousand sales and two with ten times as many (`--sales`) are closed in turns, while sellers at other
tills complete sales of five lines. Of one of the large ones the worker has heard nothing, as if it had been
away all day. Each shift is new: nothing of it is in any statistics.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from collections import defaultdict
from uuid import UUID

from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import median, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.world import Till, World, open_world, sale
from retail.cash import open_shift
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.relay import BATCH
from retail.runtime.tenancy import Scope
from retail.sales.closing import close
from retail.sales.operations import complete_sale
from retail.sales.reading import read_sale
from retail.sales.takings import fold_takings
from retail.tenants import operations as tenants

TARGET = 1.0
FEW = 1_000
_CODES = itertools.count(1)
_NUMBERS: defaultdict[UUID, int] = defaultdict(int)

# Six sales in ten are paid in cash; each has two rates of tax, as a mixed basket has. Four cashiers take turns.
_SALES = """
WITH made AS (
  SELECT n, uuidv7() AS id, now() - (($4::bigint - n) * interval '1 second') AS at, 500 + n % 900 * 5 AS unit
    FROM generate_series(1, $4::bigint) AS n),
sold AS (
  INSERT INTO sale (tenant_id, id, kind, store_id, till_id, shift_id, after_close, number, number_clash, occurred_at,
                    received_at, business_date, local_hour, currency, prices_include_tax, engine, units, subtotal_minor,
                    tax_minor, total_minor, discount_minor, cash_rounding_minor, claimed_total_minor, cost_minor,
                    cashier_id, cashier_name, body_hash)
  SELECT $1, m.id, 'sale', $2, $3, $5, false, m.n, 0, m.at, m.at, m.at::date, 12, 'EUR', true, '', 5,
         m.unit * 4, m.unit, m.unit * 5, 0, 0, m.unit * 5, m.unit * 3, ($6::uuid[])[m.n % 4 + 1], 'Cashier ' || m.n % 4,
         sha256(uuid_send(m.id))
    FROM made m),
taxed AS (
  INSERT INTO sale_tax (tenant_id, sale_id, tax_code, rate_micros, base_minor, tax_minor, parts)
  SELECT $1, m.id, r.code, r.rate, m.unit * 2, m.unit / 2, '[]'
    FROM made m CROSS JOIN (VALUES ('R', 70000), ('S', 190000)) AS r (code, rate))
INSERT INTO tender (tenant_id, sale_id, position, type, amount_minor, change_minor, reference, tip_minor,
                    lacking_minor)
SELECT $1, m.id, 1, CASE WHEN m.n % 10 < 6 THEN 'cash' ELSE 'card' END, m.unit * 5, 0, '', 0, 0 FROM made m
"""


async def fill(on: Stage, world: World, sales: int, *, heard: bool) -> UUID:
    """Open a till with a shift that has sold so much; gives the shift. `heard`: the worker has folded its sales."""
    shop, till, shift = world.shop, new_id(), new_id()
    async with on.db.begin(shop.scope) as tx:
        await tenants.set_up_till(tx, tenants.NewTill(till, shop.store, f"Z{next(_CODES)}", "Bench"))
        await open_shift(tx, shift, till, 10_000, tx.now)
    async with on.admin() as conn:
        await conn.execute("SET session_replication_role = replica")
        await conn.execute(_SALES, shop.tenant.id, shop.store, till, sales, shift, [new_id() for _ in range(4)])
        ids = [row["id"] for row in await conn.fetch("SELECT id FROM sale WHERE shift_id = $1 ORDER BY id", shift)]
    for start in range(0, len(ids) if heard else 0, BATCH):
        await on.db.run(Scope.system(shop.tenant.id), fold_takings, ids[start : start + BATCH])
    return shift


async def close_one(db: Database, world: World, shift: UUID) -> float:
    """Count and close; gives the seconds."""
    began = time.perf_counter()
    async with db.begin(world.shop.scope) as tx:
        await close(tx, shift, 100_000, None, tx.now)
    return time.perf_counter() - began


async def measure(on: Stage, asked: argparse.Namespace) -> tuple[dict[str, list[float]], list[float], list[float]]:
    """Close shifts of both sizes in turns beside sellers; gives their seconds, and the sellers' without and with."""
    world = await open_world(on.db, tills=asked.sellers)
    took: dict[str, list[float]] = defaultdict(list)
    alone: list[float] = []
    beside: list[float] = []
    for turn in range(asked.rounds + 1):
        shifts = [
            (f"closing {FEW:,} sales", await fill(on, world, FEW, heard=True)),
            (f"closing {asked.sales:,} sales", await fill(on, world, asked.sales, heard=True)),
            (f"closing {asked.sales:,} sales, the worker was away", await fill(on, world, asked.sales, heard=False)),
        ]
        for times, work in ((alone, []), (beside, shifts)):
            stop = asyncio.Event()
            numbers = [asyncio.create_task(_seller(on.db, world, till, stop, times)) for till in world.tills]
            await asyncio.sleep(1.0)
            for name, shift in work:
                seconds = await close_one(on.db, world, shift)
                if turn:
                    took[name].append(seconds)
            stop.set()
            await asyncio.gather(*numbers)
    return took, alone, beside


async def _seller(db: Database, world: World, till: Till, until: asyncio.Event, took: list[float]) -> None:
    baskets = world.baskets(24, hot=False)
    while not until.is_set():
        _NUMBERS[till.id] += 1
        number = _NUMBERS[till.id]
        made = read_sale(sale(till, number, baskets[number % len(baskets)]))
        began = time.perf_counter()
        await db.run(world.shop.scope, complete_sale, made)
        took.append(time.perf_counter() - began)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sellers", type=int, default=4)
    asked = parser.parse_args()
    busy = load_of_others()
    async with stage(web=0) as on:
        took, alone, beside = await measure(on, asked)
    rows = [(name, median(found) * 1e3, max(found) * 1e3) for name, found in took.items()]
    rows += [
        (f"a sale, {asked.sellers} selling, {words}", median(found) * 1e3, percentile(found, 0.99) * 1e3)
        for words, found in (("nobody closes", alone), ("while shifts are closed", beside))
    ]
    show("Closing a shift while others sell, fsync on", ("", "p50 ms", "max / p99 ms"), rows, note=f"{busy}.")
    typical = max(median(found) for found in took.values())
    verdict(
        f"Z report of {asked.sales:,} sales, p50, the worker away too",
        met=typical < TARGET,
        measured=f"{typical:.2f} s",
        target="< 1 s",
    )


if __name__ == "__main__":
    asyncio.run(main())
