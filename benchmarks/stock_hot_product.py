"""Sale-shaped stock moves on hot products: append-only deltas, folded beside, against updating the balance row.

    python -m benchmarks.stock_hot_product [--seconds 6] [--writers 8] [URL of a database, as the application's role]

Eight writers sell the same five products with a journal entry each; every sale is one transaction. Prints a table.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.support.stage import stage
from retail import stock
from retail.kit.ids import new_id
from retail.ledger import Entry, Posting, post
from retail.runtime.db import Database, Tx
from retail.stock import Move
from tests.support.world import Shop, open_shop

FOLD_EVERY = 0.25

MOVE_ALONE = """
INSERT INTO stock_move (tenant_id, id, store_id, product_id, kind, quantity, unit_cost, reason, source_id, actor_name,
                        occurred_at, created_at)
SELECT $1, u.id, u.store_id, u.product_id, 'sale', u.quantity, 50, '', NULL, 'benchmark', $2, $2
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::numeric[]) AS u (id, store_id, product_id, quantity)
"""
UPDATE_BALANCE = """
INSERT INTO stock_balance AS b (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
SELECT $1, u.store_id, u.product_id, u.quantity, 50, 50 * u.quantity, $2
  FROM unnest($3::uuid[], $4::uuid[], $5::numeric[]) AS u (store_id, product_id, quantity)
 ORDER BY u.store_id, u.product_id
ON CONFLICT (tenant_id, store_id, product_id) DO UPDATE SET on_hand = b.on_hand + excluded.on_hand,
  worth = b.worth + excluded.worth
"""

Way = Callable[[Tx, Sequence[Move], Entry], Awaitable[None]]


async def append(tx: Tx, moves: Sequence[Move], entry: Entry) -> None:
    await post(tx, [entry])
    await stock.move(tx, moves)


async def update_last(tx: Tx, moves: Sequence[Move], entry: Entry) -> None:
    await post(tx, [entry])
    await move_alone(tx, moves)
    await update(tx, moves)


async def update_first(tx: Tx, moves: Sequence[Move], entry: Entry) -> None:
    await update(tx, moves)
    await move_alone(tx, moves)
    await post(tx, [entry])


async def move_alone(tx: Tx, moves: Sequence[Move]) -> None:
    ids, stores = [one.id for one in moves], [one.store for one in moves]
    await tx.execute(
        MOVE_ALONE, tx.tenant, tx.now, ids, stores, [one.product for one in moves], [one.quantity for one in moves]
    )


async def update(tx: Tx, moves: Sequence[Move]) -> None:
    stores, products = [one.store for one in moves], [one.product for one in moves]
    await tx.execute(UPDATE_BALANCE, tx.tenant, tx.now, stores, products, [one.quantity for one in moves])


def a_sale(shop: Shop) -> tuple[list[Move], Entry]:
    now, sale = datetime.now(UTC), new_id()
    moves = [
        Move(new_id(), shop.store, one.id, "sale", Decimal(-1), Decimal(50), "", sale, now) for one in shop.products[:5]
    ]
    postings = [("cash", 500), ("revenue", -467), ("tax", -33), ("cogs", 250), ("stock", -250)]
    lines = tuple(Posting(*one) for one in postings)
    return moves, Entry(new_id(), shop.store, "sale", sale, now, now.date(), "EUR", "", lines)


async def measure(db: Database, name: str, way: Way, *, seconds: float, writers: int) -> None:
    shop = await open_shop(db)
    took: list[float] = []
    folds: list[float] = [0.0]
    end = time.perf_counter() + seconds

    async def sell() -> None:
        while (begun := time.perf_counter()) < end:
            moves, entry = a_sale(shop)
            async with db.begin(shop.scope) as tx:
                await way(tx, moves, entry)
            took.append(time.perf_counter() - begun)

    async def fold() -> None:
        while way is append and time.perf_counter() < end:
            await asyncio.sleep(FOLD_EVERY)
            begun = time.perf_counter()
            await db.run(shop.scope, stock.fold)
            folds.append(time.perf_counter() - begun)

    await asyncio.gather(*(sell() for _ in range(writers)), fold())
    took.sort()
    hot = shop.products[0].id
    async with db.read(shop.scope) as read:
        exact = (await stock.on_hand(read, shop.store, [hot]))[hot] == -len(took)
    p50, p99 = took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3
    said = "yes" if exact else "NO"
    print(f"{name:24} {len(took) / seconds:8.0f} {p50:8.1f} {p99:8.1f} {max(folds) * 1e3:10.0f}  {said}")


async def compare(db: Database, chosen: argparse.Namespace) -> None:
    """Measure the three ways, one after the other."""
    print(f"{'':24} {'sales/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'fold max':>10}  exact")
    for name, way in (("append, fold beside", append), ("update, last", update_last), ("update, first", update_first)):
        await measure(db, name, way, seconds=chosen.seconds, writers=chosen.writers)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="a database to use; without it one is made for the run, fsync on")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--writers", type=int, default=8)
    chosen = parser.parse_args()
    async with AsyncExitStack() as stack:
        url = chosen.url or (await stack.enter_async_context(stage(web=0, workers=0))).embedded.database_url
        db = await Database.connect(url, size=chosen.writers + 2)
        stack.push_async_callback(db.close)
        await compare(db, chosen)


if __name__ == "__main__":
    asyncio.run(main())
