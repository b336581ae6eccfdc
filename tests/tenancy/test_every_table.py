"""Each table of a business, as the catalogue has it: the rows of one business are out of the other's reach."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope
from tests.privacy.conftest import Seeded, row_in, seed
from tests.support.database import Clone
from tests.support.world import open_shop


@dataclass
class Pair:
    """Two businesses with a row in every table; `tables`: the columns of each that can be written."""

    db: Database
    ours: Seeded
    theirs: Seeded
    tables: dict[str, list[str]]

    @property
    def us(self) -> Scope:
        return Scope.system(self.ours.shop.tenant.id)

    async def fingerprint(self) -> dict[str, str]:
        """Give a hash of all of their rows, by table."""
        told = "SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM {} r WHERE tenant_id = $1"
        return {
            table: await self.theirs.admin.fetchval(told.format(table), self.theirs.shop.tenant.id)
            for table in self.tables
        }


@pytest.fixture(scope="module")
async def pair(db: Database, clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    async with (
        seed(db, await open_shop(db), clone.admin_url, folder) as ours,
        seed(db, await open_shop(db), clone.admin_url, folder) as theirs,
    ):
        rows = await ours.admin.fetch(
            """SELECT c.relname, array_agg(a.attname::text) FILTER (WHERE a.attgenerated = '') AS columns
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND c.relrowsecurity
                  AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
                GROUP BY 1 ORDER BY 1"""
        )
        tables = {row["relname"]: row["columns"] for row in rows}
        for side in (ours, theirs):
            async with side.admin.transaction():
                await side.admin.execute("SET LOCAL session_replication_role = replica")
                for table in tables:
                    await row_in(side, table)
        yield Pair(db, ours, theirs, tables)


async def attempt(pair: Pair, sql: str, *args: object) -> str:
    """Try a statement as our application, for nothing; gives its tag, or "refused"."""
    try:
        async with pair.db.begin(pair.us) as tx, tx.savepoint():
            tag = await tx.execute(sql, *args)
            raise Undone(tag)
    except Undone as undone:
        return str(undone)
    except asyncpg.InsufficientPrivilegeError:
        return "refused"


class Undone(Exception):
    """Takes a tag out of a savepoint that is rolled back."""


async def test_each_table_shows_a_business_all_of_its_rows_and_no_other(pair: Pair) -> None:
    assert len(pair.tables) > 60
    wrong = {}
    for table in pair.tables:
        count = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"
        true = await pair.ours.admin.fetchval(count, pair.us.tenant)
        async with pair.db.read(pair.us) as read:
            rows = await read.fetch(f"SELECT tenant_id FROM {table}")
        if not true or [row["tenant_id"] for row in rows] != [pair.us.tenant] * true:
            wrong[table] = len(rows), true
    assert wrong == {}


async def test_without_a_business_each_table_is_empty(pair: Pair) -> None:
    async with pair.db.platform() as unit:
        seen = {table: await unit.fetchval(f"SELECT count(*) FROM {table}") for table in pair.tables}
    assert {table: count for table, count in seen.items() if count} == {}


async def test_no_row_of_another_business_is_changed_or_deleted_in_any_table(pair: Pair) -> None:
    before, theirs = await pair.fingerprint(), pair.theirs.shop.tenant.id
    assert all(before.values())
    done = {}
    for table, columns in pair.tables.items():
        column = next(one for one in columns if one != "tenant_id")
        done[f"update {table}"] = await attempt(
            pair, f"UPDATE {table} SET {column} = {column} WHERE tenant_id = $1", theirs
        )
        done[f"delete {table}"] = await attempt(pair, f"DELETE FROM {table} WHERE tenant_id = $1", theirs)
    assert {what: tag for what, tag in done.items() if tag not in {"UPDATE 0", "DELETE 0", "refused"}} == {}
    assert await pair.fingerprint() == before


async def test_no_row_is_written_for_another_business_in_any_table(pair: Pair) -> None:
    before, theirs = await pair.fingerprint(), pair.theirs.shop.tenant.id
    done = {}
    for table, columns in pair.tables.items():
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join("$1" if name == "tenant_id" else f'"{name}"' for name in columns)
        done[f"insert {table}"] = await attempt(
            pair, f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE tenant_id <> $1", theirs
        )
        done[f"give {table}"] = await attempt(pair, f"UPDATE {table} SET tenant_id = $1", theirs)
    assert {what: tag for what, tag in done.items() if tag != "refused"} == {}
    assert await pair.fingerprint() == before


@pytest.mark.parametrize("ending", ["commit", "rollback", "error"])
async def test_the_next_unit_on_the_connection_sees_nothing_of_the_one_before(pair: Pair, ending: str) -> None:
    async def once(tx: Tx) -> None:
        assert await tx.fetchval("SELECT count(*) FROM sale") > 0
        if ending == "error":
            await tx.execute("SELECT 1 / 0")
        if ending == "rollback":
            raise Undone

    with contextlib.suppress(Undone, asyncpg.DivisionByZeroError):
        await pair.db.run(pair.us, once)
    await test_without_a_business_each_table_is_empty(pair)
