"""Reads of devices: the list with their health, the policy, the roster that a device keeps, whom a device acts as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.identity.device_rules import LOCK_MINUTES, first_names
from retail.identity.permissions import SELL
from retail.kit.errors import NotFound
from retail.runtime.db import Read, Row, Unit


@dataclass(frozen=True, slots=True)
class Device:
    """A device with its till, and what it told last about itself."""

    id: UUID
    name: str
    till: UUID
    till_code: str
    till_name: str
    store: UUID
    store_name: str
    enrolled_at: datetime
    enrolled_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    wiped_at: datetime | None
    seen_at: datetime
    health: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the business asks of devices."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What the server knows of the device that wrote a journal."""

    public_key: bytes
    till: UUID
    revoked: bool


@dataclass(frozen=True, slots=True)
class Mate:
    """Somebody who may stand at a till, and how they can say so."""

    person: UUID
    name: str
    first_name: str
    role: str
    pin: str
    """'' for none, 'one_time' or 'set'."""
    pin_version: int
    badge_version: int
    locked: bool


_DEVICES = """
SELECT d.id, d.name, d.till_id AS till, t.code AS till_code, t.name AS till_name, t.store_id AS store,
       s.name AS store_name, d.enrolled_at, d.enrolled_by, d.revoked_at, d.revoked_by, d.wiped_at, d.seen_at, d.health
  FROM device d
  JOIN till t ON t.tenant_id = d.tenant_id AND t.id = d.till_id
  JOIN store s ON s.tenant_id = t.tenant_id AND s.id = t.store_id
 WHERE d.tenant_id = $1
"""


async def devices(read: Read) -> list[Device]:
    """Give the devices by store and till, revoked ones last."""
    rows = await read.fetch(_DEVICES + " ORDER BY d.revoked_at IS NOT NULL, s.name, t.code, d.name, d.id", read.tenant)
    return [_device(row) for row in rows]


async def device(read: Read, wanted: UUID) -> Device:
    """Give one device. Raises NotFound."""
    row = await read.fetchrow(_DEVICES + " AND d.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("device")
    return _device(row)


async def policy(read: Read) -> Policy:
    """Give what the business asks of devices."""
    row = await read.fetchrow("SELECT required FROM device_policy WHERE tenant_id = $1", read.tenant)
    return Policy(**row) if row else Policy()


async def lock_minutes(read: Read, store: UUID) -> int:
    """Give the minutes without a touch after which a store's tills lock: its own setting, else the business's."""
    found: int | None = await read.fetchval(
        """SELECT (value #>> '{}')::integer FROM setting
            WHERE tenant_id = $1 AND key = 'idle_lock_minutes' AND (store_id IS NULL OR store_id = $2)
            ORDER BY store_id NULLS LAST LIMIT 1""",
        read.tenant,
        store,
    )
    return LOCK_MINUTES if found is None else found


async def key_of(read: Read, id: UUID) -> Key | None:
    """Give the key of an enrolled or revoked device; None: no device of this business has the id."""
    row = await read.fetchrow(
        "SELECT public_key, till_id, revoked_at FROM device WHERE tenant_id = $1 AND id = $2", read.tenant, id
    )
    return Key(row["public_key"], row["till_id"], row["revoked_at"] is not None) if row else None


async def home_of(unit: Unit, id: UUID) -> tuple[UUID, str] | None:
    """Give the tenant and the name of a device, before the tenant is known."""
    row = await unit.fetchrow("SELECT tenant_id, name FROM auth_device($1)", id)
    return (row["tenant_id"], row["name"]) if row else None


async def people_named(read: Read, ids: list[UUID]) -> dict[UUID, str]:
    """Give the names of those who work or worked here."""
    rows = await read.fetch(
        "SELECT person_id, name FROM membership WHERE tenant_id = $1 AND person_id = ANY($2)", read.tenant, ids
    )
    return {row["person_id"]: row["name"] for row in rows}


async def mates(read: Read, store: UUID | None = None) -> list[Mate]:
    """Give those who may sell, in a store or in any, by first name, with the state of PIN and badge."""
    rows = await read.fetch(
        """SELECT m.person_id, m.name, m.role, p.one_time, coalesce(p.version, 0) AS pin_version,
                  p.expires_at <= $2 AS ended, coalesce(b.version, 0) AS badge_version,
                  EXISTS (SELECT FROM pin_tries x WHERE x.tenant_id = $1 AND x.person_id = m.person_id
                             AND x.failures >= 20) AS locked
             FROM membership m
             LEFT JOIN pin p ON p.tenant_id = $1 AND p.person_id = m.person_id
             LEFT JOIN badge b ON b.tenant_id = $1 AND b.person_id = m.person_id
            WHERE m.tenant_id = $1 AND m.ended_at IS NULL
              AND EXISTS (SELECT FROM role_right r WHERE r.tenant_id = $1 AND r.permission = $3 AND r.state = 'allowed'
                             AND ((m.everywhere AND r.role_key = m.role)
                                  OR EXISTS (SELECT FROM role_grant g WHERE g.tenant_id = $1 AND g.member_id = m.id
                                                AND g.role_key = r.role_key AND g.revoked_at IS NULL
                                                AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2)
                                                AND (g.store_id IS NULL OR $4::uuid IS NULL OR g.store_id = $4))))
            ORDER BY m.created_at, m.id""",
        read.tenant,
        read.now,
        SELL,
        store,
    )
    firsts = first_names([(row["person_id"], row["name"]) for row in rows])
    found = [
        Mate(
            row["person_id"],
            row["name"],
            firsts[row["person_id"]],
            row["role"],
            "" if row["one_time"] is None or row["ended"] else "one_time" if row["one_time"] else "set",
            row["pin_version"],
            row["badge_version"],
            row["locked"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda mate: (mate.first_name.casefold(), mate.person))


def _device(row: Row) -> Device:
    facts = dict(row)
    return Device(**facts | {"health": json.loads(facts["health"])})


async def store_of(read: Read, device: UUID) -> UUID | None:
    """Tell in which store a device stands."""
    found: UUID | None = await read.fetchval(
        """SELECT t.store_id FROM device d JOIN till t ON t.tenant_id = d.tenant_id AND t.id = d.till_id
            WHERE d.tenant_id = $1 AND d.id = $2""",
        read.tenant,
        device,
    )
    return found


async def offered_name(read: Read, enrolment: UUID) -> str:
    """Give the name that waits for whoever comes with a code; '' where that code is gone."""
    found: str | None = await read.fetchval(
        "SELECT name FROM device_enrolment WHERE tenant_id = $1 AND id = $2", read.tenant, enrolment
    )
    return found or ""
