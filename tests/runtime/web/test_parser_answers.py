"""What the parser itself answers, over a real socket: it carries the headers of every other answer."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn

from retail.runtime.web.headers import HEADERS
from retail.runtime.web.protocol import MOST_HEAD_BYTES, GuardedProtocol
from tests.support.web import Site


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"garbage\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * MOST_HEAD_BYTES, b"431"),
    ],
    ids=["garbage", "two lengths", "long head"],
)
async def test_what_is_no_request_is_answered_with_the_safety_headers(site: Site, sent: bytes, status: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(site.app, http=GuardedProtocol, lifespan="off", log_level="critical"))
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(sent)
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        server.should_exit = True
        await running
    lines = head.decode().split("\r\n")
    assert lines[0].encode().startswith(b"HTTP/1.1 " + status)
    told = dict(line.split(": ", 1) for line in lines[1:] if line)
    assert told.items() >= {**HEADERS, "Cache-Control": "no-store", "Connection": "close"}.items()
