"""Reads of people: members of a business, and the businesses of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.identity.tables import Membership
from retail.kit.errors import NotFound
from retail.runtime.db import Read, Unit


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's place in the business."""

    id: UUID
    person_id: UUID
    name: str
    email: str
    role: str
    created_at: datetime
    ended_at: datetime | None
    everywhere: bool = True
    """Whether the role holds in all stores; else it is only a name, and grants for stores say what counts."""


@dataclass(frozen=True, slots=True)
class StoreName:
    """A store, to pick."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A business that a person belongs to."""

    tenant_id: UUID
    slug: str
    tenant_name: str
    role: str
    dashboard: bool = True
    """Whether the role may see the day's figures, which is where most people begin."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in."""

    id: UUID
    email: str
    name: str
    password_hash: str
    operator: bool


_ROLE = "array_position(ARRAY['owner', 'manager', 'clerk', 'viewer'], role)"


async def members(read: Read, *, ended: bool = False) -> list[Member]:
    """Give the members, owners first, then by name; those who left too if `ended`."""
    rows = await read.fetch(
        f"""SELECT id, person_id, name, email, role, created_at, ended_at, everywhere FROM membership
             WHERE tenant_id = $1 AND ($2 OR ended_at IS NULL)
             ORDER BY ended_at IS NOT NULL, {_ROLE}, name, id""",  # noqa: S608 - a constant expression
        read.tenant,
        ended,
    )
    return [Member(**row) for row in rows]


async def member(read: Read, wanted: UUID) -> Member:
    """Give one member who hasn't left. Raises NotFound."""
    row = (
        await Membership.select(
            Membership.id,
            Membership.person_id,
            Membership.name,
            Membership.email,
            Membership.role,
            Membership.created_at,
            Membership.ended_at,
            Membership.everywhere,
        )
        .where((Membership.tenant_id == read.tenant) & (Membership.id == wanted) & Membership.ended_at.is_null())
        .first()
    )
    if row is None:
        raise NotFound("member")
    return Member(**row)


async def store_names(read: Read) -> list[StoreName]:
    """Give the stores that the reader may see, by name."""
    rows = await read.fetch("SELECT id, name FROM store WHERE tenant_id = $1 ORDER BY name, id", read.tenant)
    return [StoreName(**row) for row in rows]


async def account(unit: Unit, email: str) -> Account | None:
    """Find who signs in with an e-mail address, unless disabled."""
    row = await unit.fetchrow(
        "SELECT id, email, name, password_hash, operator_since IS NOT NULL AS operator FROM auth_person($1)", email
    )
    return Account(**row) if row else None


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """Somebody's account, as its own page needs it."""

    id: UUID
    email: str
    name: str
    password_hash: str
    operator: bool
    language: str | None
    password_changed_at: datetime | None
    created_at: datetime


async def account_of(unit: Unit, person: UUID) -> OwnAccount:
    """Give a person's account. Raises NotFound where it was disabled."""
    row = await unit.fetchrow("SELECT * FROM auth_account($1)", person)
    if row is None:
        raise NotFound("person")
    return OwnAccount(**row)


async def about(unit: Unit, person: UUID, *own: str) -> list[str]:
    """Give the words that a person's password mustn't be made of: their `own`, and those of their businesses."""
    return [*own, *(word for place in await places(unit, person) for word in (place.tenant_name, place.slug))]


async def places(unit: Unit, person: UUID) -> list[Place]:
    """Give the businesses that a person belongs to, by name."""
    return [Place(**row) for row in await unit.fetch("SELECT * FROM auth_memberships($1)", person)]
