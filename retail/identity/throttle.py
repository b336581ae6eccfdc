"""Slowing down guesses without ever locking anybody out for good: waits double, from one second to fifteen minutes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from retail.kit.clock import Clock
from retail.kit.errors import TooMany

WINDOW: Final = timedelta(minutes=15)
FREE_TRIES: Final = 5  # per account and network
FREE_TRIES_NETWORK: Final = 50  # per network, whatever the account
LONGEST: Final = timedelta(minutes=15)
_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Tries:
    count: int
    last: datetime


class Throttle:
    """Counts failed tries of this process, per account and network (/24, /56) and per network.

    Kept in memory: a restart forgives, and each web process counts for itself, so N processes allow N times as much.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def check(self, account: str, ip: str) -> None:
        """Raise TooMany, with the seconds to wait, where the last failures ask for a pause."""
        now = self._clock.now()
        for key, free in self._keys(account, ip):
            tries = self._tries.get(key)
            if tries is None or tries.count < free or now - tries.last >= WINDOW:
                continue
            pause = min(timedelta(seconds=2 ** min(tries.count - free, 12)), LONGEST)
            left = (tries.last + pause - now).total_seconds()
            if left > 0:
                raise TooMany(max(1, round(left + 0.499)))

    def failed(self, account: str, ip: str) -> None:
        """Count a failure; `succeeded` takes it back."""
        now = self._clock.now()
        for key, _free in self._keys(account, ip):
            tries = self._tries.get(key)
            if tries is None or now - tries.last >= WINDOW:
                tries = _Tries(0, now)
            tries.count, tries.last = tries.count + 1, now
            self._tries[key] = tries
            self._tries.move_to_end(key)
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)

    def succeeded(self, account: str, ip: str) -> None:
        """Forget the account's failures from this network, and take this try off the network's own."""
        self._tries.pop((account, network_of(ip)), None)
        whole = self._tries.get(("", network_of(ip)))
        if whole is not None:
            whole.count -= 1

    @staticmethod
    def _keys(account: str, ip: str) -> list[tuple[tuple[str, str], int]]:
        network = network_of(ip)
        return [((account, network), FREE_TRIES), (("", network), FREE_TRIES_NETWORK)]


def network_of(ip: str) -> str:
    """Give the network that an address belongs to: /24 for IPv4, /56 for IPv6; other texts stay as they are."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    return str(ip_network((address, 24 if address.version == 4 else 56), strict=False))
