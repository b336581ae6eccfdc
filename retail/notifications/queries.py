"""Reads of notifications: the number at the bell, the centre's list, and how somebody wants to be told."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.notifications.kinds import CHANNELS, Channel
from retail.notifications.rules import Choices, Habits
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

MOST_COUNTED: Final = 100

# Nobody is asked any more for an approval that was answered or withdrawn, or that has run out: it is told, not counted.
_STANDS: Final = """(n.kind <> 'approval_asked' OR EXISTS (
    SELECT FROM notice e JOIN approval a ON a.tenant_id = e.tenant_id AND a.id = e.subject_id
     WHERE e.tenant_id = $1 AND e.id = n.notice_id AND a.state = 'asked' AND a.expires_at > $2))"""
# The newest ones only, by their index: what was read long ago costs nothing.
_UNREAD: Final = f"""
SELECT count(*) FILTER (WHERE n.read_at IS NULL AND {_STANDS})
  FROM (SELECT notice_id, kind, read_at FROM notification WHERE tenant_id = $1 AND person_id = $3
         ORDER BY created_at DESC, id LIMIT $4) n"""  # noqa: S608

_LISTED: Final = """
SELECT n.id, n.kind, e.subject_id AS subject, e.facts, n.created_at, n.read_at, p.name AS product_name,
       s.name AS store_name, a.state AS outcome, a.decided_by_name AS decided_by, a.expires_at <= $2 AS is_over
  FROM notification n
  JOIN notice e ON e.tenant_id = n.tenant_id AND e.id = n.notice_id
  LEFT JOIN product p ON p.tenant_id = n.tenant_id AND p.id = e.subject_id
                     AND n.kind IN ('stock_low', 'stock_out', 'expiring', 'forecast_off')
  LEFT JOIN store s ON s.tenant_id = n.tenant_id AND s.id = e.store_id
  LEFT JOIN approval a ON a.tenant_id = n.tenant_id AND a.id = e.subject_id AND n.kind = 'approval_asked'
 WHERE n.tenant_id = $1 AND (n.kind <> 'approval_asked' OR a.id IS NOT NULL)"""
_CHOICES: Final = """
SELECT person_id, kind, channel, wanted FROM notification_choice WHERE tenant_id = $1 AND person_id = ANY($2)"""
_HABITS: Final = """
SELECT person_id, quiet_from, quiet_until, digest_at, phone FROM notification_habit
 WHERE tenant_id = $1 AND person_id = ANY($2)"""


@dataclass(frozen=True, slots=True)
class Notification:
    """What one person is told of; product and store, or the state of a request, where its kind has them."""

    id: UUID
    kind: str
    subject: UUID | None
    facts: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    product_name: str | None
    store_name: str | None
    outcome: str | None
    decided_by: str | None
    is_over: bool | None

    @property
    def waits(self) -> bool:
        """Claim that it is news, or asks for something that can still be done."""
        return self.outcome is None or (self.outcome == "asked" and not self.is_over)

    @property
    def is_new(self) -> bool:
        """Claim that it counts at the bell."""
        return self.waits and self.read_at is None


async def unread(read: Read, person: UUID) -> int:
    """Count somebody's unread ones among their newest 100; requests that wait no longer count for nothing."""
    return int(await read.fetchval(_UNREAD, read.tenant, read.now, person, MOST_COUNTED))


async def notifications(
    read: Read, person: UUID, *, limit: int, after: str | None = None, kind: str = "", new: bool = False
) -> Page[Notification]:
    """List somebody's own, newest first; of a kind, or what is new alone. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant, read.now)
    where.add("n.person_id = {0}", person)
    if kind:
        where.add("n.kind = {0}", kind)
    if new:
        where.add("n.read_at IS NULL AND (a.id IS NULL OR (a.state = 'asked' AND a.expires_at > {0}))", read.now)
    if after:
        at, id = decode_cursor(after, str, str)
        where.add("n.created_at <= {0} AND (n.created_at < {0} OR n.id > {1})", *_keys(str(at), str(id)))
    order = f" ORDER BY n.created_at DESC, n.id LIMIT {int(limit) + 1}"
    rows = await read.fetch(_LISTED + where.sql + order, *where.args)
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last["created_at"].isoformat(), str(last["id"])) if last else None
    return Page([_read(row) for row in rows[:limit]], following)


async def these(read: Read, ids: Collection[UUID]) -> list[Notification]:
    """Give some notifications, newest first, whoever's they are."""
    where = Conditions(read.tenant, read.now)
    where.add("n.id = ANY({0})", list(ids))
    rows = await read.fetch(_LISTED + where.sql + " ORDER BY n.created_at DESC, n.id", *where.args)
    return [_read(row) for row in rows]


async def one_of(read: Read, person: UUID, id: UUID) -> Notification | None:
    """Give one of somebody's own; None where they have no such."""
    where = Conditions(read.tenant, read.now)
    where.add("n.person_id = {0} AND n.id = {1}", person, id)
    row = await read.fetchrow(_LISTED + where.sql, *where.args)
    return _read(row) if row else None


async def choices_of(read: Read, people: Collection[UUID]) -> defaultdict[UUID, Choices]:
    """Give what each of these people chose; nothing for who chose nothing."""
    found: defaultdict[UUID, dict[tuple[str, Channel], bool]] = defaultdict(dict)
    for row in await read.fetch(_CHOICES, read.tenant, list(people)):
        channel = next(name for name in CHANNELS if name == row["channel"])
        found[row["person_id"]][row["kind"], channel] = row["wanted"]
    return found  # type: ignore[return-value]  # a dict is what Choices reads


async def habits_of(read: Read, people: Collection[UUID]) -> dict[UUID, Habits]:
    """Give how each of these people wants to be told, where they said so."""
    return {
        row["person_id"]: Habits(row["quiet_from"], row["quiet_until"], row["digest_at"], row["phone"] or "")
        for row in await read.fetch(_HABITS, read.tenant, list(people))
    }


def _read(row: Any) -> Notification:  # noqa: ANN401 - a row
    return Notification(**{**row, "facts": json.loads(row["facts"])})


def _keys(at: str, id: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(at), UUID(id)
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
