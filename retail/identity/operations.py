"""Taking people on, changing what they may do, letting them go. Every change is in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from retail.identity.errors import AccountDisabled, AccountOpened, AlreadyMember, LastOwner, RoleChanged
from retail.identity.grants import NewGrant, end_all_grants, give_grant
from retail.identity.lasting import require_other
from retail.identity.queries import Member, member
from retail.identity.roles import OWNER
from retail.identity.roles_changes import given_for, held_for
from retail.identity.roles_errors import OwnersEverywhere
from retail.kit.ids import new_id
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx, Unit
from retail.runtime.realtime.access import AccessChanged


@dataclass(frozen=True, slots=True)
class NewMember:
    """What somebody is taken on with; the hash is of the password that the owner typed for them."""

    email: str
    name: str
    role: str
    password_hash: str
    stores: tuple[UUID, ...] = ()
    """The stores in which the role is to count; none for all of them."""
    person: UUID | None = None
    """Who they are, or are to be, where they act themselves before their account is there; None for whoever else."""


async def open_account(
    unit: Unit,
    email: str,
    name: str,
    password_hash: str,
    *,
    at: datetime,
    operator: bool = False,
    person: UUID | None = None,
) -> UUID:
    """Give somebody an account, or find the one that has the address already, unchanged; gives the person's id.

    A new one gets the id `person`, if there is one. Raises AccountDisabled.
    """
    made: UUID | None = await unit.fetchval(
        "SELECT auth_add_person($1, $2, $3, $4, $5, $6)", person or new_id(), email, name, password_hash, operator, at
    )
    if made is not None:
        return made
    found: UUID | None = await unit.fetchval("SELECT id FROM auth_person($1)", email)
    if found is None:
        raise AccountDisabled
    return found


async def person_to_be(unit: Unit, email: str) -> UUID:
    """Give the id of the account that has an address, or else one for the account that is to be opened.

    Whoever opens a business or comes into one acts under it before the account is there: the audit trail then has one
    person, not two.
    """
    found: UUID | None = await unit.fetchval("SELECT id FROM auth_person($1)", email)
    return found or new_id()


async def add_member(tx: Tx, new: NewMember) -> Member:
    """Take somebody on. An account that exists keeps its own name and password; somebody who left comes back.

    Where stores are named, the role is granted for each of them and counts nowhere else. Raises AlreadyMember (whoever
    is disabled is one too), AccountDisabled, AccountOpened, NotFound for a role or store that isn't there, OwnersOnly
    where somebody else names an owner, OwnersEverywhere, BeyondYourRights.
    """
    if new.stores and new.role == OWNER:
        raise OwnersEverywhere
    for store in new.stores or (None,):
        await given_for(tx, new.role, store)
    person = await open_account(tx, new.email, new.name, new.password_hash, at=tx.now, person=new.person)
    if new.person not in {None, person}:
        raise AccountOpened
    id = await tx.fetchval(
        """INSERT INTO membership (tenant_id, id, person_id, name, email, role, created_at, everywhere)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (tenant_id, person_id) DO UPDATE
              SET ended_at = NULL, role = excluded.role, name = excluded.name, everywhere = excluded.everywhere
            WHERE membership.ended_at IS NOT NULL AND membership.disabled_by IS NULL
           RETURNING id""",
        tx.tenant,
        new_id(),
        person,
        new.name,
        new.email.lower(),
        new.role,
        tx.now,
        not new.stores,
    )
    if id is None:
        raise AlreadyMember
    given = {"role": new.role, "everywhere": not new.stores}
    tx.audit("member.added", "member", id, person=person, role=new.role, stores=list(new.stores), after=given)
    for store in new.stores:
        await give_grant(tx, id, NewGrant(new.role, store))
    return await member(tx, id)


async def change_role(tx: Tx, wanted: UUID, role: str, seen: str = "", *, everywhere: bool | None = None) -> Member:
    """Give a member another role; their tokens follow at once. Locks the owners.

    `everywhere` False: from now on the role is only their title, and what they are granted for stores counts; None
    leaves that as it is. Nobody changes their own. `seen` is the role that whoever decided this knew of, '' where they
    didn't look. Raises NotFound, OwnRights, OwnersOnly, LastOwner, RoleChanged, OwnersEverywhere, BeyondYourRights,
    HeldForATime.
    """
    known = await lock_member(tx, wanted, role)
    reaches = known.everywhere if everywhere is None else everywhere
    if role == OWNER:
        if everywhere is False:
            raise OwnersEverywhere
        reaches = True
    if seen and known.role not in {seen, role}:
        raise RoleChanged
    if (known.role, known.everywhere) == (role, reaches):
        return known
    await tx.execute(
        "UPDATE membership SET role = $3, everywhere = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        role,
        reaches,
    )
    was = {"role": known.role, "everywhere": known.everywhere}
    tx.audit("member.role_changed", "member", wanted, **changed(was, {"role": role, "everywhere": reaches}))
    tx.emit(AccessChanged(known.person_id))
    return await member(tx, wanted)


async def end_membership(tx: Tx, wanted: UUID) -> Member:
    """Let a member go: their pages, sockets and tokens stop. Locks the owners.

    Raises NotFound, OwnersOnly, LastOwner.
    """
    known = await lock_member(tx, wanted, "")
    await tx.execute("UPDATE membership SET ended_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, wanted, tx.now)
    await tx.execute(
        "UPDATE api_token SET revoked_at = $3 WHERE tenant_id = $1 AND person_id = $2 AND revoked_at IS NULL",
        tx.tenant,
        known.person_id,
        tx.now,
    )
    await end_all_grants(tx, wanted)
    had = {"role": known.role, "everywhere": known.everywhere}
    tx.audit("member.ended", "member", wanted, person=known.person_id, role=known.role, before=had)
    tx.emit(AccessChanged(known.person_id))
    return known


async def lock_member(tx: Tx, wanted: UUID, role: str) -> Member:
    """Lock the owners in the order of their ids, so that two owners can't remove each other at the same moment.

    Whoever changes a member must be able to give both the role that they have and the one that they get.
    """
    owners = await tx.fetch(
        """SELECT role FROM membership WHERE tenant_id = $1 AND ended_at IS NULL
              AND (role = 'owner' OR id = $2 OR person_id = $3) ORDER BY id FOR UPDATE""",
        tx.tenant,
        wanted,
        tx.actor.id,
    )
    known = await member(tx, wanted)
    if role:
        require_other(tx, known.person_id)
    await held_for(tx, known.role)
    if role:
        await given_for(tx, role)
    if known.role == OWNER and role != OWNER and sum(row["role"] == OWNER for row in owners) == 1:
        raise LastOwner
    return known
