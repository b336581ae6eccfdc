"""Asking for a fresh proof before a form is filled, so that nothing that is typed is lost on the way to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from retail.runtime.web.context import db, edge
from retail.runtime.web.routing import CONFIRMED_FOR

AHEAD: Final = timedelta(minutes=5)
"""How long filling a form may take: a proof that ends sooner is asked for anew."""


def proof_address(request: Request) -> str:
    """Give the address that asks for a proof and leads back here; '' where the last one lasts long enough."""
    here = edge(request)
    if here.person is None or here.looking is not None or request.method != "GET":
        return ""
    since = here.confirmed_at
    if since is not None and db(request).clock.now() - since < CONFIRMED_FOR - AHEAD:
        return ""
    path = request.url.path
    back = (here.outward(path) if here.host_slug else path) + (f"?{request.url.query}" if request.url.query else "")
    return f"/confirm?next={quote(back, safe='/')}"
