"""A socket of which both sides speak, with a letter box for what goes out and bounds on what comes in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.websockets import WebSocket

from retail.kit.errors import Busy
from retail.runtime.realtime.connection import (
    BROKEN,
    GOODBYE,
    MOST_PER_SECOND,
    RECHECK_SECONDS,
    REFUSED,
    STUCK_SECONDS,
    TOO_BIG,
    TRY_LATER,
    close,
)
from retail.runtime.realtime.mailbox import Mailbox
from retail.runtime.tasks import end

BEAT_SECONDS: Final = 4.0
SILENT_SECONDS: Final = 20.0
"""So long the other side may say nothing, where it has to answer each beat."""


class Talk:
    """An open socket. `take` hears what the other side says; `still` proves it again: None, or the code to end with."""

    def __init__(
        self,
        websocket: WebSocket,
        take: Callable[[str], None],
        still: Callable[[], Awaitable[int | None]],
        *,
        most: int,
        answers: bool = False,
    ) -> None:
        self._websocket, self._take, self._still = websocket, take, still
        self._most, self._answers = most, answers
        self._mailbox = Mailbox(self._send)
        self._ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._prove = asyncio.Event()
        self._heard_at = asyncio.get_running_loop().time()

    def put(self, text: str, key: str) -> None:
        """Send a text; one with the same key that still waits is forgotten for it. Never waits."""
        self._mailbox.put(text, key)

    def end(self, code: int) -> None:
        """Have the socket closed; returns at once, the first code counts."""
        if not self._ending.done():
            self._ending.set_result(code)

    def prove_again(self) -> None:
        """Have the other side proven now instead of within the minute."""
        self._prove.set()

    async def run(self, beat: Callable[[], None]) -> int:
        """Serve the socket until one side ends it, and call `beat` every 4 s; give the close code."""
        tasks = [
            asyncio.create_task(self._mailbox.write(), name="talk writer"),
            asyncio.create_task(self._read(), name="talk reader"),
            asyncio.create_task(self._keep(beat), name="talk guard"),
        ]
        try:
            waited: set[asyncio.Future[Any]] = {*tasks, self._ending}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(tasks)
        code = self._ending.result() if self._ending.done() else BROKEN
        await close(self._websocket, code)
        return code

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._websocket.send_text(text)
        except TimeoutError:
            self.end(TRY_LATER)
            await asyncio.Event().wait()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        window, count = loop.time(), 0
        while True:
            message = await self._websocket.receive()
            now = loop.time()
            if message["type"] == "websocket.disconnect":
                self.end(GOODBYE)
                return
            text = message.get("text")
            if not isinstance(text, str) or len(text) > self._most:
                self.end(TOO_BIG if isinstance(text, str) else REFUSED)
                return
            window, count = (window, count + 1) if now - window < 1 else (now, 1)
            if count > MOST_PER_SECOND:
                self.end(REFUSED)
                return
            self._heard_at = now
            self._take(text)

    async def _keep(self, beat: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        proved = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._prove.wait()
            if self._answers and loop.time() - self._heard_at > SILENT_SECONDS:
                self.end(TRY_LATER)
                return
            beat()
            if not self._prove.is_set() and loop.time() - proved < RECHECK_SECONDS:
                continue
            self._prove.clear()
            proved = loop.time()
            with contextlib.suppress(Busy):  # without a database nobody's rights can have changed
                code = await self._still()
                if code is not None:
                    self.end(code)
                    return
