"""One visitor who asks for a page at a steady pace, whatever else the server has to do."""

from __future__ import annotations

import asyncio
import time


async def visit(port: int, text: bytes, *, seconds: float, per_second: float) -> list[float]:
    """Send a request so often on one connection; gives ms from when each was due to when its answer was all there.

    A late answer makes the next ones late, and their waiting counts. Raises RuntimeError unless all are 200.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[float] = []
    began = time.perf_counter()
    try:
        for turn in range(int(seconds * per_second)):
            due = began + turn / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(text)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            at = head.find(b"content-length:")
            await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(head.decode())
            found.append((time.perf_counter() - due) * 1e3)
    finally:
        writer.close()
    return found
