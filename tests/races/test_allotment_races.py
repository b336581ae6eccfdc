"""Shares are worked out by several at once: the last word is one that what is there covers."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from retail import stock
from retail.kit.ids import new_id
from retail.runtime.db import Tx
from retail.stock.allotting import operations
from retail.stock.allotting.operations import mark_scarce, set_shares, work_out
from retail.stock.allotting.queries import article
from tests.support.shelves import all_holds, stocked
from tests.support.stockroom import moved
from tests.support.world import Shop


async def shared(shop: Shop, id: object) -> tuple[Decimal, Decimal]:
    """Give what is on hand, and the sum of the shares."""
    async with shop.db.read(shop.scope) as read:
        found = await article(read, id)  # type: ignore[arg-type]
    return found.on_hand, sum((till.share for till in found.tills), Decimal(0))


async def sell(tx: Tx, shop: Shop) -> None:
    """Let one piece go, and work the shares out in the same transaction, as a fold does."""
    await stock.move(tx, [moved(shop, "-1")])
    await work_out(tx, [(shop.store, shop.products[0].id)])


async def test_twelve_at_once_share_out_no_more_than_there_is(shop: Shop) -> None:
    await stocked(shop, "20")
    id = new_id()
    await shop.db.run(shop.scope, mark_scarce, id, shop.store, shop.products[0].id, "sales")
    async with shop.db.read(shop.scope) as read:
        tills = [one.till for one in (await article(read, id)).tills]
    await asyncio.gather(
        *(shop.db.run(shop.scope, sell, shop) for _ in range(8)),
        *(
            shop.db.run(shop.scope, set_shares, id, "hand", dict.fromkeys(tills, 15_000), version)
            for version in (1, 1, 2, 3)
        ),
        return_exceptions=True,
    )
    await shop.db.run(shop.scope, work_out, [(shop.store, shop.products[0].id)])
    on_hand, given = await shared(shop, id)
    assert on_hand == 12
    assert given == 12
    await all_holds(shop)


async def test_without_the_lock_an_older_look_would_win(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where nobody waits for the article, who looked first may write last, and too much is shared out."""
    await stocked(shop, "20")
    id, place = new_id(), (shop.store, shop.products[0].id)
    await shop.db.run(shop.scope, mark_scarce, id, *place, "sales")
    looked, sold = asyncio.Event(), asyncio.Event()
    really = operations.on_hand

    async def slow(*what: object) -> object:
        found = await really(*what)  # type: ignore[arg-type]
        looked.set()
        await sold.wait()
        return found

    monkeypatch.setattr(operations, "_LOCK", operations._LOCK.replace("FOR UPDATE OF a", ""))
    monkeypatch.setattr(operations, "on_hand", slow)
    first = asyncio.create_task(shop.db.run(shop.scope, work_out, [place]))
    await looked.wait()
    monkeypatch.setattr(operations, "on_hand", really)
    await shop.db.run(shop.scope, stock.move, [moved(shop, "-15")])
    await shop.db.run(shop.scope, work_out, [place])
    sold.set()
    await first
    assert await shared(shop, id) == (5, 20)
