"""The JSON API's common parts: permissions as dependencies, paging parameters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.requests import HTTPConnection

from retail.kit.paging import DEFAULT_LIMIT, MOST
from retail.runtime.tenancy import Scope
from retail.runtime.web import context, routing

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")]
After = Annotated[str | None, Query(description="The `next` of the page before.")]
UpdatedSince = Annotated[datetime | None, Query(description="Only what changed at or after this time (RFC 3339).")]

__all__ = ["DEFAULT_LIMIT", "After", "Limit", "Request", "UpdatedSince", "allow", "permission_of"]


def allow(permission: str, *, confirm: bool = False) -> Any:  # noqa: ANN401 - a parameter default that FastAPI fills with a Scope
    """Make a parameter that holds the scope and asks for a permission; without it the answer is 401, 403 or 404.

    An endpoint says `scope: Scope = allow(VIEW_STOCK)`; `confirm` asks for a person who proved it's them a moment ago.
    """

    async def admitted(connection: HTTPConnection) -> Scope:
        routing.admit(connection, permission)
        if confirm:
            routing.confirm(connection)
        return context.scope(connection)

    admitted.permission = permission  # type: ignore[attr-defined]
    return Depends(admitted)


def permission_of(dependency: object) -> str | None:
    """Tell the permission that a dependency of a route asks for, if it asks for one."""
    found: str | None = getattr(dependency, "permission", None)
    return found
