"""Lists of shifts and drawer events for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.cash.queries import shift_of
from retail.cash.rules import Shift
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.ordering import Key, Order, Orders

_ID: Final = Key("h.id", "id", UUID)
NEWEST: Final = Order("opened", (Key("h.opened_at", "opened_at", datetime), _ID), descending=True)
DIFFERENCE: Final = Order("difference", (Key("coalesce(z.variance_minor, 0)", "difference", int), _ID))
ORDERS: Final = Orders(NEWEST, DIFFERENCE)


@dataclass(frozen=True, slots=True)
class ListedShift:
    """A shift in a list; the figures are None while it is open."""

    shift: Shift
    expected_minor: int | None
    counted_minor: int | None
    variance_minor: int | None
    supplements: int = 0
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class DrawerOpening:
    """A drawer that was opened without a sale."""

    reason: str
    actor_name: str
    occurred_at: datetime


_SHIFTS = """
SELECT h.id, h.store_id, h.till_id, h.number, h.business_date, h.opened_at, h.opened_by, h.opened_by_name,
       h.opening_float_minor, h.closed_at, t.code AS till_code, s.name AS store_name, z.expected_minor,
       z.counted_minor, z.variance_minor, h.opening_left_minor, h.opening_denominations,
       coalesce(z.variance_minor, 0) AS difference,
       (SELECT count(*) FROM z_supplement p WHERE p.tenant_id = h.tenant_id AND p.shift_id = h.id) AS supplements,
       EXISTS (SELECT FROM variance_acceptance v WHERE v.tenant_id = h.tenant_id AND v.shift_id = h.id) AS accepted
  FROM shift h
  JOIN till t ON t.tenant_id = h.tenant_id AND t.id = h.till_id
  JOIN store s ON s.tenant_id = h.tenant_id AND s.id = h.store_id
  LEFT JOIN z_report z ON z.tenant_id = h.tenant_id AND z.shift_id = h.id
 WHERE h.tenant_id = $1"""


_NOT_ACCEPTED: Final = (
    "NOT EXISTS (SELECT FROM variance_acceptance v WHERE v.tenant_id = h.tenant_id AND v.shift_id = h.id)"
)


async def shifts(
    read: Read,
    *,
    store: UUID | None = None,
    till: UUID | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    state: str = "",
    limit: int,
    after: str | None = None,
    order: Order = NEWEST,
) -> Page[ListedShift]:
    """List shifts, last opened first.

    `state` is open, closed, differs (counted otherwise than expected), waits (so, and not accepted) or empty.
    """
    where = Conditions(read.tenant)
    if store:
        where.add("h.store_id = {}", store)
    if state == "open":
        where.add("h.closed_at IS NULL")
    elif state == "closed":
        where.add("h.closed_at IS NOT NULL")
    elif state in {"differs", "waits"}:
        where.add("z.variance_minor <> 0")
    if state == "waits":
        where.add(_NOT_ACCEPTED)
    if till:
        where.add("h.till_id = {}", till)
    if first_day:
        where.add("h.business_date >= {}", first_day)
    if last_day:
        where.add("h.business_date <= {}", last_day)
    order.go_on(where, after)
    rows = await read.fetch(f"{_SHIFTS}{where.sql} ORDER BY {order.sql} LIMIT {limit + 1:d}", *where.args)
    names = ("expected_minor", "counted_minor", "variance_minor", "supplements", "accepted")
    items = [ListedShift(shift_of(row), *(row[name] for name in names)) for row in rows[:limit]]
    return Page(items, order.following(rows, limit))


async def drawer_events(read: Read, shift: UUID) -> list[DrawerOpening]:
    """List when and why a drawer was opened without a sale, oldest first."""
    rows = await read.fetch(
        """SELECT reason, actor_name, occurred_at FROM drawer_event
            WHERE tenant_id = $1 AND shift_id = $2 ORDER BY occurred_at, id""",
        read.tenant,
        shift,
    )
    return [DrawerOpening(*row) for row in rows]
