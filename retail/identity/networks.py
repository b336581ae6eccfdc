"""The networks that a business lets people and programs in from. Nobody can shut themselves out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_network
from typing import Final

from retail.identity.entry_errors import YouWouldBeOut
from retail.identity.gate import is_inside
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.realtime.access import AccessChanged

MOST: Final = 100
OPENED_FOR: Final = timedelta(hours=24)
_NOTE_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One network with what its owners call it."""

    network: str
    note: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The list; an empty one lets everybody in. `devices`: enrolled tills must come from there too."""

    entries: tuple[Entry, ...] = ()
    devices: bool = False
    opened_until: datetime | None = None

    @property
    def text(self) -> str:
        """Give the list as its form shows it, one network a line."""
        return "\n".join(f"{one.network} {one.note}".rstrip() for one in self.entries)


def read_list(text: str) -> tuple[Entry, ...]:
    """Read a list as people type it, one network or address a line and a note behind it. Raises Invalid.

    The same network twice counts once, with the later note.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        typed, _blank, note = line.strip().partition(" ")
        if not typed:
            continue
        try:
            network = ip_network(typed, strict=False)
        except ValueError as wrong:
            said = _("Line %(number)d: type a network like 203.0.113.0/24 or an address like 2001:db8::7.")
            raise Invalid({"networks": [said % {"number": number}]}) from wrong
        if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
            raise Invalid({"networks": [_("Line %(number)d: type it as an IPv4 network.") % {"number": number}]})
        found[str(network)] = note.strip()[:_NOTE_MOST]
    if len(found) > MOST:
        raise Invalid({"networks": [_("Use at most %(most)d networks.") % {"most": MOST}]})
    return tuple(Entry(network, note) for network, note in found.items())


async def policy(read: Read) -> Policy:
    """Give the business's list."""
    row = await read.fetchrow(
        "SELECT networks::text[], notes, devices, opened_until FROM network_policy WHERE tenant_id = $1", read.tenant
    )
    if row is None:
        return Policy()
    entries = tuple(Entry(*pair) for pair in zip(row["networks"], row["notes"], strict=True))
    return Policy(entries, row["devices"], row["opened_until"])


async def set_policy(tx: Tx, entries: tuple[Entry, ...], *, devices: bool, here: str) -> Policy:
    """Set the list. `here` is the address of whoever does it. Raises YouWouldBeOut unless that is inside.

    An opening by the operator ends with it: the owners are in again.
    """
    if entries and not is_inside(here, tuple(one.network for one in entries)):
        raise YouWouldBeOut(here)
    before = await policy(tx)
    await tx.execute(
        """INSERT INTO network_policy (tenant_id, networks, notes, devices, changed_at)
           VALUES ($1, $2::text[]::cidr[], $3, $4, $5)
           ON CONFLICT (tenant_id) DO UPDATE
              SET networks = excluded.networks, notes = excluded.notes, devices = excluded.devices,
                  changed_at = excluded.changed_at, opened_until = NULL""",
        tx.tenant,
        [one.network for one in entries],
        [one.note for one in entries],
        devices,
        tx.now,
    )
    tx.audit(
        "networks.set",
        "tenant",
        tx.tenant,
        before=[one.network for one in before.entries],
        after=[one.network for one in entries],
        devices=devices,
    )
    tx.emit(AccessChanged(None))  # whoever sits outside of it loses their open pages too
    return await policy(tx)


async def open_for_a_day(tx: Tx, reason: str) -> datetime:
    """Let every network in for 24 hours, because the owners are locked out; gives until when. For operators."""
    until = tx.now + OPENED_FOR
    await tx.execute("UPDATE network_policy SET opened_until = $2 WHERE tenant_id = $1", tx.tenant, until)
    tx.audit("networks.opened_by_operator", "tenant", tx.tenant, reason=reason, until=until)
    return until
