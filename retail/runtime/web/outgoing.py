"""Requests that we make to addresses which somebody typed: to the public internet over TLS, and nowhere inside.

The name is resolved once, every address of it must be public, and the connection goes to exactly such an address while
the certificate is checked for the name: a name that answers differently a moment later changes nothing. No redirects,
five seconds and 64 KiB in all. Whoever typed the address learns the kind of failure, never what was answered.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, cast
from urllib.parse import urlsplit

import httpcore

from retail.settings import Settings

SECONDS: Final = 5.0
MOST_BYTES: Final = 64 * 1024
Resolver = Callable[[str, int], Awaitable[list[str]]]

# What `is_global` of some Python versions lets through although it leads inside or to several places at once.
_DENIED: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


class OutgoingFailed(Exception):
    """A request to an outside address was refused by us or failed.

    `reason`: address (not a public https address), name (can't be resolved), connection, tls, slow, redirect, large.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back; for our own reading only."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    """By their names in small letters; a name that came twice has its last value."""


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str
    excepted: bool


def is_public(text: str) -> bool:
    """Claim that an address is one host on the public internet."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    allowed = address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
    return allowed and not any(address in network for network in _DENIED)


class Outgoing:
    """A client for outside addresses. `exceptions` are host:port pairs that tests and development may also reach."""

    def __init__(
        self,
        *,
        exceptions: Iterable[str] = (),
        own_hosts: Iterable[str] = (),
        resolver: Resolver | None = None,
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._exceptions = frozenset(exceptions)
        self._own = frozenset(host.lower() for host in own_hosts if host)
        self._resolve = resolver or _resolve
        self._context = context or ssl.create_default_context()
        self._seconds = seconds

    @classmethod
    def of(cls, settings: Settings, *, seconds: float = SECONDS) -> Outgoing:
        """Make the client of a process. In production there are no exceptions, whatever the settings hold."""
        own = [urlsplit(origin).hostname or "" for origin in settings.public_origins] + [settings.base_domain]
        exceptions = () if settings.production else settings.outgoing_exceptions
        return cls(exceptions=exceptions, own_hosts=own, seconds=seconds)

    def check(self, url: str) -> None:
        """Raise OutgoingFailed("address") for an address that is refused by its looks, before anything is resolved."""
        self._target(url)

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Fetch an address. Raises OutgoingFailed."""
        return await self._request("GET", url, headers or {}, None)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Fetched:
        """Send a body. Raises OutgoingFailed."""
        return await self._request("POST", url, headers, body)

    async def delete(self, url: str, *, headers: Mapping[str, str]) -> Fetched:
        """Have what lies at an address deleted. Raises OutgoingFailed."""
        return await self._request("DELETE", url, headers, None)

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Fetched:
        target = self._target(url)
        try:
            async with asyncio.timeout(self._seconds):
                address = await self._address(target)
                fetched = await self._send(target, address, method, headers, body)
        except (TimeoutError, httpcore.TimeoutException) as cause:
            raise OutgoingFailed("slow") from cause
        except ssl.SSLError as cause:
            raise OutgoingFailed("tls") from cause
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as cause:
            raise OutgoingFailed(
                "tls" if "SSL" in str(cause) or "certificate" in str(cause) else "connection"
            ) from cause
        if 300 <= fetched.status < 400:
            raise OutgoingFailed("redirect")
        return fetched

    def _target(self, url: str) -> _Target:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as wrong:
            raise OutgoingFailed("address") from wrong
        plain = url.isascii() and url.isprintable() and not any(c in url for c in ' \\"<>')
        excepted = f"{host}:{port}" in self._exceptions
        usual = parts.scheme == "https" and port == 443 and _is_name(host) and host not in self._own
        userless = parts.username is None and parts.password is None
        if not (
            plain and userless and not parts.fragment and (usual or (excepted and parts.scheme in {"http", "https"}))
        ):
            raise OutgoingFailed("address")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return _Target(parts.scheme, host, port, path, excepted)

    async def _address(self, target: _Target) -> str:
        """Resolve a name, once. Every address must be public: a name with one foot inside is refused as a whole."""
        try:
            addresses = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError) as cause:
            raise OutgoingFailed("name") from cause
        if not addresses:
            raise OutgoingFailed("name")
        if not target.excepted and not all(is_public(address) for address in addresses):
            raise OutgoingFailed("address")
        return addresses[0]

    async def _send(
        self, target: _Target, address: str, method: str, headers: Mapping[str, str], body: bytes | None
    ) -> Fetched:
        sent = {
            "Host": target.host if target.port in {80, 443} else f"{target.host}:{target.port}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "Countertop",
            **headers,
        }
        if body is not None:
            sent["Content-Length"] = str(len(body))
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        async with (
            httpcore.AsyncConnectionPool(ssl_context=self._context, network_backend=_Pinned(address)) as pool,
            pool.stream(method, url, headers=list(sent.items()), content=body) as response,
        ):
            taken = bytearray()
            async for part in response.aiter_stream():
                taken += part
                if len(taken) > MOST_BYTES:
                    raise OutgoingFailed("large")
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Fetched(response.status, bytes(taken), told)


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the address that was checked, whatever the name would resolve to by now."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name was resolved before
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._network.connect_tcp(self._address, port, timeout, local_address, socket_options)


def _is_name(host: str) -> bool:
    """Claim that a host is a DNS name with a dot and a last label of letters: no number in whatever spelling."""
    labels = host.removesuffix(".").split(".")
    fits = all(label and len(label) <= 63 and label.replace("-", "").isalnum() for label in labels)
    return len(labels) > 1 and fits and len(host) <= 253 and not labels[-1][0].isdigit() and len(labels[-1]) > 1


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [cast("str", entry[4][0]) for entry in found]
