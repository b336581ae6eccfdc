"""The page Today over five million sale lines, beside fifty thousand: it reads rollups, so it must not notice.

    python -m benchmarks.dashboard [--lines 1000000 | --full] [--reads 60]

Two businesses of two stores and 1,000 products on one server: one has sold 50,000 lines in a year, the other as many
as are asked for (--full: 5,000,000, about 3 GB of disk and some minutes). Both are written as sets by the superuser;
their rollups are then worked out by the product itself. Measured are the page's own statements, through the product's
functions, and whole pages over HTTP; the businesses take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass

from benchmarks.support.load import Driver, Requests, request
from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import console, percentile, show, verdict
from benchmarks.support.usage import load_of_others
from benchmarks.support.visitor import session
from benchmarks.support.world import World, open_world
from retail.analytics import today
from retail.analytics.rollups import keeping
from retail.analytics.rules import PeriodKind
from retail.runtime.tenancy import Scope

TARGET_MS = 50.0
FEW = 50_000
MANY = 1_000_000
FULL = 5_000_000
LINES = 5
DAYS = 365
PRODUCTS = 1_000
AT_ONCE = 50_000
KINDS: tuple[PeriodKind, ...] = ("day", "week", "month")
PATHS = {"day": "", "week": "?period=week", "month": "?period=month"}

# A sale's time runs evenly over the year up to now; lines choose their products by a prime step, so all sell alike.
_SALES = """
WITH made AS (
  SELECT n, uuidv7() AS id, now() - (($4::bigint - n) * interval '365 days' / $4::bigint) AS at,
         (n % 2 + 1)::integer AS place, 500 + n % 900 * 5 AS unit
    FROM generate_series($2::bigint, $3::bigint) AS n),
sold AS (
  INSERT INTO sale (tenant_id, id, kind, store_id, till_id, after_close, number, number_clash, occurred_at, received_at,
                    business_date, local_hour, currency, prices_include_tax, engine, units, subtotal_minor, tax_minor,
                    total_minor, discount_minor, cash_rounding_minor, claimed_total_minor, cost_minor, cashier_name,
                    body_hash)
  SELECT $1, m.id, 'sale', ($5::uuid[])[m.place], ($6::uuid[])[m.place], false, m.n, 0, m.at, m.at,
         ((m.at AT TIME ZONE 'Europe/Berlin') - interval '4 hours')::date,
         extract(hour FROM m.at AT TIME ZONE 'Europe/Berlin')::smallint, 'EUR', true, '', 5,
         m.unit * 5, 0, m.unit * 5, 0, 0, m.unit * 5, m.unit * 3, 'Benchmark', sha256(uuid_send(m.id))
    FROM made m),
paid AS (
  INSERT INTO tender (tenant_id, sale_id, position, type, amount_minor, change_minor, reference, tip_minor,
                      lacking_minor)
  SELECT $1, m.id, 1, 'cash', m.unit * 5, 0, '', 0, 0 FROM made m)
INSERT INTO sale_line (tenant_id, sale_id, id, position, product_id, name, sku, quantity, unit_price_minor,
                       discount_minor, net_minor, tax_minor, total_minor, tax_code, rate_micros, unit_cost, cost_minor)
SELECT $1, m.id, uuidv7(), p.position, ($7::uuid[])[(m.n * 7919 + p.position * 104729) % cardinality($7::uuid[]) + 1],
       'Something', 'SKU', 1, m.unit, 0, m.unit, 0, m.unit, 'S', 0, m.unit * 0.6, (m.unit * 6 + 5) / 10
  FROM made m CROSS JOIN generate_series(1, 5) AS p (position)
"""


@dataclass
class Business:
    """A business that has sold, and how long it took to make it so."""

    world: World
    lines: int
    written: float = 0.0
    rolled_up: float = 0.0


async def trade(on: Stage, business: Business) -> None:
    """Write the sales, and have the rollups worked out from them."""
    world, sales = business.world, business.lines // LINES
    shop = world.shop
    places = ([shop.store, shop.second_store], [world.tills[0].id, world.tills[1].id])
    began = time.perf_counter()
    async with on.admin() as conn:
        # constraints' triggers only: the sets are right by construction, and checking each row takes hours
        await conn.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        for first in range(1, sales + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, sales)
            ids = [one.id for one in world.products]
            await conn.execute(_SALES, shop.tenant.id, first, last, sales, *places, ids)
        await conn.execute("VACUUM (ANALYZE) sale")
        await conn.execute("VACUUM (ANALYZE) sale_line")
    business.written = time.perf_counter() - began
    began = time.perf_counter()
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        await keeping.rebuild(tx)
    business.rolled_up = time.perf_counter() - began
    async with on.admin() as conn:
        await conn.execute("VACUUM (ANALYZE) sales_hour")
        await conn.execute("VACUUM (ANALYZE) product_day")
        await conn.execute("VACUUM (ANALYZE) sales_day")
        await conn.execute("VACUUM (ANALYZE) category_day")
        await conn.execute("VACUUM (ANALYZE) product_month")
    await on.settle()


async def statements(business: Business, kind: PeriodKind) -> float:
    """Read all regions of the page once, as the handler does: ms."""
    shop = business.world.shop
    began = time.perf_counter()
    async with shop.db.read(shop.scope) as read:
        shown = await today.regions(read, await today.ground(read, shop.tenant, kind=kind))
    took = (time.perf_counter() - began) * 1e3
    if not shown["feed"]["sold"] and kind == "day":
        raise RuntimeError("nothing was sold today: the page has nothing to show")
    return took


async def measure(on: Stage, businesses: list[Business], reads: int) -> dict[tuple[int, str, str], list[float]]:
    """Read statements and whole pages of both, in turns."""
    found: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    secrets = {business.lines: await session(on, business.world) for business in businesses}
    driver = Driver()
    try:
        for turn in range(reads + 5):
            for business in businesses:
                for kind in KINDS:
                    took = await statements(business, kind)
                    if turn >= 5:
                        found[business.lines, kind, "statements"].append(took)
        for _ in range(3):
            for business in businesses:
                for kind in KINDS:
                    path = f"/t/{business.world.shop.tenant.slug}/{PATHS[kind]}"
                    text = request("GET", path, Cookie=f"s={secrets[business.lines]}")
                    outcome = await driver.drive(on.port, [Requests([text] * (reads // 3 + 3))])
                    if set(outcome.statuses) != {"200"}:
                        raise RuntimeError(outcome.odd)
                    found[business.lines, kind, "page"] += outcome.latencies[3:]
    finally:
        driver.close()
    return found


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=MANY, help=f"sale lines of the larger business ({MANY:,})")
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} sale lines")
    parser.add_argument("--reads", type=int, default=60)
    asked = parser.parse_args()
    lines = FULL if asked.full else asked.lines
    busy = load_of_others()
    async with stage() as on:
        businesses = []
        for count in (FEW, lines):
            businesses.append(Business(await open_world(on.db, products=PRODUCTS, tills=2), count))
            await trade(on, businesses[-1])
            console.print(
                f"{count:,} lines written in {businesses[-1].written:.0f} s, "
                f"rolled up in {businesses[-1].rolled_up:.0f} s"
            )
        async with on.admin() as conn:
            size = await conn.fetchval("SELECT pg_database_size(current_database())") / 1024**3
        found = await measure(on, businesses, asked.reads)
    rows = [
        (
            f"{what}, {kind}",
            *(percentile(found[count, kind, what], share) for count in (FEW, lines) for share in (0.5, 0.99)),
        )
        for what in ("statements", "page")
        for kind in KINDS
    ]
    show(
        "The page Today, ms",
        ("", f"{FEW:,} lines: p50", "p99", f"{lines:,} lines: p50", "p99"),
        rows,
        note=f"Statements through the product's functions, pages over HTTP; a database of {size:.1f} GiB. {busy}.",
    )
    few, many = (percentile(found[count, "day", "page"], 0.5) for count in (FEW, lines))
    verdict("page Today, p50", met=many <= TARGET_MS, measured=f"{many:.0f} ms", target=f"<= {TARGET_MS:.0f} ms")
    verdict("unchanged by what was sold", met=many <= 1.3 * few, measured=f"{many / few:.2f} x", target="<= 1.3 x")


if __name__ == "__main__":
    asyncio.run(main())
