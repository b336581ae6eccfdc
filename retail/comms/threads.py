"""Threads: opening one, writing into it, adding somebody, leaving, and that somebody has read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from retail.comms.events import MessageSent, ThreadRead
from retail.comms.readers import THEIRS, Reader
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx

SUBJECT_MOST: Final = 120
BODY_MOST: Final = 4000
PARTIES_MOST: Final = 100
FILES_MOST: Final = 5

_OPEN: Final = """
INSERT INTO thread (tenant_id, id, kind, subject, created_at, created_by, created_by_name, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $5) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id
"""
# Whoever had left and is added once more is part of it again.
_ADD: Final = """
INSERT INTO thread_party (tenant_id, thread_id, kind, party_id, added_at)
SELECT $1, $2, u.kind, u.id, $5 FROM unnest($3::text[], $4::uuid[]) AS u (kind, id)
ON CONFLICT (tenant_id, thread_id, kind, party_id) DO UPDATE SET left_at = NULL, added_at = excluded.added_at
 WHERE thread_party.left_at IS NOT NULL
"""
# A party is somebody or something of this very business that is still there.
_KNOWN: Final = """
SELECT u.kind, u.id FROM unnest($2::text[], $3::uuid[]) AS u (kind, id)
 WHERE CASE u.kind
   WHEN 'person' THEN EXISTS (SELECT FROM membership m WHERE m.tenant_id = $1 AND m.person_id = u.id
                                 AND m.ended_at IS NULL)
   WHEN 'store' THEN EXISTS (SELECT FROM store s WHERE s.tenant_id = $1 AND s.id = u.id AND s.archived_at IS NULL)
   ELSE EXISTS (SELECT FROM till l WHERE l.tenant_id = $1 AND l.id = u.id AND l.retired_at IS NULL) END
"""
_LOCK: Final = f"SELECT t.kind FROM thread t WHERE t.tenant_id = $1 AND {THEIRS} AND t.id = $7 FOR NO KEY UPDATE"  # noqa: S608
_SAY: Final = """
INSERT INTO thread_message (tenant_id, id, thread_id, author_kind, author_id, author_name, body, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id
"""
_ATTACH: Final = """
INSERT INTO thread_file (tenant_id, id, message_id, name, media_type, bytes, stored)
SELECT $1, u.id, $2, u.name, u.media_type, u.bytes, u.stored
  FROM unnest($3::uuid[], $4::text[], $5::text[], $6::integer[], $7::text[]) AS u (id, name, media_type, bytes, stored)
"""
_READ: Final = """
INSERT INTO thread_mark (tenant_id, thread_id, reader_id, read_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, thread_id, reader_id) DO UPDATE SET read_at = greatest(thread_mark.read_at, excluded.read_at)
"""

_IS_NEWS: Final = """
SELECT coalesce((SELECT k.read_at < t.last_at FROM thread_mark k
                  WHERE k.tenant_id = t.tenant_id AND k.thread_id = t.id AND k.reader_id = $3), true)
  FROM thread t WHERE t.tenant_id = $1 AND t.id = $2
"""


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part: a person, everybody in a store, whoever stands at a till."""

    kind: Literal["person", "store", "till"]
    id: UUID


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread as somebody opens it: with the operator, where all owners are part of it, or inside the business."""

    id: UUID
    kind: Literal["operator", "team"]
    subject: str
    parties: Sequence[Party] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the business's folder already; `stored` is its name there."""

    name: str
    media_type: str
    bytes: int
    stored: str


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody writes; its id is the client's, so that what is sent twice is said once."""

    id: UUID
    body: str
    files: Sequence[Kept] = field(default=())


async def open_thread(tx: Tx, reader: Reader, new: NewThread) -> None:
    """Begin a thread; the same id again changes nothing. Its opener takes part. Raises Invalid, NotFound."""
    if not 1 <= len(new.subject) <= SUBJECT_MOST:
        raise Invalid({"subject": [_("Write a subject of at most %(most)d characters.") % {"most": SUBJECT_MOST}]})
    if new.kind == "operator" and not reader.with_operator:
        raise NotFound("thread")
    author = reader.person or reader.id
    made = await tx.fetchval(_OPEN, tx.tenant, new.id, new.kind, new.subject, tx.now, author, reader.name)
    if made is None:
        return
    if new.kind == "team":
        own = [Party("person", reader.person)] if reader.person else []
        if not set(new.parties) - set(own):
            raise Invalid({"parties": [_("Pick at least one person, store or till.")]})
        await _add(tx, new.id, [*own, *new.parties])
    tx.audit("thread.opened", "thread", new.id, kind=new.kind)


async def add(tx: Tx, reader: Reader, thread: UUID, parties: Sequence[Party]) -> None:
    """Let others take part in a thread of the business; they see all that was said. Raises NotFound, Invalid."""
    if await _lock(tx, reader, thread) != "team":
        raise NotFound("thread")
    await _add(tx, thread, parties)
    tx.audit("thread.party_added", "thread", thread, parties=[f"{one.kind}:{one.id}" for one in parties])
    tx.emit(ThreadRead(thread))


async def leave(tx: Tx, reader: Reader, thread: UUID) -> None:
    """Take part no longer: as a person; what reaches them by a store stays theirs. Raises NotFound."""
    if await _lock(tx, reader, thread) != "team":
        raise NotFound("thread")
    await tx.execute(
        """UPDATE thread_party SET left_at = $4 WHERE tenant_id = $1 AND thread_id = $2 AND kind = 'person'
              AND party_id = $3 AND left_at IS NULL""",
        tx.tenant, thread, reader.person, tx.now,
    )  # fmt: skip
    tx.audit("thread.left", "thread", thread)


async def write(tx: Tx, reader: Reader, thread: UUID, message: Message) -> bool:
    """Say something in a thread; claims that it is new. Locks the thread. Raises NotFound, Invalid.

    Emits MessageSent. What is said last is read by whoever says it.
    """
    if len(message.body) > BODY_MOST or not (message.body.strip() or message.files):
        raise Invalid({"body": [_("Write a message of at most %(most)d characters.") % {"most": BODY_MOST}]})
    if len(message.files) > FILES_MOST:
        raise Invalid({"files": [_("Send at most %(most)d files at once.") % {"most": FILES_MOST}]})
    kind = await _lock(tx, reader, thread)
    author = reader.person or reader.id
    made = await tx.fetchval(
        _SAY, tx.tenant, message.id, thread, reader.kind, author, reader.name, message.body.strip(), tx.now
    )
    if made is None:
        return False
    if message.files:
        columns = [[one.name for one in message.files], [one.media_type for one in message.files],
                   [one.bytes for one in message.files], [one.stored for one in message.files]]  # fmt: skip
        await tx.execute(_ATTACH, tx.tenant, message.id, [new_id() for _one in message.files], *columns)
    await tx.execute("UPDATE thread SET last_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, thread, tx.now)
    await tx.execute(_READ, tx.tenant, thread, reader.id, tx.now)
    tx.audit("thread.message_sent", "thread", thread, message=message.id, files=len(message.files))
    tx.emit(MessageSent(thread, message.id, kind, reader.kind, author))
    return True


async def mark_read(tx: Tx, reader: Reader, thread: UUID) -> None:
    """Note that a reader has seen all that was said up to now. Raises NotFound. Emits ThreadRead."""
    await _lock(tx, reader, thread)
    if await tx.fetchval(_IS_NEWS, tx.tenant, thread, reader.id):  # what is read anew tells nobody
        await tx.execute(_READ, tx.tenant, thread, reader.id, tx.now)
        tx.emit(ThreadRead(thread))


async def known(read: Read, parties: Sequence[Party]) -> list[Party]:
    """Give those of the parties that are of this business and still there."""
    rows = await read.fetch(_KNOWN, read.tenant, [one.kind for one in parties], [one.id for one in parties])
    return [Party(row["kind"], row["id"]) for row in rows]


async def _add(tx: Tx, thread: UUID, parties: Sequence[Party]) -> None:
    wanted = list(dict.fromkeys(parties))
    if not 1 <= len(wanted) <= PARTIES_MOST or len(await known(tx, wanted)) < len(wanted):
        raise Invalid(
            {"parties": [_("Somebody in your choice is no longer there. Load the page again and pick anew.")]}
        )
    await tx.execute(_ADD, tx.tenant, thread, [one.kind for one in wanted], [one.id for one in wanted], tx.now)


async def _lock(tx: Tx, reader: Reader, thread: UUID) -> str:
    kind = await tx.fetchval(_LOCK, tx.tenant, *reader.terms, thread)
    if kind is None:
        raise NotFound("thread")
    return str(kind)
