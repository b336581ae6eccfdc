"""What somebody does with their notifications: read them, and say how they want to be told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.kit.errors import NotFound, Unauthenticated
from retail.notifications.events import NotificationsRead
from retail.notifications.kinds import Channel
from retail.notifications.rules import Habits
from retail.runtime.db import Tx

_READ: Final = """
WITH mine AS (
  UPDATE notification SET read_at = $3
   WHERE tenant_id = $1 AND person_id = $2 AND read_at IS NULL AND ($4::uuid IS NULL OR id = $4) RETURNING notice_id)
UPDATE notice SET read_at = $3
 WHERE tenant_id = $1 AND read_at IS NULL AND id IN (SELECT notice_id FROM mine)"""
_TOLD: Final = """
UPDATE notification n SET read_at = $2 FROM notice e
 WHERE n.tenant_id = $1 AND n.read_at IS NULL AND e.tenant_id = $1 AND e.id = n.notice_id AND e.kind = ANY ($3)
   AND e.subject_id = $4 AND ($5::uuid[] IS NULL OR n.person_id = ANY ($5))
RETURNING n.person_id"""
_HABITS: Final = """
INSERT INTO notification_habit (tenant_id, person_id, quiet_from, quiet_until, digest_at, phone, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (tenant_id, person_id) DO UPDATE
   SET quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, digest_at = excluded.digest_at,
       phone = excluded.phone, changed_at = excluded.changed_at"""
_CHOOSE: Final = """
INSERT INTO notification_choice (tenant_id, person_id, kind, channel, wanted)
SELECT $1, $2, u.kind, u.channel, u.wanted
  FROM unnest($3::text[], $4::text[], $5::boolean[]) AS u (kind, channel, wanted)"""


@dataclass(frozen=True, slots=True)
class Choice:
    """One cell of the settings page."""

    kind: str
    channel: Channel
    wanted: bool


async def mark_read(tx: Tx, id: UUID | None = None) -> None:
    """Mark all of one's own read, or one. Raises NotFound for one that isn't theirs. Emits NotificationsRead."""
    person = whose(tx)
    if id is not None and not await tx.fetchval(
        "SELECT TRUE FROM notification WHERE tenant_id = $1 AND person_id = $2 AND id = $3", tx.tenant, person, id
    ):
        raise NotFound("notification")
    await tx.execute(_READ, tx.tenant, person, tx.now, id)
    tx.emit(NotificationsRead(person))


async def mark_told(tx: Tx, kinds: Collection[str], subject: UUID, people: Collection[UUID] | None = None) -> None:
    """Mark read what tells of something that was seen elsewhere, or that is over; of `people`, or of all.

    Emits NotificationsRead for each whose bell changes.
    """
    rows = await tx.fetch(_TOLD, tx.tenant, tx.now, list(kinds), subject, None if people is None else list(people))
    for person in dict.fromkeys(row["person_id"] for row in rows):
        tx.emit(NotificationsRead(person))


async def choose(tx: Tx, habits: Habits, choices: Collection[Choice]) -> None:
    """Keep how somebody wants to be told; `choices` are those that differ from the usual, all of them."""
    person = whose(tx)
    await tx.execute(
        _HABITS,
        tx.tenant,
        person,
        habits.quiet_from,
        habits.quiet_until,
        habits.digest_at,
        habits.phone or None,
        tx.now,
    )
    await tx.execute("DELETE FROM notification_choice WHERE tenant_id = $1 AND person_id = $2", tx.tenant, person)
    await tx.execute(
        _CHOOSE, tx.tenant, person, [one.kind for one in choices], [one.channel for one in choices],
        [one.wanted for one in choices],
    )  # fmt: skip
    tx.audit("notifications.chosen", "person", person)


def whose(tx: Tx) -> UUID:
    """Give the person who acts. Raises Unauthenticated where it is none."""
    if tx.actor.kind != "person" or tx.actor.id is None:
        raise Unauthenticated
    return tx.actor.id
