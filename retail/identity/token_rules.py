"""What an API token may be: how long it lives, from where it may be used, and how its rights are cut down. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Final
from uuid import UUID

from retail.identity.permissions import PER_STORE
from retail.identity.rights import Holding, Rights
from retail.identity.rules import REFRESH_TOKEN
from retail.kit.text import _

LIFETIMES: Final = (7, 30, 90, 180, 365)
"""Days that a token may be made for; none lives for ever."""
MOST_NETWORKS: Final = 20
HINT: Final = 4
SIGNED_TOKEN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a token may do of what its role may; None narrows nothing."""

    permissions: frozenset[str] | None = None
    stores: frozenset[UUID] | None = None

    def cut(self, holding: Holding) -> Holding:
        """Give the rights that are left. In some stores only, no right of the whole business is."""

        def kept(rights: Rights) -> Rights:
            return {
                name: right
                for name, right in rights.items()
                if (self.permissions is None or name in self.permissions) and (self.stores is None or name in PER_STORE)
            }

        shared = kept(holding.rights)
        alone: Mapping[UUID, Rights] = {
            store: kept(rights)
            for store, rights in holding.store_rights.items()
            if self.stores is None or store in self.stores
        }
        reach = holding.stores
        if self.stores is not None:
            reach = self.stores if reach is None else reach & self.stores
        names = {name for rights in (shared, *alone.values()) for name, right in rights.items() if not right.shut}
        whole = self.stores is None and (self.permissions is None or holding.permissions <= self.permissions)
        return Holding(shared, alone, reach, frozenset(names), whole=holding.whole and whole)


def family_ends(signed_in_at: datetime, now: datetime, lives: timedelta) -> datetime:
    """Tell when a token of a family ends: after `lives`, and never later than 30 days after its person signed in."""
    return min(now + lives, signed_in_at + REFRESH_TOKEN)


def day_of(at: datetime) -> datetime:
    """Give the beginning of a moment's day in UTC: when a token was last used is kept no finer."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def read_networks(typed: str) -> tuple[list[str], list[str]]:
    """Read addresses and networks, one a line or with commas; gives them in one spelling, and what is wrong."""
    found, wrong = list[str](), list[str]()
    for part in typed.replace(",", "\n").split():
        try:
            found.append(str(ip_network(part, strict=False)))
        except ValueError:
            wrong.append(_("“%(part)s” is no address like 203.0.113.7 or 203.0.113.0/24.") % {"part": part[:60]})
    found = list(dict.fromkeys(found))
    if len(found) > MOST_NETWORKS:
        wrong.append(_("Use at most %(most)d addresses.") % {"most": MOST_NETWORKS})
    return found, wrong
