"""Reads of threads: the list of somebody's own, found by what was said; one with its messages, files and marks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.comms.cursors import before, following
from retail.comms.readers import THEIRS, Reader
from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.db import Read, Unit

MOST_COUNTED: Final = 99
MESSAGES_AT_ONCE: Final = 50
NEWEST_COUNTED: Final = 500
# $7 the reader's own id
_UNREAD: Final = """EXISTS (SELECT FROM thread_message m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.id
  AND m.sent_at > coalesce((SELECT k.read_at FROM thread_mark k WHERE k.tenant_id = t.tenant_id
                               AND k.thread_id = t.id AND k.reader_id = $7), '-infinity'))"""
_LAST: Final = """LEFT JOIN LATERAL (
  SELECT m.author_name, m.body FROM thread_message m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.id
   ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) l ON true"""
_LISTED: Final = f"""
SELECT t.id, t.kind, t.subject, t.last_at, coalesce(l.author_name, '') AS last_author,
       coalesce(l.body, '') AS last_body, {_UNREAD} AS unread
  FROM thread t {_LAST}
 WHERE t.tenant_id = $1 AND {THEIRS}
   AND ($8::timestamptz IS NULL OR (t.last_at, t.id) < ($8, $9))
   AND ($10 = '' OR search_form(t.subject, '', '{{}}') LIKE $10 ESCAPE '!' OR EXISTS (
         SELECT FROM thread_message m WHERE m.tenant_id = t.tenant_id AND m.thread_id = t.id
            AND search_form(m.body, m.author_name, '{{}}') LIKE $10 ESCAPE '!'))
 ORDER BY t.last_at DESC, t.id DESC LIMIT $11
"""  # noqa: S608 - constants alone
_COUNT: Final = f"""
SELECT count(*) FROM (SELECT 1 FROM thread t WHERE t.tenant_id = $1 AND {THEIRS} AND {_UNREAD} LIMIT $8) n
"""  # noqa: S608 - constants alone
_ONE: Final = f"SELECT t.id, t.kind, t.subject FROM thread t WHERE t.tenant_id = $1 AND {THEIRS} AND t.id = $7"  # noqa: S608
_MESSAGES: Final = """
SELECT m.id, m.author_kind, m.author_id, m.author_name, m.body, m.sent_at FROM thread_message m
 WHERE m.tenant_id = $1 AND m.thread_id = $2 AND ($3::timestamptz IS NULL OR (m.sent_at, m.id) < ($3, $4))
 ORDER BY m.sent_at DESC, m.id DESC LIMIT $5
"""
_FILES: Final = """
SELECT f.id, f.message_id, f.name, f.media_type, f.bytes, f.stored FROM thread_file f
 WHERE f.tenant_id = $1 AND f.message_id = ANY ($2::uuid[]) ORDER BY f.id
"""
_FILE: Final = f"""
SELECT f.id, f.message_id, f.name, f.media_type, f.bytes, f.stored FROM thread_file f
  JOIN thread_message m ON m.tenant_id = f.tenant_id AND m.id = f.message_id
  JOIN thread t ON t.tenant_id = m.tenant_id AND t.id = m.thread_id
 WHERE t.tenant_id = $1 AND {THEIRS} AND t.id = $7 AND f.id = $8
"""  # noqa: S608 - constants alone
_PARTIES: Final = """
SELECT p.kind, p.party_id AS id, coalesce(
         CASE p.kind WHEN 'person' THEN (SELECT min(m.name) FROM membership m
                                          WHERE m.tenant_id = $1 AND m.person_id = p.party_id)
                     WHEN 'store' THEN (SELECT s.name FROM store s WHERE s.tenant_id = $1 AND s.id = p.party_id)
                     ELSE (SELECT l.code || ' · ' || s.name FROM till l JOIN store s ON s.tenant_id = $1
                             AND s.id = l.store_id WHERE l.tenant_id = $1 AND l.id = p.party_id) END, '?') AS name,
       p.kind = 'person' AND NOT EXISTS (SELECT FROM membership m WHERE m.tenant_id = $1 AND m.person_id = p.party_id
                                            AND m.ended_at IS NULL) AS gone
  FROM thread_party p WHERE p.tenant_id = $1 AND p.thread_id = $2 AND p.left_at IS NULL ORDER BY 1, 3
"""
_MARKS: Final = """
SELECT k.reader_id, k.read_at, (SELECT min(m.name) FROM membership m WHERE m.tenant_id = $1
                                   AND m.person_id = k.reader_id) AS name
  FROM thread_mark k WHERE k.tenant_id = $1 AND k.thread_id = $2 AND k.reader_id <> $3 ORDER BY k.read_at DESC LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread in a list; `last_body` is what was said last."""

    id: UUID
    kind: str
    subject: str
    last_at: datetime
    last_author: str
    last_body: str
    unread: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a message; `stored` is its name in the business's folder."""

    id: UUID
    message_id: UUID
    name: str
    media_type: str
    bytes: int
    stored: str

    @property
    def kilobytes(self) -> int:
        """Give its size as people read it, rounded up."""
        return -(-self.bytes // 1024)


@dataclass(frozen=True, slots=True)
class Said:
    """A message; `read_by` names the others who have read up to it, `own` whether the reader wrote it."""

    id: UUID
    author_kind: str
    author_id: UUID
    author_name: str
    body: str
    sent_at: datetime
    own: bool = False
    files: tuple[Attached, ...] = ()
    read_by: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody who takes part; `gone` has left the business and reads no more."""

    kind: str
    id: UUID
    name: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as a reader sees it."""

    id: UUID
    kind: str
    subject: str
    parties: tuple[Taking, ...]


@dataclass(frozen=True, slots=True)
class OperatorsThread:
    """A thread in the operator's list."""

    tenant_id: UUID
    slug: str
    business: str
    id: UUID
    subject: str
    last_at: datetime
    unread: bool
    first: bool
    """Its plan has support first in line."""


async def threads(
    read: Read, reader: Reader, *, q: str = "", after: str | None = None, limit: int = 50
) -> Page[Listed]:
    """List a reader's threads, the last spoken in first; `q` narrows to those in which it was said. Raises Invalid."""
    like = await _like(read, q)
    args = (read.tenant, *reader.terms, reader.id, *before(after), like, limit + 1)
    found = [Listed(**dict(row)) for row in await read.fetch(_LISTED, *args)]
    more = following(found[limit - 1].last_at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def unread(read: Read, reader: Reader) -> int:
    """Count the threads in which something was said that the reader hasn't seen; MOST_COUNTED + 1 for more."""
    return int(await read.fetchval(_COUNT, read.tenant, *reader.terms, reader.id, MOST_COUNTED + 1))


async def thread(read: Read, reader: Reader, id: UUID) -> Thread:
    """Give one of a reader's threads. Raises NotFound, also for a thread of others."""
    row = await read.fetchrow(_ONE, read.tenant, *reader.terms, id)
    if row is None:
        raise NotFound("thread")
    parties = tuple(Taking(**dict(one)) for one in await read.fetch(_PARTIES, read.tenant, id))
    return Thread(row["id"], row["kind"], row["subject"], parties)


async def messages(
    read: Read, reader: Reader, id: UUID, *, after: str | None = None, limit: int = MESSAGES_AT_ONCE
) -> Page[Said]:
    """Give what was said in a thread, the newest first. Raises NotFound, Invalid."""
    await thread(read, reader, id)
    rows = await read.fetch(_MESSAGES, read.tenant, id, *before(after), limit + 1)
    files: defaultdict[UUID, list[Attached]] = defaultdict(list)
    for row in await read.fetch(_FILES, read.tenant, [one["id"] for one in rows]):
        files[row["message_id"]].append(Attached(**dict(row)))
    marks = await read.fetch(_MARKS, read.tenant, id, reader.id)
    found = []
    for row in rows[:limit]:
        seen = [one["name"] for one in marks if one["name"] and one["read_at"] >= row["sent_at"]]
        own = row["author_kind"] == reader.kind and (reader.kind == "operator" or row["author_id"] == reader.person)
        found.append(Said(**dict(row), own=own, files=tuple(files[row["id"]]), read_by=tuple(seen)))
    more = following(found[-1].sent_at, found[-1].id) if len(rows) > limit else None
    return Page(found, more)


async def attached(read: Read, reader: Reader, thread: UUID, file: UUID) -> Attached:
    """Give a file of a reader's thread. Raises NotFound."""
    row = await read.fetchrow(_FILE, read.tenant, *reader.terms, thread, file)
    if row is None:
        raise NotFound("file")
    return Attached(**dict(row))


async def operators_threads(unit: Unit, *, after: str | None = None, limit: int = 50) -> Page[OperatorsThread]:
    """List the threads that the operator is part of, of all businesses, the last spoken in first. Raises Invalid."""
    rows = await unit.fetch("SELECT * FROM auth_operator_threads($1, $2, $3)", *before(after), limit + 1)
    found = [OperatorsThread(**dict(row)) for row in rows]
    more = following(found[limit - 1].last_at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def operators_unread(unit: Unit) -> int:
    """Count those of the newest threads in which an owner said something that no operator has seen."""
    counting = "SELECT count(*) FROM auth_operator_threads(NULL, NULL, $1) WHERE unread"
    return int(await unit.fetchval(counting, NEWEST_COUNTED))


async def _like(read: Read, q: str) -> str:
    if not q:
        return ""
    plain = str(await read.fetchval("SELECT search_form($1, '', '{}')", q)).strip()
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return f"%{plain}%"
