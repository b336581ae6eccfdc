"""Every address of the application, asked as a browser behind TLS asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from retail.kit.ids import new_id
from retail.runtime.web.routing import GuardedRoute
from tests.support.world import Shop

TLS = "https://shop.test"


@dataclass(frozen=True)
class Address:
    """One verb of one path; `permission` is '' for the API, which says it elsewhere."""

    verb: str
    path: str
    permission: str
    api: bool

    def of(self, shop: Shop, known: Mapping[str, object] | None = None) -> str:
        """Fill the path in: with what is known of the shop, else with ids that nothing has."""
        names = {"slug": shop.tenant.slug, "till": shop.till, "store": shop.store, **(known or {})}
        return re.sub(r"\{([^}:]+)[^}]*\}", lambda found: str(names.get(found[1], new_id())), self.path)


def addresses(routes: Sequence[BaseRoute], prefix: str = "", *, api: bool = False) -> Iterator[Address]:
    """List the addresses of routes and of what is mounted in them, but static files."""
    for route in routes:
        if isinstance(route, Mount):
            inner = route.app.routes if isinstance(route.app, Starlette | FastAPI) else route.routes
            yield from addresses(inner or [], prefix + route.path, api=api or isinstance(route.app, FastAPI))
        elif isinstance(route, APIRoute | Route):
            permission = route.permission if isinstance(route, GuardedRoute) else ""
            for verb in sorted((route.methods or set()) - {"HEAD"}):
                yield Address(verb, prefix + route.path, permission, api or isinstance(route, APIRoute))


def browser(app: Starlette, secret: str = "", *, origin: str = TLS, **headers: str) -> httpx.AsyncClient:
    """Give a browser that speaks TLS, with a session in it if there is one."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
        base_url=origin,
        headers={"Origin": origin, **headers},
        cookies={"__Host-s": secret} if secret else None,
    )


async def ask(client: httpx.AsyncClient, verb: str, path: str, *, api: bool = False) -> httpx.Response:
    """Ask an address with an empty body of the kind that it takes."""
    if verb in {"GET", "DELETE"}:
        return await client.request(verb, path)
    return await client.request(verb, path, **({"json": {}} if api else {"data": {"x": "y"}}))
