"""What lies in a blocked place is on hand and worth something; nobody sells, promises or counts on it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.stock.allotting.operations import mark_scarce
from retail.stock.allotting.queries import articles
from retail.stock.jobs import fold_moves
from retail.stock.levels import Narrowed, StockLevel, levels
from retail.stock.places.operations import Shift, open_location, rename_location, shift
from retail.stock.places.queries import LocationFacts
from retail.stock.reordering.queries import suggestions
from retail.stock.reordering.summing import in_short
from retail.stock.reserving.errors import NotAvailable
from retail.stock.reserving.operations import Wish, reserve
from tests.support.kits import make_kit
from tests.support.shelves import all_holds, invalid, stocked
from tests.support.stockroom import document, moved, on_hand, told
from tests.support.world import Shop

D = Decimal


def wish(shop: Shop, quantity: str) -> Wish:
    return Wish(new_id(), shop.store, shop.products[0].id, D(quantity), shop.db.clock.now() + timedelta(hours=1), "")


async def a_place(shop: Shop, kind: str = "blocked") -> LocationFacts:
    return await shop.db.run(shop.scope, open_location, new_id(), shop.store, f"A {kind} place", kind)


async def bring(shop: Shop, quantity: str, start: UUID | None, end: UUID | None) -> None:
    await shop.db.run(shop.scope, shift, document(shop), [Shift(shop.products[0].id, D(quantity), start, end)])


async def level(shop: Shop, product: UUID | None = None) -> StockLevel:
    async with shop.db.read(shop.scope) as read:
        return (await levels(read, Narrowed(shop.store, product or shop.products[0].id), limit=1)).items[0]


async def point(shop: Shop, quantity: str) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET reorder_point = $2 WHERE id = $1", shop.products[0].id, D(quantity))


async def test_blocked_goods_are_on_hand_and_not_available(shop: Shop) -> None:
    await stocked(shop, "10")
    blocked, room = await a_place(shop), await a_place(shop, "storage")
    await bring(shop, "6", None, room.id)
    await bring(shop, "4", room.id, blocked.id)
    found = await level(shop)
    assert (found.on_hand, found.blocked, found.sellable, found.available) == (10, 4, 6, 6)
    assert found.value_minor == 500
    with pytest.raises(NotAvailable) as refused:
        await shop.db.run(shop.scope, reserve, wish(shop, "7"))
    assert refused.value.available == 6
    await shop.db.run(shop.scope, reserve, wish(shop, "5"))
    assert (await level(shop)).available == 1
    await shop.db.run(shop.scope, mark_scarce, new_id(), shop.store, shop.products[0].id, "sales")
    async with shop.db.read(shop.scope) as read:
        (scarce,) = (await articles(read, limit=5)).items
    assert sum(till.share for till in scarce.tills) == 1
    await bring(shop, "4", blocked.id, None)
    assert (await level(shop)).available == 5
    await all_holds(shop)


async def test_tills_hear_of_what_is_blocked_and_who_orders_of_what_runs_low_by_it(shop: Shop) -> None:
    await stocked(shop, "10")
    await point(shop, "5")
    blocked = await a_place(shop)
    await bring(shop, "4", None, blocked.id)
    said = json.loads((await told(shop, "stock.changed"))[-1])["levels"]
    assert said == [{"product": str(shop.products[0].id), "on_hand": "10", "available": "6", "low": False}]
    assert await told(shop, "stock.fell_low") == []
    await bring(shop, "1", None, blocked.id)
    assert json.loads((await told(shop, "stock.changed"))[-1])["levels"][0]["low"] is True
    assert len(await told(shop, "stock.fell_low")) == 1
    async with shop.db.read(shop.scope) as read:
        (one,) = await suggestions(read)
        summed = await in_short(read, most=5)
    assert (one.need.on_hand, one.need.blocked, one.need.position) == (10, 5, 5)
    assert summed.count == 1
    await bring(shop, "5", blocked.id, None)
    assert json.loads((await told(shop, "stock.changed"))[-1])["levels"][0] == {
        "product": str(shop.products[0].id), "on_hand": "10", "available": "10", "low": False,
    }  # fmt: skip
    assert len(await told(shop, "stock.fell_low")) == 1


async def test_a_sale_crosses_the_point_by_what_can_be_sold(shop: Shop) -> None:
    await stocked(shop, "10")
    await point(shop, "5")
    await bring(shop, "4", None, (await a_place(shop)).id)
    await stocked(shop, "1")
    assert not (await level(shop)).low
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-2")])
    await shop.db.run(shop.scope, fold_moves, ())
    assert (await level(shop)).low
    assert await on_hand(shop) == 9
    assert len(await told(shop, "stock.fell_low")) == 1


async def test_no_kit_is_made_of_blocked_parts(shop: Shop) -> None:
    await stocked(shop, "13")
    pack = await make_kit(shop, "Six-pack", 599, {shop.products[0].id: D(6)})
    assert (await level(shop, pack.id)).on_hand == 2
    await bring(shop, "2", None, (await a_place(shop)).id)
    assert (await level(shop, pack.id)).on_hand == 1


async def test_a_place_with_goods_does_not_become_a_blocked_one(shop: Shop) -> None:
    await stocked(shop, "3")
    room = await a_place(shop, "storage")
    await shop.db.run(shop.scope, rename_location, room.id, "Back", "blocked")
    await shop.db.run(shop.scope, rename_location, room.id, "Back", "storage")
    await bring(shop, "3", None, room.id)
    await shop.db.run(shop.scope, rename_location, room.id, "Back", "cold")
    with invalid("Goods lie here. Move them to a place of that kind instead."):
        await shop.db.run(shop.scope, rename_location, room.id, "Back", "blocked")
