"""Disabling somebody for a while: a member by their business, an account everywhere by whoever runs the installation.

What was open ends at once: sessions, programs' tokens of theirs and those that they made, PIN and badge, sockets. What
they had stays as it was (role, grants, PIN), and counts again when they are enabled. A business keeps an owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.audit.operations import note, platform_scope
from retail.identity.errors import AccountDisabled, NoSuchAccount, OnlyOwner
from retail.identity.lasting import require_other
from retail.identity.operations import lock_member
from retail.identity.queries import Member
from retail.identity.roles_changes import given_for, held_for
from retail.identity.sessions import Ended, disable_person, enable_person, end_others
from retail.kit.errors import NotFound
from retail.runtime.db import Database, Tx, Unit
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Actor, Scope


@dataclass(frozen=True, slots=True)
class AnyAccount:
    """An account, disabled or not, as who runs the installation sees it."""

    id: UUID
    email: str
    name: str
    operator: bool
    disabled_at: datetime | None


async def disable_member(tx: Tx, wanted: UUID) -> tuple[Member, Ended]:
    """Disable a member of this business; gives what the processes have to forget. Locks the owners.

    Whoever works for nobody else is signed out everywhere. Raises NotFound, OwnRights, OwnersOnly, LastOwner,
    BeyondYourRights, HeldForATime.
    """
    known = await lock_member(tx, wanted, "")
    require_other(tx, known.person_id)
    await tx.execute(
        "UPDATE membership SET ended_at = $3, disabled_by = 'business' WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        tx.now,
    )
    tokens = await tx.fetch(
        """UPDATE api_token k SET revoked_at = $3
            WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND (k.person_id = $2 OR EXISTS (
                  SELECT FROM token_scope s WHERE s.tenant_id = $1 AND s.token_id = k.id AND s.made_by = $2))
        RETURNING k.token_hash""",
        tx.tenant,
        known.person_id,
        tx.now,
    )
    await tx.execute(
        "UPDATE device_session SET person_until = $3 WHERE tenant_id = $1 AND person_id = $2",
        tx.tenant,
        known.person_id,
        tx.now,
    )
    ended = Ended(known.person_id, tokens=tuple(row["token_hash"] for row in tokens))
    if not await _is_needed_elsewhere(tx, known.person_id):
        gone = await end_others(tx, known.person_id, None, "disabled")
        ended = Ended(known.person_id, gone.sessions, ended.tokens + gone.tokens)
    tx.audit("member.disabled", "member", wanted, person=known.person_id, role=known.role, tokens=len(ended.tokens))
    tx.emit(AccessChanged(known.person_id))
    return known, ended


async def enable_member(tx: Tx, wanted: UUID) -> Member:
    """Let a member that the business has disabled work here again, as what they were.

    Raises NotFound, AccountDisabled where only the operator can, OwnRights, OwnersOnly, BeyondYourRights, HeldForATime.
    """
    row = await tx.fetchrow(
        """SELECT id, person_id, name, email, role, created_at, ended_at, everywhere, disabled_by FROM membership
            WHERE tenant_id = $1 AND id = $2 AND disabled_by IS NOT NULL FOR UPDATE""",
        tx.tenant,
        wanted,
    )
    if row is None:
        raise NotFound("member")
    facts = dict(row)
    by = facts.pop("disabled_by")
    known = Member(**facts)
    require_other(tx, known.person_id)
    await held_for(tx, known.role)
    await given_for(tx, known.role)
    if by == "operator" or await tx.fetchval("SELECT id FROM auth_account($1)", known.person_id) is None:
        raise AccountDisabled
    await tx.execute(
        "UPDATE membership SET ended_at = NULL, disabled_by = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted
    )
    tx.audit("member.enabled", "member", wanted, person=known.person_id, role=known.role)
    tx.emit(AccessChanged(known.person_id))
    return known


async def account_by_email(unit: Unit, email: str) -> AnyAccount:
    """Find an account, disabled or not. Raises NoSuchAccount."""
    row = await unit.fetchrow("SELECT * FROM auth_account_by_email($1)", email.strip())
    if row is None:
        raise NoSuchAccount(email)
    return AnyAccount(**row)


async def disable_account(
    database: Database, actor: Actor, email: str, reason: str, *, ip: str = "", request_id: str = ""
) -> Ended:
    """Disable an account in every business; gives what the processes have to forget.

    `ip` and `request_id` go into the trails. Raises NoSuchAccount, OnlyOwner, OwnRights where it is one's own.
    """
    scope = platform_scope(actor, ip=ip, request_id=request_id)
    known, ended, tenants = await database.run(scope, _disable, email)
    await _tell(database, scope, "person.disabled", "member.disabled", known, tenants, reason)
    return ended


async def enable_account(
    database: Database, actor: Actor, email: str, reason: str, *, ip: str = "", request_id: str = ""
) -> AnyAccount:
    """Let an account in again, where it was a member when it was disabled. Raises NoSuchAccount."""
    scope = platform_scope(actor, ip=ip, request_id=request_id)
    known, tenants = await database.run(scope, _enable, email)
    await _tell(database, scope, "person.enabled", "member.enabled", known, tenants, reason)
    return known


async def _disable(tx: Tx, email: str) -> tuple[AnyAccount, Ended, list[UUID]]:
    known = await account_by_email(tx, email)
    require_other(tx, known.id)
    alone = [row["name"] for row in await tx.fetch("SELECT name FROM auth_owned_alone($1)", known.id)]
    if alone:
        raise OnlyOwner(alone)
    made = await tx.fetch("SELECT auth_end_made_tokens($1, $2) AS gone", known.id, tx.now)
    ended, tenants = await disable_person(tx, known.id)
    tokens = ended.tokens + tuple(row["gone"] for row in made)
    return known, Ended(known.id, ended.sessions, tokens), tenants


async def _enable(tx: Tx, email: str) -> tuple[AnyAccount, list[UUID]]:
    known = await account_by_email(tx, email)
    return known, await enable_person(tx, known.id)


async def _tell(  # noqa: PLR0917 - two trails
    database: Database, scope: Scope, action: str, in_business: str, known: AnyAccount, tenants: list[UUID], reason: str
) -> None:
    """Put it onto the platform's chain and the businesses'; their sockets prove themselves again, in all processes."""
    await note(database, scope, action, "person", known.id, reason=reason, businesses=len(tenants))
    for tenant in tenants:
        inside = Scope(tenant, scope.actor, role="system", ip=scope.ip, request_id=scope.request_id)
        await database.run(inside, _tell_business, in_business, known.id, reason)


async def _tell_business(tx: Tx, action: str, person: UUID, reason: str) -> None:
    tx.audit(action, "person", person, reason=reason, by="operator")
    tx.emit(AccessChanged(person))


async def _is_needed_elsewhere(tx: Tx, person: UUID) -> bool:
    """Claim that somebody's session still opens something once this business is closed to them."""
    if await tx.fetchval("SELECT operator FROM auth_account($1)", person):
        return True
    return bool(await tx.fetch("SELECT tenant_id FROM auth_memberships($1)", person))
