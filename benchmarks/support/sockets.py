"""A thousand listeners in one process: WebSockets by hand, because a library's own work would be measured too.

    python -m benchmarks.support.sockets

reads one JSON line {"port", "path", "hellos": [text, ...], "cookies": [text, ...], "number": pattern}, opens one socket
per hello (an empty one isn't sent), says so, listens until standard input ends, and then tells the number in each
message and when it came (time.perf_counter()).
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 40
USUAL = r'"beat":(\d+)'
"""What is told of a message: the number that this finds in it; messages without one are not counted."""
_PING, _CLOSE = 9, 8


@dataclass
class Heard:
    """What the listeners heard: (number, time.perf_counter()) of each message at each socket."""

    arrivals: list[tuple[int, float]] = field(default_factory=list)
    closed: int = 0


def frame(opcode: int, payload: bytes) -> bytes:
    """Write a client's frame; a mask of zeros is a mask."""
    size = len(payload)
    head = bytes([0x80 | opcode])
    head += bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


class Listener(asyncio.Protocol):
    """One socket."""

    def __init__(
        self, path: str, said: tuple[str, str], heard: Heard, ready: asyncio.Future[None], number: re.Pattern[bytes]
    ) -> None:
        self._path, self._heard, self._ready, self._number = path, heard, ready, number
        self._hello, self._cookie = said
        self._buffer = b""
        self._open = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.WriteTransport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{self._own}\r\n".encode()
        )

    @property
    def _own(self) -> str:
        """Say that a page of the server's own asks, where a cookie does."""
        return f"Cookie: {self._cookie}\r\nOrigin: http://127.0.0.1\r\n" if self._cookie else ""

    def data_received(self, data: bytes) -> None:
        """Take what came apart; only the number of a message is looked at."""
        now = time.perf_counter()
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self._buffer[:end]:
                self._ready.set_exception(RuntimeError(self._buffer[:200].decode()))
                return
            self._open, self._buffer = True, self._buffer[end + 4 :]
            if self._hello:
                self._send(frame(1, self._hello.encode()))
        while (taken := self._frame(now)) > 0:
            self._buffer = self._buffer[taken:]

    def _frame(self, now: float) -> int:
        """Take one frame off the front; gives its size, 0 where it isn't whole yet."""
        if len(self._buffer) < 2:
            return 0
        opcode, size, start = self._buffer[0] & 0x0F, self._buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(self._buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(self._buffer[2:10], "big"), 10
        if len(self._buffer) < start + size:
            return 0
        payload = self._buffer[start : start + size]
        if opcode == _PING:
            self._send(frame(10, payload))
        elif opcode == _CLOSE:
            self._heard.closed += 1
        elif found := self._number.search(payload):
            self._heard.arrivals.append((int(found[1]), now))
        elif not self._ready.done():
            self._ready.set_result(None)  # the greeting: from here on it hears everything
        return start + size

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a socket that ended, and fail where it never began."""
        if not self._ready.done():
            self._ready.set_exception(exc or ConnectionError("closed before its greeting"))


async def _listen() -> None:
    loop = asyncio.get_running_loop()
    wanted = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    heard, gate = Heard(), asyncio.Semaphore(AT_ONCE)
    number = re.compile(wanted["number"].encode())

    async def one(hello: str, cookie: str) -> None:
        async with gate:
            ready: asyncio.Future[None] = loop.create_future()
            await loop.create_connection(
                lambda: Listener(wanted["path"], (hello, cookie), heard, ready, number), "127.0.0.1", wanted["port"]
            )
            await ready

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(*both) for both in zip(wanted["hellos"], wanted["cookies"], strict=True)))
    print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)
    cpu = time.process_time()
    await loop.run_in_executor(None, sys.stdin.read)
    print(
        json.dumps({"arrivals": heard.arrivals, "closed": heard.closed, "cpu": time.process_time() - cpu}), flush=True
    )


class Listeners:
    """The process, from outside."""

    def __init__(
        self, port: int, path: str, hellos: Sequence[str], number: str = USUAL, *, cookies: Sequence[str] = ()
    ) -> None:
        command = [sys.executable, "-m", "benchmarks.support.sockets"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        sent = list(cookies) or [""] * len(hellos)
        self._wanted = {"port": port, "path": path, "hellos": list(hellos), "cookies": sent, "number": number}

    async def open(self) -> float:
        """Open all sockets; gives the seconds that it took."""
        return float((await asyncio.to_thread(self._say, json.dumps(self._wanted) + "\n"))["seconds"])

    def _say(self, text: str) -> dict[str, float]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the listeners have no pipes")
        stdin.write(text)
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError("the listeners failed")
        found: dict[str, float] = json.loads(line)
        return found

    async def close(self) -> tuple[list[tuple[int, float]], int, float]:
        """End it; gives (number, time) of all arrivals, how many sockets were closed, and its CPU seconds."""
        text, _none = await asyncio.to_thread(self._process.communicate)
        found = json.loads(text)
        return [(number, at) for number, at in found["arrivals"]], found["closed"], found["cpu"]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as _runner:
        _runner.run(_listen())
