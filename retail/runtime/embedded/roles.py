"""The database roles that keep tenants apart, made the same way on the embedded and on a rented server.

owner     owns every object, cannot log in
migrator  logs in during migrations only and becomes the owner with SET ROLE
app       what web and workers are: owns nothing, bypasses nothing, inherits nothing
auth      owns the few SECURITY DEFINER functions that run before the tenant is known, cannot log in
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import asyncpg

from retail.kit.text import _
from retail.runtime.embedded.errors import CannotProvision

OWNER = "countertop_owner"
MIGRATOR = "countertop_migrator"
APP = "countertop_app"
AUTH = "countertop_auth"
REPORT = "countertop_report"
BACKUP = "countertop_backup"

_OLDEST_SERVER = 180000
_LOCK = 0x436F756E746572  # any number, the same for every provisioning
_SCRAM_ROUNDS = 4096


@dataclass(frozen=True)
class _Role:
    name: str
    login: bool
    settings: Mapping[str, str]


_ROLES = (
    _Role(OWNER, login=False, settings={}),
    _Role(AUTH, login=False, settings={}),
    _Role(MIGRATOR, login=True, settings={}),
    _Role(
        APP,
        login=True,
        settings={
            "statement_timeout": "5s",
            "lock_timeout": "2s",
            "idle_in_transaction_session_timeout": "10s",
            "client_connection_check_interval": "2s",
        },
    ),
    _Role(
        REPORT,
        login=True,
        settings={
            "statement_timeout": "60s",
            "lock_timeout": "2s",
            "idle_in_transaction_session_timeout": "30s",
            "client_connection_check_interval": "2s",
            "default_transaction_read_only": "on",
        },
    ),
)


async def provision(
    admin_dsn: str,
    database: str,
    app_password: str,
    migrator_password: str,
    *,
    report_password: str = "",
    backup_password: str = "",
) -> None:
    """Make or repair the roles and the database, and check them; may be repeated and run concurrently.

    The backup's role reads past the tenant walls, which only a superuser can arrange; another role leaves it out. The
    roles of reports and backups can't log in until they have a password.
    `admin_dsn` is a superuser, or any role with CREATEROLE and CREATEDB. Raises CannotProvision with a sentence when
    the server is too old, the role may not do this, or a role has a right that would let it pass the tenant wall.
    """
    async with aclosing(_Connection(await asyncpg.connect(admin_dsn, timeout=30))) as admin:
        await _check_server(admin.link)
        await admin.link.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            for role in _ROLES:
                await _make_role(admin.link, role)
            await _set_password(admin.link, MIGRATOR, migrator_password)
            await _set_password(admin.link, APP, app_password)
            if report_password:
                await _set_password(admin.link, REPORT, report_password)
            if await admin.link.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
                await _make_backup(admin.link, backup_password)
            await _grant_memberships(admin.link)
            await _check_roles(admin.link)
            await _make_database(admin.link, database)
        except asyncpg.InsufficientPrivilegeError as error:
            raise CannotProvision(
                _(
                    "The role of DATABASE_URL may not set up the database ({reason}); give it CREATEROLE and CREATEDB."
                ).format(reason=error)
            ) from error
        await _own_database(admin_dsn, database)


class _Connection:
    """An asyncpg connection that aclosing can close."""

    def __init__(self, link: asyncpg.Connection) -> None:
        self.link = link

    async def aclose(self) -> None:
        await self.link.close()


async def _check_server(admin: asyncpg.Connection) -> None:
    version = int(await admin.fetchval("SELECT current_setting('server_version_num')"))
    if version < _OLDEST_SERVER:
        raise CannotProvision(
            _("Countertop needs Postgres 18 or newer; the server of DATABASE_URL is {version}.").format(
                version=await admin.fetchval("SHOW server_version")
            )
        )


async def _make_role(admin: asyncpg.Connection, role: _Role) -> None:
    login = "LOGIN" if role.login else "NOLOGIN"
    rights = "NOSUPERUSER NOBYPASSRLS NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION"
    found = await admin.fetchrow(
        "SELECT rolcanlogin, rolinherit, rolcreatedb, rolcreaterole, rolconfig FROM pg_roles WHERE rolname = $1",
        role.name,
    )
    if found is None:
        await admin.execute(f"CREATE ROLE {role.name} {login} {rights}")
    elif (found["rolcanlogin"], found["rolinherit"], found["rolcreatedb"], found["rolcreaterole"]) != (
        role.login, False, False, False,
    ):  # fmt: skip
        # only these: naming SUPERUSER, BYPASSRLS or REPLICATION takes a superuser, so _check_roles looks at those
        await admin.execute(f"ALTER ROLE {role.name} {login} NOINHERIT NOCREATEDB NOCREATEROLE")
    present = set((found and found["rolconfig"]) or ())
    for name, value in role.settings.items():
        if f"{name}={value}" not in present:
            await admin.execute(f"ALTER ROLE {role.name} SET {name} = '{value}'")


async def _make_backup(admin: asyncpg.Connection, password: str) -> None:
    """Make the one role that reads past the walls, for pg_dump; it can write nothing, whatever it is granted."""
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", BACKUP):
        await admin.execute(f"CREATE ROLE {BACKUP} LOGIN NOSUPERUSER BYPASSRLS NOINHERIT NOCREATEDB NOCREATEROLE")
        await admin.execute(f"ALTER ROLE {BACKUP} SET default_transaction_read_only = 'on'")
    await admin.execute(f"GRANT pg_read_all_data TO {BACKUP} WITH INHERIT TRUE, SET FALSE")
    if password:
        await _set_password(admin, BACKUP, password)


async def _set_password(admin: asyncpg.Connection, role: str, password: str) -> None:
    # the server gets the verifier and not the password, so that none of its logs can ever hold it
    await admin.execute(f"ALTER ROLE {role} PASSWORD '{scram_verifier(password)}'")


def scram_verifier(password: str) -> str:
    """Return what Postgres stores for an ASCII password (RFC 5803, SCRAM-SHA-256, a fresh salt)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (base64.b64encode(part).decode("ascii") for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{salt_text}${stored_text}:{server_text}"


async def _grant_memberships(admin: asyncpg.Connection) -> None:
    await admin.execute(f"GRANT {OWNER} TO {MIGRATOR} WITH INHERIT FALSE, SET TRUE")
    # the owner hands its functions over to auth
    await admin.execute(f"GRANT {AUTH} TO {OWNER} WITH INHERIT FALSE, SET TRUE")
    if not await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await admin.execute(f"GRANT {OWNER} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")


async def _check_roles(admin: asyncpg.Connection) -> None:
    strong = await admin.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolreplication)",
        [role.name for role in _ROLES],
    )
    member = await admin.fetch(
        "SELECT roleid::regrole::text AS rolname FROM pg_auth_members WHERE member = ANY(ARRAY[$1, $2]::regrole[])",
        APP,
        REPORT,
    )
    if strong or member:
        raise CannotProvision(
            _(
                "The database role {role} has more rights than Countertop allows ({rights}); "
                "take them away as a superuser, then start again."
            ).format(
                role=strong[0]["rolname"] if strong else APP,
                rights="SUPERUSER, BYPASSRLS, REPLICATION" if strong else member[0]["rolname"],
            )
        )


async def _make_database(admin: asyncpg.Connection, database: str) -> None:
    name = _identifier(database)
    owner = await admin.fetchval("SELECT datdba::regrole::text FROM pg_database WHERE datname = $1", database)
    if owner is None:
        await admin.execute(
            f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
    elif owner != OWNER:
        await admin.execute(f"ALTER DATABASE {name} OWNER TO {OWNER}")


async def _own_database(admin_dsn: str, database: str) -> None:
    name = _identifier(database)
    async with aclosing(_Connection(await asyncpg.connect(admin_dsn, database=database, timeout=30))) as target:
        admin = _identifier(await target.link.fetchval("SELECT current_user"))
        await target.link.execute(
            f"""
            BEGIN;
            SET LOCAL ROLE {OWNER};
            REVOKE ALL ON DATABASE {name} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {name} TO {MIGRATOR}, {APP}, {REPORT}, {admin};
            ALTER SCHEMA public OWNER TO {OWNER};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {APP}, {REPORT};
            GRANT USAGE, CREATE ON SCHEMA public TO {AUTH}; -- Postgres lets no one own a function without it
            COMMIT;
            """
        )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
