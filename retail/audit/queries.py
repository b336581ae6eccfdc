"""Reads of the audit trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.db import Read


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


async def events(
    read: Read, *, after: str | None = None, limit: int | None = None, action: str = "", subject: UUID | None = None
) -> Page[AuditEvent]:
    """Give one page of the trail, newest first; of one action or one subject if named. Raises Invalid."""
    most = clamp_limit(limit)
    before = _place(after) if after else None
    rows = await read.fetch(
        """SELECT id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, facts, request_id
             FROM audit_event
            WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3 = '' OR action = $3)
              AND ($4::uuid IS NULL OR subject_id = $4)
            ORDER BY id DESC LIMIT $5""",
        read.tenant,
        before,
        action,
        subject,
        most + 1,
    )
    items = [AuditEvent(**{**row, "facts": json.loads(row["facts"])}) for row in rows[:most]]
    return Page(items, encode_cursor(str(items[-1].id)) if len(rows) > most else None)


def _place(cursor: str) -> UUID:
    """Read the id that a page ended with. Raises Invalid."""
    (key,) = decode_cursor(cursor, str)
    try:
        return UUID(str(key))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
