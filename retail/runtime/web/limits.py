"""How often something may be tried: counted in Redis for all processes, in memory where Redis is away, never closed.

A limit that waits longer each time (`longest`) is for guesses: it lets a few failures pass, then asks for pauses of
1, 2, 4 ... seconds up to `longest`. One without is a plain count per window. Keys are stored as hashes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from redis.exceptions import RedisError, WatchError
from starlette.requests import HTTPConnection

from retail.kit.clock import Clock
from retail.kit.errors import TooMany
from retail.runtime.web.context import db, edge

_REMEMBERED: Final = 20_000
_REST_SECONDS: Final = 2.0  # how long Redis is left alone after it failed
_ROUNDS: Final = 20
_STEP_SECONDS: Final = 0.005  # those who come at the same instant give way to each other, longer each time
_QUARTER: Final = timedelta(minutes=15)
_FIELDS: Final = ("count", "first", "last")
Answer = TypeVar("Answer")
log = logging.getLogger("countertop.limits")


@dataclass(frozen=True, slots=True)
class Limit:
    """`tries` per `window` are free. `longest`: what comes after waits, twice as long each time, up to this."""

    tries: int
    window: timedelta
    longest: timedelta | None = None


LIMITS: Final[dict[str, Limit]] = {
    # wrong passwords; a browser that the person has signed in with before has a bucket of its own
    "password.pair": Limit(5, _QUARTER, _QUARTER),  # account and network
    "password.account": Limit(20, timedelta(hours=1), _QUARTER),  # account, from unknown browsers
    "password.network": Limit(50, _QUARTER, _QUARTER),  # network, whatever the account
    "password.known": Limit(5, _QUARTER, _QUARTER),  # account and known browser
    # codes of an app and recovery codes, per account and per known browser
    "code": Limit(5, timedelta(minutes=10)),
    "code.day": Limit(10, timedelta(days=1)),
    "code.mail": Limit(1, timedelta(hours=1)),  # notices of too many codes, per account
    "confirm": Limit(5, _QUARTER, _QUARTER),  # "confirm it's you", per session
    "passkey": Limit(30, timedelta(minutes=1)),  # challenges per network
    "mail.form": Limit(5, timedelta(hours=1)),  # sign-up, invitations, resets: per address and per network
    "plan.coupon": Limit(10, timedelta(hours=1)),  # codes tried for a subscription, per business
    "public": Limit(30, timedelta(minutes=1)),  # pages that anybody may ask for, per network
    "reports": Limit(20, timedelta(minutes=1)),  # violations of the pages' policy, per network
    "invite": Limit(30, timedelta(hours=1)),  # invitations and their repetitions, per business
    "token": Limit(20, timedelta(hours=1)),  # tokens for programs, per person
    "device": Limit(30, timedelta(hours=1)),  # codes for new devices, per person
    "display": Limit(30, timedelta(hours=1)),  # codes for customer displays, per device, else per till
    "display.guess": Limit(10, _QUARTER),  # such codes that were typed and wrong, per network
    "approval": Limit(30, timedelta(minutes=1)),  # questions for an approval and PINs tried for one, per caller
    "refusal": Limit(10, _QUARTER),  # refusals on the trail, per caller
    "refusal.more": Limit(1, _QUARTER),  # records that a caller was refused more often than that, per caller
    "refusal.business": Limit(200, timedelta(hours=1)),  # refusals on the trail, per business
    "refusal.business.more": Limit(20, timedelta(hours=1)),  # the same of its callers together
    "message": Limit(60, timedelta(minutes=5)),  # messages into threads, per person
    "upload": Limit(30, timedelta(hours=1)),  # pictures, per person
    "value.check": Limit(30, timedelta(minutes=1)),  # codes of gift cards, per caller
    "receipt.mail": Limit(20, timedelta(minutes=1)),  # receipts by e-mail, per device, else per caller
    "coupon": Limit(10, timedelta(minutes=1)),
}


@dataclass(frozen=True, slots=True)
class Tries:
    """What is counted of one key; times are milliseconds of our clock."""

    count: int
    first: int
    last: int


def waiting_ms(tries: Tries | None, limit: Limit, now: int) -> int:
    """Tell how long a try has to wait; 0 where it may go on."""
    if tries is None or tries.count < limit.tries:
        return 0
    if limit.longest is None:
        return max(0, tries.first + _ms(limit.window) - now)
    pause = min(1000 << min(tries.count - limit.tries, 20), _ms(limit.longest))
    return max(0, tries.last + pause - now)


def still_counting(tries: Tries | None, limit: Limit, now: int) -> Tries | None:
    """Give what is counted unless its window is over: since the last try where pauses grow, else since the first."""
    if tries is None or now - (tries.last if limit.longest else tries.first) >= _ms(limit.window):
        return None
    return tries


def one_more(tries: Tries | None, now: int) -> Tries:
    """Count a try."""
    return Tries(tries.count + 1, tries.first, now) if tries else Tries(1, now, now)


Wanted = Sequence[tuple[str, Limit]]


class Memory:
    """The counts of one process, for when Redis is away. A restart forgives."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, Tries] = OrderedDict()

    def attempt(self, wanted: Wanted, now: int) -> int:
        """Count a try on every key, or give the milliseconds to wait and count nothing."""
        known = {key: still_counting(self._tries.get(key), limit, now) for key, limit in wanted}
        wait = max(waiting_ms(known[key], limit, now) for key, limit in wanted)
        for key in known if wait == 0 else ():
            self._tries[key] = one_more(known[key], now)
            self._tries.move_to_end(key)
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)
        return wait

    def take_back(self, keys: Sequence[str], *, whole: bool) -> None:
        """Forget one try, or all of them."""
        for key in keys:
            tries = self._tries.pop(key, None)
            if tries is not None and tries.count > 1 and not whole:
                self._tries[key] = Tries(tries.count - 1, tries.first, tries.last)


class Shared:
    """The counts of all processes, in Redis; scripts are forbidden there. Raises what redis-py raises."""

    def __init__(self, redis: Any) -> None:  # noqa: ANN401 - redis-py's client
        self._redis = redis

    async def attempt(self, wanted: Wanted, now: int) -> int:
        """Count a try on every key, or give the milliseconds to wait; also where too many try at the same instant."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for turn in range(1, _ROUNDS + 1):
                try:
                    return await self._once(pipe, wanted, now)
                except WatchError:
                    await asyncio.sleep(_STEP_SECONDS * turn * secrets.randbelow(1000) / 1000)
        return 1000

    async def _once(self, pipe: Any, wanted: Wanted, now: int) -> int:  # noqa: ANN401
        await pipe.watch(*(key for key, _limit in wanted))
        known = {key: still_counting(_read(await pipe.hmget(key, _FIELDS)), limit, now) for key, limit in wanted}
        wait = max(waiting_ms(known[key], limit, now) for key, limit in wanted)
        if wait > 0:
            await pipe.unwatch()
            return wait
        pipe.multi()
        for key, limit in wanted:
            tries = one_more(known[key], now)
            pipe.hset(key, mapping={"count": tries.count, "first": tries.first, "last": tries.last})
            pipe.pexpire(key, _ms(limit.window))
        await pipe.execute()
        return 0

    async def take_back(self, wanted: Wanted, *, whole: bool) -> None:
        """Forget one try, or all of them."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, limit in wanted:
                if whole:
                    pipe.delete(key)
                else:
                    pipe.hincrby(key, "count", -1)
                    pipe.pexpire(key, _ms(limit.window))  # a key that ended meanwhile must not come back for good
            await pipe.execute()


class Limiter:
    """Counts tries, for all processes as long as Redis answers, else for this one."""

    def __init__(self, clock: Clock, redis: Any = None) -> None:  # noqa: ANN401 - redis-py's client, or none
        self._clock = clock
        self._shared = Shared(redis) if redis is not None else None
        self._memory = Memory()
        self._rests_until = 0.0

    async def attempt(self, *wanted: tuple[str, str]) -> None:
        """Count one try on each (name, key). Raises TooMany, and counts nothing, where one of them has to wait."""
        keys = [(_stored(name, key), LIMITS[name]) for name, key in wanted]
        now = int(self._clock.now().timestamp() * 1000)
        wait = await self._ask(lambda shared: shared.attempt(keys, now))
        if wait is None:
            wait = self._memory.attempt(keys, now)
        if wait > 0:
            raise TooMany(-(-wait // 1000))

    async def take_back(self, *wanted: tuple[str, str], whole: bool = False) -> None:
        """Take a try back that turned out well; `whole` forgets all the tries of its keys."""
        keys = [(_stored(name, key), LIMITS[name]) for name, key in wanted]
        if keys:
            self._memory.take_back([key for key, _limit in keys], whole=whole)
            await self._ask(lambda shared: shared.take_back(keys, whole=whole))

    async def _ask(self, question: Callable[[Shared], Awaitable[Answer]]) -> Answer | None:
        """Ask Redis; None where it is away, and then it is left alone for a while."""
        if self._shared is None or time.monotonic() < self._rests_until:
            return None
        try:
            return await question(self._shared)
        except (RedisError, OSError, TimeoutError) as cause:
            log.info("limits are counted by this process alone for a while (%r)", cause)
            self._rests_until = time.monotonic() + _REST_SECONDS
            return None


def limiter(connection: HTTPConnection) -> Limiter:
    """Give the process's limiter."""
    process = edge(connection).process
    if process.limits is None:
        process.limits = Limiter(db(connection).clock, process.redis)
    found: Limiter = process.limits
    return found


async def limit(connection: HTTPConnection, name: str, key: str) -> None:
    """Count one try of `name` for `key` (an address, an account, a device). Raises TooMany, with the seconds to wait.

    As in `await limit(request, "public", edge(request).ip)`; the names are those of LIMITS.
    """
    await limiter(connection).attempt((name, key))


def _stored(name: str, key: str) -> str:
    return f"limit:{name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _read(fields: Sequence[bytes | None]) -> Tries | None:
    count, first, last = (int(field) if field else 0 for field in fields)
    return Tries(count, first, last) if count > 0 else None
