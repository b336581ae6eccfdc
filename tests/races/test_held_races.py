"""Many tills recall one sale on hold at once: one gets it, whoever is second is told who has it."""

from __future__ import annotations

import asyncio
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.sales.errors import HeldGone
from retail.sales.held import recall
from retail.tenants import operations as tenants
from tests.sales.test_held_sales import held
from tests.support.device import Device
from tests.support.world import Shop

TILLS = 6


async def counters(shop: Shop) -> list[UUID]:
    """Set up more tills in the store."""
    made = [shop.till, shop.second_till]
    for n in range(3, TILLS + 1):
        made.append(new_id())
        await shop.db.run(shop.scope, tenants.set_up_till, tenants.NewTill(made[-1], shop.store, f"T{n}", f"Till {n}"))
    return made


async def on_hold(shop: Shop) -> UUID:
    device = Device(shop, shop.till)
    await device.claim()
    return await held(device)


async def test_one_of_many_tills_gets_it(shop: Shop) -> None:
    tills, id = await counters(shop), await on_hold(shop)
    outcomes = await asyncio.gather(
        *(shop.db.run(shop.scope, recall, till, id, new_id(), new_id(), take_over=True) for till in tills),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes if isinstance(one, BaseException)] == [HeldGone] * (TILLS - 1)
    assert len([one for one in outcomes if isinstance(one, dict)]) == 1


async def test_without_the_lock_two_tills_get_it(shop: Shop) -> None:
    """The control: looking first and writing later lets both go on with it."""
    id, both_read = await on_hold(shop), asyncio.Barrier(2)

    async def unlocked(tx: Tx, till: UUID) -> bool:
        free = await tx.fetchval(
            "SELECT recalled_at IS NULL FROM held_sale WHERE tenant_id = $1 AND id = $2", tx.tenant, id
        )
        await both_read.wait()
        await tx.execute(
            """UPDATE held_sale SET recalled_at = $4, recalled_as = $3, recalled_till_id = $3
                WHERE tenant_id = $1 AND id = $2""",
            tx.tenant, id, till, tx.now,
        )  # fmt: skip
        return bool(free)

    got = await asyncio.gather(*(shop.db.run(shop.scope, unlocked, till) for till in (shop.till, shop.second_till)))
    assert got == [True, True], "both took it"
