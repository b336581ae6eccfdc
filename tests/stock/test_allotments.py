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
from tests.stock.test_stock_live import relay
from tests.support.shelves import all_holds, invalid, stocked
from tests.support.stockroom import moved, told
from tests.support.web import Site, site
from tests.support.world import Shop

__all__ = ["site"]

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
    assert len(await told(shop, "stock.allotted")) == 2
    messages = await relay(shop)
    assert (await given_to(shop))[0] == 2, "there is no more"
    assert [one.type for one in messages].count("stock.allotted") == 3
    await shop.db.run(shop.scope, unmark, id)
    async with shop.db.read(shop.scope) as read:
        assert (await articles(read, limit=5)).items == []
    await all_holds(shop)


async def test_an_article_is_marked_shared_by_hand_and_let_go_by_its_pages(shop: Shop, site: Site) -> None:
    await stocked(shop, "5")
    owner, home = await site.member(shop), f"/t/{shop.tenant.slug}/stock/allotments"
    assert "Nothing is scarce" in (await owner.get(home)).text
    wrong = await owner.post(home, data={"code": "nothing-like-it", "of_store": str(shop.store), "way": "sales"})
    assert (wrong.status_code, "No product has this SKU" in wrong.text) == (422, True)
    id, code = new_id(), shop.products[0].sku
    made = await owner.post(home, data={"id": str(id), "code": code, "of_store": str(shop.store), "way": "sales"})
    assert (made.status_code, made.headers["location"]) == (303, f"{home}/{id}")
    listed = (await owner.get(home)).text
    assert shop.products[0].name in listed
    assert "By sales of the last 28 days" in listed
    first, second, *_rest = await tills_of(shop)
    form = {"version": "1", "way": "hand", f"till-{first}": "4", f"till-{second}": "4"}
    assert (await owner.post(f"{home}/{id}", data=form)).status_code == 303
    assert (await given_to(shop))[:2] == [4, 1]
    assert "5 shared out" in (await owner.get(f"{home}/{id}")).text
    again = await owner.post(f"{home}/{id}", data=form)
    assert (again.status_code, "Somebody else has changed these shares" in again.text) == (409, True)
    below = await owner.post(f"{home}/{id}", data=form | {"version": "2", f"till-{first}": "-1"})
    assert (below.status_code, "Type a quantity of zero or more." in below.text) == (422, True)
    out = await owner.get(f"{home}/export?format=csv")
    assert out.status_code == 200
    assert code in out.text
    assert (await owner.post(f"{home}/{id}/end")).status_code == 303
    assert (await owner.get(f"{home}/{id}")).status_code == 404


async def test_a_piece_with_a_serial_number_is_shared_too_and_a_kit_is_not(shop: Shop) -> None:
    await stocked(shop, "3")
    follow = shop.products[0].id
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET tracking = 'serial' WHERE tenant_id = $1 AND id = $2", tx.tenant, follow)
        await tx.execute(
            "UPDATE product SET kind = 'service' WHERE tenant_id = $1 AND id = $2", tx.tenant, shop.products[1].id
        )
    await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, follow, "sales")
    assert sum(await given_to(shop)) == 3
    with invalid("This has no stock of its own"):
        await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, shop.products[1].id, "sales")
