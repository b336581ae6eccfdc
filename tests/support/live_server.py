"""A real web server with nothing but the live sockets, its hub, and a worker beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect

from retail.runtime.db import Database
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.realtime.guests import Guest
from retail.runtime.realtime.hub import Hub
from retail.runtime.realtime.sockets import events_socket, live_socket
from retail.runtime.web.context import KEY, Edge, Process
from retail.settings import Settings


@dataclass
class Door:
    """Whom the server believes: cookie or token text -> guest. Take one out, and it is signed out."""

    guests: dict[str, Guest] = field(default_factory=dict)
    asked: int = 0

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        return self.guests.get(websocket.cookies.get("s", ""))

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:
        return self.guests.get(token)

    async def heard(self, guest: Guest, topics: Sequence[str]) -> None:
        """Nobody wants to know."""

    async def again(self, guest: Guest) -> Guest | None:
        self.asked += 1
        return self.guests.get(guest.key)

    def let_in(self, key: str, guest: Guest) -> str:
        self.guests[key] = guest
        return key


def paint(audience: Audience, template: str, context: Mapping[str, Any]) -> str:
    return f'<p id="{template}">{audience.language}:{json.dumps(context, sort_keys=True)}</p>'


@dataclass
class LiveServer:
    """Where it listens, and what it is made of."""

    port: int
    hub: Hub
    door: Door

    @contextlib.asynccontextmanager
    async def events(self, token: str, topics: list[str], since: int | None = None) -> AsyncIterator[Ear]:
        async with connect(f"ws://127.0.0.1:{self.port}/events", max_queue=None) as opened:
            await opened.send(json.dumps({"token": token, "topics": topics, "since": since}))
            yield Ear(opened)

    @contextlib.asynccontextmanager
    async def page(self, cookie: str, *topics: str) -> AsyncIterator[Ear]:
        query = "&".join(f"topic={topic}" for topic in topics)
        headers = {"Cookie": f"s={cookie}", "Origin": f"http://127.0.0.1:{self.port}"}
        url = f"ws://127.0.0.1:{self.port}/live?{query}"
        async with connect(url, additional_headers=headers, max_queue=None) as opened:
            yield Ear(opened)


@dataclass
class Ear:
    """One client."""

    socket: ClientConnection

    async def next(self, seconds: float = 5.0) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            return cast("dict[str, Any]", json.loads(await self.socket.recv()))

    async def take(self, count: int) -> list[dict[str, Any]]:
        return [await self.next() for _ in range(count)]

    async def until_closed(self, seconds: float = 5.0) -> int | None:
        async with asyncio.timeout(seconds):
            await self.socket.wait_closed()
        return self.socket.close_code


class _Edged:
    """What the edge's middleware leaves on a request."""

    def __init__(self, app: ASGIApp, process: Process) -> None:
        self.app, self.process = app, process

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope[KEY] = Edge("test", self.process)
        await self.app(scope, receive, send)


@contextlib.asynccontextmanager
async def serve(db: Database, redis_url: str, board: Switchboard) -> AsyncIterator[LiveServer]:
    """Run the server in this loop until the block ends."""
    door = Door()
    hub = Hub(db, redis_url, board, doorman=door, paint=paint)
    await hub.start()
    routes = [WebSocketRoute("/live", live_socket), WebSocketRoute("/events", events_socket)]
    app = _Edged(Starlette(routes=routes), Process(Settings(), cast("Any", None), db, hub))
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws="websockets-sansio", lifespan="off", log_level="error", ws_max_size=65536)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield LiveServer(listening.getsockname()[1], hub, door)
    finally:
        await hub.stop()
        server.should_exit = True
        await serving
        listening.close()
