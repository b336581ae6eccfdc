"""Two tills at the same moment: one hands kept goods over, and what both were paid is on the account once each."""

from __future__ import annotations

import asyncio

import pytest

from retail.runtime.db import Tx
from retail.sales.layaways import queries
from retail.sales.layaways.keeping import keep
from retail.sales.layaways.paying import take_payment
from retail.sales.layaways.reading import read_layaway, read_payment
from retail.sales.operations import complete_sales
from tests.sales.test_layaways import codes, failed, hand_over, kept, new, now, payment
from tests.support.buyers import a_customer
from tests.support.selling import as_sale, open_counter
from tests.support.shelves import stocked
from tests.support.world import Shop


async def test_of_two_tills_that_hand_over_one_is_told(shop: Shop) -> None:
    one = await kept(shop)
    here, there = await open_counter(shop), await open_counter(shop, shop.second_till)
    await shop.db.run(shop.scope, take_payment, read_payment(payment(here, one.id, 1200)))
    bodies = [hand_over(shop, at, one.id, 1200, 0) for at in (here, there)]
    outcomes = await asyncio.gather(*(shop.db.run(shop.scope, complete_sales, [as_sale(body)]) for body in bodies))
    told = [set(codes(found[0])) for found in outcomes]
    assert sorted("layaway_over" in one for one in told) == [False, True]
    assert (await now(shop, one.id)).balance == 0
    assert await failed(shop) == []


async def test_two_payments_at_once_are_both_there_and_only_the_second_is_too_much(shop: Shop) -> None:
    one = await kept(shop)
    here, there = await open_counter(shop), await open_counter(shop, shop.second_till)
    bodies = [payment(at, one.id, 700) for at in (here, there)]
    outcomes = await asyncio.gather(*(shop.db.run(shop.scope, take_payment, read_payment(body)) for body in bodies))
    assert sorted(codes(found) for found in outcomes) == [[], ["down_payment_unexpected"]]
    assert (await now(shop, one.id)).balance == 1400
    assert await failed(shop) == []


async def test_the_same_payment_twice_at_once_is_one(shop: Shop) -> None:
    one = await kept(shop)
    body = payment(await open_counter(shop), one.id, 700)
    outcomes = await asyncio.gather(*(shop.db.run(shop.scope, take_payment, read_payment(body)) for _ in range(2)))
    assert sorted(found.status for found in outcomes) == ["created", "replayed"]
    assert (await now(shop, one.id)).balance == 700
    assert await failed(shop) == []


async def test_the_last_goods_are_kept_once(shop: Shop) -> None:
    await stocked(shop, "5")
    anna = await a_customer(shop)
    found = await asyncio.gather(
        *(shop.db.run(shop.scope, keep, shop.till, read_layaway(new(shop, anna))) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["NotAvailable", "tuple"]
    async with shop.db.read(shop.scope) as read:
        assert len((await queries.layaways(read, queries.Wanted(), limit=5)).items) == 1


async def test_two_keepings_at_once_have_two_numbers(shop: Shop) -> None:
    await stocked(shop, "9")
    anna = await a_customer(shop)
    found = await asyncio.gather(
        *(shop.db.run(shop.scope, keep, shop.till, read_layaway(new(shop, anna))) for _ in range(3))
    )
    assert sorted(facts.number for facts, _created in found) == [1, 2, 3]


async def test_without_the_lock_a_number_would_be_given_twice(shop: Shop) -> None:
    """The control: two that only look at the highest number both take the next one."""
    await kept(shop)
    asked = asyncio.Barrier(2)

    async def next_number(tx: Tx) -> int:
        found = await tx.fetchval("SELECT max(number) + 1 FROM layaway WHERE store_id = $1", shop.store)
        await asked.wait()
        return int(found)

    assert await asyncio.gather(*(shop.db.run(shop.scope, next_number) for _ in range(2))) == [2, 2]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_payment_beside_the_hand_over_is_never_lost(shop: Shop, first: int) -> None:
    one = await kept(shop)
    here, there = await open_counter(shop), await open_counter(shop, shop.second_till)
    await shop.db.run(shop.scope, take_payment, read_payment(payment(here, one.id, 1200)))
    paying = shop.db.run(shop.scope, take_payment, read_payment(payment(there, one.id, 100)))
    handing = shop.db.run(shop.scope, complete_sales, [as_sale(hand_over(shop, here, one.id, 1200, 0))])
    await asyncio.gather(*((paying, handing) if first else (handing, paying)))
    after = await now(shop, one.id)
    assert (after.state, after.balance) == ("fetched", 100)
    assert await failed(shop) == []
