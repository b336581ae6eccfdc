"""A service on the loopback, for e-mail, SMS or pushes, that keeps what it is given and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Answer:
    """What is answered once."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


@dataclass
class HttpOffice:
    """The service. `answers` are given in turn, then 201."""

    port: int
    answers: list[Answer] = field(default_factory=list)
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The exception that lets the guarded client come here."""
        return f"127.0.0.1:{self.port}"

    def endpoint(self, name: str = "one") -> str:
        return f"http://{self.place}/push/{name}"

    async def take(self, request: Request) -> Response:
        self.taken.append((request.url.path, dict(request.headers), await request.body()))
        answer = self.answers.pop(0) if self.answers else Answer(201)
        return Response(answer.body, answer.status, headers=answer.headers)


@contextlib.asynccontextmanager
async def http_office() -> AsyncIterator[HttpOffice]:
    """Open the service for a while."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        office = HttpOffice(listening.getsockname()[1])
        app = Starlette(routes=[Route("/{path:path}", office.take, methods=["GET", "POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        try:
            yield office
        finally:
            server.should_exit = True
            await serving
