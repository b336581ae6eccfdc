"""Scarce goods are shared out among a store's tills: never more than there is, worked out again when that changes."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail import stock
from retail.kit.ids import new_id
from retail.stock.allotting.operations import AllotmentChanged, mark_scarce, set_shares, unmark
from retail.stock.allotting.queries import articles
from retail.stock.allotting.rules import WAYS, Claimant, shares
from tests.support.shelves import all_holds, stocked
from tests.support.stockroom import moved, told
from tests.support.world import Shop

D = Decimal
CLAIMANTS = st.lists(
    st.builds(
        Claimant,
        st.uuids(),
        st.integers(0, 20_000),
        st.integers(0, 20_000),
        st.integers(0, 20_000),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.till,
)


@given(st.integers(-5_000, 50_000), st.sampled_from(WAYS), CLAIMANTS, st.sampled_from([1, 1000]))
def test_never_more_is_given_than_is_there_and_all_of_it_by_sales(
    free: int, way: str, tills: list[Claimant], step: int
) -> None:
    found = shares(free, way, tills, step)
    assert set(found) == {one.till for one in tills}
    assert all(milli >= 0 and milli % step == 0 for milli in found.values())
    assert sum(found.values()) <= max(free, 0)
    for one in tills:
        if one.away:
            assert found[one.till] <= one.has
    if way == "sales" and any(not one.away for one in tills):
        assert sum(found.values()) == max(free, 0) // step * step


def test_by_sales_in_proportion_and_alike_where_nobody_sold() -> None:
    one, two, three = new_id(), new_id(), new_id()
    assert shares(10_000, "sales", [Claimant(one, sold=7_000), Claimant(two, sold=2_000), Claimant(three)]) == {
        one: 8_000, two: 2_000, three: 0,
    }  # fmt: skip
    assert shares(5_000, "sales", [Claimant(one), Claimant(two)]) == {one: 3_000, two: 2_000}
    assert shares(5_000, "hand", [Claimant(one, wants=4_000), Claimant(two, wants=4_000)]) == {one: 4_000, two: 1_000}
    assert shares(5_000, "sales", [Claimant(one), Claimant(two, has=4_000, away=True)]) == {one: 1_000, two: 4_000}


async def given_to(shop: Shop) -> list[Decimal]:
    """Give the tills' shares of the one scarce article, in their order."""
    async with shop.db.read(shop.scope) as read:
        (one,) = (await articles(read, limit=5)).items
        return [till.share for till in one.tills]


async def tills_of(shop: Shop) -> list[UUID]:
    async with shop.db.read(shop.scope) as read:
        (one,) = (await articles(read, limit=5)).items
        return [till.till for till in one.tills]


async def test_shares_follow_the_stock_and_what_is_written_down(shop: Shop) -> None:
    await stocked(shop, "5")
    product = shop.products[0].id
    id = new_id()
    assert await shop.db.run(shop.scope, mark_scarce, id, shop.store, product, "sales") == id
    assert await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, product, "hand") == id, "it is already"
    before = await given_to(shop)
    assert sum(before) == 5
    first = (await tills_of(shop))[0]
    await shop.db.run(shop.scope, set_shares, id, "hand", {first: 4_000}, 1)
    assert (await given_to(shop))[0] == 4
    with pytest.raises(AllotmentChanged):
        await shop.db.run(shop.scope, set_shares, id, "sales", {}, 1)
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-3")])
    await relayed(shop)
    assert (await given_to(shop))[0] == 2, "there is no more"
    assert len(await told(shop, "stock.allotted")) == 3
    await shop.db.run(shop.scope, unmark, id)
    async with shop.db.read(shop.scope) as read:
        assert (await articles(read, limit=5)).items == []
    await all_holds(shop)
