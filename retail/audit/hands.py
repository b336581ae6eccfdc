"""Who changed what of a thing last, by the trail: said beside the fields of a form that meets another's save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

LATEST: Final = 50
"""So many records are looked at: a form is open for hours, not for years."""


async def hands(read: Read, subject: UUID, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give who changed each field last, by its name in the trail, and under '' who changed the thing last at all.

    `fields` gives the trail's name of those that a form calls otherwise; these are told under both names.
    """
    rows = await read.fetch(
        """SELECT actor_name, ARRAY(SELECT jsonb_object_keys(coalesce(facts -> 'after', '{}'))) AS names
             FROM audit_event WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id DESC LIMIT $3""",
        read.tenant,
        subject,
        LATEST,
    )
    found: dict[str, str] = {}
    for row in rows:
        for name in ("", *row["names"]):
            found.setdefault(name, row["actor_name"])
    return found | {shown: found[kept] for shown, kept in (fields or {}).items() if kept in found}
