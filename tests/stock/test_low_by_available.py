"""What is low is what is available: by sale, by reservation, in the list, its figures and To order alike."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from retail.catalog.lists.columns import extras
from retail.kit.ids import new_id
from retail.stock.levels import Narrowed, StockLevel, levels, worth
from retail.stock.reordering.queries import suggestions
from retail.stock.reordering.words import why
from retail.stock.reserving.operations import Wish, release, release_due, reserve
from tests.support.shelves import all_holds, stocked
from tests.support.stockroom import told
from tests.support.world import Shop

D = Decimal


async def point(shop: Shop, quantity: str) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = $2 WHERE id = $1", shop.products[0].id, D(quantity))


async def kept(shop: Shop, quantity: str) -> UUID:
    until = shop.db.clock.now() + timedelta(hours=1)
    wish = Wish(new_id(), shop.store, shop.products[0].id, D(quantity), until, "for Ada")
    return (await shop.db.run(shop.scope, reserve, wish)).id


async def low(shop: Shop) -> list[StockLevel]:
    async with shop.db.read(shop.scope) as read:
        return list((await levels(read, Narrowed(shop.store, low=True), limit=9)).items)


async def test_a_reservation_that_crosses_the_point_marks_and_alerts_as_a_sale_does(shop: Shop) -> None:
    await stocked(shop, "15")
    await point(shop, "11")
    first = await kept(shop, "3")
    assert (await low(shop), await told(shop, "stock.fell_low")) == ([], [])
    second = await kept(shop, "2")
    (one,) = await low(shop)
    assert (one.on_hand, one.available, one.low) == (15, 10, True)
    (fell,) = [json.loads(body) for body in await told(shop, "stock.fell_low")]
    assert D(fell["on_hand"]) == 10
    assert json.loads((await told(shop, "stock.changed"))[-1])["levels"] == [
        {"product": str(shop.products[0].id), "on_hand": "15", "available": "10", "low": True}
    ]
    async with shop.db.read(shop.scope) as read:
        assert (await worth(read)).low == 1
        (wanted,) = await suggestions(read)
    assert (wanted.need.available, wanted.need.position) == (10, 10)
    assert "5 kept for customers aren't counted." in why(wanted)
    await shop.db.run(shop.scope, release, second)
    assert await low(shop) == []
    assert json.loads((await told(shop, "stock.changed"))[-1])["levels"][0]["available"] == "12"
    await shop.db.run(shop.scope, release, first)
    await all_holds(shop)


async def test_what_runs_out_of_its_time_is_told_as_free(shop: Shop) -> None:
    await stocked(shop, "5")
    await point(shop, "2")
    await kept(shop, "4")
    assert len(await low(shop)) == 1
    async with shop.db.begin(shop.scope) as tx:  # an hour later
        await tx.execute("UPDATE reservation SET created_at = now() - interval '2 hours', expires_at = now()")
    assert await shop.db.run(shop.scope, release_due) == 1
    assert await low(shop) == []
    assert json.loads((await told(shop, "stock.changed"))[-1])["levels"][0]["available"] == "5"


async def test_nothing_is_low_in_a_closed_store(shop: Shop) -> None:
    await stocked(shop, "1")
    await point(shop, "2")
    await kept(shop, "1")
    assert len(await low(shop)) == 1
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE store SET archived_at = now() WHERE id = $1", shop.store)
    assert await low(shop) == []
    async with shop.db.read(shop.scope) as read:
        figures = await worth(read)
        shown = await extras(read, {"stock"}, [shop.products[0].id])
    assert (figures.low, figures.low_stores, figures.products) == (0, 0, 1)
    assert not shown[shop.products[0].id].low
