"""Behind pgbouncer, which hands one connection to many: each transaction sees its own business, and nobody else's."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import pytest

from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope
from scripts.ensure_pooler import of_system
from tests.support.database import APP_PASSWORD, Clone
from tests.support.world import Shop, open_shop

CONNECTIONS, CLIENTS, ROUNDS = 8, 40, 40
SECONDS = 20
SETTINGS = """[databases]
{name} = host={host} port={port} dbname={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,statement_timeout,lock_timeout,idle_in_transaction_session_timeout,client_connection_check_interval
logfile = {folder}/log
pidfile = {folder}/pid
"""  # noqa: E501 - one line of its syntax


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
async def address(clone: Clone) -> AsyncIterator[str]:
    """Start a pooler before the tests' database; gives the application's address through it."""
    program = of_system()
    assert program is not None, "Run scripts/ensure_pooler.py first; it installs pgbouncer."
    folder, own = Path(tempfile.mkdtemp(prefix="pooler-")), free_port()
    host, port = where(clone.app_url)
    (folder / "users.txt").write_text(f'"countertop_app" "{APP_PASSWORD}"\n')
    (folder / "conf.ini").write_text(
        SETTINGS.format(name=clone.name, host=host, port=port, own=own, folder=folder, size=CONNECTIONS)
    )
    running = await asyncio.create_subprocess_exec(program, *lend(folder, host), str(folder / "conf.ini"))
    url = f"postgresql://countertop_app:{APP_PASSWORD}@127.0.0.1:{own}/{clone.name}"
    try:
        await until_it_answers(url, running, folder)
        yield url
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()
        shutil.rmtree(folder)


def where(url: str) -> tuple[str, int]:
    """Give the host (or the folder of the socket) and the port of a database's address."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    host = asked.get("host", [parts.hostname or "127.0.0.1"])[0]
    return host, int(asked.get("port", [parts.port or 5432])[0])


def lend(folder: Path, host: str) -> list[str]:
    """Where we are root, have pgbouncer run as whoever runs the database, and give it the folder: root it refuses."""
    if os.geteuid() != 0:
        return []
    name = Path(host).owner() if host.startswith("/") else "nobody"
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, name)
    return ["-u", name]


async def until_it_answers(url: str, running: Process, folder: Path) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            assert running.returncode is None, (folder / "log").read_text() if (folder / "log").exists() else "no log"
            try:
                await (await asyncpg.connect(url, statement_cache_size=0)).close()
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
            else:
                return


@pytest.fixture
async def pooled(address: str) -> AsyncIterator[Database]:
    opened = await Database.connect(address, size=CLIENTS, statement_cache_size=0)
    yield opened
    await opened.close()


async def seen(pooled: Database, scope: Scope) -> tuple[set[UUID], int]:
    """Give whose products a transaction sees, and by which connection of the server."""
    async with pooled.read(scope) as read:
        rows = await read.fetch("SELECT DISTINCT tenant_id FROM product")
        return {row["tenant_id"] for row in rows}, int(await read.fetchval("SELECT pg_backend_pid()"))


async def test_forty_businesses_on_eight_connections_see_their_own_rows_each_time(
    db: Database, pooled: Database
) -> None:
    shops = [await open_shop(db) for _client in range(CLIENTS)]
    wrong: list[str] = []
    backends = set[int]()
    switches = 0

    async def client(shop: Shop) -> None:
        nonlocal switches
        last = 0
        for _round in range(ROUNDS):
            tenants, backend = await seen(pooled, shop.scope)
            if tenants != {shop.tenant.id}:
                wrong.append(f"{shop.tenant.id} saw {tenants}")
            backends.add(backend)
            switches += last not in {0, backend}
            last = backend

    await asyncio.gather(*(client(shop) for shop in shops))
    assert wrong == []
    assert len(backends) <= CONNECTIONS
    assert switches > 0, "the test has no teeth: each client had a connection of its own"


async def test_what_somebody_left_on_a_connection_shows_nobody_anything(
    db: Database, address: str, pooled: Database
) -> None:
    left, own = await open_shop(db), await open_shop(db)
    poisoners = [await asyncpg.connect(address, statement_cache_size=0) for _one in range(CONNECTIONS)]
    try:
        poison = f"SET app.tenant_id = '{left.tenant.id}'; SET app.stores = '{{{left.second_store}}}'"
        for statement in ("BEGIN", poison, "COMMIT"):  # all at once, so that each has a connection of its own
            await asyncio.gather(*(one.execute(statement) for one in poisoners))
        # the poison is there: whoever asks without the product's opening sees what they should not
        raw = await asyncpg.connect(address, statement_cache_size=0)
        assert await raw.fetchval("SELECT count(*) FROM product WHERE tenant_id = $1", left.tenant.id) > 0
        await raw.close()
        for _round in range(CONNECTIONS * 3):
            assert (await seen(pooled, own.scope))[0] == {own.tenant.id}
            async with pooled.read(own.scope) as read:
                assert await read.fetchval("SELECT count(*) FROM store") == 2
            async with pooled.platform() as unit:
                assert await unit.fetchval("SELECT count(*) FROM product") == 0
    finally:
        for one in poisoners:
            await one.close()


async def test_a_refused_write_leaves_nothing_for_the_next_transaction(db: Database, pooled: Database) -> None:
    first, second = await open_shop(db), await open_shop(db)
    for _round in range(CONNECTIONS):
        name = secrets.token_hex(8)
        with pytest.raises(ZeroDivisionError):
            await pooled.run(first.scope, rename_and_fail, name)
        async with pooled.read(second.scope) as read:
            assert await read.fetchval("SELECT count(*) FROM product WHERE name = $1", name) == 0
            assert await read.fetchval("SELECT current_tenant()") == second.tenant.id


async def rename_and_fail(tx: Tx, name: str) -> None:
    await tx.execute("UPDATE product SET name = $2 WHERE tenant_id = $1", tx.tenant, name)
    raise ZeroDivisionError
