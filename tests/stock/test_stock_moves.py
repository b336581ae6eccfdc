"""What is on hand is what moved, whatever was folded when; documents post what they are worth, once."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from retail import stock
from retail.catalog.events import CatalogueChanged
from retail.kit.errors import IdempotencyConflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.stock import Arrival, Counted, Document, Folded, Move, NotEnoughStock, Taken
from retail.stock.jobs import PROJECTIONS, fold_moves, mark_again
from retail.stock.levels import low_stock
from tests.support.stockroom import AT, D, balances, cost, count, document, every_check_holds, moved, on_hand, told
from tests.support.world import Shop, open_shop


async def test_moves_count_at_once_and_a_fold_changes_nothing_that_is_told(shop: Shop) -> None:
    await shop.db.run(
        shop.scope, stock.move, [moved(shop, "10", kind="receipt"), moved(shop, "-3"), moved(shop, "-0.762", 5)]
    )
    assert (await on_hand(shop), await on_hand(shop, 5)) == (D("7.000"), D("-0.762"))
    assert await count(shop, "stock_balance") == 0, "moving touches no balance"
    folded, _more = await shop.db.run(shop.scope, stock.fold)
    assert [
        (one.product, one.on_hand, one.low, one.became_low) for one in sorted(folded, key=lambda one: -one.on_hand)
    ] == [
        (shop.products[0].id, D("7.000"), False, False),
        (shop.products[5].id, D("-0.762"), True, True),
    ]
    assert (await on_hand(shop), await on_hand(shop, 5)) == (D("7.000"), D("-0.762"))
    assert await count(shop, "stock_delta") == 0
    assert await shop.db.run(shop.scope, stock.fold) == ([], False)
    await every_check_holds(shop)


async def test_a_move_is_told_once_per_store(shop: Shop) -> None:
    elsewhere = Move(new_id(), shop.second_store, shop.products[0].id, "sale", D(-1), D(0), "", None, AT)
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-1"), moved(shop, "-2"), moved(shop, "-1", 1), elsewhere])
    bodies = await told(shop, "stock.moved")
    assert len(bodies) == 2
    assert bodies[0].count(str(shop.products[0].id)) == 1


async def test_nobody_edits_a_move(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, "5")])
    for statement in ("UPDATE stock_move SET quantity = 1", "DELETE FROM stock_move"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with shop.db.begin(shop.scope) as tx:
                await tx.execute(statement)


async def test_low_is_told_when_it_begins_and_again_only_after_it_ended(shop: Shop) -> None:
    async def fold_after(quantity: str) -> Folded:
        await shop.db.run(shop.scope, stock.move, [moved(shop, quantity)])
        return (await shop.db.run(shop.scope, stock.fold))[0][0]

    states = [await fold_after(quantity) for quantity in ("6", "-1", "-1", "2", "-1")]
    assert [(str(one.on_hand), one.low, one.became_low) for one in states] == [
        ("6.000", False, False),
        ("5.000", True, True),
        ("4.000", True, False),
        ("6.000", False, False),
        ("5.000", True, True),
    ]


async def test_the_projection_folds_tells_levels_and_tells_what_fell_low(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, "9", 1), moved(shop, "5.5")])
    await shop.db.run(shop.scope, fold_moves, [])
    (changed,) = await told(shop, "stock.changed")
    assert f'"product": "{shop.products[1].id}"' in changed
    assert '"low": false, "on_hand": "9"' in changed
    assert await told(shop, "stock.fell_low") == []
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-0.5")])
    await shop.db.run(shop.scope, fold_moves, [])
    (fell,) = await told(shop, "stock.fell_low")
    assert f'"product": "{shop.products[0].id}"' in fell
    assert '"on_hand": "5.000"' in fell
    await shop.db.run(shop.scope, fold_moves, [])
    assert len(await told(shop, "stock.changed")) == 2, "an empty fold tells nothing"


async def test_a_new_reorder_point_marks_what_is_low_now(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, "8")])
    await shop.db.run(shop.scope, fold_moves, [])
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = 8, version = 999 WHERE id = $1", shop.products[0].id)
    await shop.db.run(shop.scope, mark_again, [CatalogueChanged(999)])
    assert len(await told(shop, "stock.fell_low")) == 1
    async with shop.db.read(shop.scope) as read:
        assert [one.name for one in await low_stock(read, shop.store)] == [shop.products[0].name]
    await shop.db.run(shop.scope, mark_again, [CatalogueChanged(999)])
    assert len(await told(shop, "stock.fell_low")) == 1
    assert CatalogueChanged in PROJECTIONS


async def test_a_receipt_moves_the_average_cost_and_posts_against_goods_received(shop: Shop) -> None:
    ware = shop.products[0].id
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(50))])
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(20), D("41.5"))])
    assert (await on_hand(shop), await cost(shop)) == (D("30.000"), D("44.333333"))
    assert await balances(shop) == {"stock": 1330, "goods_received": -1330}
    await every_check_holds(shop)


async def test_before_anything_arrives_a_unit_costs_what_the_catalogue_lists(shop: Shop) -> None:
    assert await cost(shop) == shop.products[0].unit_cost
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])
    await shop.db.run(shop.scope, stock.fold)
    assert await cost(shop) == shop.products[0].unit_cost


async def test_stock_of_the_first_day_is_posted_against_opening_balances(shop: Shop) -> None:
    arrivals = [Arrival(one.id, D(7), D("10.5")) for one in shop.products]
    made = await shop.db.run(shop.scope, stock.open_stock, document(shop), arrivals)
    assert {one.kind for one in made} == {"opening"}
    assert await balances(shop) == {"stock": 6 * 74, "opening": -6 * 74}


async def test_waste_and_corrections_post_their_worth_and_stop_at_zero(shop: Shop) -> None:
    ware = shop.products[0].id
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(50))])
    await shop.db.run(shop.scope, stock.waste, document(shop, "broken"), [Taken(ware, D(2))])
    await shop.db.run(shop.scope, stock.adjust, document(shop, "found one"), [Taken(ware, D(1))])
    assert await on_hand(shop) == D("9.000")
    assert await balances(shop) == {"stock": 450, "goods_received": -500, "waste": 100, "stock_difference": -50}
    for verb, quantity in ((stock.waste, "10"), (stock.adjust, "-10")):
        with pytest.raises(NotEnoughStock) as refused:
            await shop.db.run(shop.scope, verb, document(shop), [Taken(ware, D(quantity))])
        assert str(refused.value) == "Only 9 on hand, 10 wanted. Count the shelf first, or take less."
    assert await on_hand(shop) == D("9.000")
    assert await count(shop, "stock_move") == 3


async def test_a_count_leaves_what_was_sold_since_it_was_made_as_sold(shop: Shop) -> None:
    ware = shop.products[0].id
    await shop.db.run(shop.scope, stock.receive, document(shop, at=AT), [Arrival(ware, D(10), D(50))])
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-2", at=AT + timedelta(minutes=10))])
    counted = document(shop, "shelf", AT + timedelta(minutes=5))
    (made,) = await shop.db.run(shop.scope, stock.count, counted, [Counted(ware, D(9))])
    assert (made.quantity, await on_hand(shop)) == (D("-1.000"), D("7.000"))
    assert (await balances(shop))["stock_difference"] == 50
    (agreed,) = await shop.db.run(
        shop.scope, stock.count, document(shop, "", AT + timedelta(hours=1)), [Counted(ware, D(7))]
    )
    assert agreed.quantity == 0
    posted = "(SELECT * FROM journal_entry WHERE kind <> 'stock_revaluation') AS posted"  # it was sold at another cost
    assert await count(shop, posted) == 2, "a count that agrees posts nothing"


async def test_a_transfer_takes_its_cost_along_and_posts_nothing(shop: Shop) -> None:
    ware = shop.products[0].id
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(ware, D(10), D(50))])
    there = Document(new_id(), shop.second_store, "", AT)
    await shop.db.run(shop.scope, stock.receive, there, [Arrival(ware, D(10), D(100))])
    before = await balances(shop)
    made = await shop.db.run(shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(ware, D(4))])
    assert [(one.store, one.quantity, one.unit_cost) for one in made] == [
        (shop.store, D(-4), D(50)),
        (shop.second_store, D(4), D(50)),
    ]
    assert (await on_hand(shop), await on_hand(shop, store=shop.second_store)) == (D(6), D(14))
    assert await cost(shop, store=shop.second_store) == D("85.714286")
    assert await balances(shop) == before
    with pytest.raises(NotEnoughStock):
        await shop.db.run(shop.scope, stock.transfer, document(shop), shop.second_store, [Taken(ware, D(7))])
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, stock.transfer, document(shop), shop.store, [Taken(ware, D(1))])
    await every_check_holds(shop)


async def test_a_document_that_is_sent_twice_happens_once(shop: Shop) -> None:
    ware = shop.products[0].id
    act = document(shop)
    first = await shop.db.run(shop.scope, stock.receive, act, [Arrival(ware, D(10), D(50))])
    again = await shop.db.run(shop.scope, stock.receive, act, [Arrival(ware, D(10), D(50))])
    assert [one.id for one in again] == [one.id for one in first]
    assert await on_hand(shop) == D(10)
    for quantity, verb in ((D(11), stock.receive), (D(10), stock.open_stock)):
        with pytest.raises(IdempotencyConflict):
            await shop.db.run(shop.scope, verb, act, [Arrival(ware, quantity, D(50))])
    assert await balances(shop) == {"stock": 500, "goods_received": -500}


async def test_what_belongs_to_another_business_is_not_found(shop: Shop, db: Database) -> None:
    other = await open_shop(db)
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(other.products[0].id, D(1), D(1))])
    foreign = Document(new_id(), other.store, "", AT)
    with pytest.raises(NotFound):
        await shop.db.run(shop.scope, stock.receive, foreign, [Arrival(shop.products[0].id, D(1), D(1))])
    assert await count(shop, "stock_move") == 0


@pytest.mark.parametrize(
    ("verb", "lines"),
    [
        (stock.receive, []),
        (stock.receive, [("0", "1")]),
        (stock.receive, [("-1", "1")]),
        (stock.receive, [("1", "-1")]),
    ],
)
async def test_a_receipt_of_nothing_is_refused(shop: Shop, verb: object, lines: list[tuple[str, str]]) -> None:
    arrivals = [Arrival(shop.products[0].id, D(quantity), D(unit_cost)) for quantity, unit_cost in lines]
    with pytest.raises(Invalid):
        await shop.db.run(shop.scope, verb, document(shop), arrivals)  # type: ignore[arg-type]
    assert await count(shop, "stock_move") == 0
