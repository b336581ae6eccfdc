"""Reads of the audit trail: filters, one record with its place on the chain, what a person did, who there is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.audit_record import hash_of
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row

_COLUMNS: Final = """id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, facts, request_id, ip,
  device_id, session_id"""
_PAGE: Final = 2000
# No index: each part is read by its key, or, for a search, in full; a business has some thousands of these at most.
NAMED: Final = """
SELECT id, name, person_id AS person FROM membership WHERE tenant_id = $1
UNION ALL SELECT person_id, name, person_id FROM membership WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM api_token WHERE tenant_id = $1 AND kind = 'script'
UNION ALL SELECT id, name, NULL FROM device WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM till WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM store WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM product WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM category WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM tax_class WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM supplier WHERE tenant_id = $1
UNION ALL SELECT id, name, NULL FROM customer WHERE tenant_id = $1"""
"""What things of a business ($1) are called now: id, name, and the person where it is one."""
BY_STRANGERS: Final = ("person.sign_in_refused",)
"""What somebody unknown did in the name of the person whose id the record bears: it is none of their own acts."""
_SAYS: Final = f"""(strpos(lower(facts::text), lower({{0}})) > 0 OR subject_id IN (
  SELECT n.id FROM ({NAMED}) n WHERE strpos(lower(n.name), lower({{0}})) > 0))"""  # noqa: S608 - a constant

_SAYS_OR_IS: Final = f"(action = ANY ({{1}}::text[]) OR {_SAYS})"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that somebody did."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    facts: dict[str, Any]
    request_id: str
    ip: str = ""
    device_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is on its chain: nowhere yet (seq None), and whether its bytes are the ones that were sealed."""

    seq: int | None
    hash: str
    sealed_at: datetime | None
    intact: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of the trail is narrowed to; '' and None for what it isn't. Days are the zone's, both included.

    `said`: the actions that are called by words in which `text` stands; a search finds them too.
    """

    text: str = ""
    said: frozenset[str] = frozenset()
    actor: UUID | None = None
    actor_kind: str = ""
    action: str = ""
    subject_kind: str = ""
    subject: UUID | None = None
    ip: str = ""
    device: UUID | None = None
    session: UUID | None = None
    request: str = ""
    first: date | None = None
    last: date | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody who did something, as they were called the last time."""

    kind: str
    id: UUID | None
    name: str


async def events(read: Read, wanted: Wanted, *, after: str | None = None, limit: int | None = None) -> Page[AuditEvent]:
    """Give one page of the trail, newest first. Raises Invalid."""
    most = clamp_limit(limit)
    where = _where(read, wanted)
    if after:
        where.add("id < {}", _place(after))
    rows = await read.fetch(
        f"SELECT {_COLUMNS} FROM audit_event WHERE tenant_id = $1{where.sql} ORDER BY id DESC LIMIT {most + 1}",  # noqa: S608
        *where.args,
    )
    items = [_event(row) for row in rows[:most]]
    return Page(items, encode_cursor(str(items[-1].id)) if len(rows) > most else None)


async def ids(read: Read, wanted: Wanted) -> set[UUID]:
    """Name every record that a list narrowed like this would show, on all its pages."""
    where = _where(read, wanted)
    rows = await read.fetch(f"SELECT id FROM audit_event WHERE tenant_id = $1{where.sql}", *where.args)  # noqa: S608
    return {row["id"] for row in rows}


async def event(read: Read, id: UUID) -> tuple[AuditEvent, Place]:
    """Give one record and its place on the chain. Raises NotFound."""
    row = await read.fetchrow(
        f"SELECT {_COLUMNS}, record FROM audit_event WHERE tenant_id = $1 AND id = $2",  # noqa: S608 - our own columns
        read.tenant,
        id,
    )
    if row is None:
        raise NotFound("audit_event")
    seal = await read.fetchrow(
        "SELECT seq, record_hash, hash, sealed_at FROM audit_seal WHERE tenant_id = $1 AND event_id = $2",
        read.tenant,
        id,
    )
    told = hash_of(row["record"])
    if seal is None:
        return _event(row), Place(None, told.hex(), None, intact=True)
    return _event(row), Place(seal["seq"], seal["hash"].hex(), seal["sealed_at"], intact=told == seal["record_hash"])


async def actions(read: Read) -> list[str]:
    """Name every action that the trail knows, by walking the index from one to the next."""
    return await _distinct(read, "action")


async def people(read: Read) -> list[Somebody]:
    """Name everybody who did anything, people first: by their newest name."""
    rows = await read.fetch(
        """WITH RECURSIVE each AS (
             (SELECT actor_id FROM audit_event WHERE tenant_id = $1 AND actor_id IS NOT NULL ORDER BY actor_id LIMIT 1)
             UNION ALL
             SELECT (SELECT actor_id FROM audit_event a WHERE a.tenant_id = $1 AND a.actor_id > e.actor_id
                      ORDER BY a.actor_id LIMIT 1) FROM each e WHERE e.actor_id IS NOT NULL)
           SELECT n.actor_kind AS kind, e.actor_id AS id, n.actor_name AS name
             FROM each e CROSS JOIN LATERAL (
               SELECT actor_kind, actor_name FROM audit_event a
                WHERE a.tenant_id = $1 AND a.actor_id = e.actor_id AND a.action <> ALL ($2::text[])
                ORDER BY a.id DESC LIMIT 1) n
            WHERE e.actor_id IS NOT NULL LIMIT 1000""",
        read.tenant,
        BY_STRANGERS,
    )
    return sorted((Somebody(**row) for row in rows), key=lambda one: (one.kind != "person", one.name.lower()))


async def counts(read: Read, wanted: Wanted) -> list[tuple[str, int]]:
    """Count the actions of what fits, the most frequent first."""
    where = _where(read, wanted)
    rows = await read.fetch(
        f"""SELECT action, count(*) AS times FROM audit_event WHERE tenant_id = $1{where.sql}
             GROUP BY action ORDER BY times DESC, action LIMIT 100""",  # noqa: S608 - our own conditions
        *where.args,
    )
    return [(row["action"], row["times"]) for row in rows]


async def subject_name(read: Read, subject: UUID) -> str:
    """Tell what a thing is called, or was when something was last done to it that says so; '' where nothing does."""
    now: str | None = await read.fetchval(
        f"SELECT n.name FROM ({NAMED}) n WHERE n.id = $2 LIMIT 1",  # noqa: S608 - a constant
        read.tenant,
        subject,
    )
    if now:
        return now
    rows = await read.fetch(
        "SELECT facts FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id DESC LIMIT 50",
        read.tenant,
        subject,
    )
    return next((name for row in rows if (name := name_in(json.loads(row["facts"])))), "")


def name_in(facts: dict[str, Any]) -> str:
    """Find what a thing is called in a record's facts."""
    for told in (facts.get("after"), facts, facts.get("before")):
        if isinstance(told, dict):
            for key in ("name", "sku", "code", "slug"):
                if isinstance(told.get(key), str) and told[key]:
                    return str(told[key])
    return ""


def _where(read: Read, wanted: Wanted) -> Conditions:
    where = Conditions(read.tenant)
    for column in ("actor_kind", "action", "subject_kind"):
        if getattr(wanted, column):
            where.add(column + " = {}", getattr(wanted, column))
    for condition, value in (
        ("ip = ANY ({}::text[])", _spellings(wanted.ip)),
        ("actor_id = {}", wanted.actor),
        ("subject_id = {}", wanted.subject),
        ("device_id = {}", wanted.device),
        ("session_id = {}", wanted.session),
        ("request_id = {}", wanted.request or None),
    ):
        if value is not None:
            where.add(condition, value)
    if wanted.actor is not None:
        where.add("action <> ALL ({}::text[])", BY_STRANGERS)
    if wanted.text and wanted.said:
        where.add(_SAYS_OR_IS, wanted.text, sorted(wanted.said))
    elif wanted.text:
        where.add(_SAYS, wanted.text)
    if wanted.first:
        where.add("at >= {}", _midnight(wanted.first, wanted.zone))
    if wanted.last:
        where.add("at < {}", _midnight(wanted.last + timedelta(days=1), wanted.zone))
    return where


def _spellings(ip: str) -> list[str] | None:
    """Give an address as typed, and as the system writes it; None for none."""
    if not ip:
        return None
    try:
        return sorted({ip, str(ip_address(ip))})
    except ValueError:
        return [ip]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


async def _distinct(read: Read, column: str) -> list[str]:
    # nosemgrep: sql-built-from-values - the caller names a column of ours
    rows = await read.fetch(
        f"""WITH RECURSIVE each AS (
              (SELECT {column} AS found FROM audit_event WHERE tenant_id = $1 ORDER BY {column} LIMIT 1)
              UNION ALL
              SELECT (SELECT a.{column} FROM audit_event a WHERE a.tenant_id = $1 AND a.{column} > e.found
                       ORDER BY a.{column} LIMIT 1) FROM each e WHERE e.found IS NOT NULL)
            SELECT found FROM each WHERE found IS NOT NULL LIMIT 500""",  # noqa: S608 - a column of ours
        read.tenant,
    )
    return [row["found"] for row in rows]


def _event(row: Row) -> AuditEvent:
    told = {name: row[name] for name in AuditEvent.__dataclass_fields__ if name != "facts"}
    if row["action"] in BY_STRANGERS:
        told |= {"actor_id": None, "actor_name": _("Somebody unknown")}
    return AuditEvent(**told, facts=json.loads(row["facts"]))


def _place(cursor: str) -> UUID:
    """Read the id that a page ended with. Raises Invalid."""
    (key,) = decode_cursor(cursor, str)
    try:
        return UUID(str(key))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
