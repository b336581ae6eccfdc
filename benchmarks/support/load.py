"""Clients that cost next to nothing: keep-alive connections of one process, one request each at a time.

Requests are made before the clock starts; of an answer only the status and the length are read. The process' own CPU
time comes back with the figures, so that nobody has to guess what the clients took from the server's processors.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass(frozen=True)
class Requests:
    """What one connection sends, in this order: whole HTTP requests."""

    texts: Sequence[bytes]


@dataclass
class Outcome:
    """What came back. Latencies in ms, `cpu` the client process' own seconds, `sent` per connection."""

    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    """When each answer was here, time.time()."""
    odd: str = ""
    """The first answer that was neither 200 nor 201."""

    @property
    def per_second(self) -> float:
        """Give the answers per second."""
        return len(self.latencies) / self.seconds


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Write an HTTP request out."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Requests, outcome: Outcome, until: float, done: asyncio.Future[int]) -> None:
        self._requests, self._outcome, self._until, self._done = requests.texts, outcome, until, done
        self._buffer = b""
        self._next = 0
        self._began = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._began = time.perf_counter()
        if self._next >= len(self._requests) or self._began >= self._until:
            self._transport.close()
            return
        self._next += 1
        self._transport.write(self._requests[self._next - 1])

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        status = head[9:12].decode()
        outcome = self._outcome
        outcome.latencies.append((time.perf_counter() - self._began) * 1e3)
        outcome.answered.append(time.time())
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        if status not in {"200", "201"} and not outcome.odd:
            outcome.odd = self._buffer.decode(errors="replace")
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done.done():
            return
        if exc is not None:
            self._done.set_exception(exc)
        else:
            self._done.set_result(self._next)


async def _drive(port: int, clients: Sequence[Requests], seconds: float) -> Outcome:
    loop = asyncio.get_running_loop()
    outcome = Outcome()
    cpu, began = time.process_time(), time.perf_counter()
    until = began + seconds
    ends = [loop.create_future() for _ in clients]
    for requests, end in zip(clients, ends, strict=True):
        await loop.create_connection(
            lambda requests=requests, end=end: _Connection(requests, outcome, until, end), "127.0.0.1", port
        )
    outcome.sent = list(await asyncio.gather(*ends))
    outcome.seconds = time.perf_counter() - began
    outcome.cpu = time.process_time() - cpu
    return outcome


def _in_process(port: int, clients: Sequence[Requests], seconds: float) -> Outcome:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(port, clients, seconds))


class Driver:
    """One process that drives all clients, started once."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    async def drive(self, port: int, clients: Sequence[Requests], seconds: float = 3600) -> Outcome:
        """Send until the time is over or nothing is left; every connection waits for each answer."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _in_process, port, clients, seconds)

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()
