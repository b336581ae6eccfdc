"""Places inside a store: what lies outside of the main one, and that together they are the balance."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail import stock
from retail.kit.errors import IdempotencyConflict
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.stock import Taken
from retail.stock.places.errors import NoSuchLocation, NotEmpty, NotEnoughThere
from retail.stock.places.operations import Shift, close_location, open_location, rename_location, shift
from retail.stock.places.queries import LocationFacts, locations, lying, place_moves
from tests.support.shelves import all_holds, fold, invalid, sent, stocked
from tests.support.stockroom import count, document, moved, on_hand
from tests.support.world import Shop, open_shop

D = Decimal


async def a_place(
    shop: Shop, name: str = "Store room", kind: str = "storage", store: UUID | None = None
) -> LocationFacts:
    return await shop.db.run(shop.scope, open_location, new_id(), store or shop.store, name, kind)


async def bring(shop: Shop, quantity: str, start: UUID | None, end: UUID | None, product: int = 0) -> None:
    move = Shift(shop.products[product].id, D(quantity), start, end)
    await shop.db.run(shop.scope, shift, document(shop), [move])


async def where(shop: Shop, product: int = 0) -> dict[str, str]:
    async with shop.db.read(shop.scope) as read:
        found = await lying(read, shop.products[product].id, "main")
    return {one.name: f"{one.on_hand.normalize():f}" for one in found}


async def test_goods_change_their_place_and_the_store_has_as_many_as_before(shop: Shop) -> None:
    await stocked(shop, "10")
    room, cold = await a_place(shop), await a_place(shop, "Cold room", "cold")
    await bring(shop, "6", None, room.id)
    await bring(shop, "2", room.id, cold.id)
    assert await where(shop) == {"main": "4", "Cold room": "2", "Store room": "4"}
    assert await on_hand(shop) == D(10)
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-5")])
    assert await where(shop) == {"main": "-1", "Cold room": "2", "Store room": "4"}, "sold from the back, not yet told"
    await bring(shop, "2", cold.id, None)
    assert await where(shop) == {"main": "1", "Store room": "4"}
    async with shop.db.read(shop.scope) as read:
        told = (await place_moves(read, store=shop.store, limit=5)).items
    assert [(one.from_name, one.to_name, one.quantity) for one in told] == [
        ("Cold room", None, D(2)), ("Store room", "Cold room", D(2)), (None, "Store room", D(6)),
    ]  # fmt: skip
    await fold(shop)
    await all_holds(shop)


async def test_no_more_leaves_a_place_than_lies_in_it(shop: Shop) -> None:
    await stocked(shop, "10")
    room = await a_place(shop)
    with pytest.raises(NotEnoughThere, match="Only 10 there, 11 wanted"):
        await bring(shop, "11", None, room.id)
    await bring(shop, "3", None, room.id)
    with pytest.raises(NotEnoughThere, match="Only 3 there, 4 wanted"):
        await bring(shop, "4", room.id, None)
    with invalid("where they are"):
        await bring(shop, "1", room.id, room.id)
    with pytest.raises(NoSuchLocation):
        await bring(shop, "1", None, (await a_place(shop, store=shop.second_store)).id)
    assert await count(shop, "place_move") == 1


async def test_the_same_document_again_moves_nothing(shop: Shop) -> None:
    await stocked(shop, "10")
    room = await a_place(shop)
    act, move = document(shop), Shift(shop.products[0].id, D(3), None, room.id)
    for _ in range(2):
        await shop.db.run(shop.scope, shift, act, [move])
    assert await where(shop) == {"main": "7", "Store room": "3"}
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, shift, act, [Shift(shop.products[0].id, D(4), None, room.id)])


async def test_what_the_stockroom_gives_away_is_fetched_from_where_it_lies(shop: Shop) -> None:
    await stocked(shop, "10")
    room, blocked = await a_place(shop), await a_place(shop, "Recalled", "blocked")
    await bring(shop, "5", None, room.id)
    await bring(shop, "4", None, blocked.id)
    await sent(shop, (0, "3", ""))
    assert await where(shop) == {"main": "0", "Store room": "3", "Recalled": "4"}
    await shop.db.run(shop.scope, stock.waste, document(shop, "mould"), [Taken(shop.products[0].id, D(5))])
    assert await where(shop) == {"main": "0", "Recalled": "2"}
    await fold(shop)
    await all_holds(shop)


async def test_places_are_named_once_and_closed_when_they_are_empty(shop: Shop) -> None:
    room = await a_place(shop)
    with invalid("a place with this name"):
        await a_place(shop, "store ROOM")
    assert (await a_place(shop, store=shop.second_store)).name == "Store room"
    assert (await shop.db.run(shop.scope, rename_location, room.id, " Back  room ", "cold")).name == "Back room"
    await stocked(shop, "1")
    await bring(shop, "1", None, room.id)
    with pytest.raises(NotEmpty):
        await shop.db.run(shop.scope, close_location, room.id)
    await bring(shop, "1", room.id, None)
    assert (await shop.db.run(shop.scope, close_location, room.id)).closed_at is not None
    with pytest.raises(NoSuchLocation):
        await bring(shop, "1", None, room.id)
    async with shop.db.read(shop.scope) as read:
        assert await locations(read, shop.store) == []


acts = st.lists(
    st.tuples(st.sampled_from(["in", "sale", "away", "back", "waste", "fold"]), st.integers(1, 9)), max_size=12
)


@given(acts)
@settings(max_examples=15, deadline=None)
async def test_any_history_leaves_places_that_come_to_the_balance(db: Database, history: list[tuple[str, int]]) -> None:
    shop = await open_shop(db)
    room = await a_place(shop)
    for act, quantity in history:
        try:
            match act:
                case "in":
                    await stocked(shop, str(quantity))
                case "sale":
                    await shop.db.run(shop.scope, stock.move, [moved(shop, str(-quantity))])
                case "away":
                    await bring(shop, str(quantity), None, room.id)
                case "back":
                    await bring(shop, str(quantity), room.id, None)
                case "waste":
                    gone = [Taken(shop.products[0].id, D(quantity))]
                    await shop.db.run(shop.scope, stock.waste, document(shop), gone)
                case _:
                    await fold(shop)
        except (NotEnoughThere, stock.NotEnoughStock):
            continue
    await all_holds(shop)
