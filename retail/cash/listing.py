"""Lists of shifts and drawer events for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.cash.queries import shift_of
from retail.cash.rules import Shift
from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.ledger.queries import cursor_id
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class ListedShift:
    """A shift in a list; the figures are None while it is open."""

    shift: Shift
    expected_minor: int | None
    counted_minor: int | None
    variance_minor: int | None


@dataclass(frozen=True, slots=True)
class DrawerOpening:
    """A drawer that was opened without a sale."""

    reason: str
    actor_name: str
    occurred_at: datetime


_SHIFTS = """
SELECT h.id, h.store_id, h.till_id, h.number, h.business_date, h.opened_at, h.opened_by, h.opened_by_name,
       h.opening_float_minor, h.closed_at, t.code AS till_code, s.name AS store_name, z.expected_minor,
       z.counted_minor, z.variance_minor
  FROM shift h
  JOIN till t ON t.tenant_id = h.tenant_id AND t.id = h.till_id
  JOIN store s ON s.tenant_id = h.tenant_id AND s.id = h.store_id
  LEFT JOIN z_report z ON z.tenant_id = h.tenant_id AND z.shift_id = h.id
 WHERE h.tenant_id = $1"""


async def shifts(
    read: Read, *, store: UUID | None = None, state: str = "", limit: int, after: str | None = None
) -> Page[ListedShift]:
    """List shifts, last opened first. `state` is open, closed, differs (counted otherwise than expected) or empty."""
    where = Conditions(read.tenant)
    if store:
        where.add("h.store_id = {}", store)
    if state == "open":
        where.add("h.closed_at IS NULL")
    elif state == "closed":
        where.add("h.closed_at IS NOT NULL")
    elif state == "differs":
        where.add("z.variance_minor <> 0")
    if after:
        opened, last = decode_cursor(after, str, str)
        where.add("(h.opened_at, h.id) < ({}, {})", _moment(opened), cursor_id(last))
    order = f" ORDER BY h.opened_at DESC, h.id DESC LIMIT {int(limit) + 1}"
    rows = await read.fetch(_SHIFTS + where.sql + order, *where.args)
    last_row = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last_row["opened_at"].isoformat(), str(last_row["id"])) if last_row else None
    items = [
        ListedShift(shift_of(row), row["expected_minor"], row["counted_minor"], row["variance_minor"])
        for row in rows[:limit]
    ]
    return Page(items, following)


async def drawer_events(read: Read, shift: UUID) -> list[DrawerOpening]:
    """List when and why a drawer was opened without a sale, oldest first."""
    rows = await read.fetch(
        """SELECT reason, actor_name, occurred_at FROM drawer_event
            WHERE tenant_id = $1 AND shift_id = $2 ORDER BY occurred_at, id""",
        read.tenant,
        shift,
    )
    return [DrawerOpening(*row) for row in rows]


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
