"""The unit of work keeps its promises when the commit fails, the server goes, or the request is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from retail.kit.errors import Busy, NotFound
from retail.runtime.db import CommitLost, Database, NestedUnitOfWork, OutsideUnitOfWork, Tx
from retail.runtime.safe_role import UnsafeRole
from retail.runtime.tenancy import Scope
from retail.tenants.tables import Store
from tests.support.database import Clone
from tests.support.world import Shop, open_shop

SCRATCH = """
CREATE TABLE scratch (n integer, CONSTRAINT scratch_n UNIQUE (n) DEFERRABLE INITIALLY DEFERRED);
GRANT SELECT, INSERT, DELETE ON scratch TO countertop_app;
"""
COUNT_STORES = "SELECT count(*) FROM store"


@pytest.fixture(scope="module")
async def scratch(clone: Clone) -> AsyncIterator[asyncpg.Connection]:
    """A table whose constraint is only checked by COMMIT, and a superuser's connection."""
    admin = await asyncpg.connect(clone.admin_url)
    await admin.execute(SCRATCH)
    yield admin
    await admin.execute("DROP TABLE scratch")
    await admin.close()


@pytest.fixture
async def narrow(clone: Clone, scratch: asyncpg.Connection) -> AsyncIterator[Database]:
    """A database with two connections, so that one lost is soon missed."""
    opened = await Database.connect(clone.app_url, size=2)
    yield opened
    await opened.close()


async def kept(admin: asyncpg.Connection, n: int) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM scratch WHERE n = $1", n))


async def twice_the_same(narrow: Database, shop: Shop, n: int) -> None:
    async with narrow.begin(shop.scope) as tx:
        await tx.execute("INSERT INTO scratch VALUES ($1), ($1)", n)


async def test_a_failing_commit_raises_and_keeps_nothing(
    narrow: Database, shop: Shop, scratch: asyncpg.Connection
) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await twice_the_same(narrow, shop, 1)
    assert await kept(scratch, 1) == 0


async def test_a_swallowed_error_is_told_at_commit(narrow: Database, shop: Shop, scratch: asyncpg.Connection) -> None:
    async def careless() -> None:
        async with narrow.begin(shop.scope) as tx:
            await tx.execute("INSERT INTO scratch VALUES (2)")
            with contextlib.suppress(asyncpg.DivisionByZeroError):
                await tx.execute("SELECT 1/0")

    with pytest.raises(CommitLost):
        await careless()
    assert await kept(scratch, 2) == 0


async def test_fifty_failures_of_each_kind_cost_no_connection(narrow: Database, shop: Shop) -> None:
    async def cancelled() -> None:
        async with asyncio.timeout(0.02), narrow.begin(shop.scope) as tx:
            await tx.execute("SELECT pg_sleep(3)")

    async def broken() -> None:
        async with narrow.begin(shop.scope) as tx:
            await tx.execute("SELECT 1/0")

    for _ in range(50):
        with pytest.raises(asyncpg.UniqueViolationError):
            await twice_the_same(narrow, shop, 3)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await broken()
    for _ in range(10):
        with pytest.raises(TimeoutError):
            await cancelled()
    async with asyncio.timeout(3):
        assert await asyncio.gather(*(stores(narrow, shop) for _ in range(20))) == [2] * 20


async def stores(db: Database, shop: Shop) -> int:
    async with db.read(shop.scope) as read:
        return int(await read.fetchval(COUNT_STORES))


async def test_a_killed_backend_is_busy_and_the_next_one_works(
    narrow: Database, shop: Shop, scratch: asyncpg.Connection
) -> None:
    async def murdered() -> None:
        async with narrow.begin(shop.scope) as tx:
            await tx.execute("INSERT INTO scratch VALUES (4)")
            await scratch.execute("SELECT pg_terminate_backend($1)", await tx.fetchval("SELECT pg_backend_pid()"))
            await tx.execute("INSERT INTO scratch VALUES (5)")

    for _ in range(5):
        with pytest.raises(Busy):
            await murdered()
    assert await kept(scratch, 4) == 0
    assert await stores(narrow, shop) == 2


async def test_cancelling_rolls_back_and_gives_a_clean_connection_back(
    narrow: Database, shop: Shop, scratch: asyncpg.Connection
) -> None:
    inserted = asyncio.Event()

    async def slow() -> None:
        async with narrow.begin(shop.scope) as tx:
            await tx.execute("INSERT INTO scratch VALUES (6)")
            inserted.set()
            await tx.execute("SELECT pg_sleep(3)")

    task = asyncio.create_task(slow())
    await inserted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await kept(scratch, 6) == 0
    assert await stores(narrow, shop) == 2


async def test_when_all_connections_are_taken_the_answer_is_busy(
    narrow: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retail.runtime.db.ACQUIRE_SECONDS", 0.05)
    release = asyncio.Event()

    async def hold() -> None:
        async with narrow.read(shop.scope):
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(Busy):
        await stores(narrow, shop)
    release.set()
    await asyncio.gather(*holders)
    assert await stores(narrow, shop) == 2


async def test_a_unit_of_work_inside_another_is_refused(narrow: Database, shop: Shop) -> None:
    async with narrow.begin(shop.scope):
        with pytest.raises(NestedUnitOfWork):
            await stores(narrow, shop)
    assert await stores(narrow, shop) == 2


async def test_piccolo_outside_of_a_unit_of_work_is_refused() -> None:
    with pytest.raises(OutsideUnitOfWork):
        await Store.count()


async def test_a_read_cannot_write(narrow: Database, shop: Shop) -> None:
    async with narrow.read(shop.scope) as read:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await read.execute("INSERT INTO scratch VALUES (7)")
        await read.conn.execute("ROLLBACK; BEGIN")


async def test_a_savepoint_takes_back_rows_and_audit_alike(
    narrow: Database, shop: Shop, scratch: asyncpg.Connection
) -> None:
    async with narrow.begin(shop.scope) as tx:
        tx.audit("kept", "test", None)
        with contextlib.suppress(NotFound):
            async with tx.savepoint():
                await tx.execute("INSERT INTO scratch VALUES (8)")
                tx.audit("undone", "test", None)
                raise NotFound
        await tx.execute("INSERT INTO scratch VALUES (9)")
    assert [await kept(scratch, n) for n in (8, 9)] == [0, 1]
    async with narrow.read(shop.scope) as read:
        rows = await read.fetch("SELECT action FROM audit_event WHERE subject_kind = 'test'")
    assert [row["action"] for row in rows] == ["kept"]


async def test_an_error_takes_rows_and_audit_with_it(narrow: Database, shop: Shop) -> None:
    async def refused() -> None:
        async with narrow.begin(shop.scope) as tx:
            tx.audit("never", "test", None)
            raise NotFound

    with pytest.raises(NotFound):
        await refused()
    async with narrow.read(shop.scope) as read:
        assert await read.fetchval("SELECT count(*) FROM audit_event WHERE action = 'never'") == 0


@pytest.mark.parametrize("ending", ["commit", "rollback", "error", "cancel"])
async def test_a_connection_forgets_its_tenant(narrow: Database, shop: Shop, ending: str) -> None:
    async def use() -> None:
        async with narrow.begin(shop.scope) as tx:
            assert await tx.fetchval(COUNT_STORES) == 2
            if ending == "rollback":
                raise NotFound
            if ending == "error":
                await tx.execute("SELECT 1/0")
            if ending == "cancel":
                async with asyncio.timeout(0.02):
                    await tx.execute("SELECT pg_sleep(3)")

    for _ in range(4):
        with contextlib.suppress(NotFound, asyncpg.DivisionByZeroError, Busy):
            await use()
    for _ in range(4):
        async with narrow.platform() as unit:
            assert await unit.fetchval(COUNT_STORES) == 0
            assert await unit.fetchval("SELECT current_tenant()") is None


async def test_two_tenants_on_two_connections_never_see_each_other(narrow: Database, shop: Shop) -> None:
    other = await open_shop(narrow)

    async def look(mine: Shop) -> bool:
        async with narrow.read(mine.scope) as read:
            await asyncio.sleep(0)
            rows = await read.fetch("SELECT DISTINCT tenant_id FROM product")
        return [row["tenant_id"] for row in rows] == [mine.tenant.id]

    seen = await asyncio.gather(*(look(mine) for _ in range(50) for mine in (shop, other)))
    assert all(seen)


async def test_another_tenants_row_can_be_neither_read_nor_written(narrow: Database, shop: Shop) -> None:
    stranger = Scope.system((await open_shop(narrow)).tenant.id)
    async with narrow.begin(stranger) as tx:
        assert await tx.fetchval("SELECT count(*) FROM store WHERE id = $1", shop.store) == 0
        assert await tx.execute("UPDATE store SET name = 'x' WHERE id = $1", shop.store) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.savepoint():
                await tx.execute(
                    "INSERT INTO category (tenant_id, id, name, hue, position) VALUES ($1, $1, 'x', 1, 1)",
                    shop.tenant.id,
                )


async def test_a_deadlock_is_tried_once_more(narrow: Database, shop: Shop) -> None:
    tries = 0

    async def unlucky_once(tx: Tx) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncpg.DeadlockDetectedError
        return int(await tx.fetchval(COUNT_STORES))

    assert await narrow.run(shop.scope, unlucky_once) == 2
    assert tries == 2


async def test_a_role_that_could_climb_the_walls_is_refused(clone: Clone) -> None:
    with pytest.raises(UnsafeRole):
        await Database.connect(clone.admin_url, size=1)
