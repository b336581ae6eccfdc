"""The list of people: who works here, or who is disabled, searched, sorted and page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from retail.identity.queries import Member
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order, Orders

_RANK: Final = Key("coalesce(array_position(ARRAY['owner', 'manager', 'clerk', 'viewer'], role), 5)", "rank", int)
_NAME: Final = Key("lower(name)", "sort_name", str)
_ID: Final = Key("id", "id", UUID)
ORDERS: Final = Orders(
    Order("role", (_RANK, Key("role", "role", str), _NAME, _ID)),
    Order("name", (_NAME, _ID)),
    Order("email", (Key("email", "email", str), _ID)),
    Order("since", (Key("created_at", "created_at", datetime), _ID), descending=True),
)
STATES: Final = ("working", "disabled")


async def listed_members(
    read: Read,
    *,
    q: str = "",
    role: str = "",
    state: str = "working",
    limit: int = 50,
    after: str | None = None,
    order: Order = ORDERS.usual,
) -> Page[Member]:
    """Give the members with `q` in name or address; `state` is one of STATES. Raises Invalid for a bad cursor."""
    where = Conditions(read.tenant)
    where.add("disabled_by IS NOT NULL" if state == "disabled" else "ended_at IS NULL")
    if q:
        where.add("(name ILIKE {0} OR email ILIKE {0})", _pattern(q))
    if role:
        where.add("role = {}", role)
    order.go_on(where, after)
    rows = await read.fetch(
        f"""SELECT id, person_id, name, email, role, created_at, ended_at, everywhere,
                   {_NAME.sql} AS sort_name, {_RANK.sql} AS rank
              FROM membership WHERE tenant_id = $1 {where.sql}
             ORDER BY {order.sql} LIMIT {limit + 1}""",  # noqa: S608 - constants and numbered places
        *where.args,
    )
    items = [Member(**{name: row[name] for name in Member.__slots__}) for row in rows[:limit]]
    return Page(items, order.following(rows, limit))


async def disabled_count(read: Read) -> int:
    """Count who is disabled."""
    found = await read.fetchval(
        "SELECT count(*) FROM membership WHERE tenant_id = $1 AND disabled_by IS NOT NULL", read.tenant
    )
    return int(found or 0)


def _pattern(q: str) -> str:
    return "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
