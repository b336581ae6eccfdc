"""The minutes that the rule for devices had become the business's setting, unless it has set them there itself."""

from __future__ import annotations

import asyncpg

from migrations.m0022_one_idle_lock import MOVE
from retail.runtime.db import Database
from retail.tenants.settings_changes import change, values
from tests.support.database import Clone
from tests.support.world import open_shop


async def test_a_businesss_own_minutes_move_along_when_the_rule_for_devices_loses_them(
    clone: Clone, db: Database
) -> None:
    careful, usual, both = [await open_shop(db) for _ in range(3)]
    await db.run(both.scope, change, {"idle_lock_minutes": 9})
    conn = await asyncpg.connect(clone.migrator_url, server_settings={"role": "countertop_owner"})
    try:
        async with conn.transaction():
            await conn.execute("ALTER TABLE device_policy ADD COLUMN lock_minutes smallint NOT NULL DEFAULT 5")
            await conn.execute("ALTER TABLE device_policy NO FORCE ROW LEVEL SECURITY")
            for shop, minutes in ((careful, 2), (usual, 5), (both, 3)):
                await conn.execute(
                    "INSERT INTO device_policy (tenant_id, required, lock_minutes) VALUES ($1, true, $2)",
                    shop.tenant.id,
                    minutes,
                )
            await conn.execute(MOVE)
    finally:
        await conn.close()
    found = []
    for shop in (careful, usual, both):
        async with db.read(shop.scope) as read:
            found.append((await values(read, shop.store))["idle_lock_minutes"])
    assert found == [2, 5, 9]
