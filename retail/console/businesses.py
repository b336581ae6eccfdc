"""What the operator knows of businesses: the list of all, one of them, and what an operator does to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from retail.audit.operations import note, platform_scope
from retail.identity.invitations import Invite, invite
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.kit.paging import Page
from retail.life.closing import ask_to_close, reopen
from retail.life.founding import Plan, found
from retail.runtime.conditions import Conditions
from retail.runtime.db import Database, Read, Tx, Unit
from retail.runtime.ordering import Key, Order, Orders
from retail.runtime.tenancy import Scope, TenantFacts
from retail.tenants.life import (
    ACTIVE,
    CLOSED,
    CLOSING,
    DELETED,
    FROZEN,
    GRACE_DAYS,
    PAST_DUE,
    READ_ONLY,
    SUSPENDED,
    TRIAL,
    Life,
    status_words,
)

STATUSES: Final = (
    TRIAL, ACTIVE, PAST_DUE, GRACE_DAYS, READ_ONLY, SUSPENDED, FROZEN, CLOSING, CLOSED, DELETED,
)  # fmt: skip
TONES: Final = {TRIAL: "info", ACTIVE: "ok", PAST_DUE: "warn", GRACE_DAYS: "warn", READ_ONLY: "bad", SUSPENDED: "bad",
                 FROZEN: "warn", CLOSING: "warn", CLOSED: "bad"}  # fmt: skip
ORDERS: Final = Orders(
    Order("name", (Key("lower(b.name)", "sort_name", str), Key("b.id", "id", UUID))),
    Order("country", (Key("b.country", "country", str), Key("b.id", "id", UUID))),
    Order("status", (Key("b.status", "status", str), Key("b.id", "id", UUID))),
    Order("since", (Key("b.created_at", "created_at", datetime), Key("b.id", "id", UUID)), descending=True),
)
_COLUMNS: Final = """b.id, b.slug, b.name, b.country, b.currency, b.locale, b.timezone, b.created_at, b.status,
  b.trial_ends_at, b.closed_at, b.delete_after, b.erased_at"""


@dataclass(frozen=True, slots=True)
class Business:
    """A business as the operator's list knows it; a deleted one has neither language nor clock any more."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    locale: str
    timezone: str
    created_at: datetime
    status: str
    trial_ends_at: datetime | None
    closed_at: datetime | None
    delete_after: datetime | None
    erased_at: datetime | None

    @property
    def life(self) -> Life:
        """Give how it stands."""
        return Life(self.status, self.trial_ends_at, self.closed_at, self.delete_after)

    @property
    def words(self) -> str:
        """Say how it stands."""
        return status_words(self.status)

    @property
    def tone(self) -> str:
        """Give the colour of how it stands."""
        return TONES.get(self.status, "")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a list of businesses is narrowed by."""

    text: str = ""
    status: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the operator may know of a business's inside: counts and times, never what it sells, or to whom."""

    people: dict[str, int]
    stores: int
    tills: int
    products: int
    sales: int
    last_sale_at: datetime | None
    acts: list[dict[str, Any]]


async def businesses(
    unit: Unit, asking: Asking, order: Order, *, after: str | None = None, limit: int = 50
) -> Page[Business]:
    """Give one page of all businesses, deleted ones too. Raises Invalid for a cursor of another order."""
    where = Conditions()
    if asking.text:
        where.add("(lower(b.name) LIKE {} ESCAPE '!' OR b.slug LIKE {} ESCAPE '!')", *(like(asking.text),) * 2)
    if asking.status:
        where.add("b.status = {}", asking.status)
    if asking.country:
        where.add("b.country = {}", asking.country)
    order.go_on(where, after)
    rows = await unit.fetch(
        f"SELECT {_COLUMNS}, lower(b.name) AS sort_name FROM auth_businesses() b WHERE true {where.sql}"  # noqa: S608
        f" ORDER BY {order.sql} LIMIT {limit + 1}",
        *where.args,
    )
    names = Business.__slots__
    listed = [Business(**{name: row[name] for name in names}) for row in rows[:limit]]
    return Page(listed, order.following(rows, limit))


async def countries(unit: Unit) -> list[str]:
    """Give the countries in which there are businesses."""
    return [row[0] for row in await unit.fetch("SELECT DISTINCT b.country FROM auth_businesses() b ORDER BY 1")]


async def business(unit: Unit, slug: str) -> Business:
    """Give one business. Raises NotFound."""
    row = await unit.fetchrow(f"SELECT {_COLUMNS} FROM auth_businesses() b WHERE b.slug = $1", slug)  # noqa: S608
    if row is None:
        raise NotFound("tenant")
    return Business(**row)


async def inside(read: Read) -> Inside:
    """Count what is in a business, and give the last acts that concern it as a whole."""
    people = await read.fetch(
        """SELECT r.name, count(*) AS people
             FROM membership m JOIN role r ON r.tenant_id = m.tenant_id AND r.key = m.role
            WHERE m.tenant_id = $1 AND m.ended_at IS NULL GROUP BY r.name ORDER BY r.name""",
        read.tenant,
    )
    row = await read.fetchrow(
        """SELECT (SELECT count(*) FROM store WHERE tenant_id = $1 AND archived_at IS NULL) AS stores,
                  (SELECT count(*) FROM till WHERE tenant_id = $1 AND retired_at IS NULL) AS tills,
                  (SELECT count(*) FROM product WHERE tenant_id = $1 AND archived_at IS NULL) AS products,
                  (SELECT count(*) FROM sale WHERE tenant_id = $1) AS sales,
                  (SELECT max(received_at) FROM sale WHERE tenant_id = $1) AS last_sale_at""",
        read.tenant,
    )
    acts = await read.fetch(
        """SELECT at, actor_name, action, facts FROM audit_event
            WHERE tenant_id = $1 AND (action LIKE 'tenant.%' OR action LIKE 'network%' OR action LIKE 'factor_reset%')
            ORDER BY at DESC, id DESC LIMIT 50""",
        read.tenant,
    )
    told = [{**dict(act), "facts": json.loads(act["facts"])} for act in acts]
    return Inside({one["name"]: one["people"] for one in people}, **dict(row or {}), acts=told)


async def create(db: Database, acting: Scope, plan: Plan, owner: str, base_url: str) -> TenantFacts:
    """Found a business and invite its owner by mail; on the platform's trail too. Raises SlugTaken, BadAddress."""
    facts = await db.run(acting, _create, plan, owner, base_url)
    await note_on_platform(db, acting, "tenant.created", slug=facts.slug)
    return facts


async def close(db: Database, acting: Scope, reason: str, due_on: date, timezone: str) -> None:
    """Have a business close. Raises AlreadyClosing, WrongStep."""
    await db.run(acting, ask_to_close, reason, due_on, timezone)
    await note_on_platform(db, acting, "tenant.closing_asked", reason=reason, due_on=due_on)


async def open_again(db: Database, acting: Scope, reason: str) -> None:
    """Take a closing back. Raises NothingToReopen, WrongStep."""
    await db.run(acting, reopen, reason)
    await note_on_platform(db, acting, "tenant.reopened", reason=reason)


async def note_on_platform(db: Database, acting: Scope, action: str, **facts: object) -> None:
    """Put what an operator did to a business on the platform's trail too."""
    scope = platform_scope(acting.actor, ip=acting.ip, session=acting.session, request_id=acting.request_id)
    await note(db, scope, action, "tenant", acting.tenant, **facts)


def founding_scope(acting: Scope) -> Scope:
    """Give the operator's scope in a business that isn't there yet."""
    return Scope(new_id(), acting.actor, role="system", ip=acting.ip, request_id=acting.request_id)


async def _create(tx: Tx, plan: Plan, owner: str, base_url: str) -> TenantFacts:
    facts = await found(tx, plan)
    await invite(tx, facts, Invite(owner, "owner"), base_url)
    return facts


def like(text: str) -> str:
    """Give the pattern of letters that stand anywhere, with `!` before what LIKE would read otherwise."""
    plain = text.lower()
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return f"%{plain}%"
