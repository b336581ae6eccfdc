"""A real Postgres for the tests: one migrated template, one clone per worker."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from retail.runtime.schema import migrate

APP_PASSWORD = "app"
MIGRATOR_PASSWORD = "migrator"
TEMPLATE = "countertop_template"


@dataclass(frozen=True)
class Clone:
    """A database of a test worker, by role."""

    name: str
    admin_url: str
    app_url: str
    migrator_url: str


def with_database(url: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """Point a database URL at another database, as another role."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if user is not None:
        host = netloc.rpartition("@")[2]
        netloc = f"{user}:{password}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


async def _admin(url: str, *statements: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countertop_owner') THEN
    CREATE ROLE countertop_owner NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countertop_auth') THEN
    CREATE ROLE countertop_auth NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countertop_app') THEN
    CREATE ROLE countertop_app LOGIN NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countertop_migrator') THEN
    CREATE ROLE countertop_migrator LOGIN;
  END IF;
END $$;
ALTER ROLE countertop_app PASSWORD 'app';
ALTER ROLE countertop_migrator PASSWORD 'migrator';
GRANT countertop_owner TO countertop_migrator;
GRANT countertop_auth TO countertop_owner;
"""

SCHEMA = """
ALTER SCHEMA public OWNER TO countertop_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO countertop_app;
GRANT USAGE, CREATE ON SCHEMA public TO countertop_auth;
"""


async def make_database(admin_url: str, name: str) -> None:
    """Make an empty database with the product's roles, and migrate it."""
    await _admin(admin_url, ROLES, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await _admin(admin_url, f"CREATE DATABASE {name} OWNER countertop_owner")
    await _admin(with_database(admin_url, name), SCHEMA)
    await migrate(with_database(admin_url, name, "countertop_migrator", MIGRATOR_PASSWORD))


async def clone(admin_url: str, template: str) -> Clone:
    """Copy the migrated template for one worker."""
    name = f"countertop_test_{uuid.uuid4().hex[:12]}"
    await _admin(admin_url, f"CREATE DATABASE {name} TEMPLATE {template} OWNER countertop_owner")
    return Clone(
        name,
        with_database(admin_url, name),
        with_database(admin_url, name, "countertop_app", APP_PASSWORD),
        with_database(admin_url, name, "countertop_migrator", MIGRATOR_PASSWORD),
    )


async def drop(admin_url: str, name: str) -> None:
    """Throw a worker's database away."""
    await _admin(admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def prepare_template() -> None:
    """Make this run's template in the server that TEST_DATABASE_ADMIN_URL names; its name goes to the workers."""
    name = f"{TEMPLATE}_{os.getpid()}"
    asyncio.run(make_database(os.environ["TEST_DATABASE_ADMIN_URL"], name))
    os.environ["TEST_DATABASE_TEMPLATE"] = name


def drop_template() -> None:
    """Throw this run's template away."""
    asyncio.run(drop(os.environ["TEST_DATABASE_ADMIN_URL"], os.environ.pop("TEST_DATABASE_TEMPLATE")))
