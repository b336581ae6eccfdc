"""Where a request comes from: the address of the other end, seen through proxies that we trust and no others."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers

Network = IPv4Network | IPv6Network
_LONGEST_CHAIN: Final = 20


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks like 10.0.0.0/8. Raises ValueError for one that is neither."""
    return tuple(ip_network(name, strict=False) for name in names)


def client_address(peer: str, headers: Headers, trusted: Sequence[Network]) -> str:
    """Give the address nearest to us that is no proxy of ours.

    X-Forwarded-For is read from its end, and only as far as trusted proxies wrote it: whatever a stranger puts in
    front of it, or sends without a proxy, changes nothing.
    """
    if not _is_in(peer, trusted):
        return peer
    chain = [part.strip() for line in headers.getlist("x-forwarded-for") for part in line.split(",")]
    found = peer
    for hop in reversed(chain[-_LONGEST_CHAIN:]):
        plain = _plain(hop)
        if not plain:
            break
        found = plain
        if not _is_in(plain, trusted):
            break
    return found


def network_of(ip: str) -> str:
    """Give the network that an address belongs to: /24 for IPv4, /56 for IPv6; other texts stay as they are."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    return str(ip_network((address, 24 if address.version == 4 else 56), strict=False))


def _is_in(ip: str, trusted: Sequence[Network]) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in trusted)


def _plain(hop: str) -> str:
    """Give the address of one entry without its port, '' where it is none."""
    text = hop.strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
