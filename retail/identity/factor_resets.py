"""Lost second factors: who may have one removed, when it happens, and who can stop or hasten it.

A member's is removed at once by somebody who may change that member, with a reason. An owner's (and that of anybody
who belongs to several businesses) is asked for by an operator and happens after 24 hours, unless an owner refuses it
or a second owner confirms it. Everybody concerned is told by mail. A password is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.entry_errors import ElsewhereToo, OwnFactors
from retail.identity.entry_mail import tell_owners, tell_person
from retail.identity.errors import OwnersOnly
from retail.identity.queries import member
from retail.identity.roles import OWNER
from retail.identity.roles_changes import held_for
from retail.identity.sessions import Ended, end_others
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue, hold, job
from retail.runtime.tenancy import Scope, TenantFacts

DELAY: Final = timedelta(hours=24)
JOB: Final = "identity.reset_factors"
_FACTS: Final = "id, slug, name, country, currency, locale, timezone, prices_include_tax, cash_unit_minor"


@dataclass(frozen=True, slots=True)
class FactorReset:
    """One that waits for its hour."""

    id: UUID
    person_id: UUID
    person_name: str
    asked_by_name: str
    reason: str
    created_at: datetime
    due_at: datetime


async def waiting(read: Read) -> list[FactorReset]:
    """List those that wait, the next one first."""
    rows = await read.fetch(
        """SELECT id, person_id, person_name, asked_by_name, reason, created_at, due_at FROM factor_reset
            WHERE tenant_id = $1 AND done_at IS NULL AND refused_at IS NULL ORDER BY due_at, id""",
        read.tenant,
    )
    return [FactorReset(**row) for row in rows]


async def reset_now(tx: Tx, wanted: UUID, reason: str) -> Ended:
    """Remove a member's second factor at once. Not an owner's, not one's own.

    Raises NotFound, OwnersOnly, BeyondYourRights, OwnFactors, ElsewhereToo for who works for others too.
    """
    known = await member(tx, wanted)
    if known.person_id == tx.actor.id:
        raise OwnFactors
    if known.role == OWNER:
        raise OwnersOnly
    await held_for(tx, known.role)
    places = await tx.fetch("SELECT tenant_id FROM auth_memberships($1)", known.person_id)
    operator = await tx.fetchval("SELECT operator FROM auth_account($1)", known.person_id)
    if operator or {row["tenant_id"] for row in places} != {tx.tenant}:
        raise ElsewhereToo
    id = await _store(tx, known.person_id, known.name, reason, tx.now)
    return await _carry_out(tx, await _one(tx, id))


async def ask(tx: Tx, tenant: TenantFacts, wanted: UUID, reason: str) -> FactorReset:
    """Ask, as an operator, for the removal of a member's second factor in 24 hours; asked twice, it waits once.

    Raises NotFound.
    """
    known = await member(tx, wanted)
    for one in await waiting(tx):
        if one.person_id == known.person_id:
            return one
    due = tx.now + DELAY
    id = await _store(tx, known.person_id, known.name, reason, due)
    await enqueue(tx, JOB, {"reset": str(id)}, due)
    await tell_person(tx, known.email, "factors_asked", by=tx.actor.name, reason=reason)
    await tell_owners(tx, tenant, "factors_asked", reason=reason, whose=known.name)
    tx.audit("factors.reset_asked", "member", wanted, person=known.person_id, reason=reason, due=due)
    return await _one(tx, id)


async def confirm(tx: Tx, wanted: UUID) -> Ended:
    """Confirm, as a second owner, that it is right: it happens now. Raises NotFound, OwnersOnly, OwnFactors."""
    known = await _decide(tx, wanted)
    await tx.execute(
        "UPDATE factor_reset SET confirmed_by = $3, confirmed_by_name = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        tx.actor.id,
        tx.actor.name,
    )
    return await _carry_out(tx, known)


async def refuse(tx: Tx, tenant: TenantFacts, wanted: UUID) -> FactorReset:
    """Stop it; the person concerned may do that too. Raises NotFound, OwnersOnly."""
    known = await _decide(tx, wanted, own=True)
    await tx.execute(
        "UPDATE factor_reset SET refused_at = $3, refused_by_name = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        tx.now,
        tx.actor.name,
    )
    await tell_person(tx, await _email(tx, known), "factors_kept", by=tx.actor.name)
    await tell_owners(tx, tenant, "factors_kept", whose=known.person_name)
    tx.audit("factors.reset_refused", "person", known.person_id)
    return known


@job(JOB)
async def reset_factors(db: Database, scope: Scope, *, reset: str) -> None:
    """Carry out what has waited its 24 hours, unless it was refused or done meanwhile."""
    await db.run(scope, _carry_out_due, UUID(reset))


async def _carry_out_due(tx: Tx, wanted: UUID) -> None:
    await hold(tx)
    try:
        known = await _one(tx, wanted, lock=True)
    except NotFound:
        return
    if known.due_at <= tx.now:
        await _carry_out(tx, known)


async def _carry_out(tx: Tx, known: FactorReset) -> Ended:
    await tx.execute("SELECT auth_reset_factors($1)", known.person_id)
    ended = await end_others(tx, known.person_id, None, "factors-reset")
    done = "UPDATE factor_reset SET done_at = $3 WHERE tenant_id = $1 AND id = $2"
    await tx.execute(done, tx.tenant, known.id, tx.now)
    await tell_person(tx, await _email(tx, known), "factors_reset", by=known.asked_by_name, reason=known.reason)
    row = await tx.fetchrow(f"SELECT {_FACTS} FROM tenant WHERE id = $1", tx.tenant)  # noqa: S608 - a constant
    if row is not None:
        facts = TenantFacts(**row)
        await tell_owners(tx, facts, "factors_reset", reason=known.reason, whose=known.person_name)
    tx.audit("factors.reset", "person", known.person_id, reason=known.reason)
    return ended


async def _decide(tx: Tx, wanted: UUID, *, own: bool = False) -> FactorReset:
    known = await _one(tx, wanted, lock=True)
    if known.person_id == tx.actor.id and not own:
        raise OwnFactors
    if tx.scope.role != OWNER and known.person_id != tx.actor.id:
        raise OwnersOnly
    return known


async def _store(tx: Tx, person: UUID, name: str, reason: str, due: datetime) -> UUID:
    id = new_id()
    await tx.execute(
        """INSERT INTO factor_reset (tenant_id, id, person_id, person_name, asked_by, asked_by_name, reason, created_at,
                                     due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        tx.tenant, id, person, name, tx.actor.id, tx.actor.name, reason, tx.now, due,
    )  # fmt: skip
    return id


async def _one(tx: Tx, wanted: UUID, *, lock: bool = False) -> FactorReset:
    row = await tx.fetchrow(
        f"""SELECT id, person_id, person_name, asked_by_name, reason, created_at, due_at FROM factor_reset
             WHERE tenant_id = $1 AND id = $2 AND done_at IS NULL AND refused_at IS NULL
             {"FOR UPDATE" if lock else ""}""",  # noqa: S608 - constants
        tx.tenant,
        wanted,
    )
    if row is None:
        raise NotFound("factor_reset")
    return FactorReset(**row)


async def _email(read: Read, known: FactorReset) -> str:
    found: str = await read.fetchval(
        "SELECT email FROM membership WHERE tenant_id = $1 AND person_id = $2", read.tenant, known.person_id
    )
    return found
