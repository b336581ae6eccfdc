"""Changing when, to whom and in which forms a report is sent; and who of its people would be sent nothing, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.audit import EXPORT
from retail.automation.reports.bases import base_of
from retail.automation.reports.queries import ReportFacts
from retail.automation.reports.rules import first_due
from retail.automation.reports.schedules import ScheduleFacts, Wish, changeable, check_people, lock, wait_for
from retail.identity.approval_queries import scope_of_person
from retail.identity.permissions import permission
from retail.kit.errors import Conflict
from retail.kit.text import _
from retail.runtime.db import Read, Tx

_TOLD: Final = ("every", "day", "hour", "timezone", "forms", "people", "begins_on")


class ScheduleChanged(Conflict):
    """Somebody else has changed the schedule since its form was opened."""

    code = "schedule_changed"

    def sentence(self) -> str:
        """Say that nothing was stored, and what to look at."""
        return _("Somebody else has changed this meanwhile. Nothing was stored; what stands there now is below.")


@dataclass(frozen=True, slots=True)
class Lacking:
    """Somebody a report is sent to who would be given none: what they may not, or that they left (no permissions)."""

    name: str
    permissions: tuple[str, ...]


async def change_schedule(tx: Tx, id: UUID, version: int, wish: Wish) -> None:
    """Send a report at other times, to others or in other forms from now on; the same again changes nothing.

    Raises NotFound, Forbidden, Invalid, ScheduleChanged.
    """
    found = await lock(tx, id)
    new, old = _facts(wish), _facts(found)
    if new == old:
        return
    if found.version != version:
        raise ScheduleChanged
    await changeable(tx, found.report_id, wish.people)
    await check_people(tx, wish.people)
    due = None if found.paused_at else first_due(wish.timing, wish.begins_on, tx.now)
    timing = wish.timing
    await tx.execute(
        """UPDATE report_schedule SET every = $3, day = $4, hour = $5, timezone = $6, forms = $7, people = $8,
                  begins_on = $9, next_at = $10, version = version + 1
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, timing.every, timing.day, timing.hour, timing.timezone, sorted(set(wish.forms)),
        list(dict.fromkeys(wish.people)), wish.begins_on, due,
    )  # fmt: skip
    if due is not None:
        await wait_for(tx, id, found.version + 1, due)
    changed = [name for name in _TOLD if new[name] != old[name]]
    tx.audit(
        "report.schedule_changed", "schedule", id, report=found.report_id,
        before={name: old[name] for name in changed}, after={name: new[name] for name in changed},
    )  # fmt: skip


async def lacking(read: Read, of: ReportFacts, people: Sequence[UUID]) -> dict[UUID, Lacking]:
    """Give who of these people would be sent nothing now, with what they may not do."""
    names = {
        row["person_id"]: row["name"]
        for row in await read.fetch(
            """SELECT DISTINCT ON (person_id) person_id, name FROM membership
                WHERE tenant_id = $1 AND person_id = ANY($2::uuid[]) ORDER BY person_id, ended_at DESC NULLS FIRST""",
            read.tenant, list(people),
        )
    }  # fmt: skip
    found, wanted = {}, list(dict.fromkeys((*base_of(of.base).rights, EXPORT)))
    for person in dict.fromkeys(people):
        scope = await scope_of_person(read, person)
        missing = () if scope is None else tuple(permission(one).words for one in wanted if not scope.may(one))
        if scope is None or missing:
            found[person] = Lacking(names.get(person, "?"), missing)
    return found


def _facts(of: Wish | ScheduleFacts) -> dict[str, object]:
    timing = of.timing
    return {
        "every": timing.every, "day": None if timing.every == "day" else timing.day, "hour": timing.hour,
        "timezone": timing.timezone, "forms": sorted(set(of.forms)), "people": sorted({str(one) for one in of.people}),
        "begins_on": of.begins_on.isoformat() if of.begins_on else None,
    }  # fmt: skip
