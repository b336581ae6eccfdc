"""The roles of reports and backups: one reads through the walls and writes nothing, the other reads all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from retail.kit.errors import Busy
from retail.runtime.db import REPORTS_AT_ONCE, Database
from tests.support.database import REPORT_PASSWORD, Clone, with_database
from tests.support.world import Shop, open_shop

PASSWORD = REPORT_PASSWORD  # roles belong to the whole cluster: another one would shut the other tests out


@pytest.fixture(scope="module")
async def reports(clone: Clone) -> AsyncIterator[Database]:
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute(f"ALTER ROLE countertop_backup PASSWORD '{PASSWORD}'")
    await admin.close()
    opened = await Database.connect(
        clone.app_url, reports_url=with_database(clone.admin_url, clone.name, "countertop_report", PASSWORD)
    )
    yield opened
    await opened.close()


async def test_a_long_read_has_a_role_of_its_own_and_sees_its_business_only(reports: Database, shop: Shop) -> None:
    await open_shop(reports)
    async with reports.read(shop.scope, seconds=60) as read:
        assert await read.fetchval("SELECT current_user") == "countertop_report"
        assert await read.fetchval("SELECT current_setting('statement_timeout')") == "1min"
        for table in ("product", "store", "till", "membership", "tenant", "audit_event"):
            key = "id" if table == "tenant" else "tenant_id"
            seen = {row[0] for row in await read.fetch(f"SELECT DISTINCT {key} FROM {table}")}
            assert seen <= {shop.tenant.id}, table
        assert await read.fetchval("SELECT count(*) FROM product") == len(shop.products)
    async with reports.read(shop.scope) as read:
        assert await read.fetchval("SELECT current_user") == "countertop_app"


async def test_without_a_business_a_report_sees_nothing(clone: Clone, reports: Database, shop: Shop) -> None:
    conn = await asyncpg.connect(with_database(clone.admin_url, clone.name, "countertop_report", PASSWORD))
    try:
        for table in ("product", "tenant", "membership", "outbox", "sale"):
            assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0, table
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch("SELECT * FROM person")
    finally:
        await conn.close()


async def test_neither_role_writes_whatever_it_tries(clone: Clone, reports: Database, shop: Shop) -> None:
    for role in ("countertop_report", "countertop_backup"):
        conn = await asyncpg.connect(with_database(clone.admin_url, clone.name, role, PASSWORD))
        try:
            await conn.execute("SET default_transaction_read_only = 'off'")
            await conn.execute(f"SET app.tenant_id = '{shop.tenant.id}'")
            for statement in ("UPDATE product SET name = 'x'", "DELETE FROM product", "TRUNCATE product",
                              "CREATE TABLE mine (a int)"):  # fmt: skip
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await conn.execute(statement)
        finally:
            await conn.close()


async def test_a_backup_reads_every_business(clone: Clone, reports: Database, shop: Shop) -> None:
    conn = await asyncpg.connect(with_database(clone.admin_url, clone.name, "countertop_backup", PASSWORD))
    try:
        assert await conn.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", shop.tenant.id) == len(
            shop.products
        )
        assert await conn.fetchval("SELECT count(*) FROM person") >= 0
    finally:
        await conn.close()


async def test_many_long_reads_leave_the_pages_their_connections(reports: Database, shop: Shop) -> None:
    held = [reports.read(shop.scope, seconds=60) for _ in range(REPORTS_AT_ONCE)]

    entered = asyncio.Semaphore(0)
    leave = asyncio.Event()

    async def hold(place: int) -> None:
        async with held[place] as read:
            await read.fetchval("SELECT 1")
            entered.release()
            await leave.wait()

    tasks = [asyncio.create_task(hold(place)) for place in range(REPORTS_AT_ONCE)]
    for _ in tasks:
        await entered.acquire()
    async with reports.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM product") == len(shop.products)
    with pytest.raises(Busy):
        async with reports.read(shop.scope, seconds=60):
            pass
    leave.set()
    await asyncio.gather(*tasks)
