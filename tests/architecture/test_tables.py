"""Every table keeps its tenant walls, and Piccolo's view of it is true."""

from __future__ import annotations

import asyncpg
import pytest
from piccolo.columns import Column
from piccolo.table import Table

from retail.piccolo_app import APP_CONFIG
from retail.runtime.db import Database, UnsafeRole
from tests.support.database import Clone

# Tables that belong to no tenant, each with its reason. The application has no direct grant on them.
PLATFORM_TABLES = {
    "person": "a person may work for several tenants; reached through auth functions only",
    "session": "found by its token's hash before a tenant is known; reached through auth functions only",
    "migration": "Piccolo's own history",
    "tenant": "its id is the tenant; has its own floor",
}
# Tables whose floor binds the application's role, so that auth functions can look across tenants.
DIRECTORY_TABLES = {"membership", "api_token", "outbox", "job", "tenant"}
FLOOR = "(tenant_id = ( SELECT current_tenant() AS current_tenant))"


@pytest.fixture(scope="module")
async def catalogue(clone: Clone) -> asyncpg.Connection:
    conn = await asyncpg.connect(clone.admin_url)
    yield conn
    await conn.close()


async def tenant_tables(catalogue: asyncpg.Connection) -> set[str]:
    rows = await catalogue.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return {row["relname"] for row in rows} - set(PLATFORM_TABLES)


async def test_every_tenant_table_says_whose_its_rows_are(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT table_name FROM information_schema.columns
            WHERE column_name = 'tenant_id' AND is_nullable = 'NO' AND data_type = 'uuid' AND table_schema = 'public'"""
    )
    assert await tenant_tables(catalogue) - {row["table_name"] for row in rows} == set()


async def test_every_table_forces_row_level_security(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND NOT (relrowsecurity AND relforcerowsecurity)"""
    )
    assert {row["relname"] for row in rows} == set(PLATFORM_TABLES) - {"tenant"}


async def test_every_tenant_table_has_the_restrictive_floor(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        "SELECT * FROM pg_policies WHERE policyname = 'tenant_floor' AND permissive = 'RESTRICTIVE'"
    )
    floors = {row["tablename"]: row for row in rows}
    assert await tenant_tables(catalogue) <= set(floors)
    for name, row in floors.items():
        bound = ["countertop_app"] if name in DIRECTORY_TABLES else ["public"]
        expected = FLOOR.replace("tenant_id", "id") if name == "tenant" else FLOOR
        assert (list(row["roles"]), row["cmd"], row["qual"], row["with_check"]) == (bound, "ALL", expected, expected), (
            name
        )


async def test_keys_begin_with_the_tenant(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT c.relname AS index, t.relname AS tab, a.attname AS first
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
            WHERE t.relnamespace = 'public'::regnamespace AND i.indisunique"""
    )
    outside = {row["index"] for row in rows if row["tab"] not in PLATFORM_TABLES and row["first"] != "tenant_id"}
    assert outside == {"api_token_token_hash_key"}, "a token's hash is looked up before its tenant is known"


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
        if row["target"] not in PLATFORM_TABLES:
            assert row["columns"][0] == "tenant_id", row["conname"]
            assert row["indexed"] or row["tab"] in {"till_claim"} or row["conname"] in UNINDEXED, row["conname"]


# Foreign keys without an index of their own, each with its reason: the target is never deleted, and reads start
# from another key.
UNINDEXED = {
    "sale_tenant_id_till_id_fkey",  # served by the unique (tenant, till, kind, number, clash)
}


async def test_the_application_can_add_to_ledgers_but_never_edit_them(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type) AS verbs
             FROM information_schema.role_table_grants WHERE grantee = 'countertop_app' GROUP BY table_name"""
    )
    verbs = {row["table_name"]: set(row["verbs"]) for row in rows}
    ledgers = {
        "audit_event", "stock_move", "journal_entry", "journal_line", "cash_move", "drawer_event", "z_report", "sale",
        "sale_line", "sale_tax", "tender", "till_journal", "idempotency_key",
    }  # fmt: skip
    assert {name for name in ledgers if verbs[name] != {"SELECT", "INSERT"}} == set()
    assert not {name for name, held in verbs.items() if held & {"TRUNCATE", "REFERENCES", "TRIGGER"}}
    assert not verbs.keys() & {"person", "session"}


async def test_the_applications_role_cannot_get_round_the_walls(catalogue: asyncpg.Connection) -> None:
    roles = {
        row["rolname"]: row for row in await catalogue.fetch("SELECT * FROM pg_roles WHERE rolname LIKE 'countertop%'")
    }
    app = roles["countertop_app"]
    assert not any(app[right] for right in ("rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole", "rolinherit"))
    assert not any(roles[name]["rolcanlogin"] for name in ("countertop_owner", "countertop_auth"))
    owned = await catalogue.fetchval("SELECT count(*) FROM pg_class WHERE relowner = 'countertop_app'::regrole")
    assert owned == 0


async def test_a_role_that_could_bypass_the_walls_is_refused_at_start(clone: Clone) -> None:
    with pytest.raises(UnsafeRole, match="superuser"):
        await Database.connect(clone.admin_url)


async def test_no_column_is_a_float_or_a_time_without_a_zone(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
            AND data_type IN ('real', 'double precision', 'money', 'timestamp without time zone')
            AND table_name <> 'migration'"""
    )
    assert rows == []


async def test_definer_functions_pin_their_search_path_and_belong_to_the_auth_role(
    catalogue: asyncpg.Connection,
) -> None:
    rows = await catalogue.fetch(
        """SELECT proname, proconfig::text AS config, proowner::regrole::text AS owner FROM pg_proc
            WHERE prosecdef AND pronamespace = 'public'::regnamespace"""
    )
    assert rows, "there are auth functions"
    assert {(row["owner"], row["config"]) for row in rows} == {
        ("countertop_auth", '{"search_path=pg_catalog, public"}')
    }


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
    "TIMESTAMPTZ": "timestamptz", "DATE": "date", "JSONB": "jsonb", "BYTEA": "bytea",
}  # fmt: skip


def udt(column: Column) -> str:
    return "numeric" if column.column_type.startswith("NUMERIC") else UDT[column.column_type]


def test_table_classes_are_unique_by_name() -> None:
    names = [table.__name__ for table in APP_CONFIG.table_classes]
    tables = [table._meta.tablename for table in APP_CONFIG.table_classes]
    assert len(set(names)) == len(names)
    assert len(set(tables)) == len(tables)
