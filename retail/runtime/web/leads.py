"""Addresses that forms are sent to, opened by hand: each leads to the page that has the form."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.runtime.web.responses import redirect
from retail.runtime.web.routing import GuardedRoute, get


def leads(path: str, page: str, *, permission: str) -> GuardedRoute:
    """Answer GET on a path by going to a page; `page` names the path's parameters: "/products/{id}/edit".

    A form that is refused is answered under the address it was sent to, and people open that again, or keep it.
    """

    async def lead(request: Request) -> Response:
        return redirect(request, page.format(**request.path_params))

    return get(path, lead, permission=permission)
