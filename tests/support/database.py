"""A real Postgres for the tests: one migrated template, one clone per worker."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from retail.runtime.embedded import provision
from retail.runtime.schema import migrate
from tests.support.servers import servers_for_tests

APP_PASSWORD = "app"
MIGRATOR_PASSWORD = "migrator"
REPORT_PASSWORD = "report"
TEMPLATE = "countertop_template"


@dataclass(frozen=True)
class Clone:
    """A database of a test worker, by role."""

    name: str
    admin_url: str
    app_url: str
    migrator_url: str
    report_url: str


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


async def make_database(admin_url: str, name: str) -> None:
    """Make an empty database with the product's roles, and migrate it."""
    await _admin(admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await provision(admin_url, name, APP_PASSWORD, MIGRATOR_PASSWORD, report_password=REPORT_PASSWORD)
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
        with_database(admin_url, name, "countertop_report", REPORT_PASSWORD),
    )


async def drop(admin_url: str, name: str) -> None:
    """Throw a worker's database away."""
    await _admin(admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@asynccontextmanager
async def of_its_own() -> AsyncIterator[Clone]:
    """Give a database that nobody else uses, for tests that look through all of one or at all of its businesses.

    In the one that a worker's tests share they would look through what hundreds of others have left.
    """
    admin_url = os.environ["TEST_DATABASE_ADMIN_URL"]
    made = await clone(admin_url, os.environ["TEST_DATABASE_TEMPLATE"])
    try:
        yield made
    finally:
        await drop(admin_url, made.name)


@contextmanager
def template() -> Iterator[None]:
    """Run a server for this run of tests unless TEST_DATABASE_ADMIN_URL names one, and make a migrated template.

    Both names travel to the workers in the environment.
    """
    with ExitStack() as stack:
        if "TEST_DATABASE_ADMIN_URL" not in os.environ:
            os.environ["TEST_DATABASE_ADMIN_URL"] = stack.enter_context(servers_for_tests()).database_admin_url
            stack.callback(os.environ.pop, "TEST_DATABASE_ADMIN_URL")
        admin_url = os.environ["TEST_DATABASE_ADMIN_URL"]
        name = f"{TEMPLATE}_{os.getpid()}"
        asyncio.run(make_database(admin_url, name))
        os.environ["TEST_DATABASE_TEMPLATE"] = name
        stack.callback(os.environ.pop, "TEST_DATABASE_TEMPLATE")
        stack.callback(lambda: asyncio.run(drop(admin_url, name)))
        yield
