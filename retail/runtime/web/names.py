"""The names that this installation answers to. Any other name in a Host header is somebody else's that leads here.

A page of a stranger can have its own name point at this machine once the page is open (DNS rebinding), and is then of
the same origin as what it fetches. An address of digits can't be pointed elsewhere, so those are always answered, which
keeps a shop on the local network going without any setting; localhost is too, for it never leaves the machine.
"""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from retail.kit.errors import DomainError
from retail.kit.text import _
from retail.settings import Settings

_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253}?)\.?(:[0-9]{1,5})?")
_LONGEST_SHOWN: Final = 80
PROBES: Final = frozenset({"/healthz", "/readyz"})
"""What watches a container calls it by whatever name it has there; these tell nothing about anybody."""


class UnknownName(DomainError):
    """The request calls us by a name that isn't ours."""

    status = 421
    code = "unknown_name"

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host[:_LONGEST_SHOWN]

    def sentence(self) -> str:
        """Say which setting makes the name ours."""
        told = _(
            "The shop doesn't answer to the name “%(name)s”. "
            "If it should, add that name to ALLOWED_HOSTS, or set BASE_DOMAIN, and restart."
        )
        return told % {"name": self.host}


def own_names() -> frozenset[str]:
    """Give what this machine is called on its network, which stands in for an empty ALLOWED_HOSTS."""
    name = socket.gethostname().lower().rstrip(".")
    return frozenset({name, f"{name.partition('.')[0]}.local"} if name else ())


class Names:
    """What may stand in a Host header, from the settings of one process."""

    def __init__(self, settings: Settings) -> None:
        origins = (urlsplit(origin).hostname or "" for origin in settings.public_origins)
        listed = frozenset(name.lower().rstrip(".") for name in settings.allowed_hosts) or own_names()
        self._names = listed | frozenset(origins) | {"localhost", settings.host.lower()} - {""}
        domain = settings.base_domain.partition(":")[0]
        self._endings = (".localhost", f".{domain}") if domain else (".localhost",)
        self._names |= {domain} - {""}

    def hold(self, host: str) -> bool:
        """Claim that a Host header names us; ports don't count."""
        matched = _HOST.fullmatch(host.lower())
        if matched is None:
            return False
        name = matched["name"]
        if name in self._names or name.endswith(self._endings):
            return True
        try:
            ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


class OwnNames:
    """Refuses requests and sockets that call us by another's name, before anything reads them. Raises UnknownName."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._names = Names(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for a request to a name of ours."""
        if scope["type"] in {"http", "websocket"} and scope["path"] not in PROBES:
            host = Headers(scope=scope).get("host", "")
            if not self._names.hold(host):
                raise UnknownName(host)
        await self.app(scope, receive, send)
