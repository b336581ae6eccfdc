"""Limits: what is free, how long the rest waits, with Redis and without; and whose address counts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import Headers

from retail.kit.clock import FixedClock
from retail.kit.errors import TooMany
from retail.runtime.doorbell import connect
from retail.runtime.web.address import client_address, network_of, networks
from retail.runtime.web.limits import LIMITS, Limiter
from tests.support.redis import kill, running_redis

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAUSES = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


async def waits(limiter: Limiter, *wanted: tuple[str, str]) -> int:
    try:
        await limiter.attempt(*wanted)
    except TooMany as stop:
        return stop.retry_after
    return 0


async def pauses(limiter: Limiter, clock: FixedClock, count: int) -> list[int]:
    """Try, wait as long as one is told, try again."""
    told = []
    for _ in range(count):
        wait = await waits(limiter, ("password.pair", "a@shop.example 10.1.2.0/24"))
        told.append(wait)
        if wait:
            clock.advance(timedelta(seconds=wait) - timedelta(milliseconds=1))
            assert await waits(limiter, ("password.pair", "a@shop.example 10.1.2.0/24")) == 1
            clock.advance(timedelta(milliseconds=1))
            assert await waits(limiter, ("password.pair", "a@shop.example 10.1.2.0/24")) == 0
    return told


async def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    clock = FixedClock(NOON)
    assert await pauses(Limiter(clock), clock, 14) == PAUSES[:14]


async def test_redis_counts_as_memory_does() -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        redis = connect(server.url)
        assert await pauses(Limiter(clock, redis), clock, 14) == PAUSES[:14]
        await redis.aclose()


async def test_processes_share_a_count_in_redis_and_each_goes_on_alone_without() -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        one, other = (Limiter(clock, connect(server.url)) for _ in range(2))
        for _ in range(5):
            assert await waits(one, ("code", "p")) == 0
        assert await waits(other, ("code", "p")) == 600
        kill(server)
        assert [await waits(other, ("code", "p")) for _ in range(6)] == [0, 0, 0, 0, 0, 600]
        for limiter in (one, other):
            await limiter._shared._redis.aclose()


async def test_twenty_of_one_network_who_come_at_once_are_each_counted_and_none_is_refused() -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        redis = connect(server.url)
        limiter = Limiter(clock, redis)
        for _ in range(10):
            came = [[("password.pair", f"{one} net"), ("password.network", "net")] for one in range(20)]
            assert await asyncio.gather(*(waits(limiter, *wanted) for wanted in came)) == [0] * 20
            await asyncio.gather(*(limiter.take_back(*wanted) for wanted in came))
        for _ in range(50):
            assert await waits(limiter, ("password.network", "net")) == 0
        assert await waits(limiter, ("password.network", "net")) == 1
        await redis.aclose()


@pytest.mark.parametrize("with_redis", [False, True])
async def test_a_plain_limit_opens_again_with_its_window(with_redis: bool) -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        redis = connect(server.url) if with_redis else None
        limiter = Limiter(clock, redis)
        for _ in range(5):
            assert await waits(limiter, ("code", "p")) == 0
            clock.advance(timedelta(minutes=1))
        assert await waits(limiter, ("code", "p")) == 300
        clock.advance(timedelta(minutes=5))
        assert await waits(limiter, ("code", "p")) == 0
        if redis is not None:
            await redis.aclose()


@pytest.mark.parametrize("with_redis", [False, True])
async def test_where_one_key_has_to_wait_none_is_counted(with_redis: bool) -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        redis = connect(server.url) if with_redis else None
        limiter = Limiter(clock, redis)
        for _ in range(5):
            await limiter.attempt(("code", "p"))
        for _ in range(20):
            assert await waits(limiter, ("code.day", "p"), ("code", "p")) == 600
        for _ in range(10):
            assert await waits(limiter, ("code.day", "p")) == 0
        assert await waits(limiter, ("code.day", "p")) > 0
        if redis is not None:
            await redis.aclose()


@pytest.mark.parametrize("with_redis", [False, True])
async def test_a_try_that_turned_out_well_is_taken_back(with_redis: bool) -> None:
    clock = FixedClock(NOON)
    with running_redis() as server:
        redis = connect(server.url) if with_redis else None
        limiter = Limiter(clock, redis)
        for _ in range(40):
            await limiter.attempt(("code", "p"))
            await limiter.take_back(("code", "p"))
        for _ in range(5):
            await limiter.attempt(("code", "p"))
        await limiter.take_back(("code", "p"), whole=True)
        for _ in range(5):
            await limiter.attempt(("code", "p"))
        assert await waits(limiter, ("code", "p")) == 600
        if redis is not None:
            await redis.aclose()


def test_every_limit_lets_something_through() -> None:
    assert all(one.tries > 0 and one.window > timedelta() for one in LIMITS.values())


def test_networks() -> None:
    assert [network_of(ip) for ip in ("10.1.2.3", "2001:db8:1:2345::1", "unix")] == [
        "10.1.2.0/24",
        "2001:db8:1:2300::/56",
        "unix",
    ]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger's own word
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # what the client put in front
        ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", '"[2001:db8::1]:80"', "2001:db8::1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_address_that_counts(peer: str, forwarded: str | None, client: str) -> None:
    headers = Headers({"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address(peer, headers, networks(["10.0.0.0/8"])) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert client_address("10.0.0.1", Headers({"x-forwarded-for": "198.51.100.1"}), ()) == "10.0.0.1"
