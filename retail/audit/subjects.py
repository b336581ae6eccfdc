"""What the things on the trail are called: looked up where the trail is shown, so no name has to be in a record.

Records keep ids alone, and are hashed; a name that changes or is erased changes here and breaks no seal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.audit.queries import NAMED, AuditEvent, name_in
from retail.kit.text import _
from retail.runtime.db import Read

_ID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_PEOPLE: Final = frozenset({"member", "person"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is called now; `person` is whose it is, where it is somebody."""

    name: str
    person: UUID | None


async def subjects_of(read: Read, events: Iterable[AuditEvent]) -> dict[UUID, Subject]:
    """Look up what subjects, devices and ids in the facts of these records are called; what is gone is left out."""
    told = list(events)
    wanted = sorted(
        {id for event in told for id in (event.subject_id, event.device_id) if id is not None}
        | {UUID(found) for event in told for found in _ID.findall(str(event.facts))}
    )
    if not wanted:
        return {}
    rows = await read.fetch(
        f"SELECT n.id, n.name, n.person FROM ({NAMED}) n WHERE n.id = ANY ($2::uuid[])",  # noqa: S608 - a constant
        read.tenant,
        wanted,
    )
    return {row["id"]: Subject(row["name"], row["person"]) for row in rows}


def subject_words(event: AuditEvent, known: Mapping[UUID, Subject]) -> str:
    """Name what a record is about, '' where nothing tells; whoever did something to themselves is marked."""
    subject = known.get(event.subject_id) if event.subject_id is not None else None
    told = "" if event.subject_kind in _PEOPLE else name_in(event.facts)
    name = told or (subject.name if subject else "") or name_in(event.facts)
    if name and subject is not None and subject.person is not None and subject.person == event.actor_id:
        return _("%(name)s (their own)") % {"name": name}
    return name
