"""Redis as a doorbell: it wakes whoever should look into Postgres, and nothing is lost where it fails to ring.

Every call has a timeout of 0.2 s, nothing here raises because Redis is away, and no request ever waits for it: `ring`
is a plain function, `Voice` gives up at once while Redis is known to be down, `Ear` runs in a task of its own.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from retail.crossing import proofs

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 0.2
OUTBOX_CHANNEL: Final = "outbox"
BEAT_CHANNEL: Final = "live:beat"
_COALESCE_SECONDS: Final = 0.003
_LONGEST_PAUSE: Final = 2.0
_SILENCE_SECONDS: Final = 3.0


def live_channel(tenant: object) -> str:
    """Name the Redis channel of a tenant's live messages."""
    return f"t:{tenant}:live"


def connect(url: str) -> Redis:
    """Make a client whose every step gives up after 0.2 s, once: the callers decide what a failure means."""
    return cast(
        "Redis",
        Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=8,
            **proofs(url),
        ),
    )


class Voice:
    """Publish to Redis; while it is away, say nothing and try again after a pause of 0.2 to 2 s. No URL: no Redis."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url) if url else None
        self._quiet_until = 0.0
        self._pause = TIMEOUT_SECONDS

    async def publish(self, publications: Iterable[tuple[str, str]]) -> bool:
        """Publish (channel, text) pairs in one round trip; claims success. Never raises for Redis' sake."""
        if self._redis is None or time.monotonic() < self._quiet_until:
            return False
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for channel, text in publications:
                    pipe.publish(channel, text)
                await pipe.execute()
        except (RedisError, OSError) as cause:
            self._fell_silent(cause)
            return False
        if self._pause > TIMEOUT_SECONDS:
            logger.info("Redis answers again.")
        self._pause = TIMEOUT_SECONDS
        return True

    def _fell_silent(self, cause: Exception) -> None:
        if self._pause == TIMEOUT_SECONDS:
            logger.warning("Redis does not answer (%s); live pages go on from Postgres, a little later.", cause)
        self._quiet_until = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def close(self) -> None:
        """Let the connections go."""
        if self._redis is not None:
            await self._redis.aclose()


class Doorbell:
    """Tell the relay that the outbox has something, at most once per 3 ms.

    `ring` only sets a flag; `run` is the task that publishes. The relay also looks by itself every second, so a ring
    that is lost costs a second.
    """

    def __init__(self, url: str) -> None:
        self._voice = Voice(url)
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ask for a look into the outbox; returns at once. Give it to Database.connect(ring=...)."""
        self._rung.set()

    async def run(self) -> None:
        """Publish rings until cancelled."""
        try:
            while True:
                await self._rung.wait()
                self._rung.clear()
                await self._voice.publish([(OUTBOX_CHANNEL, "")])
                await asyncio.sleep(_COALESCE_SECONDS)
        finally:
            await self._voice.close()


class Ear:
    """Listen to Redis channels for ever: connects again after a loss, notices a Redis that hangs within 3 s.

    `hear(channel, payload)` gets each publication. `up` is called when all wanted channels are (again) listened to and
    so whatever came before may have been missed; `down` when the line is lost.
    """

    def __init__(
        self,
        url: str,
        channels: Iterable[str],
        hear: Callable[[str, bytes], None],
        *,
        up: Callable[[], None] = lambda: None,
        down: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._channels = set(channels)
        self._hear, self._up, self._down = hear, up, down
        self._pubsub: PubSub | None = None
        self._pause = 0.1

    @property
    def listening(self) -> bool:
        """Claim that the line is up."""
        return self._pubsub is not None

    async def want(self, channel: str) -> None:
        """Listen to one more channel; with the line down it is taken up when the line is back."""
        self._channels.add(channel)
        if self._pubsub is not None:
            await self._say(self._pubsub.subscribe(channel))

    async def unwant(self, channel: str) -> None:
        """Stop listening to a channel."""
        self._channels.discard(channel)
        if self._pubsub is not None:
            await self._say(self._pubsub.unsubscribe(channel))

    async def _say(self, command: Any) -> None:  # noqa: ANN401 - redis-py types these loosely
        try:
            await command
        except (RedisError, OSError) as cause:
            logger.info("Redis was lost while asking for a channel (%s); it is asked again on reconnect.", cause)

    async def run(self) -> None:
        """Listen until cancelled; without a URL there is nothing to hear."""
        while self._url:
            try:
                await self._listen()
            except (RedisError, OSError) as cause:
                if self._pause == 0.1:
                    logger.warning("The line to Redis is down (%s); trying again.", cause)
            finally:
                if self._pubsub is not None:
                    self._pubsub = None
                    self._down()
            await asyncio.sleep(self._pause * (0.5 + random.random()))  # noqa: S311 - jitter, no secret
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        async with connect(self._url) as redis, redis.pubsub() as pubsub:
            await pubsub.subscribe(*self._channels)
            self._pubsub = pubsub
            self._pause = 0.1
            self._up()
            heard = time.monotonic()
            while True:
                message = await pubsub.get_message(timeout=1.0)
                now = time.monotonic()
                if message is not None:
                    heard = now
                    if message["type"] == "message":
                        self._tell(message["channel"].decode(), message["data"])
                elif now - heard > _SILENCE_SECONDS:
                    raise ConnectionError("no answer for 3 seconds")
                else:
                    await pubsub.ping()

    def _tell(self, channel: str, payload: bytes) -> None:
        """Pass a publication on; a fault in whoever hears it must not make us deaf."""
        try:
            self._hear(channel, payload)
        except Exception:
            logger.exception("A publication on %s could not be taken.", channel)
