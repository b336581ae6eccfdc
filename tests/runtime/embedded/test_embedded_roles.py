"""The roles are what tenants are kept apart with, so their rights are asserted one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from retail.runtime.embedded import CannotProvision, Embedded, EmbeddedPostgres, provision
from retail.runtime.embedded.roles import scram_verifier
from tests.support.servers import World

ROLES = ["countertop_app", "countertop_auth", "countertop_migrator", "countertop_owner", "countertop_report"]


async def attributes(link: asyncpg.Connection) -> dict[str, tuple[bool, ...]]:
    rows = await link.fetch(
        "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolinherit, rolcreatedb, rolcreaterole, rolreplication "
        "FROM pg_roles WHERE rolname LIKE 'countertop%' ORDER BY rolname"
    )
    return {row["rolname"]: tuple(row)[1:] for row in rows}


async def test_no_role_of_ours_has_a_right_beyond_logging_in(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.database_admin_url)
    found = await attributes(link)
    members = await link.fetch(
        "SELECT roleid::regrole::text, member::regrole::text, inherit_option, set_option, admin_option "
        "FROM pg_auth_members WHERE roleid::regrole::text LIKE 'countertop%'"
    )
    await link.close()
    nothing = (False, False, False, False, False, False)
    assert found == {
        "countertop_app": (True, *nothing),
        "countertop_auth": (False, *nothing),
        "countertop_backup": (True, False, True, *nothing[2:]),  # reads past the walls, for pg_dump, and writes nothing
        "countertop_migrator": (True, *nothing),
        "countertop_owner": (False, *nothing),
        "countertop_report": (True, *nothing),
    }
    assert sorted(tuple(row) for row in members) == [
        ("countertop_auth", "countertop_owner", False, True, False),
        ("countertop_owner", "countertop_migrator", False, True, False),
    ]


async def test_the_application_can_create_nothing_and_become_no_one(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.database_url)
    assert await link.fetchval("SELECT current_user") == "countertop_app"
    for statement in (
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "SET ROLE countertop_owner",
        "SET ROLE countertop_auth",
        "ALTER ROLE countertop_app BYPASSRLS",
        "CREATE ROLE other",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await link.execute(statement)
    limits = [await link.fetchval(f"SHOW {name}") for name in ("statement_timeout", "lock_timeout")]
    assert limits == ["5s", "2s"]
    await link.close()


async def test_the_migrator_builds_as_the_owner_and_not_as_itself(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.migration_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await link.execute("CREATE TABLE public.built (n int)")
    await link.execute("SET ROLE countertop_owner; CREATE TABLE built (n int)")
    owner = await link.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'built'")
    await link.execute("DROP TABLE built")
    await link.close()
    assert owner == "countertop_owner"


async def test_the_database_and_its_schema_belong_to_the_owner_alone(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.postgres.admin_url("countertop"))
    database = await link.fetchrow(
        "SELECT datdba::regrole::text, pg_encoding_to_char(encoding), datlocprovider, datlocale "
        "FROM pg_database WHERE datname = 'countertop'"
    )
    schema = await link.fetchrow(
        "SELECT nspowner::regrole::text, has_schema_privilege('countertop_app', 'public', 'CREATE'), "
        "has_schema_privilege('countertop_app', 'public', 'USAGE'), "
        "array(SELECT grantee::regrole::text FROM aclexplode(nspacl) WHERE privilege_type = 'CREATE' ORDER BY 1) "
        "FROM pg_namespace WHERE nspname = 'public'"
    )
    public = await link.fetchval(
        "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = 'countertop' AND grantee = 0"
    )
    await link.close()
    assert tuple(database) == ("countertop_owner", "UTF8", b"b", "C.UTF-8")
    assert tuple(schema) == ("countertop_owner", False, True, ["countertop_auth", "countertop_owner"])
    assert public == 0


async def test_a_wrong_password_opens_nothing(embedded: Embedded) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(embedded.postgres.url("countertop_app", "countertop", "wrong"))
    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
        await asyncpg.connect(embedded.postgres.url("countertop_owner", "countertop", "wrong"))


async def test_provisioning_again_and_at_the_same_time_changes_only_the_passwords(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.database_admin_url)
    before = await attributes(link)
    await asyncio.gather(
        *(provision(embedded.database_admin_url, "countertop", f"app-{n}", f"migrator-{n}") for n in range(3))
    )
    assert await attributes(link) == before
    secret = embedded.postgres.places.secret
    await provision(embedded.database_admin_url, "countertop", secret("app"), secret("migrator"))
    await link.close()
    again = await asyncpg.connect(embedded.database_url)
    assert await again.fetchval("SELECT current_user") == "countertop_app"
    await again.close()


async def test_a_role_that_was_made_stronger_is_refused(embedded: Embedded) -> None:
    link = await asyncpg.connect(embedded.database_admin_url)
    secret = embedded.postgres.places.secret
    for stronger, weaker in (
        ("ALTER ROLE countertop_app BYPASSRLS", "ALTER ROLE countertop_app NOBYPASSRLS"),
        ("GRANT countertop_owner TO countertop_app", "REVOKE countertop_owner FROM countertop_app"),
    ):
        await link.execute(stronger)
        with pytest.raises(CannotProvision, match="countertop_app has more rights"):
            await provision(embedded.database_admin_url, "countertop", secret("app"), secret("migrator"))
        await link.execute(weaker)
    await link.execute("ALTER ROLE countertop_app INHERIT CREATEDB")
    await provision(embedded.database_admin_url, "countertop", secret("app"), secret("migrator"))
    assert (await attributes(link))["countertop_app"] == (True, False, False, False, False, False, False)
    await link.close()


async def test_a_rented_server_needs_only_a_role_that_may_create_roles_and_databases(
    world: World, data_dir: Path
) -> None:
    postgres = EmbeddedPostgres(data_dir, progress=world.told.append, settings=world.quick)
    postgres.start()
    link = await asyncpg.connect(postgres.admin_url())
    await link.execute("CREATE ROLE renter LOGIN CREATEROLE CREATEDB")
    await link.execute(f"ALTER ROLE renter PASSWORD '{scram_verifier('rent')}'")
    await link.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    with pytest.raises(CannotProvision, match="give it CREATEROLE and CREATEDB"):
        await provision(postgres.url("guest", "postgres", "guest"), "shop-1", "a", "m")
    assert await attributes(link) == {}
    for _time in range(2):
        await provision(postgres.url("renter", "postgres", "rent"), "shop-1", "a", "m")
    assert sorted(await attributes(link)) == ROLES
    assert {tuple(rights[1:]) for rights in (await attributes(link)).values()} == {(False,) * 6}
    await link.close()
    app = await asyncpg.connect(postgres.url("countertop_app", "shop-1", "a"))
    assert await app.fetchval("SELECT current_database()") == "shop-1"
    await app.close()
    postgres.stop()
