"""Whether what goes to a server could be read or changed on its way: a network is crossed by verified TLS alone.

Verified means that the certificate comes from an authority that is trusted and is made out to the very host that was
asked for. A Unix socket and the loopback never leave the machine, and need none.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

_FALSE: Final = frozenset({"0", "f", "false", "n", "no", ""})


def stays_here(host: str) -> bool:
    """Claim that a host is this machine: a path of a socket, localhost, an address of the loopback."""
    name = host.strip("[]").lower()
    if name in {"", "localhost"} or name.startswith(("/", "@")):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def open_way_to_postgres(name: str, url: str, environ: Mapping[str, str]) -> str:
    """Give the sentence why the address that the setting `name` holds may not be used in production, '' where it may.

    Hosts are looked for where asyncpg looks for them: in the address (several, with commas), in its ?host=, in PGHOST.
    """
    parts = urlsplit(url)
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    hosts = [_host(place) for place in parts.netloc.rpartition("@")[2].split(",") if place]
    hosts = hosts or asked.get("host", environ.get("PGHOST", "")).split(",")
    if all(stays_here(unquote(host)) for host in hosts) or asked.get("sslmode") == "verify-full":
        return ""
    return (
        f"{name} crosses a network, where anybody could read it or answer in the server's place. Add "
        "?sslmode=verify-full&sslrootcert=/path/to/ca.pem to it, or reach the server by the loopback or a Unix socket."
    )


def open_way_to_redis(url: str) -> str:
    """Give the sentence why REDIS_URL may not be used in production, '' where it may."""
    parts = urlsplit(url)
    asked = {key: values[-1].lower() for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if not url or parts.scheme == "unix" or (parts.scheme == "redis" and stays_here(parts.hostname or "")):
        return ""
    unproved = asked.get("ssl_cert_reqs", "required") != "required"
    unproved = unproved or asked.get("ssl_check_hostname", "true") in _FALSE
    if parts.scheme == "rediss" and not unproved:
        return ""
    return (
        "REDIS_URL crosses a network, where anybody could read it or answer in the server's place. Write "
        "rediss://…?ssl_ca_certs=/path/to/ca.pem, without switching its proofs off, or reach Redis by the loopback "
        "or a Unix socket."
    )


def proofs(url: str) -> dict[str, Any]:
    """Give what redis-py has to be told so that a certificate has to be for the host: by itself any host's would do."""
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True} if url.startswith("rediss:") else {}


def _host(place: str) -> str:
    """Give the host of host:port, [::1]:port, host."""
    if place.startswith("["):
        return place.partition("]")[0].lstrip("[")
    return place.rpartition(":")[0] if ":" in place else place
