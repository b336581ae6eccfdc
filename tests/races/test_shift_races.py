"""Two people at one drawer at once: the locks that keep it right, and controls that show what happens without them."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from retail import cash
from retail.cash import ShiftClosed, ShiftOpen, Takings
from retail.cash.queries import cash_sums
from retail.cash.rules import expected_minor
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from tests.support.world import Shop

BREATH = 0.15


async def opened(shop: Shop) -> uuid.UUID:
    id = new_id()
    await shop.db.run(shop.scope, cash.open_shift, id, shop.till, 10_000, shop.db.clock.now())
    return id


async def test_of_ten_that_open_one_till_at_once_one_wins_and_nine_are_told_whose_it_is(shop: Shop) -> None:
    now = shop.db.clock.now()
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, cash.open_shift, new_id(), shop.till, 100, now) for _ in range(10)),
        return_exceptions=True,
    )
    won = [one for one in outcomes if not isinstance(one, BaseException)]
    assert (len(won), sum(isinstance(one, ShiftOpen) for one in outcomes)) == (1, 9)
    assert {one.shift for one in outcomes if isinstance(one, ShiftOpen)} == {won[0].id}
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM journal_entry") == 1


async def test_the_same_opening_sent_twice_at_once_is_one_shift(shop: Shop) -> None:
    id, now = new_id(), shop.db.clock.now()
    first, second = await asyncio.gather(
        *(shop.db.run(shop.scope, cash.open_shift, id, shop.till, 100, now) for _ in range(2))
    )
    assert first == second


async def test_control_without_the_tills_lock_the_second_opening_is_an_error_nobody_can_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(tx: Tx, till: uuid.UUID) -> uuid.UUID:
        found: uuid.UUID = await tx.fetchval("SELECT store_id FROM till WHERE id = $1", till)
        return found

    monkeypatch.setattr("retail.cash.operations._lock_till", unlocked)
    now = shop.db.clock.now()

    async def slowly() -> None:
        async with shop.db.begin(shop.scope) as tx:
            await cash.open_shift(tx, new_id(), shop.till, 100, now)
            await asyncio.sleep(BREATH)

    outcomes = await asyncio.gather(slowly(), slowly(), return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [asyncpg.UniqueViolationError]


async def close(shop: Shop, id: uuid.UUID, *, locked: bool) -> int:
    """Close as the feature above does: lock, add up, close; give the difference of the count."""
    async with shop.db.begin(shop.scope) as tx:
        if locked:
            await cash.lock_shift(tx, id)
        moves = await cash_sums(tx, id)
        expected = expected_minor(10_000, 0, moves)
        await asyncio.sleep(BREATH)
        z = await cash.close_shift(tx, id, expected, None, tx.now, Takings())
        return z.variance_minor


async def drop_during(shop: Shop, id: uuid.UUID) -> BaseException | None:
    await asyncio.sleep(BREATH / 3)
    try:
        await shop.db.run(shop.scope, cash.move_cash, new_id(), id, "drop", 700, "Safe", shop.db.clock.now())
    except ShiftClosed as refused:
        return refused
    return None


async def test_a_cash_move_waits_for_a_closing_that_holds_the_shift_and_is_then_refused(shop: Shop) -> None:
    id = await opened(shop)
    variance, refused = await asyncio.gather(close(shop, id, locked=True), drop_during(shop, id))
    assert variance == 0
    assert isinstance(refused, ShiftClosed)
    async with shop.db.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM cash_move") == 0


async def test_control_without_the_lock_a_drop_slips_between_the_sum_and_the_close(shop: Shop) -> None:
    id = await opened(shop)
    variance, refused = await asyncio.gather(close(shop, id, locked=False), drop_during(shop, id))
    assert refused is None
    assert variance == 700, "the drawer was added up without the drop that the report has"


async def test_many_may_hold_a_shift_at_once_and_its_closing_waits_for_all(shop: Shop) -> None:
    id = await opened(shop)
    order: list[str] = []

    async def hold(name: str) -> None:
        async with shop.db.begin(shop.scope) as tx:
            await cash.hold_shift(tx, [id])
            order.append(f"{name} holds")
            await asyncio.sleep(BREATH)
            order.append(f"{name} done")

    async def end() -> None:
        await asyncio.sleep(BREATH / 3)
        async with shop.db.begin(shop.scope) as tx:
            await cash.lock_shift(tx, id)
            order.append("closing")

    await asyncio.gather(hold("a"), hold("b"), end())
    assert sorted(order[:2]) == ["a holds", "b holds"]
    assert order[-1] == "closing"
