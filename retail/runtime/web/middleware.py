"""What stands round every request, from the outside in: notes and log, last resort, size of bodies, origin."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from typing import Final

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retail.kit.errors import DomainError, Unauthenticated
from retail.runtime import telemetry
from retail.runtime.web.address import client_address, networks
from retail.runtime.web.context import KEY, Edge, Process
from retail.runtime.web.errors import ForeignOrigin, TooLarge, TooSlow, answer
from retail.runtime.web.names import UnknownName
from retail.runtime.web.reports import PATH as REPORTS

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "WS"})
BODY_SECONDS: Final = 30.0
BODY_RATE: Final = 16 * 1024
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
access = logging.getLogger("countertop.access")
log = logging.getLogger("countertop.web")


class Entrance:
    """Opens the request's notes, gives it an id, logs and counts its answer."""

    def __init__(self, app: ASGIApp, process: Process) -> None:
        self.app = app
        self.process = process
        self._proxies = networks(process.settings.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        here = self._notes(scope)
        scope[KEY] = here
        started = time.perf_counter()
        status, size = 0, 0

        async def count(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            elif message["type"] == "websocket.accept":
                status = 101
                telemetry.SOCKETS.inc()
            await send(message)

        with telemetry.about(request_id=here.request_id):
            try:
                await self.app(scope, receive, count)
            finally:
                if status == 101:
                    telemetry.SOCKETS.dec()
                self._record(scope, here, status, size, time.perf_counter() - started)

    def _notes(self, scope: Scope) -> Edge:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        known = self.process.settings
        tls = scope.get("scheme") in {"https", "wss"} or f"https://{host}" in known.public_origins
        tls = tls or known.is_ours_by_tls(host)
        peer = scope["client"][0] if scope.get("client") else ""
        ip = client_address(peer, headers, self._proxies)
        return Edge(uuid.uuid4().hex, self.process, f"{'https' if tls else 'http'}://{host}", tls, ip=ip)

    def _record(self, scope: Scope, here: Edge, status: int, size: int, seconds: float) -> None:
        method = scope.get("method", "WS")
        route = here.route or route_of(scope)
        telemetry.REQUESTS.labels(method if method in _METHODS else "OTHER", route, str(status)).inc()
        if scope["type"] == "http":
            telemetry.SECONDS.labels(route).observe(seconds)
        quiet = route == "other" and status < 400
        access.log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            extra={
                "method": method,
                "path": scope["path"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "bytes": size,
                "tenant": here.tenant.slug if here.tenant else "",
                "person": str(here.person.id) if here.person else "",
                "ip": here.ip,
            },
        )


class LastResort:
    """Turns every error that comes up to here into an answer; nothing reaches the server's own error page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; errors become answers."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] in {"http.response.start", "websocket.accept"}
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            return
        except Exception as error:
            if scope["type"] == "websocket":
                await self._close(scope, receive, send, error, accepted=started)
            elif scope["type"] != "http":
                raise
            elif not started:
                response = await answer(Request(scope), error)
                await response(scope, receive, send)
            elif not scope[KEY].reported:
                log.exception("request failed after its answer began")

    async def _close(self, scope: Scope, receive: Receive, send: Send, error: Exception, *, accepted: bool) -> None:
        """Close a socket with a code that says whether to come back: 4401 and 1008 mean no, 1011 means later."""
        if not isinstance(error, DomainError):
            log.error("socket failed", exc_info=error)
        if isinstance(error, ForeignOrigin | UnknownName):
            await send({"type": "websocket.close", "code": 1008})
            return
        if not accepted:
            await receive()
            await send({"type": "websocket.accept"})
        known = isinstance(error, DomainError) and error.status < 500
        code = 4401 if isinstance(error, Unauthenticated) else 1008 if known else 1011
        try:
            await send({"type": "websocket.close", "code": code})
        except (RuntimeError, OSError):  # it was closed already, which is what we want
            log.debug("socket %s was closed already", scope["path"])


class BodyLimit:
    """Refuses bodies above the route's limit, by their announced size and by what really comes, and those that trickle.

    A body has BODY_SECONDS, and longer the more of it came: it may be as slow as BODY_RATE bytes a second.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a receive that counts."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        here: Edge = scope[KEY]
        announced = Headers(scope=scope).get("content-length", "0")
        received, complete = 0, False
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def counted() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()  # what follows a body is the end of the connection, whenever that is
            if announced.isdigit() and int(announced) > here.body_limit:
                raise TooLarge
            try:
                async with asyncio.timeout_at(began + BODY_SECONDS + received / BODY_RATE):
                    message = await receive()
            except TimeoutError as slow:
                raise TooSlow from slow
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > here.body_limit:
                    raise TooLarge
            return message

        await self.app(scope, counted, send)


class OriginGuard:
    """Refuses what another site asks for in a signed-in person's name: changes, sockets, reading other than by a link.

    Fetch metadata decides where a browser sends it, else the Origin header; a request that brings neither and no
    cookie is no browser's. Bearer requests are exempt: no other site can add that header, and cookies are then ignored.
    Reports of broken policies are too: browsers send them on their own, and they change nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application unless the request is another site's. Raises ForeignOrigin."""
        changes = scope["type"] == "http" and scope["method"] not in SAFE_METHODS and scope["path"] != REPORTS
        if scope["type"] == "websocket" or changes:
            self._check(scope[KEY], Headers(scope=scope), socket=scope["type"] == "websocket")
        elif scope["type"] == "http":
            self._check_reading(Headers(scope=scope))
        await self.app(scope, receive, send)

    @staticmethod
    def _check(here: Edge, headers: Headers, *, socket: bool) -> None:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if not socket and headers.get("authorization", "").lower().startswith("bearer "):
            return
        if socket and origin is None and "cookie" in headers:
            raise ForeignOrigin  # every browser names the origin of a socket
        if site is not None and site != "same-origin":
            raise ForeignOrigin
        if origin is not None and (site is None or socket):
            if origin != here.origin and origin not in here.process.settings.public_origins:
                raise ForeignOrigin
        elif site is None and "cookie" in headers:
            raise ForeignOrigin

    @staticmethod
    def _check_reading(headers: Headers) -> None:
        """Let other sites lead here (a link in a mail, single sign-on); refuse to be embedded or fetched by them."""
        elsewhere = headers.get("sec-fetch-site") in {"cross-site", "same-site"} and "cookie" in headers
        led = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if elsewhere and not led and not headers.get("authorization", "").lower().startswith("bearer "):
            raise ForeignOrigin


def route_of(scope: Scope) -> str:
    """Name the route that answered, for logs and counters: few different words, whatever was asked for."""
    route: object = scope.get("route")
    path = getattr(route, "path", "other")
    return f"/api/v1{path}" if isinstance(route, APIRoute) else str(path)
