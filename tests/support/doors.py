"""Every verb of every address of the application, with what it asks of whoever comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from retail.api import permission as permission_of_operation
from retail.kit.ids import new_id
from retail.runtime.web.routing import GuardedRoute, GuardedSocket
from retail.runtime.web.static import Folder


@dataclass(frozen=True)
class Door:
    """One verb of one address."""

    verb: str
    path: str
    permission: str | None
    api: bool
    also: str = ""
    """Further rights that it asks for, with a space between them, say to take out as a file what one may see."""

    @property
    def rights(self) -> frozenset[str]:
        """All that somebody needs to come in."""
        return frozenset({self.permission or "", *self.also.split()}) - {""}

    def address(self, slug: str) -> str:
        numbered = re.sub(r"\{[^}]+:int\}", "640", self.path.replace("{slug}", slug))
        return re.sub(r"\{[^}]+\}", lambda _: str(new_id()), numbered)


def slots(door: Door) -> list[str]:
    """Name the places of an address inside of a tenant that an id goes into."""
    return re.findall(r"\{([^}:]+)(?::[^}]+)?\}", door.path.removeprefix("/t/{slug}"))


def of_tenant(found: Sequence[Door]) -> list[Door]:
    """Give the doors inside of a tenant that are asked by requests."""
    return [door for door in found if door.path.startswith("/t/{slug}/") and door.verb != "WS"]


def doors(routes: Sequence[BaseRoute], prefix: str = "", *, api: bool = False) -> Iterator[Door]:
    for route in routes:
        if isinstance(route, Mount):
            if isinstance(route.app, Folder):
                continue
            inner = route.app.routes if isinstance(route.app, FastAPI) else route.routes
            yield from doors(inner, prefix + route.path, api=api or isinstance(route.app, FastAPI))
        elif isinstance(route, APIRoute):
            for verb in sorted(route.methods):
                also = [getattr(asked.call, "also", "") for asked in route.dependant.dependencies]
                yield Door(verb, prefix + route.path, permission_of_operation(route), True, "".join(also))
        elif isinstance(route, GuardedRoute):
            for verb in sorted((route.methods or set()) - {"HEAD"}):
                yield Door(verb, prefix + route.path, route.permission, api, route.also)
        elif isinstance(route, GuardedSocket):
            yield Door("WS", prefix + route.path, route.permission, api)
        else:
            yield Door("?", prefix + getattr(route, "path", repr(route)), None, api)
