"""How fast one caller may go, counted in this process alone: no request waits for Redis for it, and none fails with it.

A pace is a bucket: it holds `burst` requests and fills again at `per_second`. Sales have a bucket of their own for each
device or till, and one that is never empty for a till that sells five times a second. What takes long (journals in
batches, files) may also run only so many times at once. limits.py counts what processes must count together.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from retail.kit.errors import TooMany
from retail.runtime.web.address import network_of
from retail.runtime.web.context import Edge, edge

_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` requests at once, then `per_second`; `at_once` of them may run at the same time."""

    per_second: float
    burst: int
    at_once: int | None = None


PACES: Final[dict[str, Pace]] = {
    "sale": Pace(10, 50),  # sales and returns, per device, else per till
    "journal": Pace(5, 50, at_once=4),  # batches of up to 100 records, per device, else per till
    "batch": Pace(2, 20, at_once=4),  # batches of up to 500 sales, per token or session
    "export": Pace(0.2, 10, at_once=2),  # files, per person or token
    "search": Pace(5, 40),  # lists with something typed in, per person or token
    "any": Pace(50, 600),  # everything else of one person, token or device; of one network where nobody is signed in
}
SALES: Final = re.compile(r"/api/v1/(sales(/[^/]+/returns|/batch)?|tills/[^/]+/journal|devices/farewells)$")
EXPORTS: Final = re.compile(r"/(export(\.csv)?|exports/journal)$")
_FREE: Final = ("/static/", "/kiosk/", "/healthz", "/readyz", "/metrics", "/sw.js", "/office.js", "/favicon.ico")


class Buckets:
    """The buckets of one process; `now` gives seconds that only go up."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._running: Counter[tuple[str, str]] = Counter()

    def take(self, name: str, key: str) -> None:
        """Take one out of a bucket. Raises TooMany, and takes nothing, where it is empty."""
        pace, now = PACES[name], self._now()
        left, at = self._left.pop((name, key), (float(pace.burst), now))
        left = min(float(pace.burst), left + (now - at) * pace.per_second)
        enough = left >= 1
        self._left[name, key] = (left - 1 if enough else left, now)
        while len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        if not enough:
            raise TooMany(math.ceil((1 - left) / pace.per_second))

    def forget(self, name: str, key: str) -> None:
        """Begin anew with a full bucket."""
        self._left.pop((name, key), None)

    @asynccontextmanager
    async def running(self, name: str, key: str) -> AsyncIterator[None]:
        """Run something that takes long. Raises TooMany where as many as may are running already."""
        most, own = PACES[name].at_once, (name, key)
        if most is not None and self._running[own] >= most:
            raise TooMany(1)
        self._running[own] += 1
        try:
            yield
        finally:
            self._running[own] -= 1
            if not self._running[own]:
                del self._running[own]


def buckets(connection: HTTPConnection) -> Buckets:
    """Give the process's buckets."""
    process = edge(connection).process
    if process.paces is None:
        process.paces = Buckets()
    found: Buckets = process.paces
    return found


def caller(here: Edge) -> str:
    """Name whoever asks: a device, a token, a person; the network of somebody who isn't signed in."""
    if here.device is not None:
        return f"device {here.device.device}"
    if here.token is not None:
        return f"token {here.token.id}"
    return f"person {here.person.id}" if here.person else f"network {network_of(here.ip)}"


def seller(connection: HTTPConnection, till: object) -> str:
    """Name whose sales these are: the device that asks, else the till that they are of."""
    here = edge(connection)
    if here.device is not None:
        return caller(here)
    return f"till {here.scope.tenant if here.scope else ''} {till}"


def _is_sale(scope: Scope) -> bool:
    return scope["method"] == "POST" and SALES.search(scope["path"]) is not None


class Pacing:
    """Keeps every caller to their pace, behind the door; sales keep theirs where the till is known. Raises TooMany."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for a caller who isn't too fast."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE) or _is_sale(scope):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        known, who = buckets(connection), caller(edge(connection))
        if scope["method"] == "GET" and EXPORTS.search(scope["path"]):
            known.take("export", who)
            async with known.running("export", who):
                await self.app(scope, receive, send)
            return
        if connection.query_params.get("q"):
            known.take("search", who)
        known.take("any", who)
        await self.app(scope, receive, send)
