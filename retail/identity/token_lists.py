"""Reads of API tokens: those of a business for its page, and the programs that a person has signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Unit
from retail.runtime.ordering import Key, Order, Orders

ORDERS: Final = Orders(
    Order("made", (Key("k.created_at", "created_at", datetime), Key("k.id", "id", UUID)), descending=True),
    Order("name", (Key("lower(k.name)", "sort_name", str), Key("k.id", "id", UUID))),
    Order("ends", (Key("k.expires_at", "expires_at", datetime), Key("k.id", "id", UUID))),
)
STATES: Final = ("active", "ended")


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A script's token as its page shows it; the secret is not known to anybody here."""

    id: UUID
    name: str
    hint: str
    role: str
    permissions: list[str] | None
    stores: list[UUID] | None
    networks: list[str]
    till: str | None
    made_by: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Program:
    """A program that a person has signed in with their password."""

    family: UUID
    tenant_name: str
    signed_in_at: datetime
    used_on: datetime | None
    until: datetime


async def script_tokens(
    read: Read, *, q: str = "", state: str = "", limit: int = 50, after: str | None = None, order: Order = ORDERS.usual
) -> Page[ListedToken]:
    """Give the tokens whose name, maker or last characters match, page by page. Raises Invalid for a bad cursor."""
    where = Conditions(read.tenant)
    if q:
        where.add("(k.name ILIKE {0} OR m.name ILIKE {0} OR s.hint = {1})", _pattern(q), q)
    if state == "active":
        where.add("k.revoked_at IS NULL AND k.expires_at > {}", read.now)
    elif state == "ended":
        where.add("(k.revoked_at IS NOT NULL OR k.expires_at <= {})", read.now)
    order.go_on(where, after)
    rows = await read.fetch(
        f"""SELECT k.id, k.name, lower(k.name) AS sort_name, coalesce(s.hint, '') AS hint, k.role, s.permissions,
                   s.stores, coalesce(s.networks::text[], '{{}}') AS networks, t.code AS till, m.name AS made_by,
                   k.created_at, k.expires_at, k.used_at, k.revoked_at
              FROM api_token k
              LEFT JOIN token_scope s ON s.tenant_id = k.tenant_id AND s.token_id = k.id
              LEFT JOIN membership m ON m.tenant_id = k.tenant_id AND m.person_id = s.made_by
              LEFT JOIN till t ON t.tenant_id = k.tenant_id AND t.id = k.till_id
             WHERE k.tenant_id = $1 AND k.kind = 'script' {where.sql}
             ORDER BY {order.sql} LIMIT {limit + 1}""",  # noqa: S608 - constants and numbered places
        *where.args,
    )
    items = [ListedToken(**{name: row[name] for name in ListedToken.__slots__}) for row in rows[:limit]]
    return Page(items, order.following(rows, limit))


async def programs(unit: Unit, person: UUID) -> list[Program]:
    """List the programs that a person has signed in and that can still act, the newest first."""
    return [Program(**row) for row in await unit.fetch("SELECT * FROM auth_programs($1, $2)", person, unit.now)]


def _pattern(q: str) -> str:
    return "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
