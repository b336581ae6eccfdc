"""Sales, folds and receipts of one product at once: nothing is lost, doubled or averaged wrongly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock import Arrival, Document, Move, NotEnoughStock, Taken
from retail.stock.checks import shelf
from retail.stock.queries import Level
from tests.support.world import Shop

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BREATH = 0.15


def sold(shop: Shop, quantity: int = -1, product: int = 0) -> Move:
    return Move(new_id(), shop.store, shop.products[product].id, "sale", D(quantity), D(50), "", new_id(), AT)


def document(shop: Shop) -> Document:
    return Document(new_id(), shop.store, "because", AT)


async def levels(shop: Shop) -> tuple[Decimal, Decimal]:
    ware = shop.products[0].id
    async with shop.db.read(shop.scope) as read:
        there = (await stock.on_hand(read, shop.store, [ware]))[ware]
        return there, (await stock.unit_costs(read, shop.store, [ware]))[ware]


async def every_check_holds(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        assert [one for one in await shelf(read) if not one.ok] == []


async def test_sales_and_folds_all_at_once_lose_and_double_nothing(shop: Shop) -> None:
    seen: list[Decimal] = []

    async def sell() -> None:
        for _ in range(10):
            await shop.db.run(shop.scope, stock.move, [sold(shop), sold(shop, -2, 1)])

    async def fold() -> None:
        for _ in range(12):
            await shop.db.run(shop.scope, stock.fold)
            await asyncio.sleep(0.005)

    async def look() -> None:
        for _ in range(20):
            seen.append((await levels(shop))[0])
            await asyncio.sleep(0.005)

    await asyncio.gather(*(sell() for _ in range(6)), fold(), fold(), fold(), look())
    assert (await levels(shop))[0] == D(-60)
    assert seen == sorted(seen, reverse=True), "no reader ever sees a sale twice, nor one that is gone again"
    await shop.db.run(shop.scope, stock.fold)
    assert (await levels(shop))[0] == D(-60)
    await every_check_holds(shop)


async def test_two_folds_at_once_share_the_deltas_between_them(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [sold(shop) for _ in range(100)])

    async def fold_slowly(most: int) -> None:
        async with shop.db.begin(shop.scope) as tx:
            await stock.fold(tx, most)
            await asyncio.sleep(BREATH)

    await asyncio.gather(fold_slowly(30), fold_slowly(1000))
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT on_hand FROM stock_balance") == D(-100)
        assert await read.fetchval("SELECT count(*) FROM stock_delta") == 0


async def naive_fold(tx: Tx) -> None:
    """Read the deltas, add them up, delete them: what fold would be without its single locked statement."""
    rows = await tx.fetch("SELECT id, quantity FROM stock_delta")
    await asyncio.sleep(BREATH)
    await tx.execute("UPDATE stock_balance SET on_hand = on_hand + $1", sum((row["quantity"] for row in rows), D(0)))
    await tx.execute("DELETE FROM stock_delta WHERE id = ANY($1::uuid[])", [row["id"] for row in rows])


async def test_control_a_fold_that_does_not_lock_its_deltas_counts_them_twice(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [sold(shop)])
    await shop.db.run(shop.scope, stock.fold)
    await shop.db.run(shop.scope, stock.move, [sold(shop) for _ in range(10)])
    await asyncio.gather(*(shop.db.run(shop.scope, naive_fold) for _ in range(2)))
    assert (await levels(shop))[0] == D(-21), "11 were sold"


async def test_receipts_at_once_with_folds_and_sales_average_as_if_one_after_the_other(shop: Shop) -> None:
    ware = shop.products[0].id

    async def receive(cost: int) -> None:
        await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(cost))])

    async def fold() -> None:
        for _ in range(8):
            await shop.db.run(shop.scope, stock.fold)

    await asyncio.gather(*(receive(cost) for cost in (40, 60, 50, 70)), fold(), fold())
    assert await levels(shop) == (D(40), D(55))
    await every_check_holds(shop)


async def test_receipts_average_one_after_the_other_even_where_both_looked_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ware = shop.products[0].id

    async def look_only(tx: Tx, keys: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Level]:
        found = {}
        for store, product in keys:
            there = (await stock.on_hand(tx, store, [product]))[product]
            cost = (await stock.unit_costs(tx, store, [product]))[product]
            found[store, product] = Level(store, product, there, cost)
        await asyncio.sleep(BREATH)
        return found

    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(50))])
    monkeypatch.setattr("retail.stock.queries.lock_levels", look_only)
    await asyncio.gather(
        *(shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(cost))]) for cost in (20, 80))
    )
    there, cost = await levels(shop)
    assert there == D(30)
    assert cost == D(50), "the mean is made by the fold, under the lock of the row that it writes"


async def test_the_last_one_is_wasted_once(shop: Shop) -> None:
    ware = shop.products[0].id
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(1), D(50))])
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, stock.waste, document(shop), [Taken(ware, D(1))]) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotEnoughStock) for one in outcomes) == 4
    assert (await levels(shop))[0] == D(0)


async def test_a_document_sent_twice_at_once_happens_once(shop: Shop) -> None:
    act, ware = document(shop), shop.products[0].id
    await asyncio.gather(
        *(shop.db.run(shop.scope, stock.receive, act, [Arrival(ware, D(10), D(50))]) for _ in range(4))
    )
    assert (await levels(shop))[0] == D(10)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM journal_entry") == 1


async def test_transfers_that_cross_do_not_deadlock(shop: Shop) -> None:
    first, second = shop.products[0].id, shop.products[1].id
    for store in (shop.store, shop.second_store):
        act = Document(new_id(), store, "", AT)
        await shop.db.run(shop.scope, stock.receive, act, [Arrival(first, D(50), D(50)), Arrival(second, D(50), D(50))])

    async def cross(here: UUID, there: UUID, goods: list[UUID]) -> None:
        for _ in range(6):
            async with shop.db.begin(shop.scope) as tx:  # not run(): a deadlock must not be retried away
                taken = [Taken(one, D(1)) for one in goods]
                await stock.transfer(tx, Document(new_id(), here, "", AT), there, taken)

    await asyncio.gather(
        cross(shop.store, shop.second_store, [first, second]),
        cross(shop.second_store, shop.store, [second, first]),
        *(shop.db.run(shop.scope, stock.fold) for _ in range(4)),
    )
    assert (await levels(shop))[0] == D(50)
    await every_check_holds(shop)


async def test_sales_of_a_product_never_wait_for_a_receipt_of_it(shop: Shop) -> None:
    ware = shop.products[0].id
    done: list[str] = []

    async def receive() -> None:
        async with shop.db.begin(shop.scope) as tx:
            await stock.receive(tx, document(shop), [Arrival(ware, D(10), D(50))])
            await asyncio.sleep(BREATH)
        done.append("received")

    async def sell() -> None:
        await asyncio.sleep(BREATH / 3)
        await shop.db.run(shop.scope, stock.move, [sold(shop)])
        done.append("sold")

    await asyncio.gather(receive(), sell())
    assert done == ["sold", "received"]
