"""Many tills take from one card or one customer at once: nothing goes below its floor, and one source counts once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.value import Use, redeem
from retail.value.errors import NotEnoughValue
from tests.support.values import a_card, balance, keys_in, who_may_owe
from tests.support.world import Shop

TILLS = 6


async def race(shop: Shop, uses: list[Use]) -> list[type[BaseException]]:
    outcomes = await asyncio.gather(*(shop.db.run(shop.scope, redeem, use) for use in uses), return_exceptions=True)
    return [type(one) for one in outcomes if isinstance(one, BaseException)]


async def test_of_many_who_take_the_last_of_a_card_as_many_get_it_as_there_is(shop: Shop, tmp_path: Path) -> None:
    card, _code = await a_card(shop, await keys_in(tmp_path), 5_000)
    refused = await race(shop, [Use(card, 2_000, new_id()) for _ in range(TILLS)])
    assert refused == [NotEnoughValue] * (TILLS - 2)
    assert await balance(shop, card) == 1_000


async def test_one_source_sent_many_times_at_once_takes_once(shop: Shop, tmp_path: Path) -> None:
    card, _code = await a_card(shop, await keys_in(tmp_path), 5_000)
    assert await race(shop, [Use(card, 2_000, source) for source in [new_id()] for _ in range(TILLS)]) == []
    assert await balance(shop, card) == 3_000


async def test_a_customers_accounts_at_once_stay_within_their_limit(shop: Shop) -> None:
    _anna, account = await who_may_owe(shop, 5_000)
    refused = await race(shop, [Use(account, 2_000, new_id()) for _ in range(TILLS)])
    assert refused == [NotEnoughValue] * (TILLS - 2)
    assert await balance(shop, account) == -4_000


async def test_without_the_lock_two_tills_take_what_is_there_once(shop: Shop, tmp_path: Path) -> None:
    """The control: reading first and writing later, as a till would without the lock, spends the card twice."""
    card, _code = await a_card(shop, await keys_in(tmp_path), 5_000)
    both_read = asyncio.Barrier(2)

    async def unlocked(tx: Tx, account: UUID) -> int:
        there = await tx.fetchval(
            "SELECT balance_minor FROM value_account WHERE tenant_id = $1 AND id = $2", tx.tenant, account
        )
        await both_read.wait()
        if there >= 5_000:
            await tx.execute(
                "UPDATE value_account SET balance_minor = $3 WHERE tenant_id = $1 AND id = $2",
                tx.tenant,
                account,
                there - 5_000,
            )
            return 5_000
        return 0

    taken = await asyncio.gather(*(shop.db.run(shop.scope, unlocked, card) for _ in range(2)))
    assert sum(taken) == 10_000, "twice what was on it"
