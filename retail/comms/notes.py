"""Notes for the next shift: left for a store's tills or one of them, shown there until somebody has read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.comms.cursors import before, following
from retail.comms.events import ShiftNoteChanged
from retail.identity.permissions import RUN_SHIFT
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.tenants import queries as tenants

BODY_MOST: Final = 1000
KEPT_FOR: Final = timedelta(days=14)
"""A note that no shift has read by then is too old to be shown."""
SHOWN_MOST: Final = 20
_LEAVE: Final = """
INSERT INTO shift_note (tenant_id, id, store_id, for_till, body, author_id, author_name, created_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id
"""
_AT_TILL: Final = """
SELECT n.id, n.body, n.author_name, n.created_at FROM shift_note n
 WHERE n.tenant_id = $1 AND n.store_id = $2 AND (n.for_till IS NULL OR n.for_till = $3) AND n.withdrawn_at IS NULL
   AND n.until > $4 AND NOT EXISTS (SELECT FROM shift_note_reading r
                                     WHERE r.tenant_id = $1 AND r.note_id = n.id AND r.at_till = $3)
 ORDER BY n.created_at, n.id LIMIT $5
"""
_READ: Final = """
INSERT INTO shift_note_reading (tenant_id, note_id, at_till, person_id, read_at)
SELECT $1, n.id, $3, $4, $5 FROM shift_note n
 WHERE n.tenant_id = $1 AND n.id = $2 AND n.store_id = $6 AND (n.for_till IS NULL OR n.for_till = $3)
ON CONFLICT (tenant_id, note_id, at_till) DO NOTHING RETURNING 1
"""
_LISTED: Final = """
SELECT n.id, n.store_id AS store, s.name AS store_name, coalesce(l.code, '') AS till_code, n.body, n.author_id,
       n.author_name, n.created_at, n.until, n.withdrawn_at,
       ARRAY(SELECT k.code || ': ' || coalesce((SELECT min(m.name) FROM membership m WHERE m.tenant_id = $1
                                                   AND m.person_id = r.person_id), '?')
               FROM shift_note_reading r JOIN till k ON k.tenant_id = $1 AND k.id = r.at_till
              WHERE r.tenant_id = $1 AND r.note_id = n.id ORDER BY r.read_at) AS read_by
  FROM shift_note n JOIN store s ON s.tenant_id = $1 AND s.id = n.store_id
  LEFT JOIN till l ON l.tenant_id = $1 AND l.id = n.for_till
 WHERE n.tenant_id = $1 AND ($2::timestamptz IS NULL OR (n.created_at, n.id) < ($2, $3))
 ORDER BY n.created_at DESC, n.id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note as somebody leaves it; without a till it is for every till of the store."""

    id: UUID
    store: UUID
    till: UUID | None
    body: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note as the till shows it."""

    id: UUID
    body: str
    author_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """A note as the office lists it; `read_by` says at which till whom it reached."""

    id: UUID
    store: UUID
    store_name: str
    till_code: str
    body: str
    author_id: UUID
    author_name: str
    created_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    read_by: list[str]


async def leave(tx: Tx, new: NewNote, author: UUID) -> None:
    """Leave a note for the next shift at a store's tills, or at one of them; the same id again changes nothing.

    Raises Invalid, NotFound, Forbidden. Emits ShiftNoteChanged.
    """
    tx.scope.require_in(RUN_SHIFT, new.store)
    body = new.body.strip()
    if not 1 <= len(body) <= BODY_MOST:
        raise Invalid({"body": [_("Write a note of at most %(most)d characters.") % {"most": BODY_MOST}]})
    await tenants.store(tx, new.store)
    if new.till is not None and (await tenants.till(tx, new.till)).store != new.store:
        raise NotFound("till")
    made = await tx.fetchval(
        _LEAVE, tx.tenant, new.id, new.store, new.till, body, author, tx.actor.name, tx.now, tx.now + KEPT_FOR
    )
    if made is not None:
        tx.audit("shift_note.left", "shift_note", new.id, store=new.store, **({"till": new.till} if new.till else {}))
        tx.emit(ShiftNoteChanged(new.id, new.store))


async def withdraw(tx: Tx, id: UUID) -> None:
    """Take a note back. Raises NotFound, Forbidden. Emits ShiftNoteChanged."""
    store = await tx.fetchval("SELECT store_id FROM shift_note WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if store is None:
        raise NotFound("shift_note")
    tx.scope.require_in(RUN_SHIFT, store)
    tag = await tx.execute(
        "UPDATE shift_note SET withdrawn_at = $3 WHERE tenant_id = $1 AND id = $2 AND withdrawn_at IS NULL",
        tx.tenant, id, tx.now,
    )  # fmt: skip
    if tag == "UPDATE 1":
        tx.audit("shift_note.withdrawn", "shift_note", id)
        tx.emit(ShiftNoteChanged(id, store))


async def at_till(read: Read, store: UUID, till: UUID) -> list[Note]:
    """Give the notes that wait at a till, the oldest first."""
    rows = await read.fetch(_AT_TILL, read.tenant, store, till, read.now, SHOWN_MOST)
    return [Note(**dict(row)) for row in rows]


async def read_at_till(tx: Tx, id: UUID, store: UUID, till: UUID, person: UUID) -> None:
    """Note that somebody at a till has read a note; twice changes nothing. Raises NotFound. Emits ShiftNoteChanged."""
    known = await tx.fetchval(
        """SELECT true FROM shift_note WHERE tenant_id = $1 AND id = $2 AND store_id = $3
              AND (for_till IS NULL OR for_till = $4)""",
        tx.tenant, id, store, till,
    )  # fmt: skip
    if known is None:
        raise NotFound("shift_note")
    if await tx.fetchval(_READ, tx.tenant, id, till, person, tx.now, store):
        tx.audit("shift_note.read", "shift_note", id, till=till)
        tx.emit(ShiftNoteChanged(id, store))


async def notes(read: Read, *, after: str | None = None, limit: int = 50) -> Page[Left]:
    """List the notes of the stores that the reader sees, the newest first. Raises Invalid."""
    rows = await read.fetch(_LISTED, read.tenant, *before(after), limit + 1)
    found = [Left(**dict(row)) for row in rows[:limit]]
    return Page(found, following(found[-1].created_at, found[-1].id) if len(rows) > limit else None)
