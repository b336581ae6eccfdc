"""The walls stand, and the lint that says so finds every way to make a hole in them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from retail.runtime.db import Database
from retail.runtime.isolation import DIRECTORY, LEDGERS, PLATFORM, findings
from tests.support.database import Clone

MUTANTS = [
    ("L1", "ALTER TABLE product DISABLE ROW LEVEL SECURITY"),
    ("L1", "ALTER TABLE product NO FORCE ROW LEVEL SECURITY"),
    ("L1", "ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY"),
    ("L2", "CREATE TABLE note (id uuid PRIMARY KEY); ALTER TABLE note OWNER TO countertop_owner"),
    ("L2", ("ALTER TABLE stock_delta DROP CONSTRAINT stock_delta_pkey; "
           "ALTER TABLE stock_delta ALTER COLUMN tenant_id DROP NOT NULL")),
    ("L2", "CREATE TABLE note (tenant_id text NOT NULL); ALTER TABLE note OWNER TO countertop_owner"),
    ("L3", "DROP POLICY tenant_floor ON sale"),
    ("L3", ("DROP POLICY tenant_floor ON sale; CREATE POLICY tenant_floor ON sale AS RESTRICTIVE "
           "USING (tenant_id = (SELECT current_tenant()) OR true)")),
    ("L3", ("DROP POLICY tenant_floor ON sale; CREATE POLICY tenant_floor ON sale "
           "USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))")),
    ("L3", ("DROP POLICY tenant_floor ON sale; CREATE POLICY tenant_floor ON sale AS RESTRICTIVE FOR SELECT "
           "USING (tenant_id = (SELECT current_tenant()))")),
    ("L3", "ALTER POLICY tenant_floor ON sale WITH CHECK (true)"),
    ("L3", "ALTER POLICY tenant_floor ON sale TO countertop_app"),
    ("L3", "ALTER POLICY tenant_floor ON membership TO countertop_auth"),
    ("L3", "ALTER POLICY tenant_floor ON tenant USING (true)"),
    ("L4", "CREATE UNIQUE INDEX product_code ON product (sku) WHERE false"),
    ("L4", "CREATE UNIQUE INDEX product_code ON product (lower(sku), tenant_id) WHERE false"),
    ("L5", ("ALTER TABLE sale ADD UNIQUE (id); "
           "ALTER TABLE notice ADD FOREIGN KEY (subject_id) REFERENCES sale (id) NOT VALID")),
    ("L6", "CREATE VIEW takings AS SELECT * FROM sale; ALTER VIEW takings OWNER TO countertop_owner"),
    ("L6", "CREATE MATERIALIZED VIEW takings AS SELECT * FROM sale"),
    ("L7", "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM sale'"),
    ("L7", "ALTER FUNCTION auth_tenant(text) RESET search_path"),
    ("L7", "ALTER FUNCTION auth_tenant(text) OWNER TO countertop_owner"),
    ("L7", "GRANT EXECUTE ON FUNCTION auth_tenant(text) TO PUBLIC"),
    ("L8", "ALTER ROLE countertop_app BYPASSRLS"),
    ("L8", "ALTER ROLE countertop_app CREATEROLE"),
    ("L8", "ALTER ROLE countertop_auth LOGIN"),
    ("L8", "GRANT countertop_owner TO countertop_app"),
    ("L8", "ALTER TABLE sale OWNER TO countertop_app"),
    ("L9", "GRANT TRUNCATE ON sale TO countertop_app"),
    ("L9", "GRANT UPDATE ON sale TO countertop_app"),
    ("L9", "GRANT UPDATE (facts) ON audit_event TO countertop_app"),
    ("L9", "GRANT DELETE ON journal_line TO countertop_app"),
    ("L9", "GRANT SELECT ON sale TO PUBLIC"),
    ("L9", "GRANT SELECT ON person TO countertop_app"),
    ("L9", "GRANT SELECT ON sale TO countertop_app WITH GRANT OPTION"),
    ("L10", ("CREATE TABLE past (tenant_id uuid NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at); "
            "CREATE TABLE past_1 PARTITION OF past DEFAULT; GRANT SELECT ON past_1 TO countertop_app")),
    ("L11", "ALTER TABLE product ADD COLUMN weight double precision"),
    ("L11", "ALTER TABLE product ADD COLUMN seen timestamp"),
    ("L12", "CREATE FUNCTION same(text, text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT $1 = $2'"),
    ("L12", "CREATE POLICY everybody ON sale USING (true)"),
]  # fmt: skip


@pytest.fixture
async def catalogue(clone: Clone) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(clone.admin_url)
    transaction = conn.transaction()
    await transaction.start()
    yield conn
    await transaction.rollback()
    await conn.close()


async def test_the_walls_stand(catalogue: asyncpg.Connection) -> None:
    assert "\n".join(await findings(catalogue)) == ""


async def test_the_application_itself_can_see_that_they_stand(db: Database) -> None:
    async with db.platform() as unit:
        assert await findings(unit) == []


@pytest.mark.parametrize(("rule", "hole"), MUTANTS, ids=[f"{rule} {hole[:60]}" for rule, hole in MUTANTS])
async def test_a_hole_is_found(catalogue: asyncpg.Connection, rule: str, hole: str) -> None:
    await catalogue.execute(hole)
    assert [found for found in await findings(catalogue) if found.startswith(f"{rule}:")]


async def test_the_lists_of_exceptions_name_what_exists(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    assert {*PLATFORM, *DIRECTORY, *LEDGERS} - {row["relname"] for row in rows} == set()
