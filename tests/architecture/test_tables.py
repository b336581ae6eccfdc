"""Keys have their indexes, ledgers are never edited, and Piccolo's view of every table is true."""

from __future__ import annotations

import asyncpg
import pytest
from piccolo.columns import Column
from piccolo.table import Table

from retail.piccolo_app import APP_CONFIG
from retail.runtime.db import Database
from retail.runtime.isolation import LEDGERS, PLATFORM
from retail.runtime.safe_role import UnsafeRole
from tests.support.database import Clone


@pytest.fixture(scope="module")
async def catalogue(clone: Clone) -> asyncpg.Connection:
    conn = await asyncpg.connect(clone.admin_url)
    yield conn
    await conn.close()


async def test_foreign_keys_carry_the_tenant_and_have_an_index(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT conname, conrelid::regclass::text AS tab, confrelid::regclass::text AS target,
                  (SELECT array_agg(attname::text ORDER BY k.place) FROM unnest(conkey) WITH ORDINALITY k(num, place)
                     JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.num) AS columns,
                  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = conrelid
                             AND (i.indkey::int2[])[0:cardinality(conkey) - 1] @> conkey) AS indexed
             FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""
    )
    for row in rows:
        if row["target"] not in PLATFORM:
            assert row["columns"][0] == "tenant_id", row["conname"]
            assert row["indexed"] or row["tab"] in {"till_claim"} or row["conname"] in UNINDEXED, row["conname"]


# Foreign keys without an index of their own, each with its reason: the target is never deleted, and reads start
# from another key.
UNINDEXED = {
    "sale_tenant_id_till_id_fkey",  # served by the unique (tenant, till, kind, number, clash)
}


async def test_the_planner_takes_all_businesses_alike(catalogue: asyncpg.Connection) -> None:
    """Whoever came after the last ANALYZE has no fewer rows to it than others: docs/decisions/0032."""
    await catalogue.execute("ANALYZE")
    tables = await catalogue.fetch(
        """SELECT c.relname, s.n_distinct, s.most_common_vals IS NULL AS even FROM pg_class c
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
             LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = 'tenant_id'
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
    )
    assert len(tables) > 100
    assert [row["relname"] for row in tables if row["n_distinct"] != 20 or not row["even"]] == []


async def test_the_application_can_add_to_ledgers_but_never_edit_them(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type) AS verbs
             FROM information_schema.role_table_grants WHERE grantee = 'countertop_app' GROUP BY table_name"""
    )
    verbs = {row["table_name"]: set(row["verbs"]) for row in rows}
    assert {name for name in LEDGERS if verbs[name] != {"SELECT", "INSERT"}} == set()


async def test_a_role_that_could_bypass_the_walls_is_refused_at_start(clone: Clone) -> None:
    with pytest.raises(UnsafeRole, match="superuser"):
        await Database.connect(clone.admin_url)


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table.__name__)
async def test_piccolos_view_of_a_table_is_true(catalogue: asyncpg.Connection, table: type[Table]) -> None:
    rows = await catalogue.fetch(
        """SELECT column_name, udt_name, is_nullable = 'YES' AS nullable, numeric_precision, numeric_scale
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1""",
        table._meta.tablename,
    )
    real = {row["column_name"]: row for row in rows}
    told = {column._meta.name: column for column in table._meta.columns}
    assert set(told) == set(real)
    for name, column in told.items():
        assert (udt(column), column._meta.null) == (real[name]["udt_name"], real[name]["nullable"]), name
        assert column._meta.params["default"] is None, f"{name} must not be made up by Piccolo"


UDT = {
    "UUID": "uuid", "TEXT": "text", "BOOLEAN": "bool", "SMALLINT": "int2", "INTEGER": "int4", "BIGINT": "int8",
    "TIMESTAMPTZ": "timestamptz", "DATE": "date", "JSON": "json", "JSONB": "jsonb", "BYTEA": "bytea",
    "TEXT[]": "_text", "BIGINT[]": "_int8", "INTEGER[]": "_int4", "UUID[]": "_uuid",
    "DATE[]": "_date",
}  # fmt: skip


def udt(column: Column) -> str:
    if not column.column_type.startswith("NUMERIC"):
        return UDT[column.column_type]
    return "_numeric" if column.column_type.endswith("[]") else "numeric"


def test_table_classes_are_unique_by_name() -> None:
    names = [table.__name__ for table in APP_CONFIG.table_classes]
    tables = [table._meta.tablename for table in APP_CONFIG.table_classes]
    assert len(set(names)) == len(names)
    assert len(set(tables)) == len(tables)
