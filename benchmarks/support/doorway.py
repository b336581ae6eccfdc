"""One page twice in one process: behind the door of a business, and where anybody may come.

The application is the product's own with all its middleware; requests go straight into it, so that nothing but its own
work is on the clock. Both pages have the same handler.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from benchmarks.support.stage import Stage
from benchmarks.support.world import World
from retail.app import create_app
from retail.identity.doorkeeper import MEMORY
from retail.identity.permissions import VIEW_CATALOGUE
from retail.kit.errors import TooMany
from retail.runtime.web.context import db, edge
from retail.runtime.web.pace import Buckets
from retail.runtime.web.routing import PUBLIC, get, within_tenant
from retail.settings import Settings

_PAGE = "<!doctype html><title>Page</title>" + "<p>" + "words " * 140  # below what is worth packing
HOST = "shop.localhost"


async def bare(_request: Request) -> Response:
    """Answer without asking the database anything."""
    return HTMLResponse(_PAGE)


async def reading(request: Request) -> Response:
    """Answer after one small question: in the tenant's unit of work where there is one, else in one without."""
    scope = edge(request).scope
    opened = db(request).platform() if scope is None else db(request).read(scope)
    async with opened as unit:
        await unit.fetchval("SELECT 1")
    return HTMLResponse(_PAGE)


@dataclass(frozen=True)
class Visit:
    """A request that is made again and again; `anew`: what is remembered of its session is forgotten before each."""

    name: str
    path: str
    cookie: str = ""
    anew: bool = False


class _Unhurried(Buckets):
    """What paces requests, with a new bucket where one is empty: a benchmark asks faster than anybody may."""

    def take(self, name: str, key: str) -> None:
        """Take one out, as the door does."""
        try:
            super().take(name, key)
        except TooMany:
            self.forget(name, key)


class Doorway:
    """The application with the pages, and somebody who is signed in."""

    def __init__(self, on: Stage, world: World, secret: str) -> None:
        self.app: Starlette = create_app(Settings(environment="test"), database=on.db)
        self.app.state.process.paces = _Unhurried()
        pages = [("/bare", bare), ("/reading", reading)]
        inside = [get(f"/bench{path}", handler, permission=VIEW_CATALOGUE) for path, handler in pages]
        outside = [get(f"/bench{path}", handler, permission=PUBLIC) for path, handler in pages]
        self.app.router.routes[:0] = [*outside, within_tenant(inside)]
        base = f"/t/{world.shop.tenant.slug}/bench"
        self._tenant = world.shop.tenant.id
        self.pairs = {
            "door alone": (Visit("open", "/bench/bare"), Visit("guarded", f"{base}/bare", secret)),
            "door and a unit of work": (Visit("open", "/bench/reading"), Visit("guarded", f"{base}/reading", secret)),
            "door, asked of the database": (
                Visit("open", "/bench/bare"),
                Visit("guarded", f"{base}/bare", secret, anew=True),
            ),
        }

    async def cpu(self, visit: Visit, times: int) -> float:
        """Make the request so often; gives this process' CPU ms per request. Raises RuntimeError unless it is 200."""
        scope = _scope(visit)
        ask: Callable[[], Awaitable[None]] = lambda: _ask(self.app, scope)  # noqa: E731
        await ask()
        began = time.process_time()
        for _ in range(times):
            if visit.anew:
                MEMORY.forget(tenant=self._tenant)
            await ask()
        return (time.process_time() - began) * 1e3 / times


def _scope(visit: Visit) -> dict[str, Any]:
    headers = [(b"host", HOST.encode()), (b"accept", b"text/html"), (b"user-agent", b"benchmark")]
    if visit.cookie:
        headers.append((b"cookie", f"s={visit.cookie}".encode()))
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": visit.path, "raw_path": visit.path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": (HOST, 80), "state": {}, "extensions": {},
    }  # fmt: skip


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ask(app: Starlette, scope: dict[str, Any]) -> None:
    status = 0

    async def send(message: Any) -> None:  # noqa: ANN401
        nonlocal status
        status = message.get("status", status)

    await app({**scope, "headers": list(scope["headers"])}, _receive, send)
    if status != 200:
        raise RuntimeError(f"{scope['path']} answered {status}")
