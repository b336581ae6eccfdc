"""Where a business is reached: under /t/acme of every host, and, with BASE_DOMAIN, at acme.example.com as well.

A request to a business's own host goes on as the same request under /t/acme, so no page, route or permission knows the
difference; links leave the prefix out again, for Edge.base is '' there. What belongs to no business (signing in, the
account, static files) is at the same path on every host; the operator's pages are on the platform's own host only.
Cookies are host-only: a session at acme.example.com is worth nothing at another business's host, nor at example.com.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from retail.runtime.web.context import KEY, Edge

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
NO_BUSINESS: Final = "-"
"""The slug of a host that can't be any business's; no business has it, so it answers as one that isn't there."""


def slug_of(host: str, base_domain: str) -> str | None:
    """Give the slug that a Host header names; None for the platform's own host and for hosts outside of the domain.

    `base_domain` may carry a port, as acme.localhost:8000 does. A host that is under the domain but can be no business
    (two labels, a wrong character) gives NO_BUSINESS.
    """
    if not base_domain:
        return None
    name, _, port = host.lower().partition(":")
    domain, _, its_port = base_domain.partition(":")
    name = name.rstrip(".")
    if not name.endswith(f".{domain}") or (its_port and port != its_port):
        return None
    slug = name.removesuffix(f".{domain}")
    if slug == "www":
        return None
    return slug if _SLUG.fullmatch(slug) else NO_BUSINESS


def first_part(path: str) -> str:
    """Give the first part of a path: "sign-in" of /sign-in/second, '' of /."""
    return path.split("/", 2)[1] if path.startswith("/") else ""


class Hosts:
    """Reads a business out of the host, behind the entrance. `is_shared` knows the paths that belong to no business."""

    def __init__(self, app: ASGIApp, base_domain: str, is_shared: Callable[[str], bool]) -> None:
        self.app = app
        self._domain = base_domain
        self._is_shared = is_shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with the path that means the same under /t/; /t/acme at acme's own host leads back."""
        asks = scope["type"] in {"http", "websocket"}
        slug = slug_of(Headers(scope=scope).get("host", ""), self._domain) if asks else None
        if slug is None:
            await self.app(scope, receive, send)
            return
        here: Edge = scope[KEY]
        here.host_slug = slug
        path = scope["path"]
        own = f"/t/{slug}"
        looks = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if looks and f"{path}/".startswith(own + "/") and not path.startswith(own + "/api/"):
            await self._lead_back(scope, receive, send, path.removeprefix(own) or "/")
            return
        if first_part(path) == "t" and not path.startswith(own + "/"):
            _move(scope, f"/t/{NO_BUSINESS}/")  # another business isn't here
        elif not path.startswith(own + "/") and not self._is_shared(path):
            _move(scope, own + path)
        await self.app(scope, receive, send)

    @staticmethod
    async def _lead_back(scope: Scope, receive: Receive, send: Send, path: str) -> None:
        query = scope["query_string"].decode("latin-1")
        target = quote("/" + path.lstrip("/"), safe="/:@!$&'()*+,;=-._~")
        await RedirectResponse(target + (f"?{query}" if query else ""), 308)(scope, receive, send)


def _move(scope: Scope, path: str) -> None:
    """Give a request another path, in place: the entrance reads from the same scope which route has answered."""
    scope["path"] = path
    scope["raw_path"] = quote(path, safe="/:@!$&'()*+,;=-._~").encode()
