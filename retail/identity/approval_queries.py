"""Reads of approvals: one, and the list that a phone shows: what waits first, then what became of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.identity.approval_rules import rights_at
from retail.identity.rights import read_holding
from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.tenancy import Actor, Scope


@dataclass(frozen=True, slots=True)
class Approval:
    """A request and what became of it. `facts` hold the lines and the total that the approver is shown."""

    id: UUID
    store: UUID
    store_name: str
    till: UUID | None
    till_name: str | None
    permission: str
    amount: int | None
    limit: int | None
    act: UUID
    act_hash: str
    facts: Mapping[str, Any] = field(hash=False)
    reason: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime
    state: str
    how: str | None
    decided_by: UUID | None
    decided_by_name: str | None
    decided_at: datetime | None
    answer: str
    used_for: UUID | None
    used_at: datetime | None

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """Give the lines as the approver sees them."""
        return self.facts.get("lines") or ()

    def standing(self, now: datetime) -> str:
        """Give the state at a moment: what was not used in ten minutes is `expired`."""
        return "expired" if self.state in {"asked", "granted"} and now >= self.expires_at else self.state

    def told_to(self, reader: UUID | None) -> Approval:
        """Give it as somebody may read it: who counts blind isn't told what differs, nor how much, until it is done."""
        if not self.facts.get("blind") or self.asked_by != reader or self.state == "used":
            return self
        return replace(self, amount=None, act_hash="", facts={"lines": [], "total": None, "blind": True})


_SELECT = """
SELECT a.id, a.store_id AS store, s.name AS store_name, a.till_id AS till, t.name AS till_name, a.permission, a.amount,
       a.limit_amount AS limit, a.act_id AS act, a.act_hash, a.facts, a.reason, a.asked_by, a.asked_by_name, a.asked_at,
       a.expires_at, a.state, a.how, a.decided_by, a.decided_by_name, a.decided_at, a.answer, a.used_for, a.used_at
  FROM approval a
  JOIN store s ON s.tenant_id = a.tenant_id AND s.id = a.store_id
  LEFT JOIN till t ON t.tenant_id = a.tenant_id AND t.id = a.till_id
 WHERE a.tenant_id = $1
"""


async def approval(read: Read, id: UUID, *, lock: bool = False) -> Approval | None:
    """Give one; None where there is none. `lock` holds its row until the commit."""
    row = await read.fetchrow(_SELECT + " AND a.id = $2" + (" FOR UPDATE OF a" if lock else ""), read.tenant, id)
    return _approval(row) if row else None


async def rights_of_people(read: Read, people: Sequence[UUID], store: UUID) -> dict[UUID, dict[str, Any]]:
    """Give what each of these people may do at the tills of a store, as their device needs it to ask or to approve."""
    rows = await read.fetch(
        """SELECT m.person_id, auth_rights($1, m.person_id, NULL, $3) AS rights FROM membership m
            WHERE m.tenant_id = $1 AND m.person_id = ANY($2) AND m.ended_at IS NULL""",
        read.tenant,
        list(people),
        read.now,
    )
    return {
        row["person_id"]: rights_at(
            read_holding(row["rights"]).put_on(Scope(read.tenant, Actor("person", row["person_id"], ""))), store
        )
        for row in rows
    }


async def scope_of_person(read: Read, person: UUID) -> Scope | None:
    """Give the scope of somebody who works here, with the rights of now; None for anybody else."""
    row = await read.fetchrow(
        """SELECT m.name, m.role, auth_rights($1, $2, NULL, $3) AS rights FROM membership m
            WHERE m.tenant_id = $1 AND m.person_id = $2 AND m.ended_at IS NULL""",
        read.tenant,
        person,
        read.now,
    )
    if row is None:
        return None
    return read_holding(row["rights"]).put_on(
        Scope(read.tenant, Actor("person", person, row["name"]), role=row["role"], proved_at=read.now)
    )


async def waiting(read: Read) -> list[Approval]:
    """Give what waits for an answer now, the oldest first."""
    rows = await read.fetch(
        _SELECT + " AND a.state = 'asked' AND a.expires_at > $2 ORDER BY a.asked_at, a.id LIMIT 50",
        read.tenant,
        read.now,
    )
    return [_approval(row) for row in rows]


async def answered(read: Read, *, limit: int, after: str | None = None) -> Page[Approval]:
    """Give what doesn't wait any more, the newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant, read.now)
    if after:
        at, id = _keys(after)
        where.add("a.asked_at <= {0} AND (a.asked_at < {0} OR a.id > {1})", at, id)
    rows = await read.fetch(
        _SELECT
        + " AND NOT (a.state = 'asked' AND a.expires_at > $2)"
        + where.sql
        + f" ORDER BY a.asked_at DESC, a.id LIMIT {int(limit) + 1}",
        *where.args,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last["asked_at"].isoformat(), str(last["id"])) if last else None
    return Page([_approval(row) for row in rows[:limit]], following)


async def answered_as_told(read: Read, *, limit: int, after: str | None = None) -> Page[Approval]:
    """Give answered() as the reader may take it along."""
    page = await answered(read, limit=limit, after=after)
    return Page([one.told_to(read.actor.id) for one in page.items], page.next)


def _keys(after: str) -> tuple[datetime, UUID]:
    at, id = decode_cursor(after, str, str)
    try:
        return datetime.fromisoformat(str(at)), UUID(str(id))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken


def _approval(row: Row) -> Approval:
    facts = dict(row)
    return Approval(**facts | {"facts": json.loads(facts["facts"])})
