"""The JSON API's common parts: permissions as dependencies, paging parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from retail.kit.paging import DEFAULT_LIMIT, MOST
from retail.runtime.tenancy import Scope
from retail.runtime.web import context, routing

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
After = Annotated[str | None, Query(description="The `next` of the page before.")]
UpdatedSince = Annotated[datetime | None, Query(description="Only what changed at or after this time (RFC 3339).")]

__all__ = ["DEFAULT_LIMIT", "After", "Limit", "Plain", "Request", "UpdatedSince", "allow", "permission_of"]


def allow(permission: str, *, confirm: bool = False, also: str = "") -> Any:  # noqa: ANN401 - a parameter default that FastAPI fills with a Scope
    """Make a parameter that holds the scope and asks for a permission; without it the answer is 401, 403 or 404.

    An endpoint says `scope: Scope = allow(VIEW_STOCK)`; `confirm` asks for a person who proved it's them a moment ago,
    `also` for a second permission.
    """

    async def admitted(connection: HTTPConnection) -> Scope:
        routing.admit(connection, permission)
        if also:
            routing.admit_also(connection, also)
        if confirm:
            routing.confirm(connection)
        return context.scope(connection)

    admitted.permission = permission  # type: ignore[attr-defined]
    admitted.also = also  # type: ignore[attr-defined]
    return Depends(admitted)


def permission_of(dependency: object) -> str | None:
    """Tell the permission that a dependency of a route asks for, if it asks for one."""
    found: str | None = getattr(dependency, "permission", None)
    return found


class Plain(APIRoute):
    """An operation that reads its request itself and wants nothing but a permission: no parameters, no model.

    There is nothing for FastAPI to work out then, so it isn't asked to: that takes as long as reading a sale. Every
    other operation of a router of this class is FastAPI's as ever.
    """

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Admit the caller and run the operation."""
        if self.admission is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        name, admit = self.admission
        response = await self.endpoint(request, **{name: await admit(request)})
        await response(scope, receive, send)

    @cached_property
    def admission(self) -> tuple[str, Callable[[HTTPConnection], Awaitable[Scope]]] | None:
        """The one parameter beside the request, and who fills it; None where there is more to fill."""
        asked = self.dependant
        wanted = (asked.path_params, asked.query_params, asked.header_params, asked.cookie_params, asked.body_params)
        if len(asked.dependencies) != 1 or any(wanted) or asked.request_param_name != "request":
            return None
        (one,) = asked.dependencies
        return (one.name, one.call) if one.name and one.call and permission_of(one.call) else None
