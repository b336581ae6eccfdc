"""From a notice to people: who may know of it, a row for each of them, and a row of the queue per further channel.

Runs in the relay, in the transaction that takes the event: all of it or nothing. The unique keys of the rows make a
second run of the same event write nothing (docs/algorithms/notifications.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from retail.identity.rights import read_holding
from retail.kit.ids import new_id
from retail.notifications.kinds import KINDS, Kind
from retail.notifications.queries import choices_of, habits_of
from retail.notifications.rules import Choices, Habits, plan, wants
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue
from retail.runtime.notices import NoticePosted
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Actor, Scope
from retail.tenants.queries import this_tenant

JOB: Final = "notifications.deliver"

_NOTICES: Final = """
SELECT id, kind, store_id, people FROM notice WHERE tenant_id = $1 AND id = ANY($2) ORDER BY created_at, id"""
_MEMBERS: Final = """
SELECT m.person_id, auth_rights($1, m.person_id, NULL, $2) AS rights FROM membership m
 WHERE m.tenant_id = $1 AND m.ended_at IS NULL"""
_TELL: Final = """
INSERT INTO notification (tenant_id, id, notice_id, person_id, kind, created_at, read_at)
SELECT $1, u.id, u.notice, u.person, u.kind, $2::timestamptz, CASE WHEN u.silent THEN $2::timestamptz END
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::boolean[]) AS u (id, notice, person, kind, silent)
    ON CONFLICT (tenant_id, notice_id, person_id) DO NOTHING
RETURNING id"""
_QUEUE: Final = """
INSERT INTO delivery (tenant_id, notification_id, channel, person_id, due_at, digest, expires_at)
SELECT $1, u.id, u.channel, u.person, u.due, u.digest, u.expires
  FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::boolean[], $7::timestamptz[])
       AS u (id, channel, person, due, digest, expires)
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class _Told:
    """A person and what they are told of, under the id that its row gets."""

    id: UUID
    notice: UUID
    person: UUID
    kind: Kind


async def tell(tx: Tx, events: Sequence[Event]) -> None:
    """Tell everybody who may know of the notices that were posted; once, however often this runs."""
    posted = [event.notice for event in events if isinstance(event, NoticePosted)]
    rows = await tx.fetch(_NOTICES, tx.tenant, posted)
    known = [row for row in rows if row["kind"] in KINDS]
    if not known:
        return
    members = [
        (row["person_id"], read_holding(row["rights"]).put_on(Scope(tx.tenant, Actor("person", row["person_id"], ""))))
        for row in await tx.fetch(_MEMBERS, tx.tenant, tx.now)
    ]
    told = [
        _Told(new_id(), row["id"], person, KINDS[row["kind"]])
        for row in known
        for person, may in members
        if _is_meant(KINDS[row["kind"]], row["store_id"], row["people"], may)
    ]
    choices = await choices_of(tx, {one.person for one in told})
    silent = [not wants(one.kind, "app", choices[one.person]) for one in told]
    fresh = {
        row["id"]
        for row in await tx.fetch(
            _TELL, tx.tenant, tx.now, [one.id for one in told], [one.notice for one in told],
            [one.person for one in told], [one.kind.name for one in told], silent,
        )
    }  # fmt: skip
    await _queue(tx, [one for one in told if one.id in fresh], choices)


def _is_meant(kind: Kind, store: UUID | None, people: Sequence[UUID] | None, member: Scope) -> bool:
    """Claim that a member is told: named by the notice, or allowed what the kind asks for where it happened."""
    if people is not None:
        return member.actor.id in people
    if kind.permission is None:
        return False
    return member.holds(kind.permission) if store is None else member.may_in(kind.permission, store)


async def _queue(tx: Tx, told: Sequence[_Told], choices: defaultdict[UUID, Choices]) -> None:
    """Put the further channels of each into the queue, and wake whoever works it off at each moment that it names."""
    if not told:
        return
    zone = ZoneInfo((await this_tenant(tx)).timezone)
    habits = await habits_of(tx, {one.person for one in told})
    turns = [
        (one, planned)
        for one in told
        for planned in plan(one.kind, choices[one.person], habits.get(one.person, Habits()), tx.now, zone)
    ]
    await tx.execute(
        _QUEUE, tx.tenant, [one.id for one, _ in turns], [planned.channel for _, planned in turns],
        [one.person for one, _ in turns], [planned.at for _, planned in turns],
        [planned.digest for _, planned in turns],
        [tx.now + one.kind.lasts if one.kind.lasts else None for one, _ in turns],
    )  # fmt: skip
    for at in sorted({planned.at for _, planned in turns}):
        await wake(tx, at, told[0].id)


async def wake(tx: Tx, at: datetime, cause: UUID) -> None:
    """Have what is due at a moment delivered then; the same cause and moment wake once."""
    await enqueue(tx, JOB, run_after=at, id=uuid5(NAMESPACE_OID, f"{JOB} {tx.tenant} {cause} {at.isoformat()}"))
