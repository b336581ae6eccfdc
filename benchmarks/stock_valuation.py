"""Value of the stock at a past moment, and the cost of one more move, as the number of moves grows.

    python -m benchmarks.stock_valuation [--full]

Moves are made by generate_series, spread over 400 days and the products of two stores, and kept by the nightly job as
in real life. The value is asked for noon of days in the past, beside a floor in raw SQL: the sum of all moves up to
then, without stores, books or kept days. Then 500 sales of five lines are moved and folded, beside rows that are only
put into the table of moves, five in a transaction. Sizes: 10,000 and 200,000
moves; `--full`: 10,000, 1,000,000 and 10,000,000 (20 minutes, 6 GB). The value must come in 2 s, and a move must cost
the same at each size.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from benchmarks.support.stage import stage
from retail import stock
from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope
from retail.stock import Move
from retail.stock.costing.valuation import value_by_store
from retail.stock.keeping import BEHIND, keep
from tests.support.world import Shop, open_shop

SMALL: Final = (10_000, 200_000)
FULL: Final = (10_000, 1_000_000, 10_000_000)
DAYS: Final = 400
SALES: Final = 500
ASKED: Final = (30, 200, 380)

# A receipt of a hundred, then sales of one, again and again; ids and times run on together, as they do in life.
_MAKE: Final = """
INSERT INTO stock_move (tenant_id, id, store_id, product_id, kind, quantity, unit_cost, reason, actor_name, occurred_at,
                        created_at)
SELECT $1,
       (lpad(to_hex((extract(epoch FROM w.at) * 1000)::bigint), 12, '0') || '7000' || lpad(to_hex(n), 16, '8'))::uuid,
       CASE WHEN n % 2 = 0 THEN $2::uuid ELSE $3::uuid END, ($4::uuid[])[n / 101 % cardinality($4::uuid[]) + 1],
       CASE WHEN n % 101 = 0 THEN 'receipt' ELSE 'sale' END, CASE WHEN n % 101 = 0 THEN 100 ELSE -1 END, 50, '',
       'benchmark', w.at, w.at
  FROM generate_series($5::bigint, $6::bigint) AS n
 CROSS JOIN LATERAL (SELECT $7::timestamptz + n * $8::interval AS at) w
"""
_BALANCES: Final = """
INSERT INTO stock_balance (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
SELECT tenant_id, store_id, product_id, sum(quantity), 50, sum(quantity) * 50, now() FROM stock_move
 WHERE tenant_id = $1 GROUP BY 1, 2, 3
ON CONFLICT (tenant_id, store_id, product_id)
DO UPDATE SET on_hand = excluded.on_hand, worth = excluded.worth, unit_cost = 50
"""
_PRODUCTS: Final = """
INSERT INTO product (tenant_id, id, sku, name, tax_class_id, price_minor, unit, decimals, unit_cost, favourite, version,
                     created_at, updated_at)
SELECT p.tenant_id, gen_random_uuid(), 'B-' || n, 'Article ' || n, p.tax_class_id, 100, 'each', 0, 50, false, 1, now(),
       now()
  FROM generate_series(1, $2::integer) AS n, (SELECT * FROM product WHERE tenant_id = $1 LIMIT 1) AS p
"""
_FLOOR: Final = """
SELECT sum(quantity), sum(quantity * unit_cost) FROM stock_move WHERE tenant_id = $1 AND occurred_at <= $2
"""
_FLOOR_MOVE: Final = """
INSERT INTO stock_move (tenant_id, id, store_id, product_id, kind, quantity, unit_cost, reason, actor_name, occurred_at,
                        created_at)
SELECT $1, u.id, $2, u.product, 'sale', 0, 50, '', 'benchmark', $5, $5
  FROM unnest($3::uuid[], $4::uuid[]) AS u (id, product)
"""


@dataclass
class World:
    """A business with its moves."""

    shop: Shop
    admin: asyncpg.Connection
    products: list[UUID]
    begun: datetime
    moves: int


async def build(db: Database, admin_url: str, moves: int) -> World:
    """Make a business with so many moves, and let the night keep its days."""
    shop = await open_shop(db)
    admin = await asyncpg.connect(admin_url, server_settings={"statement_timeout": "0"})
    tenant = shop.tenant.id
    await admin.execute(_PRODUCTS, tenant, max(min(moves // 200, 20_000), 50))
    rows = await admin.fetch("SELECT id FROM product WHERE tenant_id = $1 AND sku LIKE 'B-%' ORDER BY id", tenant)
    products = [row["id"] for row in rows]
    begun = datetime.now(UTC) - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / (moves + 1)
    for first in range(0, moves, 500_000):
        last = min(first + 500_000, moves) - 1
        await admin.execute(
            _MAKE, tenant, shop.store, shop.second_store, products, first, last, begun, step, timeout=None
        )
    await admin.execute(_BALANCES, tenant, timeout=None)
    await admin.execute("ANALYZE stock_move")
    world = World(shop, admin, products, begun, moves)
    took = time.perf_counter()
    await night(world, db)
    print(f"{moves:>12,} moves, {len(products):,} products: the first night took {time.perf_counter() - took:.1f} s")
    await admin.execute("ANALYZE stock_day")
    return world


async def night(world: World, db: Database) -> None:
    """Keep the days of all that is there."""
    async with db.begin(Scope.system(world.shop.tenant.id)) as tx:
        await keep(Tx(tx.conn, tx.scope, tx.now + BEHIND))


async def value(world: World, db: Database) -> tuple[float, float]:
    """Ask for the value at noon of some days; give the slowest answer and the slowest floor, in seconds."""
    slowest, floor = 0.0, 0.0
    for days in ASKED:
        at = (world.begun + timedelta(days=days)).replace(hour=12, minute=0)
        begun = time.perf_counter()
        async with db.read(world.shop.scope, seconds=60) as read:
            places = await value_by_store(read, at)
        slowest = max(slowest, time.perf_counter() - begun)
        begun = time.perf_counter()
        row = await world.admin.fetchrow(_FLOOR, world.shop.tenant.id, at, timeout=None)
        floor = max(floor, time.perf_counter() - begun)
        if sum(one.value + one.below_zero for one in places) != round(row[1] or Decimal(0)):
            raise SystemExit("the value is not what the moves come to")
    return slowest, floor


async def move_more(world: World, db: Database) -> float:
    """Sell 500 times five lines and fold after every ten; give the milliseconds of one move."""
    begun = time.perf_counter()
    for number in range(SALES):
        now, sale = datetime.now(UTC), new_id()
        lines = [world.products[(number * 5 + at) % len(world.products)] for at in range(5)]
        moves = [
            Move(new_id(), world.shop.store, one, "sale", Decimal(-1), Decimal(50), "", sale, now) for one in lines
        ]
        await db.run(world.shop.scope, stock.move, moves)
        if number % 10 == 9:
            await db.run(world.shop.scope, stock.fold)
    return (time.perf_counter() - begun) * 1000 / (SALES * 5)


async def only_rows(world: World, db: Database) -> float:
    """Put as many rows into the table alone, five in a transaction; give the milliseconds of one."""
    begun = time.perf_counter()
    for number in range(SALES):
        lines = [world.products[(number * 5 + at) % len(world.products)] for at in range(5)]
        async with db.begin(world.shop.scope) as tx:
            await tx.execute(_FLOOR_MOVE, tx.tenant, world.shop.store, [new_id() for _ in lines], lines, tx.now)
    return (time.perf_counter() - begun) * 1000 / (SALES * 5)


async def compare(db: Database, admin_url: str, sizes: tuple[int, ...]) -> None:
    """Measure each size in a business of its own."""
    rows = []
    for moves in sizes:
        world = await build(db, admin_url, moves)
        cost, least = await move_more(world, db), await only_rows(world, db)
        slowest, floor = await value(world, db)
        rows.append(f"{moves:>12,} {slowest * 1000:>14.0f} {floor * 1000:>14.0f} {cost:>14.3f} {least:>14.3f}")
        await world.admin.close()
    print(f"{'moves':>12} {'value, ms':>14} {'raw SQL, ms':>14} {'one move, ms':>14} {'a row, ms':>14}")
    print("\n".join(rows))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="up to ten million moves")
    parser.add_argument("--moves", type=int, nargs="*", help="other sizes")
    chosen = parser.parse_args()
    sizes = tuple(chosen.moves) if chosen.moves else FULL if chosen.full else SMALL
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(stage(web=0, workers=0))
        await compare(there.db, there.admin_url, sizes)


if __name__ == "__main__":
    asyncio.run(main())
