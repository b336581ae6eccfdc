"""What is on hand is what moved, whatever was folded when; documents post what they are worth, once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail import stock
from retail.catalog.events import CatalogueChanged
from retail.kit.errors import IdempotencyConflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.ledger import queries as ledger
from retail.runtime.db import Database
from retail.stock import Arrival, Counted, Document, Folded, Move, NotEnoughStock, Taken
from retail.stock.checks import checks
from retail.stock.jobs import PROJECTIONS, fold_moves, mark_again
from retail.stock.levels import Narrowed, levels, low_stock, moves, worth
from retail.stock.rules import is_low, moving_average, value_minor
from tests.support.world import Shop, open_shop

D = Decimal
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def moved(shop: Shop, quantity: str, product: int = 0, kind: str = "sale", at: datetime = AT) -> Move:
    return Move(new_id(), shop.store, shop.products[product].id, kind, D(quantity), D("168"), "", new_id(), at)


def document(shop: Shop, reason: str = "because", at: datetime = AT) -> Document:
    return Document(new_id(), shop.store, reason, at)


async def on_hand(shop: Shop, product: int = 0, store: uuid.UUID | None = None) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        return (await stock.on_hand(read, store or shop.store, [shop.products[product].id]))[shop.products[product].id]


async def cost(shop: Shop, product: int = 0, store: uuid.UUID | None = None) -> Decimal:
    async with shop.db.read(shop.scope) as read:
        wanted = shop.products[product].id
        return (await stock.unit_costs(read, store or shop.store, [wanted]))[wanted]


async def balances(shop: Shop) -> dict[str, int]:
    async with shop.db.read(shop.scope) as read:
        return {str(one.purpose): one.balance_minor for one in await ledger.accounts(read) if one.balance_minor}


async def count(shop: Shop, table: str) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(await read.fetchval(f"SELECT count(*) FROM {table}"))


async def told(shop: Shop, name: str) -> list[str]:
    async with shop.db.read(shop.scope) as read:
        return [row["body"] for row in await read.fetch("SELECT body FROM outbox WHERE name = $1 ORDER BY id", name)]


async def every_check_holds(shop: Shop) -> None:
    async with shop.db.read(shop.scope) as read:
        assert [one for one in await checks(read) if not one.ok] == []


async def test_moves_count_at_once_and_a_fold_changes_nothing_that_is_told(shop: Shop) -> None:
    await shop.db.run(
        shop.scope, stock.move, [moved(shop, "10", kind="receipt"), moved(shop, "-3"), moved(shop, "-0.762", 5)]
    )
    assert (await on_hand(shop), await on_hand(shop, 5)) == (D("7.000"), D("-0.762"))
    assert await count(shop, "stock_balance") == 0, "moving touches no balance"
    folded = await shop.db.run(shop.scope, stock.fold)
    assert [
        (one.product, one.on_hand, one.low, one.became_low) for one in sorted(folded, key=lambda one: -one.on_hand)
    ] == [
        (shop.products[0].id, D("7.000"), False, False),
        (shop.products[5].id, D("-0.762"), True, True),
    ]
    assert (await on_hand(shop), await on_hand(shop, 5)) == (D("7.000"), D("-0.762"))
    assert await count(shop, "stock_delta") == 0
    assert await shop.db.run(shop.scope, stock.fold) == []
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
        return (await shop.db.run(shop.scope, stock.fold))[0]

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


async def test_before_anything_arrives_a_unit_costs_what_the_catalogue_lists_in_minor_units(shop: Shop) -> None:
    assert await cost(shop) == shop.products[0].unit_cost.scaleb(2)
    yen = await open_shop(shop.db, currency="JPY")
    assert await cost(yen) == yen.products[0].unit_cost
    await yen.db.run(yen.scope, stock.move, [moved(yen, "-1")])
    await yen.db.run(yen.scope, stock.fold)
    assert await cost(yen) == yen.products[0].unit_cost


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
    for verb, quantity in ((stock.waste, "9.001"), (stock.adjust, "-9.001")):
        with pytest.raises(NotEnoughStock) as refused:
            await shop.db.run(shop.scope, verb, document(shop), [Taken(ware, D(quantity))])
        assert str(refused.value) == "Only 9 on hand, 9.001 wanted. Count the shelf first, or take less."
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
    assert await count(shop, "journal_entry") == 2, "a count that agrees posts nothing"


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


async def test_the_list_shows_levels_of_every_store_with_worth_and_what_is_low(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(shop.products[0].id, D(10), D("50.25"))])
    await shop.db.run(shop.scope, stock.receive, document(shop), [Arrival(shop.products[1].id, D(2), D(81))])
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-3", 2)])
    await shop.db.run(shop.scope, stock.fold)
    async with shop.db.read(shop.scope) as read:
        page = await levels(read, Narrowed(store=shop.store), limit=50)
        low = await levels(read, Narrowed(low=True), limit=50)
        figures = await worth(read)
        found = await levels(read, Narrowed(text="MILK whole"), limit=50)
    shown = {one.sku: (str(one.on_hand), one.value_minor, one.low) for one in page.items}
    assert shown["SKU-001"] == ("10.000", 503, False)
    assert shown["SKU-002"] == ("2.000", 162, True)
    assert shown["SKU-003"] == ("-3.000", 0, True)
    assert shown["SKU-004"] == ("0", 0, False), "what never moved here isn't low"
    assert [one.sku for one in low.items] == ["SKU-003", "SKU-002"]
    assert (figures.products, figures.low, figures.below_zero, figures.value_minor) == (2, 2, 1, 665)
    assert [(one.sku, one.store_name) for one in found.items] == [("SKU-002", "Altstadt"), ("SKU-002", "Hafen")]


async def test_pages_of_levels_and_moves_have_no_gap_and_no_repeat(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, str(n), n % 3) for n in range(1, 8)])
    async with shop.db.read(shop.scope) as read:
        seen, after = [], None
        while True:
            page = await levels(read, Narrowed(), limit=5, after=after)
            seen += [(one.product, one.store) for one in page.items]
            if (after := page.next) is None:
                break
        history, after = [], None
        while True:
            found = await moves(read, limit=3, after=after)
            history += [str(one.quantity) for one in found.items]
            if (after := found.next) is None:
                break
    assert len(seen) == len(set(seen)) == 12
    assert history == [f"{n}.000" for n in range(7, 0, -1)]
    with pytest.raises(Invalid):
        async with shop.db.read(shop.scope) as read:
            await levels(read, Narrowed(), limit=5, after="bm90IGEgY3Vyc29y")


async def test_the_checks_name_a_balance_that_was_tampered_with_and_stock_that_no_sale_explains(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, "5", kind="receipt")])
    await shop.db.run(shop.scope, stock.fold)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE stock_balance SET on_hand = -1")
    async with shop.db.read(shop.scope) as read:
        first, second = await checks(read)
    assert not first.ok
    assert "moves say 5.000, balance and waiting say -1.000" in first.detail
    assert not second.ok


STEPS = st.lists(
    st.one_of(
        st.sampled_from([1, 3, 10_000]),  # fold at most so many
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(-5000, 5000).map(lambda milli: D(milli).scaleb(-3))),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
async def test_any_sequence_of_moves_and_folds_keeps_on_hand_the_sum_of_moves(db: Database, steps: list[Any]) -> None:
    shop = await open_shop(db)
    sums = [D(0), D(0), D(0)]
    for step in steps:
        if isinstance(step, int):
            await db.run(shop.scope, stock.fold, step)
        else:
            await db.run(shop.scope, stock.move, [moved(shop, str(quantity), product) for product, quantity in step])
            for product, quantity in step:
                sums[product] += quantity
        assert [await on_hand(shop, product) for product in range(3)] == sums
    await every_check_holds(shop)


@given(st.integers(0, 10**7), st.integers(0, 10**9), st.integers(1, 10**7), st.integers(0, 10**9))
def test_the_moving_average_lies_between_both_costs(kept: int, old: int, arrived: int, new: int) -> None:
    before, cost_of_new = D(old).scaleb(-6), D(new).scaleb(-6)
    average = moving_average(D(kept).scaleb(-3), before, D(arrived).scaleb(-3), cost_of_new)
    assert min(before, cost_of_new) <= average <= max(before, cost_of_new) or not kept
    if not kept:
        assert average == cost_of_new


def test_the_average_of_a_shelf_below_zero_is_the_cost_of_what_arrives() -> None:
    assert moving_average(D(-4), D(50), D(10), D(80)) == D(80)
    assert moving_average(D(0), D(0), D(3), D("0.333333")) == D("0.333333")


@pytest.mark.parametrize(
    ("quantity", "unit_cost", "minor"), [("0.762", "84.3333", 64), ("-1", "0.5", -1), ("3", "0", 0)]
)
def test_worth_is_rounded_once(quantity: str, unit_cost: str, minor: int) -> None:
    assert value_minor(D(quantity), D(unit_cost)) == minor


def test_low_is_at_or_below_the_reorder_point_and_never_without_one() -> None:
    assert [is_low(D(5), D(5)), is_low(D("5.001"), D(5)), is_low(D(-1), None)] == [True, False, False]
