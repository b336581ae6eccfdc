"""Two receivers of one transfer, two wishes for the last piece, a sale against a transfer: each counts once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from retail import stock
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock.lots.operations import write_off
from retail.stock.places.operations import Shift, open_location, shift
from retail.stock.queries import Level
from retail.stock.reserving import queries
from retail.stock.reserving.errors import NotAvailable
from retail.stock.reserving.operations import Wish, reserve
from retail.stock.reserving.queries import standing
from retail.stock.serials.operations import find_here
from retail.stock.transfers.errors import TransferMovedOn
from retail.stock.transfers.operations import cancel, send
from retail.stock.transfers.receiving import Found, decide, note_arrival, receive
from tests.support.shelves import (
    all_holds,
    drafted,
    fold,
    follow_by,
    lines_of,
    lot_in,
    lots_of,
    pieces_in,
    pieces_of,
    sent,
    stocked,
)
from tests.support.stockroom import document, moved, on_hand
from tests.support.world import Shop

D = Decimal


def refusals(outcomes: list[Any]) -> list[type[BaseException]]:
    unexpected = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)]
    assert unexpected == []
    return [type(one) for one in outcomes if isinstance(one, BaseException)]


def wish(shop: Shop, quantity: int = 1) -> Wish:
    until = shop.db.clock.now() + timedelta(hours=1)
    return Wish(new_id(), shop.store, shop.products[0].id, D(quantity), until)


async def test_two_receivers_of_one_transfer_put_it_on_the_shelf_once(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "4", ""))
    [line] = await lines_of(shop, id)
    found = {line.line.id: Found(D(4))}
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, receive, id, new_id(), found) for _ in range(4)), return_exceptions=True
    )
    assert refusals(outcomes) == [TransferMovedOn] * 3
    assert await on_hand(shop, store=shop.second_store) == D(4)
    await fold(shop)
    await all_holds(shop)


async def test_one_receipt_sent_twice_at_once_is_answered_twice_and_happens_once(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "4", ""))
    [line] = await lines_of(shop, id)
    receipt, found = new_id(), {line.line.id: Found(D(4))}
    await asyncio.gather(*(shop.db.run(shop.scope, receive, id, receipt, found) for _ in range(4)))
    assert await on_hand(shop, store=shop.second_store) == D(4)


async def test_a_transfer_is_sent_once_and_either_received_or_called_off(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await drafted(shop, (0, "4", ""))
    outcomes = await asyncio.gather(*(shop.db.run(shop.scope, send, id) for _ in range(3)), return_exceptions=True)
    assert refusals(outcomes) == [TransferMovedOn] * 2
    assert await on_hand(shop) == D(6)
    [line] = await lines_of(shop, id)
    outcomes = await asyncio.gather(
        shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D(4))}),
        shop.db.run(shop.scope, cancel, id, "no"),
        return_exceptions=True,
    )
    assert refusals(outcomes) == [TransferMovedOn]
    assert await on_hand(shop) + await on_hand(shop, store=shop.second_store) == D(10)
    await all_holds(shop)


async def test_people_who_unpack_one_delivery_together_miss_no_scan(shop: Shop) -> None:
    await stocked(shop, "12")
    id = await sent(shop, (0, "12", ""))
    product = shop.products[0].id
    await asyncio.gather(*(shop.db.run(shop.scope, note_arrival, id, product) for _ in range(12)))
    await shop.db.run(shop.scope, receive, id, new_id(), {})
    [line] = await lines_of(shop, id)
    assert (line.line.arrived, line.line.decision) == (D(12), "agrees")


async def test_a_difference_is_decided_once(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "4", ""))
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, receive, id, new_id(), {line.line.id: Found(D(3))})
    choices = ("shelf", "sender", "receiver", "shelf")
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, decide, id, {line.line.id: one}, "why") for one in choices), return_exceptions=True
    )
    assert refusals(outcomes) == [Invalid] * 3
    await all_holds(shop)


async def test_of_two_wishes_for_the_last_piece_one_is_kept(shop: Shop) -> None:
    await stocked(shop, "1")
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, reserve, wish(shop)) for _ in range(6)), return_exceptions=True
    )
    assert refusals(outcomes) == [NotAvailable] * 5
    async with shop.db.read(shop.scope) as read:
        assert (await standing(read, shop.store, [shop.products[0].id]))[shop.products[0].id].available == D(0)


async def test_control_wishes_that_look_before_they_lock_promise_the_last_piece_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_only(tx: Tx, keys: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Level]:
        return {
            (store, product): Level(store, product, (await stock.on_hand(tx, store, [product]))[product], D(0))
            for store, product in keys
        }

    async def reserved(tx: Tx, store: UUID, products: list[UUID]) -> Any:
        found = await really_reserved(tx, store, products)
        await both_looked.wait()
        return found

    await stocked(shop, "1")
    really_reserved, both_looked = queries.reserved, asyncio.Barrier(2)
    monkeypatch.setattr("retail.stock.reserving.operations.lock_levels", look_only)
    monkeypatch.setattr("retail.stock.reserving.queries.reserved", reserved)
    await asyncio.gather(*(shop.db.run(shop.scope, reserve, wish(shop)) for _ in range(2)))
    async with shop.db.read(shop.scope) as read:
        assert (await standing(read, shop.store, [shop.products[0].id]))[shop.products[0].id].available == D(-1)


async def test_a_reservation_and_a_transfer_of_the_last_piece_dont_both_get_it(shop: Shop) -> None:
    await stocked(shop, "1")
    id = await drafted(shop, (0, "1", ""))
    outcomes = await asyncio.gather(
        shop.db.run(shop.scope, reserve, wish(shop)), shop.db.run(shop.scope, send, id), return_exceptions=True
    )
    assert len(refusals(outcomes)) == 1


async def test_sales_against_a_transfer_never_wait_and_nothing_is_lost(shop: Shop) -> None:
    await stocked(shop, "20")
    id = await drafted(shop, (0, "15", ""))
    waited: list[float] = []

    async def sell() -> None:
        began = asyncio.get_running_loop().time()
        await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])
        waited.append(asyncio.get_running_loop().time() - began)

    async with shop.db.begin(shop.scope) as tx:
        await send(tx, id)
        await asyncio.gather(*(asyncio.create_task(outside(sell)) for _ in range(10)))
    assert len(waited) == 10, "each was stored while the transfer held its locks"
    assert await on_hand(shop) == D(-5)
    await fold(shop)
    await all_holds(shop)


async def outside(sell: Any) -> None:
    from retail.runtime.engine import ENGINE

    token = ENGINE.current_transaction.set(None)
    try:
        await sell()
    finally:
        ENGINE.current_transaction.reset(token)


async def test_folds_sales_and_acts_of_the_stockroom_on_one_lot_keep_its_sum(shop: Shop) -> None:
    await follow_by(shop, "lot")
    await lot_in(shop, "A", "40", date(2026, 12, 1))
    await lot_in(shop, "B", "40", date(2026, 12, 2))
    async with shop.db.read(shop.scope) as read:
        lot = await read.fetchval("SELECT id FROM lot WHERE code = 'B'")
    id = await drafted(shop, (0, "7", ""))

    async def sell() -> None:
        for _ in range(10):
            await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])

    async def folds() -> None:
        for _ in range(8):
            await fold(shop)

    await asyncio.gather(
        sell(), sell(), folds(), folds(), shop.db.run(shop.scope, send, id),
        *(shop.db.run(shop.scope, write_off, document(shop), lot, D(2)) for _ in range(3)),
    )  # fmt: skip
    await fold(shop)
    assert sum(int(one) for one in (await lots_of(shop)).values()) == 80 - 20 - 7 - 6
    await all_holds(shop)


async def test_one_piece_scanned_in_two_places_at_once_is_somewhere_once(shop: Shop) -> None:
    product = await follow_by(shop, "serial")
    await pieces_in(shop, ["A1"])
    outcomes = await asyncio.gather(*(pieces_in(shop, ["B1"]) for _ in range(3)), return_exceptions=True)
    assert refusals(outcomes) == [Invalid] * 2
    await asyncio.gather(*(shop.db.run(shop.scope, find_here, document(shop), product, "C1") for _ in range(2)))
    assert sorted(await pieces_of(shop)) == ["A1", "B1", "C1"]
    await all_holds(shop)


async def test_two_who_fetch_the_last_from_the_store_room_dont_both_get_it(shop: Shop) -> None:
    await stocked(shop, "3")
    room = await shop.db.run(shop.scope, open_location, new_id(), shop.store, "Store room", "storage")
    product = shop.products[0].id
    await shop.db.run(shop.scope, shift, document(shop), [Shift(product, D(1), None, room.id)])
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, shift, document(shop), [Shift(product, D(1), room.id, None)]) for _ in range(4)),
        return_exceptions=True,
    )
    assert len(refusals(outcomes)) == 3
    await all_holds(shop)
