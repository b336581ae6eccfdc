"""Lists of stock, its checks, its pure rules, and any history of moves and folds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail import stock
from retail.kit.errors import Invalid
from retail.kit.paging import encode_cursor
from retail.runtime.db import Database
from retail.stock import Arrival
from retail.stock.checks import shelf
from retail.stock.levels import Narrowed, levels, worth
from retail.stock.moved import moves
from retail.stock.rules import is_low, moving_average, value_minor
from tests.support.stockroom import AT, D, document, every_check_holds, moved, on_hand
from tests.support.world import Shop, open_shop


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


async def test_moves_are_listed_by_when_they_happened_and_not_by_when_they_arrived(shop: Shop) -> None:
    made = [moved(shop, str(n), at=AT + timedelta(minutes=minute)) for n, minute in ((1, 5), (2, 0), (3, 9), (4, 5))]
    await shop.db.run(shop.scope, stock.move, made)
    listed: list[int] = []
    after = None
    async with shop.db.read(shop.scope) as read:
        while True:
            page = await moves(read, store=shop.store, limit=1, after=after)
            listed += [int(one.quantity) for one in page.items]
            if (after := page.next) is None:
                break
        for broken in (encode_cursor("x", str(made[0].id)), encode_cursor(AT.isoformat(), "x")):
            with pytest.raises(Invalid):
                await moves(read, limit=1, after=broken)
    assert listed == [3, 4, 1, 2]


async def test_the_checks_name_a_balance_that_was_tampered_with_and_stock_that_no_sale_explains(shop: Shop) -> None:
    await shop.db.run(shop.scope, stock.move, [moved(shop, "5", kind="receipt")])
    await shop.db.run(shop.scope, stock.fold)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE stock_balance SET on_hand = -1")
    async with shop.db.read(shop.scope) as read:
        first, second = await shelf(read)
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
