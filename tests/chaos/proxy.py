"""The network between the tills and the web processes: a line for each till, which can fail in every way a line fails.

A line is a port of the loopback. What goes over it is not understood but for one thing: where a delivery of a journal
passes by, because the worst moments are during one and between its commit and its answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

DELIVERY = b"/journal HTTP/1.1"
_CHUNK = 65_536
_ECHO_S = 10


class Line:
    """One till's way to the web process."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = itertools.cycle(ports)
        self._tries = len(ports)
        self.listening = 0
        self.cut = False
        self.delay = 0.0
        self.to_lose = 0
        """How many more answers to deliveries are swallowed, and their connections reset."""
        self.to_repeat = 0
        """How many more deliveries arrive a second time, on a connection of their own."""
        self.repeat_after = 0.0
        self.lost = self.repeated = 0
        self.deliveries = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: list[asyncio.Event] = []
        self._echoes: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.listening}"

    def break_off(self) -> None:
        """Reset every connection, and refuse new ones."""
        self.cut = True
        for writer in list(self._open):
            writer.transport.abort()

    def hold(self) -> None:
        """Let nothing pass either way; connections stay open."""
        self._flows.clear()

    def heal(self) -> None:
        self.cut, self.delay = False, 0.0
        self._flows.set()

    def next_delivery(self) -> asyncio.Event:
        """Give what is set as soon as a delivery has been passed on to the web process."""
        event = asyncio.Event()
        self._passing.append(event)
        return event

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        found = await self._reach()
        if found is None:
            writer.transport.abort()
            return
        theirs, ours = found
        mine = {writer, ours}
        if self.cut:
            for one in mine:
                one.transport.abort()
            return
        self._open |= mine
        deaf = asyncio.Event()
        up = asyncio.create_task(self._up(reader, ours, deaf))
        down = asyncio.create_task(self._down(theirs, writer, deaf))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            self._open -= mine
            for one in mine:
                one.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Connect to the next web process in turn, to another one where that is away."""
        for _ in range(self._tries):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", next(self._ports))
        return None

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        await self._flows.wait()
        writer.write(data)
        await writer.drain()

    async def _up(self, reader: asyncio.StreamReader, ours: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await reader.read(_CHUNK):
            delivery = DELIVERY in data
            if delivery and self.to_lose:
                self.to_lose -= 1
                deaf.set()
            if delivery and self.to_repeat:
                self.to_repeat -= 1
                echo = asyncio.create_task(self._echo(data, self.repeat_after))
                self._echoes.add(echo)
                echo.add_done_callback(self._echoes.discard)
            await self._pass(data, ours)
            if delivery:
                self.deliveries += 1
                while self._passing:
                    self._passing.pop().set()

    async def _echo(self, data: bytes, after: float) -> None:
        """Bring a delivery once more, as networks do: at the same time, or when later ones have come already."""
        await asyncio.sleep(after)
        found = await self._reach()
        if found is None:
            return
        theirs, ours = found
        try:
            ours.write(data)
            async with asyncio.timeout(_ECHO_S):
                self.repeated += bool(await theirs.read(_CHUNK))
        except (OSError, TimeoutError):
            return  # the copy got lost, as copies do
        finally:
            ours.transport.abort()

    async def _down(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await theirs.read(_CHUNK):
            if deaf.is_set():
                self.lost += 1
                return  # the server has answered, and nobody hears it
            await self._pass(data, writer)


@asynccontextmanager
async def lines(ports: Sequence[int], count: int) -> AsyncIterator[list[Line]]:
    """Open so many lines to the web processes."""
    made = [Line(ports) for _ in range(count)]
    servers = [await asyncio.start_server(line.serve, "127.0.0.1", 0) for line in made]
    for line, server in zip(made, servers, strict=True):
        line.listening = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        for line, server in zip(made, servers, strict=True):
            server.close()
            line.heal()
            line.break_off()
            for echo in line._echoes:
                echo.cancel()
            await asyncio.gather(*line._echoes, return_exceptions=True)
