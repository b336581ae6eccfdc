"""Transfers: what each step moves and posts, who may take it, and who bears what got lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail import stock
from retail.identity.permissions import MOVE_STOCK, VIEW_STOCK
from retail.kit.errors import Forbidden, IdempotencyConflict, Invalid
from retail.kit.ids import new_id
from retail.stock.errors import NotStocked
from retail.stock.reserving.operations import Wish, reserve
from retail.stock.transfers.errors import TransferMovedOn
from retail.stock.transfers.operations import NewTransfer, Wanted, add_to_line, cancel, draft, put_line, send
from retail.stock.transfers.queries import incoming, steps, transfer
from retail.stock.transfers.receiving import Found, decide, note_arrival, receive
from retail.stock.transfers.rules import DECISIONS, Line, settle
from tests.support.shelves import all_holds, drafted, fold, invalid, lines_of, sent, stocked
from tests.support.stockroom import balances, cost, count, moved, on_hand
from tests.support.world import Shop

D = Decimal


async def receive_as(shop: Shop, id: UUID, *found: Found) -> None:
    rows = [one.line.id for one in await lines_of(shop, id)]
    await shop.db.run(shop.scope, receive, id, new_id(), dict(zip(rows, found, strict=True)))


async def test_goods_leave_one_store_are_on_the_way_and_arrive_in_the_other_at_their_cost(shop: Shop) -> None:
    await stocked(shop, "10", cost="50.25")
    await stocked(shop, "2", cost="80", store=shop.second_store)
    before = await balances(shop)
    id = await sent(shop, (0, "4", ""))
    assert (await on_hand(shop), await on_hand(shop, store=shop.second_store)) == (D(6), D(2))
    assert (await balances(shop))["in_transit"] == 201
    async with shop.db.read(shop.scope) as read:
        assert await incoming(read, shop.second_store, [shop.products[0].id]) == {shop.products[0].id: D(4)}
    await all_holds(shop)
    await receive_as(shop, id, Found(D(4)))
    assert (await on_hand(shop), await on_hand(shop, store=shop.second_store)) == (D(6), D(6))
    assert await cost(shop, store=shop.second_store) == D("60.166667")
    assert await balances(shop) == before
    async with shop.db.read(shop.scope) as read:
        assert await incoming(read, shop.second_store, [shop.products[0].id]) == {shop.products[0].id: D(0)}
        assert [one.what for one in await steps(read, id)] == ["drafted", "sent", "received"]
        assert (await transfer(read, id)).undecided is False
    await fold(shop)
    await all_holds(shop)


async def test_what_is_missing_stays_on_the_way_until_somebody_decides(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    await receive_as(shop, id, Found(D(3), D(1)))
    assert (await on_hand(shop, store=shop.second_store), (await balances(shop))["in_transit"]) == (D(3), 150)
    await all_holds(shop)
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, decide, id, {line.line.id: "receiver"}, "dropped at the door")
    assert await balances(shop) == {"stock": 350, "goods_received": -500, "stock_difference": 100, "waste": 50}
    async with shop.db.read(shop.scope) as read:
        stores = await read.fetch("SELECT DISTINCT store_id FROM journal_entry WHERE kind = 'transfer_settled'")
    assert [row[0] for row in stores] == [shop.second_store]
    await all_holds(shop)
    with invalid("Nothing is left to decide"):
        await shop.db.run(shop.scope, decide, id, {line.line.id: "sender"}, "again")


@pytest.mark.parametrize(
    ("found", "decision", "here", "there", "books"),
    [
        (Found(D(4)), "shelf", 6, 4, {"stock": 500}),
        (Found(D(4)), "sender", 4, 4, {"stock": 400, "stock_difference": 100}),
        (Found(D(8)), "shelf", 2, 8, {"stock": 500}),
        (Found(D(8)), "receiver", 4, 8, {"stock": 600, "stock_difference": -100}),
        (Found(D(5), D(1)), "shelf", 4, 5, {"stock": 450, "waste": 50}),
    ],
)
async def test_each_decision_sets_shelf_and_books_right(  # noqa: PLR0917 - a table
    shop: Shop, found: Found, decision: str, here: int, there: int, books: dict[str, int]
) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    await receive_as(shop, id, found)
    await all_holds(shop)
    [line] = await lines_of(shop, id)
    await shop.db.run(shop.scope, decide, id, {line.line.id: decision}, "looked twice")
    assert (await on_hand(shop), await on_hand(shop, store=shop.second_store)) == (D(here), D(there))
    assert await balances(shop) == {"goods_received": -500, **books}
    await fold(shop)
    await all_holds(shop)


async def test_a_transfer_called_off_is_put_back(shop: Shop) -> None:
    await stocked(shop, "10")
    id = await sent(shop, (0, "6", ""))
    await shop.db.run(shop.scope, cancel, id, "van broke down")
    assert (await on_hand(shop), await balances(shop)) == (D(10), {"stock": 500, "goods_received": -500})
    with pytest.raises(TransferMovedOn, match="cancelled by Olga Owner"):
        await shop.db.run(shop.scope, receive, id, new_id(), {})
    await fold(shop)
    await all_holds(shop)


async def test_more_than_is_there_and_not_reserved_is_not_sent_and_nothing_changes(shop: Shop) -> None:
    await stocked(shop, "5")
    until = shop.db.clock.now() + timedelta(hours=1)
    await shop.db.run(shop.scope, reserve, Wish(new_id(), shop.store, shop.products[0].id, D(2), until))
    id = await drafted(shop, (0, "4", ""))
    [line] = await lines_of(shop, id)
    with pytest.raises(Invalid) as refused:
        await shop.db.run(shop.scope, send, id)
    assert refused.value.errors == {
        f"line-{line.line.id}": ["Only 3 on hand and not reserved. Send fewer, or count the shelf."]
    }
    assert (await on_hand(shop), await count(shop, "stock_move")) == (D(5), 1)
    async with shop.db.read(shop.scope) as read:
        assert (await transfer(read, id)).state == "draft"


async def test_a_draft_is_filled_by_scanning_and_edited(shop: Shop) -> None:
    id = await drafted(shop)
    with invalid("at least one product"):
        await shop.db.run(shop.scope, send, id)
    bread, bananas = shop.products[0].id, shop.products[5].id
    for _ in range(3):
        await shop.db.run(shop.scope, add_to_line, id, Wanted(bread, D(1)))
    await shop.db.run(shop.scope, put_line, id, Wanted(bananas, D("1.5")))
    assert [(one.sku, one.line.quantity) for one in await lines_of(shop, id)] == [("SKU-001", 3), ("SKU-006", D("1.5"))]
    await shop.db.run(shop.scope, put_line, id, Wanted(bread, D(0)))
    assert [one.sku for one in await lines_of(shop, id)] == ["SKU-006"]
    with invalid("whole pieces"):
        await shop.db.run(shop.scope, put_line, id, Wanted(bread, D("0.5")))


async def test_a_delivery_is_unpacked_by_scanning_also_what_nobody_sent(shop: Shop) -> None:
    await stocked(shop, "5")
    await stocked(shop, "5", 1)
    id = await sent(shop, (0, "2", ""))
    bread, milk = shop.products[0].id, shop.products[1].id
    for product in (bread, bread, milk):
        await shop.db.run(shop.scope, note_arrival, id, product)
    await shop.db.run(shop.scope, receive, id, new_id(), {})
    assert [(one.sku, one.line.quantity, one.line.arrived, one.line.decision) for one in await lines_of(shop, id)] == [
        ("SKU-001", D(2), D(2), "agrees"),
        ("SKU-002", D(0), D(1), None),
    ]
    assert await on_hand(shop, 1, shop.second_store) == D(1)
    await all_holds(shop)


async def test_a_line_that_nobody_looked_at_is_not_received(shop: Shop) -> None:
    await stocked(shop, "5")
    id = await sent(shop, (0, "2", ""))
    with invalid("Type how many arrived"):
        await shop.db.run(shop.scope, receive, id, new_id(), {})
    assert await on_hand(shop, store=shop.second_store) == D(0)


async def test_the_same_draft_and_the_same_receipt_again_change_nothing(shop: Shop) -> None:
    await stocked(shop, "5")
    new = NewTransfer(new_id(), shop.store, shop.second_store)
    first = await shop.db.run(shop.scope, draft, new)
    assert await shop.db.run(shop.scope, draft, new) == first
    with pytest.raises(IdempotencyConflict):
        await shop.db.run(shop.scope, draft, replace(new, from_store=shop.second_store, to_store=shop.store))
    await shop.db.run(shop.scope, put_line, new.id, Wanted(shop.products[0].id, D(2)))
    await shop.db.run(shop.scope, send, new.id)
    [line] = await lines_of(shop, new.id)
    receipt = new_id()
    for _ in range(2):
        await shop.db.run(shop.scope, receive, new.id, receipt, {line.line.id: Found(D(2))})
    assert await on_hand(shop, store=shop.second_store) == D(2)
    with pytest.raises(TransferMovedOn, match="received by Olga Owner"):
        await shop.db.run(shop.scope, receive, new.id, new_id(), {line.line.id: Found(D(2))})


async def test_each_end_does_its_own_part_and_decides_with_the_right_alone(shop: Shop) -> None:
    await stocked(shop, "5")
    id = await drafted(shop, (0, "2", ""))
    held = frozenset({MOVE_STOCK, VIEW_STOCK})
    here = replace(shop.scope, permissions=held, stores=frozenset({shop.store}))
    there = replace(shop.scope, permissions=held, stores=frozenset({shop.second_store}))
    with pytest.raises(Forbidden):
        await shop.db.run(there, send, id)
    await shop.db.run(here, send, id)
    [line] = await lines_of(shop, id)
    with pytest.raises(Forbidden):
        await shop.db.run(here, receive, id, new_id(), {line.line.id: Found(D(1))})
    await shop.db.run(there, receive, id, new_id(), {line.line.id: Found(D(1))})
    with pytest.raises(Forbidden):
        await shop.db.run(there, decide, id, {line.line.id: "receiver"}, "lost")
    await all_holds(shop)


async def test_a_sale_after_sending_takes_the_shelf_below_zero_and_the_transfer_stays(shop: Shop) -> None:
    await stocked(shop, "2")
    await sent(shop, (0, "2", ""))
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-1")])
    assert await on_hand(shop) == D(-1)


whole = st.integers(0, 50).map(D)


@given(whole, whole, whole, st.decimals(0, 999, places=6), st.sampled_from(DECISIONS))
def test_a_decision_posts_all_that_was_open_to_the_cent(
    quantity: Decimal, arrived: Decimal, damaged: Decimal, unit_cost: Decimal, decision: str
) -> None:
    line = Line(new_id(), new_id(), "", quantity, unit_cost, arrived, damaged)
    outcome = settle(line, decision)
    assert outcome.to_shelf + outcome.lost + outcome.wasted + outcome.rounding == line.open_minor
    assert abs(outcome.rounding) <= 1
    if not line.broken:
        assert outcome.wasted == 0 or line.missing == 0


async def test_what_lies_on_no_shelf_is_neither_sent_nor_received_nor_reserved(shop: Shop) -> None:
    service = shop.products[4].id
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE product SET kind = 'service' WHERE id = $1", service)
    id = await drafted(shop)
    with invalid("Nothing of this lies on a shelf"):
        await shop.db.run(shop.scope, put_line, id, Wanted(service, D(1)))
    with pytest.raises(NotStocked):
        await stocked(shop, "1", 4)
    until = shop.db.clock.now() + timedelta(hours=1)
    with pytest.raises(NotStocked):
        await shop.db.run(shop.scope, reserve, Wish(new_id(), shop.store, service, D(1), until))
    assert (await count(shop, "stock_balance"), await count(shop, "stock_move")) == (0, 0)
