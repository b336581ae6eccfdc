"""A till with an open shift that isn't heard of is told of once per absence; a closed one never."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from retail.kit.clock import FixedClock
from retail.kit.ids import new_id
from retail.notifications.tills_away import AWAY
from retail.sales.claims import note_contact
from tests.support.selling import Counter, open_counter
from tests.support.told import posted, relay
from tests.support.working import work_off
from tests.support.world import Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def still(shop: Shop) -> AsyncIterator[FixedClock]:
    before = shop.db.clock
    clock = shop.db.clock = FixedClock(before.now())
    yield clock
    shop.db.clock = before


async def contact(shop: Shop, counter: Counter) -> None:
    async with shop.db.begin(shop.scope) as tx:
        await note_contact(tx, [counter.till])


@pytest.fixture
async def counter(shop: Shop, still: FixedClock) -> Counter:
    """Open a shift at a till that a device has claimed."""
    made = await open_counter(shop)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute(
            """INSERT INTO till_claim (tenant_id, id, till_id, device_id, fence, label, claimed_by, claimed_at)
               VALUES ($1, $2, $3, $4, 1, 'Counter', 'Ada', $5)""",
            tx.tenant, new_id(), made.till, new_id(), tx.now,
        )  # fmt: skip
    await relay(shop)
    return made


async def away(shop: Shop) -> int:
    return sum(kind == "till_away" for kind, _facts in await posted(shop))


async def wait(shop: Shop, clock: FixedClock, by: timedelta) -> None:
    clock.advance(by)
    await work_off(shop.db, shop.tenant.id)


async def test_an_absence_is_told_of_once_after_half_an_hour(shop: Shop, counter: Counter, still: FixedClock) -> None:
    await contact(shop, counter)
    await wait(shop, still, AWAY - MINUTE)
    assert await away(shop) == 0
    await wait(shop, still, MINUTE)
    assert await away(shop) == 1
    for _look in range(3):
        await wait(shop, still, AWAY)
    assert await away(shop) == 1, "one absence is told of once"
    await contact(shop, counter)
    await wait(shop, still, AWAY)
    assert await away(shop) == 2, "the next one is another"


async def test_a_till_that_is_heard_of_is_not_told_of(shop: Shop, counter: Counter, still: FixedClock) -> None:
    for _look in range(4):
        await contact(shop, counter)
        await wait(shop, still, AWAY - MINUTE)
    assert await away(shop) == 0


async def test_a_till_whose_shift_is_closed_is_looked_after_no_more(
    shop: Shop, counter: Counter, still: FixedClock
) -> None:
    await contact(shop, counter)
    async with shop.db.begin(shop.scope) as tx:
        await tx.execute("UPDATE shift SET closed_at = $2 WHERE tenant_id = $1", tx.tenant, tx.now)
    for _look in range(3):
        await wait(shop, still, AWAY)
    assert await away(shop) == 0
    async with shop.db.read(shop.scope) as read:
        waiting = await read.fetchval(
            """SELECT count(*) FROM job WHERE tenant_id = $1 AND name = 'notifications.till_away'
                  AND finished_at IS NULL""",
            read.tenant,
        )
    assert waiting == 0
