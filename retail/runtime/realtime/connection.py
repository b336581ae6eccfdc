"""One open socket: its guest, its letter box, and how it comes to an end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from retail.kit.errors import Busy
from retail.runtime.realtime.asks import Answering
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.realtime.guests import Doorman, Guest, Hearing, hearing
from retail.runtime.realtime.mailbox import Mailbox
from retail.runtime.tasks import end

logger = logging.getLogger(__name__)

GOODBYE, RESTART, TRY_LATER = 1000, 1012, 1013
REFUSED, TOO_BIG, BROKEN = 1008, 1009, 1011
SIGNED_OUT, NOT_ALLOWED = 4401, 4403

RECHECK_SECONDS: Final = 60.0
STUCK_SECONDS: Final = 30.0
CLOSE_SECONDS: Final = 2.0
MOST_PER_SECOND: Final = 20
MOST_BYTES_IN: Final = 64 * 1024


class Connection:
    """A socket that was let in, to hear this. `run` ends with the code that it was closed with."""

    def __init__(self, websocket: WebSocket, guest: Guest, hears: Hearing) -> None:
        self._websocket = websocket
        self.guest = guest
        self.hears = hears
        self.mailbox = Mailbox(self._send)
        self.answering: Answering | None = None
        self._ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._prove = asyncio.Event()

    @property
    def topics(self) -> list[str]:
        """The topics, in order."""
        return list(self.hears)

    def end(self, code: int) -> None:
        """Have the socket closed; returns at once, the first code counts."""
        if not self._ending.done():
            self._ending.set_result(code)

    def prove_again(self) -> None:
        """Have the guest proven now instead of within the minute."""
        self._prove.set()

    async def run(self, doorman: Doorman, board: Switchboard) -> int:
        """Serve the socket until one side ends it; give the close code."""
        tasks = [
            asyncio.create_task(self.mailbox.write(), name="socket writer"),
            asyncio.create_task(self._read(), name="socket reader"),
            asyncio.create_task(self._keep_proving(doorman, board), name="socket guard"),
        ]
        if self.answering is not None:
            tasks.append(asyncio.create_task(self.answering.run(lambda: self.guest), name="socket answerer"))
        try:
            waited: set[asyncio.Future[Any]] = {*tasks, self._ending}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(tasks)
        self._note_faults(tasks)
        code = self._ending.result() if self._ending.done() else BROKEN
        await close(self._websocket, code)
        return code

    @staticmethod
    def _note_faults(tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, WebSocketDisconnect | OSError | RuntimeError):
                logger.error("A socket's %s failed.", task.get_name(), exc_info=error)

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._websocket.send_text(text)
        except TimeoutError:
            self.end(TRY_LATER)
            await asyncio.Event().wait()

    async def _read(self) -> None:
        """Take what the client says, which is at most a question, and end the socket where it says too much."""
        loop = asyncio.get_running_loop()
        window, count = loop.time(), 0
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self.end(GOODBYE)
                return
            if len(message.get("text") or message.get("bytes") or "") > MOST_BYTES_IN:
                self.end(TOO_BIG)
                return
            if loop.time() - window >= 1:
                window, count = loop.time(), 0
            count += 1
            if count > MOST_PER_SECOND:
                self.end(REFUSED)
                return
            if self.answering is not None and message.get("text"):
                self.answering.take(message["text"])

    async def _keep_proving(self, doorman: Doorman, board: Switchboard) -> None:
        while True:
            with contextlib.suppress(Busy):
                await doorman.heard(self.guest, self.topics)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(RECHECK_SECONDS, self.guest.proved_for)):
                    await self._prove.wait()
            self._prove.clear()
            try:
                guest = await doorman.again(self.guest)
            except Busy:
                continue  # without a database nobody's rights can have changed
            if guest is None:
                self.end(SIGNED_OUT)
                return
            if hearing(board, guest.scope, self.topics) != self.hears:
                self.end(RESTART)  # it comes back, and is let in to what it may hear now
                return
            self.guest = guest


async def close(websocket: WebSocket, code: int) -> None:
    """Close a socket that may be gone, or not reading, without waiting for long."""
    with contextlib.suppress(RuntimeError, OSError, TimeoutError, WebSocketDisconnect):
        async with asyncio.timeout(CLOSE_SECONDS):
            await websocket.close(code)
