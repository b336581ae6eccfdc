"""Routes that carry the permission they ask for; no request reaches a handler without it."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from retail.kit.errors import ConfirmationNeeded, Forbidden, NotFound, Unauthenticated
from retail.runtime.web.context import BODY_LIMIT, db, edge

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed-in"
OPERATOR: Final = "operator"
CONFIRMED_FOR: Final = timedelta(minutes=10)
"""How long "confirm it's you" lasts."""

Handler = Callable[[Request], Awaitable[Response]]
SocketHandler = Callable[[WebSocket], Awaitable[None]]


def admit(connection: HTTPConnection, permission: str) -> None:
    """Let a request pass if whoever asks has the permission (or fits PUBLIC, SIGNED_IN or OPERATOR).

    From here on the request sees the stores in which the permission is had, and no other. Raises Unauthenticated for
    nobody, Forbidden for a member without the right, NotFound for a person outside of a tenant. (A person who isn't a
    member of the path's tenant never gets this far.)
    """
    here = edge(connection)
    if permission == PUBLIC:
        return
    if here.person is None and here.scope is None:
        raise Unauthenticated
    if permission == SIGNED_IN:
        return
    if permission == OPERATOR:
        if here.person is None or not here.person.operator:
            raise Forbidden(permission)
        return
    if here.scope is None:
        raise NotFound("tenant")
    here.scope.require(permission)
    here.scope = here.scope.narrowed(permission)


def admit_also(connection: HTTPConnection, permission: str) -> None:
    """Ask for a second permission: from here on the request sees the stores in which both are had. Raises Forbidden."""
    here = edge(connection)
    if here.scope is None:
        raise NotFound("tenant")
    here.scope.require(permission)
    seen, reach = here.scope.stores, here.scope.reach(permission)
    if reach is not None and reach != seen:
        here.scope = replace(here.scope, stores=reach if seen is None else seen & reach)


def confirm(connection: HTTPConnection) -> None:
    """Let a request pass if its person proved in the last ten minutes that it is them. Raises ConfirmationNeeded.

    A script's token passes: it was made by somebody who had just proved it, for this.
    """
    here = edge(connection)
    if here.token is not None and here.token.kind == "script":
        return
    if here.looking is not None and here.scope is not None and here.scope.tenant == here.looking.tenant.id:
        return  # who looks has proved it for this, can't do so again meanwhile, and changes nothing
    since = here.confirmed_at
    if since is None or db(connection).clock.now() - since >= CONFIRMED_FOR:
        raise ConfirmationNeeded


class GuardedRoute(Route):
    """A route that asks for `permission` before its handler runs; bodies may have up to `most_bytes`.

    With `must_confirm` it also asks for a person who proved a moment ago that it is them; `also` names further
    permissions, with a space between them, say to take out as a file what one may see.
    """

    def __init__(
        self,
        path: str,
        handler: Handler,
        *,
        permission: str,
        methods: list[str],
        most_bytes: int,
        must_confirm: bool = False,
        also: str = "",
    ) -> None:
        @functools.wraps(handler)
        async def guarded(request: Request) -> Response:
            here = edge(request)
            here.route = path
            admit(request, permission)
            for further in also.split():
                admit_also(request, further)
            if must_confirm:
                confirm(request)
            here.body_limit = most_bytes
            try:
                return await handler(request)
            finally:
                await request.close()  # the files of a form, if there is one

        super().__init__(path, guarded, methods=methods)
        self.permission = permission
        self.must_confirm = must_confirm
        self.also = also


class GuardedSocket(WebSocketRoute):
    """A WebSocket route that asks for `permission` before its handler may accept."""

    def __init__(self, path: str, handler: SocketHandler, *, permission: str) -> None:
        @functools.wraps(handler)
        async def guarded(socket: WebSocket) -> None:
            edge(socket).route = path
            admit(socket, permission)
            await handler(socket)

        super().__init__(path, guarded)
        self.permission = permission


def get(path: str, handler: Handler, *, permission: str, confirm: bool = False, also: str = "") -> GuardedRoute:
    """Answer GET (and HEAD) on a path; it must not change anything."""
    return GuardedRoute(
        path, handler, permission=permission, methods=["GET"], most_bytes=BODY_LIMIT, must_confirm=confirm, also=also
    )


def post(
    path: str, handler: Handler, *, permission: str, most_bytes: int = BODY_LIMIT, confirm: bool = False
) -> GuardedRoute:
    """Answer POST on a path; `most_bytes` above 2 MB is for imports."""
    return GuardedRoute(
        path, handler, permission=permission, methods=["POST"], most_bytes=most_bytes, must_confirm=confirm
    )


def put(
    path: str, handler: Handler, *, permission: str, most_bytes: int = BODY_LIMIT, confirm: bool = False
) -> GuardedRoute:
    """Answer PUT on a path."""
    return GuardedRoute(
        path, handler, permission=permission, methods=["PUT"], most_bytes=most_bytes, must_confirm=confirm
    )


def patch(path: str, handler: Handler, *, permission: str, confirm: bool = False) -> GuardedRoute:
    """Answer PATCH on a path."""
    return GuardedRoute(
        path, handler, permission=permission, methods=["PATCH"], most_bytes=BODY_LIMIT, must_confirm=confirm
    )


def delete(path: str, handler: Handler, *, permission: str, confirm: bool = False) -> GuardedRoute:
    """Answer DELETE on a path."""
    return GuardedRoute(
        path, handler, permission=permission, methods=["DELETE"], most_bytes=BODY_LIMIT, must_confirm=confirm
    )


def websocket(path: str, handler: SocketHandler, *, permission: str) -> GuardedSocket:
    """Answer WebSocket connections on a path."""
    return GuardedSocket(path, handler, permission=permission)


def within_tenant(routes: Sequence[BaseRoute]) -> Mount:
    """Put routes, written without a prefix, under every tenant's /t/{slug}."""
    return Mount("/t/{slug}", routes=list(routes))
