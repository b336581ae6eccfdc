"""Races around sales, each with the control that shows what the lock is for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from retail.kit.ids import new_id
from retail.runtime.db import Database, Tx
from retail.sales import returns
from retail.sales.closing import close
from retail.sales.documents import Outcome, ReturnIn, TenderIn
from retail.sales.errors import OverReturned
from retail.sales.holds import promise
from retail.sales.members import Reader
from retail.sales.operations import complete_sales
from retail.sales.return_reading import TillReturn, read_till_return
from retail.sales.till_returns import take_return
from tests.support.selling import AT, Counter, as_sale, open_counter
from tests.support.world import Shop


def bring(till: Counter, line: UUID, milli: int = 1000) -> ReturnIn:
    return ReturnIn(new_id(), till.till, till.shift, {line: milli}, (), new_id().bytes * 2)


async def total_back(shop: Shop) -> int:
    async with shop.db.read(shop.scope) as read:
        return int(
            await read.fetchval("SELECT count(*) FROM sale WHERE tenant_id = $1 AND kind = 'return'", read.tenant)
        )


async def test_twelve_at_once_bring_back_only_what_was_sold(shop: Shop) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 5))
    assert sold.sale is not None
    line = sold.sale.lines[0].id
    done = await asyncio.gather(
        *(shop.db.run(shop.scope, returns.return_goods, sold.id, bring(till, line)) for _ in range(12)),
        return_exceptions=True,
    )
    assert [isinstance(one, Outcome) for one in done].count(True) == 5
    assert all(isinstance(one, OverReturned) for one in done if not isinstance(one, Outcome))
    numbers = sorted(one.sale.number for one in done if isinstance(one, Outcome) and one.sale)
    assert numbers == [1, 2, 3, 4, 5]
    assert await total_back(shop) == 5


async def test_control_without_the_lock_two_returns_see_the_same_standing_and_only_the_index_stops_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 1))
    assert sold.sale is not None
    both = asyncio.Barrier(2)
    real = returns.returned
    seen: list[dict[UUID, int]] = []

    async def unlocked(_tx: Tx, _original: UUID) -> None:
        return None

    async def together(tx: Any, original: UUID) -> dict[UUID, int]:
        found = await real(tx, original)
        seen.append(found)
        await both.wait()
        return found

    monkeypatch.setattr(returns, "lock_returns", unlocked)
    monkeypatch.setattr(returns, "returned", together)
    line = sold.sale.lines[0].id
    done = await asyncio.gather(
        *(shop.db.run(shop.scope, returns.return_goods, sold.id, bring(till, line)) for _ in range(2)),
        return_exceptions=True,
    )
    assert seen == [{}, {}]  # both would have paid out
    assert {type(one) for one in done} == {Outcome, asyncpg.UniqueViolationError}
    assert await total_back(shop) == 1


async def test_a_closing_counts_every_sale_or_the_sale_says_it_came_after(shop: Shop) -> None:
    for number in range(6):
        till = await open_counter(shop, shop.till)
        till.next = number * 10 + 1
        sent = [shop.db.run(shop.scope, complete_sales, [as_sale(till.sale())]) for _ in range(8)]
        closing = shop.db.run(shop.scope, close, till.shift, 10_000, None, AT + timedelta(hours=number))
        *sold, z = await asyncio.gather(*sent[:4], *sent[4:], closing)
        late = [one.sale.after_close for (one,) in sold if one.sale]
        assert z.report["sales"] + late.count(True) == 8
        assert z.report["total"] == 420 * late.count(False)


async def test_control_takings_read_before_the_shift_is_locked_miss_a_sale(shop: Shop, db: Database) -> None:
    from retail.cash import close_shift
    from retail.sales.closing import takings

    till = await open_counter(shop)
    added_up = asyncio.Event()

    async def sell_after() -> Outcome:
        await added_up.wait()
        return await till.sell()

    task = asyncio.create_task(sell_after())
    async with db.begin(shop.scope) as tx:
        early = await takings(tx, till.shift)  # the mistake: without lock_shift() first
        added_up.set()
        outcome = await task
        z = await close_shift(tx, till.shift, 10_000, None, AT, early)
    assert outcome.sale is not None
    assert (z.report["sales"], outcome.sale.after_close) == (0, False)  # in no report at all


async def test_two_sets_that_share_sales_in_opposite_order_store_each_once(shop: Shop) -> None:
    till = await open_counter(shop)
    sales = [as_sale(till.sale()) for _ in range(40)]
    done = await asyncio.gather(
        *(shop.db.run(shop.scope, complete_sales, sales if turn % 2 else sales[::-1]) for turn in range(6))
    )
    assert [one.status for outcomes in done for one in outcomes].count("created") == 40
    assert {one.status for outcomes in done for one in outcomes} == {"created", "replayed"}


async def test_devices_that_use_one_number_at_once_are_all_stored_under_marks_of_their_own(shop: Shop) -> None:
    till = await open_counter(shop)
    done = await asyncio.gather(*(till.send(till.sale(number=1)) for _ in range(10)))
    clashes = sorted(one.sale.number_clash for (one,) in done if one.sale)
    assert clashes == list(range(10))


async def test_two_deliveries_of_one_device_at_once_are_taken_in_once(shop: Shop) -> None:
    from tests.support.device import Device

    device = Device(shop, shop.till)
    await device.claim()
    device.open_shift()
    for _ in range(10):
        device.sell()
    done = await asyncio.gather(*(device.deliver() for _ in range(5)))
    statuses = [one.status for received in done for one in received.answers]
    assert (statuses.count("created"), statuses.count("replayed")) == (11, 44)


async def test_only_one_of_two_devices_gets_a_free_till(shop: Shop) -> None:
    from retail.sales.errors import TillInUse
    from tests.support.device import Device

    devices = [Device(shop, shop.till) for _ in range(6)]
    done = await asyncio.gather(*(one.claim() for one in devices), return_exceptions=True)
    assert [isinstance(one, TillInUse) for one in done].count(True) == 5


def test_what_a_return_pays_out_is_below_zero() -> None:
    from retail.sales.refund import pay_out

    assert pay_out((), 333, 0, 1) == ((TenderIn("cash", -333),), 0)


def taken_back(till: Counter, sale: UUID, line: dict[str, Any], number: int) -> TillReturn:
    """Make a return as a till's journal brings it: one piece of a sold line."""
    document = {
        "id": str(new_id()), "shift": str(till.shift), "number": number, "sale": str(sale), "reason": "Broken",
        "lines": [{**line, "quantity": "1", "discount": 0}], "total": 420, "tenders": [{"type": "cash", "amount": 420}],
    }  # fmt: skip
    return read_till_return(Reader(document), till.till, AT)


async def test_two_tills_ask_for_the_same_goods_and_one_may_pay_for_them(shop: Shop) -> None:
    first, second = await open_counter(shop), await open_counter(shop, shop.second_till)
    sold = await first.sell((shop.products[0], 3))
    assert sold.sale is not None
    line = sold.sale.lines[0].id
    done = await asyncio.gather(
        *(shop.db.run(shop.scope, promise, till.till, new_id(), sold.id, {line: 2000}) for till in (first, second) * 4),
        return_exceptions=True,
    )
    assert [isinstance(one, OverReturned) for one in done if isinstance(one, BaseException)] == [True] * 7


async def test_control_promises_without_the_lock_are_given_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from retail.sales import holds

    till = await open_counter(shop)
    sold = await till.sell((shop.products[0], 1))
    assert sold.sale is not None
    both, real = asyncio.Barrier(2), holds.held

    async def unlocked(_tx: Tx, _original: UUID) -> None:
        return None

    async def together(read: Any, sale: UUID, without: UUID) -> dict[UUID, int]:
        found = await real(read, sale, without)
        await both.wait()
        return found

    monkeypatch.setattr(holds, "lock_returns", unlocked)
    monkeypatch.setattr(holds, "held", together)
    line = sold.sale.lines[0].id
    await asyncio.gather(
        *(shop.db.run(shop.scope, promise, till.till, new_id(), sold.id, {line: 1000}) for _ in range(2))
    )  # both may pay


async def test_two_tills_bring_what_they_took_back_at_the_same_moment_and_all_of_it_is_stored(shop: Shop) -> None:
    first, second = await open_counter(shop), await open_counter(shop, shop.second_till)
    body = first.sale((shop.products[0], 3))
    (sold,) = await first.send(body)
    backs = [taken_back(till, sold.id, body["lines"][0], at + 1) for till in (first, second) for at in range(3)]
    made = await asyncio.gather(*(shop.db.run(shop.scope, take_return, back) for back in backs))
    assert await total_back(shop) == 6
    assert sorted(one.lines[0].returned_before_milli or 0 for one in made) == [0, 1000, 2000, 3000, 4000, 5000]
    told = [{mark.code for mark in one.remarks} >= {"returned_twice"} for one in made]
    assert told.count(True) == 3
