"""What a business asks at its gate beside who somebody is: from where they come, and by which way they signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from uuid import UUID

from retail.identity.entry_errors import OutsideNetworks, SignInElsewhere
from retail.identity.rules import KNOWN_FOR
from retail.runtime.db import Database, Row

_MOST_GATES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of one business, and the business that a session is bound to."""

    only_tenant: UUID | None = None
    only_slug: str = ""
    networks: tuple[str, ...] = ()
    devices: bool = False
    opened_until: datetime | None = None
    sso_name: str = ""
    only_roles: frozenset[str] = frozenset()
    exempt: frozenset[UUID] = frozenset()

    def check_address(self, ip: str, now: datetime, *, device: bool = False) -> None:
        """Let an address pass that is in the business's networks. Raises OutsideNetworks."""
        if (device and not self.devices) or (self.opened_until is not None and self.opened_until > now):
            return
        if self.networks and not is_inside(ip, self.networks):
            raise OutsideNetworks

    def check_way(self, slug: str, tenant: UUID, role: str, person: UUID | None) -> None:
        """Let pass who came by single sign-on, or need not. Raises SignInElsewhere."""
        bound = self.only_tenant == tenant
        if person is not None and role in self.only_roles and not bound and person not in self.exempt:
            raise SignInElsewhere(slug, self.sso_name)


OPEN: Final = Gate()


def gate_of(row: Row) -> Gate:
    """Read what auth_gate() gave."""
    return Gate(
        row["only_tenant"],
        row["only_slug"] or "",
        tuple(row["networks"] or ()),
        bool(row["devices"]),
        row["opened_until"],
        row["sso_name"] or "",
        frozenset(row["only_roles"] or ()),
        frozenset(row["exempt"] or ()),
    )


def is_inside(ip: str, networks: tuple[str, ...]) -> bool:
    """Claim that an address is in one of the networks; an IPv4 address in an IPv6 coat counts as what it is."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ip_network(network) for network in networks)


_DEVICE_GATES: dict[UUID, tuple[datetime, Gate]] = {}


async def device_gate(database: Database, tenant: UUID, *, fresh: bool = False) -> Gate:
    """Give the gate of a business as a device meets it; remembered for two seconds, unless `fresh`: tills ask often."""
    now = database.clock.now()
    known = _DEVICE_GATES.get(tenant)
    if fresh or known is None or known[0] <= now:
        async with database.platform() as unit:
            row = await unit.fetchrow("SELECT * FROM auth_gate($1, NULL)", tenant)
        known = (now + KNOWN_FOR, gate_of(row) if row else OPEN)
        if len(_DEVICE_GATES) > _MOST_GATES:
            _DEVICE_GATES.clear()
        _DEVICE_GATES[tenant] = known
    return known[1]
