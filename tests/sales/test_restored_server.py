"""A server restored from an older copy gets back what it had acknowledged: tills keep it and send it once more."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from retail.runtime.db import Database
from retail.sales.checks import checks
from retail.sales.journal import Received, recovery_epoch
from retail.stock import fold
from tests.support import database
from tests.support.device import Device
from tests.support.world import Shop, open_shop


@asynccontextmanager
async def connected(made: database.Clone) -> AsyncIterator[Database]:
    """Connect as the application's role."""
    opened = await Database.connect(made.app_url, size=2, reports_url=made.report_url)
    try:
        yield opened
    finally:
        await opened.close()


async def numbers(shop: Shop) -> list[int]:
    async with shop.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT number FROM sale WHERE tenant_id = $1 ORDER BY number", read.tenant)
    return [row["number"] for row in rows]


def statuses(received: Received) -> list[str]:
    return [one.status for one in received.answers]


async def test_what_was_acknowledged_after_the_copy_was_made_comes_again_and_all_counts_once() -> None:
    admin = os.environ["TEST_DATABASE_ADMIN_URL"]
    live = await database.clone(admin, os.environ["TEST_DATABASE_TEMPLATE"])
    copy = None
    try:
        async with connected(live) as db:
            shop = await open_shop(db)
            device = Device(shop, shop.till)
            await device.claim()
            device.open_shift()
            for ware in shop.products[:3]:
                device.sell(ware)
            before = await device.deliver()
            assert statuses(before) == ["created"] * 4
        copy = await database.clone(admin, live.name)
        async with connected(live) as db:
            device.shop = replace(shop, db=db)
            for ware in shop.products[:3]:
                device.sell(ware)
            acknowledged = await device.deliver(*device.records[4:])
            assert statuses(acknowledged) == ["created"] * 3
            assert acknowledged.recovery_epoch == before.recovery_epoch, "the same life of the server"
            assert await numbers(device.shop) == [1, 2, 3, 4, 5, 6]
        async with connected(copy) as db:
            restored = device.shop = replace(shop, db=db)
            assert await numbers(restored) == [1, 2, 3], "the copy doesn't know what was acknowledged since"
            async with db.read(restored.scope) as read:
                assert await recovery_epoch(read) != before.recovery_epoch, "tills are told of its new life"
            again = await device.deliver()
            assert statuses(again) == ["replayed"] * 4 + ["created"] * 3
            assert again.head.seq == 7
            assert await numbers(restored) == [1, 2, 3, 4, 5, 6]
            assert statuses(await device.deliver()) == ["replayed"] * 7
            await db.run(restored.scope, fold)
            async with db.read(restored.scope) as read:
                failed = [f"{one.name}: {one.detail}" for one in await checks(read) if not one.ok]
            assert failed == []
    finally:
        for made in filter(None, (copy, live)):
            await database.drop(admin, made.name)
