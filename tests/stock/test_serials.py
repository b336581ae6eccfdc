"""Serial numbers: each piece is somewhere, once, and what can't be is told and not hidden."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.stock.rules import Move
from retail.stock.serials.errors import WrongPiece
from retail.stock.serials.operations import find_here, put_back_for_sale, scrap
from retail.stock.serials.queries import life, pieces
from retail.stock.serials.rules import HERE, NEXT, STATES, may_become
from retail.stock.transfers.operations import send
from retail.stock.transfers.receiving import Found, decide, note_arrival, receive
from tests.support.shelves import (
    all_holds,
    drafted,
    fold,
    follow_by,
    invalid,
    lines_of,
    lots_of,
    pieces_in,
    pieces_of,
    sent,
    stocked,
)
from tests.support.stockroom import balances, document, moved, on_hand
from tests.support.world import Shop

D = Decimal


async def sell(shop: Shop, number: str, quantity: str = "-1") -> None:
    one = moved(shop, quantity, kind="sale" if quantity.startswith("-") else "return")
    named = Move(*(getattr(one, name) for name in one.__slots__[:-1]), number)
    await shop.db.run(shop.scope, stock.move, [named])
    await fold(shop)


def test_what_a_piece_may_become() -> None:
    assert {before: after for before, after in NEXT.items() if before}.keys() == set(STATES)
    assert may_become("in_stock", "sold")
    assert may_become("sold", "returned")
    assert may_become("returned", "scrapped")
    assert not may_become("sold", "sold")
    assert not may_become("scrapped", "in_stock")
    assert {"in_stock", "returned"} == HERE


async def test_pieces_are_received_sold_brought_back_and_scrapped(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2", "A3"])
    assert await pieces_of(shop) == dict.fromkeys(("A1", "A2", "A3"), ("in_stock", shop.store))
    await all_holds(shop)
    await sell(shop, "A1")
    await sell(shop, "A2")
    await sell(shop, "A2", "1")
    assert await pieces_of(shop) == {
        "A1": ("sold", shop.store), "A2": ("returned", shop.store), "A3": ("in_stock", shop.store),
    }  # fmt: skip
    async with shop.db.read(shop.scope) as read:
        [found] = (await pieces(read, number="A2", limit=5)).items
        assert [(one.before, one.state, one.odd) for one in await life(read, found.id)] == [
            ("sold", "returned", False),
            ("in_stock", "sold", False),
            (None, "in_stock", False),
        ]
    await shop.db.run(shop.scope, scrap, document(shop, "cracked"), found.id)
    assert (await on_hand(shop), (await balances(shop))["waste"]) == (D(1), 109)  # one of 50, and one back at 168
    await all_holds(shop)
    await fold(shop)
    await all_holds(shop)
    with pytest.raises(WrongPiece, match="A2 was written off"):
        await shop.db.run(shop.scope, scrap, document(shop), found.id)


async def test_a_returned_piece_is_put_back_for_sale(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    async with shop.db.read(shop.scope) as read:
        [found] = (await pieces(read, number="A1", limit=5)).items
    with pytest.raises(WrongPiece, match="in stock already"):
        await shop.db.run(shop.scope, put_back_for_sale, document(shop), found.id)
    await sell(shop, "A1")
    await sell(shop, "A1", "1")
    await shop.db.run(shop.scope, put_back_for_sale, document(shop), found.id)
    assert (await pieces_of(shop))["A1"] == ("in_stock", shop.store)
    await all_holds(shop)


async def test_a_number_is_received_once_and_nothing_of_the_delivery_is_taken_in(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    with invalid("The number A1 is known already"):
        await pieces_in(shop, ["A0", "A1"])
    assert (await on_hand(shop), list(await pieces_of(shop))) == (D(1), ["A1"])
    with invalid("Scan at least one"):
        await pieces_in(shop, [])
    with invalid("isn't followed by piece"):
        await pieces_in(shop, ["B"], product=1)


async def test_what_is_sold_without_its_number_or_under_a_wrong_one_is_told(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2", "A3"])
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])
    await fold(shop)
    assert await lots_of(shop) == {"": "-1"}, "one number too many is here"
    await sell(shop, "A1")
    await sell(shop, "A1")
    await sell(shop, "never seen")
    assert (await pieces_of(shop))["never seen"] == ("sold", shop.store)
    assert await lots_of(shop) == {"": "-3"}
    async with shop.db.read(shop.scope) as read:
        [found] = (await pieces(read, number="A1", limit=5)).items
        assert [one.odd for one in await life(read, found.id)] == [True, False, False]
    await all_holds(shop)


async def test_pieces_without_a_number_get_one_when_they_are_seen(shop: Shop) -> None:
    await stocked(shop, "2")
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    assert await lots_of(shop) == {"": "2"}
    await shop.db.run(shop.scope, find_here, document(shop), product, "A2")
    assert await lots_of(shop) == {"": "1"}
    elsewhere = document(shop)
    moved_over = type(elsewhere)(elsewhere.id, shop.second_store, "seen there", elsewhere.at)
    await shop.db.run(shop.scope, find_here, moved_over, product, "A2")
    assert (await pieces_of(shop))["A2"] == ("in_stock", shop.second_store)
    assert (await lots_of(shop), await lots_of(shop, shop.second_store)) == ({"": "2"}, {"": "-1"})
    await all_holds(shop)


async def test_pieces_travel_by_their_numbers_and_a_lost_one_is_scrapped(shop: Shop) -> None:
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1", "A2", "A3"])
    unnamed = await drafted(shop, (0, "2", ""))
    with invalid("Scan the serial number of each piece"):
        await shop.db.run(shop.scope, send, unnamed)
    id = await sent(shop, (0, "1", "A1"), (0, "1", "A2"))
    assert (await pieces_of(shop))["A1"] == ("in_transit", None)
    await fold(shop)
    await all_holds(shop)
    await shop.db.run(shop.scope, note_arrival, id, product, "A1")
    lines = await lines_of(shop, id)
    missing = {one.line.id: Found(D(0)) for one in lines if one.line.trace == "A2"}
    await shop.db.run(shop.scope, receive, id, new_id(), missing)
    await fold(shop)
    assert (await pieces_of(shop))["A1"] == ("in_stock", shop.second_store)
    assert (await pieces_of(shop))["A2"] == ("in_transit", None)
    await all_holds(shop)
    await shop.db.run(shop.scope, decide, id, dict.fromkeys(missing, "sender"), "fell off")
    assert (await pieces_of(shop))["A2"] == ("scrapped", shop.store)
    await all_holds(shop)


async def test_a_piece_that_lies_elsewhere_is_not_sent(shop: Shop) -> None:
    await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    await pieces_in(shop, ["B1"], store=shop.second_store)
    with pytest.raises(WrongPiece, match="B1 lies in another store"):
        await sent(shop, (0, "1", "B1"))
    assert await on_hand(shop) == D(1)
