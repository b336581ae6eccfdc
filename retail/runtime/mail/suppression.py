"""Who is written to no more: addresses that a server refused for good, and those that an operator put there.

The list outlives every letter, so it keeps no address: its SHA-256, and as much as an operator can tell it by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from retail.kit.errors import NotFound
from retail.runtime.db import Unit
from retail.runtime.mail.mail import BadAddress, Mail

MOST: Final = 200
"""How many the page shows, newest first."""
Reason = Literal["refused", "operator"]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address on the list."""

    channel: str
    address_hash: bytes
    hint: str
    reason: str
    created_at: datetime

    @property
    def name(self) -> str:
        """Name it in an address of ours."""
        return self.address_hash.hex()


async def suppress(unit: Unit, channel: str, address: str, reason: Reason) -> int:
    """Write to an address no more, and stop what waits for it; gives how many letters. Raises BadAddress.

    Essential letters (resets, security) go on: without them nobody could come back in.
    """
    checked = Mail(address.strip(), "x", "x", channel="sms" if channel == "sms" else "mail")
    stopped = await unit.fetchval(
        "SELECT auth_suppress($1, $2, $3, $4, $5)", checked.channel, checked.to, hint_of(checked.to), reason, unit.now
    )
    return int(stopped)


async def write_again(unit: Unit, channel: str, name: str) -> None:
    """Take an address off the list, by its name there. Raises NotFound."""
    try:
        hashed = bytes.fromhex(name)
    except ValueError as wrong:
        raise NotFound("address") from wrong
    if await unit.fetchval("SELECT auth_write_again($1, $2)", channel, hashed) is None:
        raise NotFound("address")


async def suppressed(unit: Unit) -> list[Suppressed]:
    """Give the newest of the list."""
    return [Suppressed(**row) for row in await unit.fetch("SELECT * FROM auth_suppressed(NULL, $1)", MOST)]


def hint_of(address: str) -> str:
    """Give as much of an address as tells it apart: o…@shop.example, +49…678."""
    user, at, host = address.rpartition("@")
    return f"{user[:1]}…@{host}" if at else f"{address[:3]}…{address[-3:]}"


__all__ = ["MOST", "BadAddress", "Suppressed", "hint_of", "suppress", "suppressed", "write_again"]
