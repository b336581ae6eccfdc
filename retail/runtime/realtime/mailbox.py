"""One socket's own letter box, so that a client that stops reading costs itself its messages and nobody else theirs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from retail.runtime.realtime.message import control

MOST_MESSAGES: Final = 256
MOST_BYTES: Final = 1024 * 1024
RESET: Final = control("reset")


class Mailbox:
    """Texts that wait to be sent, at most 256 and 1 MiB. What doesn't fit empties it and leaves one "reset".

    A text with a key takes the place of a waiting one with the same key: a screen needs only the newest picture.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: OrderedDict[object, str] = OrderedDict()
        self._bytes = 0
        self._count = 0
        self._filled = asyncio.Event()
        self.resets = 0
        """How often it overflowed."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, text: str, key: object = None) -> None:
        """Add a text; never waits."""
        self._count += 1
        place = self._count if key is None else key
        self._drop(place)
        if len(self._waiting) >= MOST_MESSAGES or self._bytes + len(text) > MOST_BYTES:
            self._waiting.clear()
            self._bytes = 0
            self.resets += 1
            place, text = "reset", RESET
        self._waiting[place] = text
        self._bytes += len(text)
        self._filled.set()

    def _drop(self, place: object) -> None:
        old = self._waiting.pop(place, None)
        if old is not None:
            self._bytes -= len(old)

    async def write(self) -> None:
        """Send what comes, one after the other, until cancelled or the socket fails: the socket's writer task."""
        while True:
            await self._filled.wait()
            while self._waiting:
                _place, text = self._waiting.popitem(last=False)
                self._bytes -= len(text)
                await self._send(text)
            self._filled.clear()
