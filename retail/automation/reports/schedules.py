"""When kept reports are sent, to whom, and what was sent: docs/algorithms/reports.md, 4."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from retail.audit import EXPORT
from retail.automation.reports.bases import base_of
from retail.automation.reports.operations import SHARE, may_change
from retail.automation.reports.queries import ReportFacts, id_in, report
from retail.automation.reports.rules import Every, Timing, first_due
from retail.identity.queries import members
from retail.kit.errors import Forbidden, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue

SEND_JOB: Final = "reports.send"
DELIVER_JOB: Final = "reports.deliver"
MOST: Final = 20
"""So many schedules a report has at most."""
_NAMESPACE: Final = UUID("5a0c8f9e-4f0e-4bd2-9a53-6f2f6f1c0d03")
_COLUMNS: Final = """s.id, s.report_id, s.person_id, s.every, s.day, s.hour, s.timezone, s.forms, s.people, s.version,
       s.next_at, s.paused_at, s.ended_at, s.begins_on"""
_SCHEDULES: Final = f"""
SELECT {_COLUMNS}, coalesce(m.name, '') AS by,
       ARRAY(SELECT p.name FROM membership p
              WHERE p.tenant_id = s.tenant_id AND p.person_id = ANY (s.people) AND p.ended_at IS NULL ORDER BY p.name)
       AS names
  FROM report_schedule s LEFT JOIN membership m ON m.tenant_id = s.tenant_id AND m.person_id = s.person_id
 WHERE s.tenant_id = $1"""  # noqa: S608 - constants
_LOG: Final = """
SELECT d.id, d.due_at, d.form, d.state, d.why, d.created_at, d.settled_at, coalesce(m.name, '') AS name
  FROM report_delivery d
  JOIN report_schedule s ON s.tenant_id = d.tenant_id AND s.id = d.schedule_id
  LEFT JOIN membership m ON m.tenant_id = d.tenant_id AND m.person_id = d.person_id
 WHERE d.tenant_id = $1"""


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """A schedule; `by` made it, `names` are those who get it and still work here."""

    id: UUID
    report_id: UUID
    person_id: UUID
    every: str
    day: int
    hour: int
    timezone: str
    forms: Sequence[str]
    people: Sequence[UUID]
    version: int
    next_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    begins_on: date | None
    by: str
    names: Sequence[str]

    @property
    def timing(self) -> Timing:
        """Give when it is due."""
        return Timing(cast("Every", self.every), self.day, self.hour, self.timezone)


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A line of the log: a file for one person."""

    id: UUID
    due_at: datetime
    form: str
    state: str
    why: str
    created_at: datetime
    settled_at: datetime | None
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody wants a report sent, in which forms, to whom."""

    timing: Timing
    forms: Sequence[str]
    people: Sequence[UUID]
    begins_on: date | None = None
    """Before this day of the zone's calendar nothing is sent."""


async def schedules(read: Read, report_id: UUID) -> list[ScheduleFacts]:
    """List the schedules of a report that haven't ended, the oldest first."""
    rows = await read.fetch(
        f"{_SCHEDULES} AND s.report_id = $2 AND s.ended_at IS NULL ORDER BY s.created_at, s.id", read.tenant, report_id
    )
    return [ScheduleFacts(**row) for row in rows]


async def schedule(read: Read, id: UUID) -> ScheduleFacts:
    """Give a schedule. Raises NotFound."""
    row = await read.fetchrow(f"{_SCHEDULES} AND s.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("schedule")
    return ScheduleFacts(**row)


async def schedule_of(read: Read, report_id: UUID, id: UUID) -> ScheduleFacts:
    """Give a schedule of a report. Raises NotFound."""
    found = await schedule(read, id)
    if found.report_id != report_id:
        raise NotFound("schedule")
    return found


async def log(read: Read, report_id: UUID, *, limit: int, after: str | None = None) -> Page[DeliveryFacts]:
    """List what was sent of a report, the newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    where.add("s.report_id = {}", report_id)
    if after:
        where.add("d.id < {}", id_in(str(decode_cursor(after, str)[0])))
    rows = await read.fetch(f"{_LOG}{where.sql} ORDER BY d.id DESC LIMIT {limit + 1:d}", *where.args)
    shown = [DeliveryFacts(**row) for row in rows[:limit]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > limit else None)


async def make_schedule(tx: Tx, report_id: UUID, id: UUID, wish: Wish) -> None:
    """Have a report sent from now on; the same id again changes nothing. Raises NotFound, Forbidden, Invalid."""
    found = await changeable(tx, report_id, wish.people)
    if len(await schedules(tx, report_id)) >= MOST:
        raise Invalid({"every": [_("A report is sent at %(most)d times at most. End one first.") % {"most": MOST}]})
    await check_people(tx, wish.people)
    timing, due = wish.timing, first_due(wish.timing, wish.begins_on, tx.now)
    made = await tx.fetchval(
        """INSERT INTO report_schedule (tenant_id, id, report_id, person_id, every, day, hour, timezone, forms, people,
                                        version, next_at, created_at, begins_on)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13)
           ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant, id, report_id, tx.actor.id, timing.every, timing.day, timing.hour, timing.timezone,
        sorted(set(wish.forms)), list(dict.fromkeys(wish.people)), due, tx.now, wish.begins_on,
    )  # fmt: skip
    if made is not None:
        await wait_for(tx, id, 1, due)
        tx.audit("report.schedule_made", "schedule", id, report=report_id, name=found.name)


async def pause_schedule(tx: Tx, id: UUID) -> None:
    """Let a schedule's moments pass without anything being sent. Raises NotFound, Forbidden."""
    found = await lock(tx, id)
    if found.paused_at is None:
        await tx.execute(
            """UPDATE report_schedule SET paused_at = $3, next_at = NULL, version = version + 1
                WHERE tenant_id = $1 AND id = $2""",
            tx.tenant, id, tx.now,
        )  # fmt: skip
        tx.audit("report.schedule_paused", "schedule", id, report=found.report_id)


async def resume_schedule(tx: Tx, id: UUID) -> None:
    """Let a paused schedule go on with its next moment. Raises NotFound, Forbidden."""
    found = await lock(tx, id)
    if found.paused_at is None:
        return
    due = first_due(found.timing, found.begins_on, tx.now)
    await tx.execute(
        """UPDATE report_schedule SET paused_at = NULL, next_at = $3, version = version + 1
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, due,
    )  # fmt: skip
    await wait_for(tx, id, found.version + 1, due)
    tx.audit("report.schedule_resumed", "schedule", id, report=found.report_id)


async def end_schedule(tx: Tx, id: UUID) -> None:
    """Send a report by this schedule no more; its log stays. Raises NotFound, Forbidden."""
    found = await lock(tx, id)
    await tx.execute(
        """UPDATE report_schedule SET ended_at = $3, next_at = NULL, version = version + 1
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, tx.now,
    )  # fmt: skip
    tx.audit("report.schedule_ended", "schedule", id, report=found.report_id)


async def send_now(tx: Tx, id: UUID) -> None:
    """Send a report at once, beside its moments; pressed twice in a minute it goes once. Raises NotFound, Forbidden."""
    found = await lock(tx, id)
    if await deliveries(tx, found, tx.now.replace(second=0, microsecond=0)):
        tx.audit("report.sent_now", "schedule", id, report=found.report_id)


async def deliveries(tx: Tx, of: ScheduleFacts, due: datetime) -> int:
    """Write down what is to be sent for a moment, and have it done; gives how much is new."""
    new = 0
    for person in of.people:
        for form in of.forms:
            id = await tx.fetchval(
                """INSERT INTO report_delivery (tenant_id, id, schedule_id, due_at, person_id, form, state, why, tries,
                                                created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', 0, $7)
                   ON CONFLICT (tenant_id, schedule_id, due_at, person_id, form) DO NOTHING RETURNING id""",
                tx.tenant, new_id(), of.id, due, person, form, tx.now,
            )  # fmt: skip
            if id is not None:
                await enqueue(tx, DELIVER_JOB, {"delivery": str(id)}, id=id)
                new += 1
    return new


async def wait_for(tx: Tx, id: UUID, version: int, due: datetime) -> None:
    """Let a job wait for a due moment; for the same one there is but one job."""
    known = uuid.uuid5(_NAMESPACE, f"{id}@{version}@{due.isoformat()}")
    args = {"schedule": str(id), "version": version, "due": due.isoformat()}
    await enqueue(tx, SEND_JOB, args, due, id=known)


async def check_people(tx: Tx, people: Sequence[UUID]) -> None:
    """Raise Invalid unless there is somebody, and all of them work here."""
    known = {one.person_id for one in await members(tx)}
    if not people or not set(people) <= known:
        raise Invalid({"people": [_("Pick at least one person who works here.")]})


async def lock(tx: Tx, id: UUID) -> ScheduleFacts:
    """Give a schedule that whoever acts may change, held until the end. Raises NotFound, Forbidden."""
    await tx.fetchval("SELECT id FROM report_schedule WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    found = await schedule(tx, id)
    await changeable(tx, found.report_id, [] if found.person_id == tx.actor.id else found.people)
    if found.ended_at is not None:
        raise NotFound("schedule")
    return found


async def changeable(tx: Tx, report_id: UUID, people: Sequence[UUID]) -> ReportFacts:
    """Give a report that whoever acts may have sent to these people. Raises NotFound, Forbidden."""
    found = await report(tx, report_id)
    for permission in (*base_of(found.base).rights, EXPORT):
        tx.scope.require(permission)
    if not may_change(tx.scope, found) and set(people) != {tx.actor.id}:
        raise Forbidden(SHARE)
    if set(people) - {tx.actor.id}:
        tx.scope.require(SHARE)
    if found.archived_at is not None:
        raise NotFound("report")
    return found
