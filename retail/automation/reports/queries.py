"""Reads of kept reports: one's own and those that are shared, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

SHOW: Final = ("mine", "shared", "archived")
_SELECT: Final = """
SELECT r.id, r.base, r.name, r.query, r.shared, r.person_id, r.created_at, r.updated_at, r.archived_at,
       coalesce(m.name, '') AS by,
       (SELECT count(*) FROM report_schedule s
         WHERE s.tenant_id = r.tenant_id AND s.report_id = r.id AND s.ended_at IS NULL) AS schedules
  FROM report r LEFT JOIN membership m ON m.tenant_id = r.tenant_id AND m.person_id = r.person_id
 WHERE r.tenant_id = $1"""
_MINE: Final = "r.person_id = {}"
_SEEN: Final = "(r.person_id = {} OR r.shared)"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A kept report; `by` is who made it."""

    id: UUID
    base: str
    name: str
    query: str
    shared: bool
    person_id: UUID
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    by: str
    schedules: int

    @property
    def address(self) -> str:
        """Give the address that opens it."""
        kept = f"&{self.query}" if self.query else ""
        return f"/reports/{self.base}?report={self.id}{kept}"


async def reports(
    read: Read, *, q: str = "", show: str = "", limit: int, after: str | None = None
) -> Page[ReportFacts]:
    """List kept reports by name: one's own and the shared ones. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    where.add(_MINE if show == "mine" else _SEEN, read.actor.id)
    where.add("r.archived_at IS NOT NULL" if show == "archived" else "r.archived_at IS NULL")
    if show == "shared":
        where.add("r.shared")
    if q:
        where.add("strpos(lower(r.name), {}) > 0", q.lower())
    if after:
        name, id = decode_cursor(after, str, str)
        where.add("(lower(r.name), r.id) > ({}, {})", name, id_in(str(id)))
    rows = await read.fetch(f"{_SELECT}{where.sql} ORDER BY lower(r.name), r.id LIMIT {limit + 1:d}", *where.args)
    shown = [ReportFacts(**row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(shown, encode_cursor(shown[-1].name.lower(), str(shown[-1].id)) if more else None)


async def report(read: Read, id: UUID) -> ReportFacts:
    """Give a report that is one's own or shared. Raises NotFound."""
    found = await read.fetchrow(
        f"{_SELECT} AND r.id = $2 AND (r.person_id = $3 OR r.shared)", read.tenant, id, read.actor.id
    )
    if found is None:
        raise NotFound("report")
    return ReportFacts(**found)


def id_in(text: str) -> UUID:
    """Read an id out of a cursor. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
