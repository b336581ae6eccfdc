"""Grants: a role on top of one's own, for one store or all of them, from a moment, until another or for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from retail.identity.grants_jobs import RIGHTS_TURN
from retail.identity.lasting import require_other
from retail.identity.roles import OWNER
from retail.identity.roles_changes import given_for, held_for
from retail.identity.roles_errors import OwnersEverywhere
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Row, Tx
from retail.runtime.jobs import enqueue
from retail.runtime.realtime.access import AccessChanged

State = Literal["coming", "running", "over", "revoked"]


@dataclass(frozen=True, slots=True)
class NewGrant:
    """What somebody is granted. Without a store it holds in all of them; without an end for good."""

    role: str
    store: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody has, had or will have for a time or in a store."""

    id: UUID
    member: UUID
    role: str
    store: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    given_by_name: str
    created_at: datetime
    revoked_at: datetime | None
    revoked_by_name: str | None

    def state(self, now: datetime) -> State:
        """Say whether it counts at a moment."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ends_at is not None and self.ends_at <= now:
            return "over"
        return "running" if self.starts_at <= now else "coming"


_COLUMNS = """id, member_id AS member, role_key AS role, store_id AS store, starts_at, ends_at, reason, given_by_name,
  created_at, revoked_at, revoked_by_name"""


async def grants_of(read: Read, member: UUID) -> list[Grant]:
    """Give all grants of a member: those that count or will first, the newest first among each."""
    rows = await read.fetch(
        f"""SELECT {_COLUMNS} FROM role_grant WHERE tenant_id = $1 AND member_id = $2
             ORDER BY revoked_at IS NOT NULL OR coalesce(ends_at <= $3, false), starts_at DESC, id DESC""",  # noqa: S608 - a constant list
        read.tenant,
        member,
        read.now,
    )
    return [Grant(**row) for row in rows]


async def living_grants(read: Read, members: Sequence[UUID] | None = None) -> list[Grant]:
    """Give the grants that count now or will, of some members or of all."""
    rows = await read.fetch(
        f"""SELECT {_COLUMNS} FROM role_grant
             WHERE tenant_id = $1 AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $2)
               AND ($3::uuid[] IS NULL OR member_id = ANY ($3))
             ORDER BY member_id, starts_at, id""",  # noqa: S608 - a constant list
        read.tenant,
        read.now,
        members,
    )
    return [Grant(**row) for row in rows]


async def give_grant(tx: Tx, member: UUID, new: NewGrant) -> Grant:
    """Grant a member a role for a store or a time. Emits AccessChanged now and when it begins and ends.

    Nobody is granted more than the giver holds, or for longer. A grant stays when its giver's own rights fall later.
    Raises NotFound, OwnRights, OwnersEverywhere, BeyondYourRights, HeldForATime, Invalid.
    """
    if new.role == OWNER:
        raise OwnersEverywhere
    person = await _person(tx, member)
    require_other(tx, person)
    starts = new.starts_at or tx.now
    _check_times(starts, new.ends_at, tx.now)
    if new.store is not None and not await tx.fetchval(
        "SELECT true FROM store WHERE tenant_id = $1 AND id = $2", tx.tenant, new.store
    ):
        raise NotFound("store")
    await given_for(tx, new.role, new.store, new.ends_at)
    id = new_id()
    await tx.execute(
        """INSERT INTO role_grant (tenant_id, id, member_id, role_key, store_id, starts_at, ends_at, reason, given_by,
                                   given_by_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant,
        id,
        member,
        new.role,
        new.store,
        starts,
        new.ends_at,
        new.reason,
        tx.actor.id,
        tx.actor.name,
        tx.now,
    )
    tx.audit(
        "grant.given",
        "member",
        member,
        grant=id,
        before=None,
        after={"role": new.role, "store": new.store, "starts_at": starts, "ends_at": new.ends_at},
        reason=new.reason,
    )
    tx.emit(AccessChanged(person))
    for moment in (starts, new.ends_at):
        if moment is not None and moment > tx.now:
            await enqueue(tx, RIGHTS_TURN, {"person": str(person)}, moment)
    return await grant(tx, member, id)


async def end_grant(tx: Tx, member: UUID, wanted: UUID) -> Grant:
    """Take a grant back now; one that is over already stays as it was. Locks it. Emits AccessChanged.

    Raises NotFound, OwnRights, BeyondYourRights.
    """
    person = await _person(tx, member)
    require_other(tx, person)
    known = await grant(tx, member, wanted, lock=True)
    if known.state(tx.now) in {"over", "revoked"}:
        return known
    await held_for(tx, known.role, known.store)
    await tx.execute(
        "UPDATE role_grant SET revoked_at = $3, revoked_by_name = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        tx.now,
        tx.actor.name,
    )
    before = {"role": known.role, "store": known.store, "starts_at": known.starts_at, "ends_at": known.ends_at}
    tx.audit("grant.ended", "member", member, grant=wanted, before=before, after=None)
    tx.emit(AccessChanged(person))
    return await grant(tx, member, wanted)


async def end_all_grants(tx: Tx, member: UUID) -> None:
    """Take back all that a member was granted: who leaves and comes again begins with nothing."""
    await tx.execute(
        """UPDATE role_grant SET revoked_at = $3, revoked_by_name = $4
            WHERE tenant_id = $1 AND member_id = $2 AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $3)""",
        tx.tenant,
        member,
        tx.now,
        tx.actor.name,
    )


async def grant(read: Read, member: UUID, wanted: UUID, *, lock: bool = False) -> Grant:
    """Give one grant of a member. Raises NotFound."""
    row: Row | None = await read.fetchrow(
        f"""SELECT {_COLUMNS} FROM role_grant WHERE tenant_id = $1 AND member_id = $2 AND id = $3
             {"FOR UPDATE" if lock else ""}""",  # noqa: S608 - constants
        read.tenant,
        member,
        wanted,
    )
    if row is None:
        raise NotFound("grant")
    return Grant(**row)


async def _person(tx: Tx, member: UUID) -> UUID:
    """Lock a member who hasn't left, and give the person."""
    person: UUID | None = await tx.fetchval(
        "SELECT person_id FROM membership WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL FOR SHARE",
        tx.tenant,
        member,
    )
    if person is None:
        raise NotFound("member")
    return person


def _check_times(starts: datetime, ends: datetime | None, now: datetime) -> None:
    if ends is not None and ends <= max(starts, now):
        raise Invalid({"ends_at": [_("The end lies before the beginning or in the past. Pick a later one.")]})
