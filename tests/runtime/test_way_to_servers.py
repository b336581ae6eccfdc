"""Across a network the database and Redis are reached by TLS that is verified, or production doesn't start."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
from redis.exceptions import RedisError

from retail.runtime.doorbell import connect
from retail.settings import BadSetting, Settings
from tests.support.post_office import make_certificate
from tests.support.servers import ROOT
from workers.settings import open_redis

PRODUCTION = {"COUNTERTOP_ENV": "production"}
DATABASES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REPORT_DATABASE_URL")


@pytest.mark.parametrize("setting", DATABASES)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:secret@db.example.com/shop",
        "postgresql://app:secret@10.0.0.5:5432/shop",
        "postgresql://app:secret@127.0.0.1:5432,db.example.com:5432/shop",
        "postgresql://app:secret@[2001:db8::1]:5432/shop",
        "postgresql://app:secret@db/shop?sslmode=require",
        "postgresql://app:secret@db/shop?sslmode=verify-ca",
        "postgresql://app:secret@db/shop?sslmode=verify-full&sslmode=prefer",
        "postgresql:///shop?host=db.example.com",
        "postgresql:///shop?host=/run/postgresql,db.example.com",
        "postgresql://app:secret@localhost.example.com/shop",
        "postgresql://app:secret@127.0.0.1.example.com/shop",
    ],
)
def test_a_database_across_a_network_without_verified_tls_is_refused(setting: str, url: str) -> None:
    with pytest.raises(BadSetting, match=rf"^{setting} crosses a network.*sslmode=verify-full") as refused:
        Settings.from_env({**PRODUCTION, setting: url})
    assert "secret" not in str(refused.value)
    assert Settings.from_env({setting: url}), "a try-out on one's own network is one's own affair"


@pytest.mark.parametrize("setting", DATABASES)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:secret@db.example.com/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgresql://app:secret@127.0.0.1:5432/shop",
        "postgresql://app:secret@127.0.0.3,localhost:5432/shop",
        "postgresql://app:secret@[::1]:5432/shop",
        "postgresql://app:secret@%2Frun%2Fpostgresql/shop",
        "postgresql://app:secret@/shop?host=/run/postgresql",
        "postgresql:///shop",
    ],
)
def test_a_database_on_this_machine_or_behind_verified_tls_is_taken(setting: str, url: str) -> None:
    assert Settings.from_env({**PRODUCTION, setting: url}).production


def test_a_host_that_only_the_environment_names_counts_too() -> None:
    named = {**PRODUCTION, "DATABASE_URL": "postgresql:///shop"}
    with pytest.raises(BadSetting, match="DATABASE_URL crosses a network"):
        Settings.from_env({**named, "PGHOST": "db.example.com"})
    assert Settings.from_env({**named, "PGHOST": "/run/postgresql"})


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("redis://:secret@redis.example.com/0", False),
        ("redis://10.0.0.5:6379/0", False),
        ("rediss://redis.example.com/0?ssl_cert_reqs=none", False),
        ("rediss://redis.example.com/0?ssl_check_hostname=False", False),
        ("tcp://redis.example.com/0", False),
        ("rediss://:secret@redis.example.com/0", True),
        ("rediss://redis.example.com/0?ssl_ca_certs=/etc/ca.pem", True),
        ("redis://localhost:6379/0", True),
        ("redis://[::1]:6379/0", True),
        ("unix:///run/redis.sock?db=0", True),
        ("", True),
    ],
)
def test_redis_across_a_network_without_verified_tls_is_refused(url: str, taken: bool) -> None:
    given = {**PRODUCTION, "REDIS_URL": url}
    if taken:
        assert Settings.from_env(given).redis_url == url
        return
    with pytest.raises(BadSetting, match=r"^REDIS_URL crosses a network.*rediss://") as refused:
        Settings.from_env(given)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("module", ["retail.serve", "workers"])
def test_the_processes_say_it_in_one_line_and_end(tmp_path: Path, module: str) -> None:
    environment = {
        **os.environ, **PRODUCTION, "DATA_DIR": str(tmp_path), "REDIS_URL": "",
        "DATABASE_URL": "postgresql://app:secret@db.example.com/shop",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (2, "")
    assert json.loads(ended.stdout)["event"].startswith("DATABASE_URL crosses a network")
    assert "secret" not in ended.stdout


class Listener:
    """A server that speaks TLS with a certificate, and remembers what came through it."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.came: list[bytes] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)

    async def redis(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.append(await reader.read(1024))
        writer.close()

    async def postgres(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)  # SSLRequest
        writer.write(b"S")
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            await writer.start_tls(self.context)
            self.came.append(await reader.read(1024))
        writer.close()


@contextlib.asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], context: ssl.SSLContext | None
) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)  # type: ignore[arg-type]
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_redis_gets_nothing_until_it_proves_that_it_is_the_host_of_a_trusted_authority(tmp_path: Path) -> None:
    for folder in ("own", "strange"):
        (tmp_path / folder).mkdir()
    own, key = make_certificate(tmp_path / "own")
    strange, _ = make_certificate(tmp_path / "strange")
    server = Listener(own, key)
    async with listening(server.redis, server.context) as port:
        for make in (connect, lambda url: open_redis(url, 2.0)):
            for host, trusted, reached in (
                ("localhost", own, True),
                ("localhost", strange, False),
                ("127.0.0.1", own, False),
            ):
                server.came.clear()
                client = make(f"rediss://{host}:{port}/0?ssl_ca_certs={trusted}")
                with pytest.raises((RedisError, OSError)):  # it never answers as Redis does
                    await client.ping()
                await client.aclose()
                assert bool(server.came) == reached, (host, trusted.parent.name)


async def test_the_database_gets_nothing_until_it_proves_the_same(tmp_path: Path) -> None:
    for folder in ("own", "strange"):
        (tmp_path / folder).mkdir()
    own, key = make_certificate(tmp_path / "own")
    strange, _ = make_certificate(tmp_path / "strange")
    server = Listener(own, key)
    async with listening(server.postgres, None) as port:
        for host, trusted, reached in (
            ("localhost", own, True),
            ("localhost", strange, False),
            ("127.0.0.1", own, False),
        ):
            server.came.clear()
            url = f"postgresql://a:b@{host}:{port}/c?sslmode=verify-full&sslrootcert={trusted}"
            with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
                await asyncpg.connect(url, timeout=5)
            assert any(b"user\x00a" in part for part in server.came) == reached, (host, trusted.parent.name)
