"""The wire: short words from one socket to others, in whichever process they sit. Nothing of it is kept anywhere.

What waits to go to other processes is the newest word of each kind, so a Redis that is slow makes words fewer and never
late, and one that is away leaves those who sit in one process with each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter, OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Final

from retail.runtime.doorbell import Ear, Voice
from retail.runtime.realtime.connection import RESTART
from retail.runtime.realtime.talk import Talk
from retail.runtime.tasks import end

Hear = Callable[[str, str], None]
"""Takes a kind and a text; must not wait and not raise."""

MOST_WAITING: Final = 1000
STOP_SECONDS: Final = 5.0


class Wire:
    """Start it with the process, stop it at the end. Names are the callers' own; they say whose the words are."""

    def __init__(self, redis_url: str) -> None:
        self._me = secrets.token_hex(8)
        self._url = redis_url
        self._voice = Voice(redis_url)
        self._ear = Ear(redis_url, [f"wire:{self._me}"], self._heard)
        self._ears: defaultdict[str, set[Hear]] = defaultdict(set)
        self._waiting: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._filled = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._talks: set[Talk] = set()
        self._seats: Counter[str] = Counter()
        self.closing = False

    async def start(self) -> None:
        """Begin to listen and to speak."""
        self._tasks = [
            asyncio.create_task(self._ear.run(), name="wire ear"),
            asyncio.create_task(self._speak(), name="wire voice"),
        ]

    async def stop(self) -> None:
        """Close every socket with 1012, so that the other sides come back to another process, and stop."""
        self.closing = True
        for talk in tuple(self._talks):
            talk.end(RESTART)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while self._talks:  # noqa: ASYNC110 - they end in a moment, and there is nothing else to wait for
                    await asyncio.sleep(0.01)
        await end(self._tasks)
        await self._voice.close()

    def say(self, name: str, kind: str, text: str = "") -> None:
        """Say a word to whoever listens to the name; returns at once."""
        self._tell(name, kind, text)
        if self._url:
            self._waiting[name, kind] = text
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
            self._filled.set()

    def has_seat(self, key: str, most: int) -> bool:
        """Claim that one more socket may sit down here under a key."""
        return self._seats[key] < most

    @contextlib.asynccontextmanager
    async def seated(self, talk: Talk, key: str, name: str, hear: Hear) -> AsyncIterator[None]:
        """Have a socket listen to a name while it is open."""
        self._talks.add(talk)
        self._seats[key] += 1
        self._ears[name].add(hear)
        await self._ear.want(_channel(name))
        try:
            yield
        finally:
            self._talks.discard(talk)
            self._seats[key] -= 1
            if not self._seats[key]:
                del self._seats[key]
            self._ears[name].discard(hear)
            if not self._ears[name]:
                del self._ears[name]
                await self._ear.unwant(_channel(name))

    def _tell(self, name: str, kind: str, text: str) -> None:
        for hear in tuple(self._ears.get(name, ())):
            hear(kind, text)

    def _heard(self, channel: str, payload: bytes) -> None:
        sender, kind, text = payload.decode().split(" ", 2)
        if sender != self._me:
            self._tell(channel.removeprefix("wire:"), kind, text)

    async def _speak(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            words, self._waiting = self._waiting, OrderedDict()
            said = [(_channel(name), f"{self._me} {kind} {text}") for (name, kind), text in words.items()]
            await self._voice.publish(said)


def _channel(name: str) -> str:
    return f"wire:{name}"
