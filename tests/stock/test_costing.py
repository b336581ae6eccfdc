"""Costs in the database: folds settle them, corrections are of today, and the value of any past moment is found."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail import stock
from retail.kit.errors import Forbidden, Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.stock import Arrival, Move, Taken
from retail.stock.checks import checks
from retail.stock.costing.corrections import correct_cost
from retail.stock.costing.valuation import StoreValue, value_by_product, value_by_store
from retail.stock.keeping import BEHIND, keep
from retail.stock.levels import worth
from retail.tenants.settings_changes import change
from tests.support.selling import open_counter
from tests.support.stockroom import AT, D, balances, cost, count, document, on_hand
from tests.support.world import Shop


async def receive(shop: Shop, quantity: str, cost: str, product: int = 0) -> UUID:
    made = await shop.db.run(
        shop.scope, stock.receive, document(shop), [Arrival(shop.products[product].id, D(quantity), D(cost))]
    )
    return made[0].id


async def by_layers(shop: Shop, method: str = "fifo") -> None:
    await shop.db.run(shop.scope, change, {"costing": method})


async def sold(shop: Shop, quantity: int, product: int = 0) -> None:
    counter = await open_counter(shop, shop.second_till if product else None)
    await counter.sell((shop.products[product], quantity))
    await shop.db.run(shop.scope, stock.fold)


async def value(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return (await worth(read, shop.store)).value_minor


async def layers(shop: Shop) -> list[tuple[Decimal, Decimal]]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT quantity, unit_cost FROM cost_layer ORDER BY store_id, product_id, place")
    return [(row["quantity"], row["unit_cost"]) for row in rows]


async def everything_agrees(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        assert [one for one in await checks(read) if not one.ok] == []
        for row in await read.fetch(
            """SELECT b.worth, (SELECT sum(quantity * unit_cost) FROM stock_move m
                                 WHERE m.store_id = b.store_id AND m.product_id = b.product_id) AS moved,
                      (SELECT sum(amount) FROM stock_revaluation r
                        WHERE r.store_id = b.store_id AND r.product_id = b.product_id) AS revalued
                 FROM stock_balance b"""
        ):
            assert row["worth"] == (row["moved"] or 0) + (row["revalued"] or 0), "value is conserved to the last digit"


async def test_layers_are_used_up_oldest_first_and_the_sale_keeps_the_cost_it_was_sold_at(shop: Shop) -> None:
    await by_layers(shop)
    await receive(shop, "10", "50")
    await receive(shop, "20", "41.5")
    assert (await cost(shop), await value(shop)) == (D(50), 1330)
    await sold(shop, 12)
    assert await layers(shop) == [(D(18), D("41.5"))]
    assert (await value(shop), await cost(shop)) == (747, D("41.5"))
    async with shop.db.read(shop.scope) as read:
        line = await read.fetchrow("SELECT unit_cost, cost_minor FROM sale_line")
    assert (line["unit_cost"], line["cost_minor"]) == (D(50), 600), "frozen when it was sold"
    assert (await balances(shop))["cost_difference"] == -17, "two of the twelve cost 8.5 less"
    await everything_agrees(shop)


async def test_waste_costs_what_its_layers_cost(shop: Shop) -> None:
    await by_layers(shop)
    await receive(shop, "2", "50")
    await receive(shop, "2", "80")
    (made,) = await shop.db.run(shop.scope, stock.waste, document(shop), [Taken(shop.products[0].id, D(3))])
    assert made.unit_cost == D(60)
    assert (await balances(shop))["waste"] == 180
    assert "cost_difference" not in await balances(shop)
    await everything_agrees(shop)


async def test_a_business_that_changes_the_method_goes_on_with_what_it_has(shop: Shop) -> None:
    await receive(shop, "10", "50")
    await receive(shop, "10", "70")
    await by_layers(shop)
    await receive(shop, "5", "90")
    assert await layers(shop) == [(D(20), D(60)), (D(5), D(90))]
    await by_layers(shop, "average")
    await sold(shop, 1)
    assert (await layers(shop), await cost(shop)) == ([], D(66))
    assert await value(shop) == 24 * 66
    await everything_agrees(shop)


async def test_goods_that_come_back_come_at_the_cost_of_then(shop: Shop) -> None:
    await receive(shop, "2", "50")
    await sold(shop, 1)
    await receive(shop, "3", "90")
    back = Move(new_id(), shop.store, shop.products[0].id, "return", D(1), D(50), "", new_id(), AT)
    await shop.db.run(shop.scope, stock.move, [back])
    await shop.db.run(shop.scope, stock.fold)
    assert (await on_hand(shop), await value(shop)) == (D(5), 370)


async def test_a_corrected_cost_is_a_revaluation_of_today(shop: Shop) -> None:
    for method in ("average", "fifo"):
        if method == "fifo":
            await by_layers(shop)
        product = 0 if method == "average" else 1
        move = await receive(shop, "10", "50", product)
        await sold(shop, 6, product)
        before = await balances(shop)
        done = await shop.db.run(shop.scope, correct_cost, move, D("52.5"), "the bill came")
        assert (done.stock_minor, done.gone_minor) == (10, 15)
        after = await balances(shop)
        assert after["stock"] - before["stock"] == 10
        assert after["cost_difference"] - before.get("cost_difference", 0) == 15
        assert after["goods_received"] - before["goods_received"] == -25
        assert await cost(shop, product) == D("52.5")
        again = await shop.db.run(shop.scope, correct_cost, move, D(50), "it was right")
        assert (again.stock_minor, again.gone_minor) == (-10, -15)
        async with shop.db.read(shop.scope) as read:
            assert await read.fetchval("SELECT unit_cost FROM stock_move WHERE id = $1", move) == D(50)
        await everything_agrees(shop)


async def test_a_late_cost_finds_what_was_there_before_the_method_changed(shop: Shop) -> None:
    for product, moved_since in ((0, False), (1, True)):
        move = await receive(shop, "10", "50", product)
        await sold(shop, 6, product)
        await by_layers(shop)
        if moved_since:
            await receive(shop, "5", "80", product)
        done = await shop.db.run(shop.scope, correct_cost, move, D("52.5"), "the bill came")
        assert (done.stock_minor, done.gone_minor) == (10, 15), moved_since
        assert await cost(shop, product) == D("52.5"), "the next to be sold is one of these"
        await everything_agrees(shop)
        await by_layers(shop, "average")
        back = await shop.db.run(shop.scope, correct_cost, move, D(50), "it was right")
        assert back.stock_minor == (-22 if moved_since else -10), "on average all that is there counts, up to ten"
        assert back.stock_minor + back.gone_minor == -25
        await everything_agrees(shop)


async def test_a_correction_that_says_nothing_changes_nothing(shop: Shop) -> None:
    move = await receive(shop, "10", "50")
    for wrong, why in ((D(50), "same"), (D(-1), "below"), (D("0.1234567"), "digits"), (D(60), "")):
        with pytest.raises(Invalid):
            await shop.db.run(shop.scope, correct_cost, move, wrong, why)
    with pytest.raises(Forbidden):
        await shop.db.run(shop.as_role("clerk"), correct_cost, move, D(60), "not mine")
    assert (await count(shop, "stock_revaluation"), await value(shop)) == (0, 500)


async def at(shop: Shop, hours: float) -> StoreValue:
    async with shop.db.read(shop.scope) as read:
        found = await value_by_store(read, AT + timedelta(hours=hours))
    return next(one for one in found if one.store == shop.store)


async def night(shop: Shop) -> None:
    """Let a night keep all that is there now, as if it were an hour later."""
    async with shop.db.begin(Scope.system(shop.tenant.id)) as tx:
        await keep(Tx(tx.conn, tx.scope, tx.now + BEHIND))
    await asyncio.sleep(0.002)  # ids count milliseconds, and the bound is this one


async def test_the_value_of_any_moment_is_found_before_and_after_the_night_and_is_that_of_the_books(shop: Shop) -> None:
    ware = shop.products[0].id

    async def took(hours: float, quantity: str, cost: str) -> None:
        there = document(shop, at=AT + timedelta(hours=hours))
        await shop.db.run(shop.scope, stock.receive, there, [Arrival(ware, D(quantity), D(cost))])

    await took(-72, "4", "100")
    await took(-24, "4", "200")
    moments = (-80, -72, -48, -24, 0)
    expected = [0, 400, 400, 1200, 1200]
    for _night in range(2):
        found = [await at(shop, hours) for hours in moments]
        assert [one.value for one in found] == expected
        assert [one.books for one in found] == expected
        assert {one.unexplained for one in found} == {0}
        await night(shop)
    await took(-48, "2", "50")  # arrives late: it happened between the two, and all later days know
    late = [0, 400, 500, 1300, 1300]
    for _night in range(2):
        assert [(await at(shop, hours)).value for hours in moments] == late
        await night(shop)
    async with shop.db.read(shop.scope) as read:
        (one,) = await value_by_product(read, AT - timedelta(hours=30), shop.store)
    assert (one.on_hand, one.value_minor, one.unit_cost) == (D(6), 500, D("83.333333"))


async def test_a_transfer_is_where_it_is_and_the_books_say_so(shop: Shop) -> None:
    await receive(shop, "4", "100")
    await shop.db.run(shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(shop.products[0].id, D(3))])
    async with shop.db.read(shop.scope) as read:
        found = {
            one.store: (one.value, one.books, one.moved, one.unexplained) for one in await value_by_store(read, AT)
        }
    assert found == {shop.store: (100, 400, -300, 0), shop.second_store: (300, 0, 300, 0)}


async def test_another_business_sees_nothing_of_it(shop: Shop) -> None:
    await receive(shop, "4", "100")
    async with shop.db.read(Scope.system(new_id())) as read:
        assert await value_by_product(read, AT) == []
        assert await value_by_store(read, AT) == []
