"""Announcements as a business's people see them: what reaches it now, what did, and that somebody has read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.comms.cursors import before, following
from retail.comms.events import AnnouncementConfirmed
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.db import Read, Tx

MOST_SHOWN: Final = 20
_NEWS: Final = """
SELECT n.id, n.title, n.body, n.importance, n.must_confirm, n.starts_at, n.ends_at, n.over, r.confirmed_at
  FROM auth_news($2, $3, $4, $5, $6) n
  LEFT JOIN announcement_receipt r ON r.tenant_id = $1 AND r.announcement_id = n.id AND r.person_id = $7
"""
_ONE: Final = "SELECT EXISTS (SELECT FROM auth_news($1, true, NULL, NULL, NULL) n WHERE n.id = $2)"
_CONFIRMED: Final = """
SELECT r.announcement_id, r.person_id FROM announcement_receipt r
 WHERE r.tenant_id = $1 AND r.announcement_id = ANY ($2::uuid[]) ORDER BY r.confirmed_at DESC LIMIT 5000
"""
_CONFIRM: Final = """
INSERT INTO announcement_receipt (tenant_id, announcement_id, person_id, at_till, confirmed_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, announcement_id, person_id) DO NOTHING RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class News:
    """One announcement for one reader; `confirmed_at` None: they haven't said that they have read it."""

    id: UUID
    title: str
    body: str
    importance: str
    must_confirm: bool
    starts_at: datetime
    ends_at: datetime | None
    over: bool
    confirmed_at: datetime | None

    @property
    def tone(self) -> str:
        """Give the colour of how important it is."""
        return {"urgent": "bad", "important": "warn"}.get(self.importance, "info")


async def current(read: Read, reader: UUID | None) -> list[News]:
    """Give what is on now, for a reader (None: for a till, before anybody stands there), the newest first."""
    return await _listed(read, reader, past=False, most=MOST_SHOWN)


async def waiting(read: Read, reader: UUID) -> list[News]:
    """Give what a reader hasn't confirmed yet, the most important first."""
    rank = {"urgent": 0, "important": 1, "info": 2}
    unread = [one for one in await current(read, reader) if one.confirmed_at is None]
    return sorted(unread, key=lambda one: rank[one.importance])


async def page(read: Read, reader: UUID, *, after: str | None = None, limit: int = 50) -> Page[News]:
    """List all that reached the business, over or not, the newest first. Raises Invalid."""
    at, id = before(after)
    found = await _listed(read, reader, past=True, most=limit + 1, at=at, id=id)
    more = following(found[limit - 1].starts_at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def confirmed_by(read: Read, announcements: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Give who of the business has confirmed announcements: what a till needs where several stand at it."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    rows = await read.fetch(_CONFIRMED, read.tenant, list(announcements))
    for row in rows:
        found[row["announcement_id"]].append(row["person_id"])
    return dict(found)


async def confirm(tx: Tx, announcement: UUID, reader: UUID, *, at_till: bool = False) -> None:
    """Note that somebody has read an announcement; twice changes nothing. Emits AnnouncementConfirmed.

    Raises NotFound for one that isn't for this business.
    """
    if not await tx.fetchval(_ONE, tx.now, announcement):
        raise NotFound("announcement")
    if await tx.fetchval(_CONFIRM, tx.tenant, announcement, reader, at_till, tx.now):
        tx.audit("announcement.confirmed", "announcement", announcement, at_till=at_till)
        tx.emit(AnnouncementConfirmed(announcement, reader))


async def _listed(
    read: Read, reader: UUID | None, *, past: bool, most: int, at: datetime | None = None, id: UUID | None = None
) -> list[News]:
    rows = await read.fetch(_NEWS, read.tenant, read.now, past, at, id, most, reader)
    return [News(**dict(row)) for row in rows]
