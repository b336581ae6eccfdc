"""Invitations: a link by mail that makes whoever reads it a member, once, for seven days. Only its hash is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from retail.identity.entry_errors import AlreadyInvited, InvitationSpent, TooManyInvitations
from retail.identity.errors import AlreadyMember
from retail.identity.operations import NewMember, add_member
from retail.identity.plan_room import refuse_one_more
from retail.identity.queries import Member
from retail.identity.roles import OWNER, Role
from retail.identity.roles_changes import given_for, held_for
from retail.identity.roles_errors import OwnersEverywhere
from retail.identity.rules import digest, new_secret
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx, Unit
from retail.runtime.mail import Mail, compose, queue
from retail.runtime.tenancy import TenantFacts

LIVES: Final = timedelta(days=7)
MOST_OPEN: Final = 100
AGAIN_AFTER: Final = timedelta(minutes=1)
_LISTED: Final = """
SELECT id, email, role, stores, inviter_name, sent_at, expires_at, expires_at <= $2 AS expired
  FROM invitation WHERE tenant_id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL"""
_TENANT: Final = (
    "id", "slug", "name", "country", "currency", "locale", "timezone", "prices_include_tax", "cash_unit_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that was neither accepted nor withdrawn; `expired` ones can be sent again."""

    id: UUID
    email: str
    role: str
    stores: list[UUID]
    inviter_name: str
    sent_at: datetime
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link leads to: which business invites whom, as what. `has_account`: they sign in rather than sign up."""

    id: UUID
    email: str
    role: str
    inviter_name: str
    expires_at: datetime
    has_account: bool
    tenant: TenantFacts


@dataclass(frozen=True, slots=True)
class Invite:
    """Whom to invite as what; `stores` are those in which the role is to count, none for all of them."""

    email: str
    role: str
    stores: tuple[UUID, ...] = ()


async def open_invitations(read: Read) -> list[Invitation]:
    """List the open ones, newest first."""
    rows = await read.fetch(f"{_LISTED} ORDER BY sent_at DESC, id", read.tenant, read.now)
    return [Invitation(**row) for row in rows]


async def invite(tx: Tx, tenant: TenantFacts, wanted: Invite, base_url: str) -> UUID:
    """Invite somebody by mail; the link in it begins with `base_url`.

    Raises NotFound for a role or store that isn't there, OwnersOnly, OwnersEverywhere, BeyondYourRights,
    AlreadyMember, AlreadyInvited, TooManyInvitations, PlanTooSmall, MailLimitReached.
    """
    role = await _checked(tx, wanted.role, wanted.stores, to_give=True)
    email = wanted.email.lower()
    if await tx.fetchval(
        "SELECT true FROM membership WHERE tenant_id = $1 AND email = $2 AND ended_at IS NULL", tx.tenant, email
    ):
        raise AlreadyMember
    if len(await open_invitations(tx)) >= MOST_OPEN:
        raise TooManyInvitations
    await refuse_one_more(tx, "people")
    id, secret = new_id(), new_secret()
    made = await tx.fetchval(
        """INSERT INTO invitation (tenant_id, id, token_hash, email, role, stores, invited_by, inviter_name, created_at,
                                   sent_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
           ON CONFLICT (tenant_id, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL DO NOTHING RETURNING id""",
        tx.tenant,
        id,
        digest(secret),
        email,
        wanted.role,
        list(wanted.stores),
        _person(tx),
        tx.actor.name,
        tx.now,
        tx.now + LIVES,
    )
    if made is None:
        raise AlreadyInvited
    await queue(tx, _letter(tenant, email, role, tx.actor.name, f"{base_url}/invitation?token={secret}"))
    tx.audit("invitation.sent", "invitation", id, role=wanted.role, stores=list(wanted.stores))
    return id


async def send_again(tx: Tx, tenant: TenantFacts, wanted: UUID, base_url: str) -> Invitation:
    """Send an open one with a new link, for another seven days; the older link is void.

    Asked twice within a minute, it is sent once. Raises NotFound, OwnersOnly, BeyondYourRights.
    """
    known, role = await _lock(tx, wanted, to_give=True)
    if tx.now - known.sent_at < AGAIN_AFTER:
        return known
    secret = new_secret()
    await tx.execute(
        """UPDATE invitation SET token_hash = $3, sent_at = $4, expires_at = $5, invited_by = $6, inviter_name = $7
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        wanted,
        digest(secret),
        tx.now,
        tx.now + LIVES,
        _person(tx),
        tx.actor.name,
    )
    await queue(tx, _letter(tenant, known.email, role, tx.actor.name, f"{base_url}/invitation?token={secret}"))
    tx.audit("invitation.sent_again", "invitation", wanted, role=known.role)
    return known


async def withdraw(tx: Tx, wanted: UUID) -> Invitation:
    """Make an open one void. Raises NotFound, OwnersOnly, BeyondYourRights."""
    known, _role = await _lock(tx, wanted)
    await tx.execute(
        "UPDATE invitation SET withdrawn_at = $3, withdrawn_by_name = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        wanted,
        tx.now,
        tx.actor.name,
    )
    tx.audit("invitation.withdrawn", "invitation", wanted, role=known.role)
    return known


async def offer(unit: Unit, secret: str) -> Offer:
    """Give what a link leads to, before anybody is known. Raises InvitationSpent.

    One whose inviter has left the business is void too: nobody answers for it any more.
    """
    row = await unit.fetchrow("SELECT * FROM auth_invitation($1, $2)", digest(secret), unit.now)
    if row is None:
        raise InvitationSpent
    facts: dict[str, Any] = {name: row[name] for name in _TENANT}
    return Offer(
        row["invitation_id"],
        row["email"],
        row["role"],
        row["inviter_name"],
        row["expires_at"],
        row["has_account"],
        TenantFacts(**facts),
    )


async def accept(tx: Tx, secret: str, name: str, password_hash: str) -> Member:
    """Use the link up and make its reader a member. An account that exists keeps its name and password.

    The scope's actor is the one who comes in: their account, or the id that it is opened with. Locks the invitation, so
    that of two readers one comes in. Raises InvitationSpent, AlreadyMember, AccountOpened.
    """
    row = await tx.fetchrow(
        """UPDATE invitation SET accepted_at = $3
            WHERE tenant_id = $1 AND token_hash = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL
              AND expires_at > $3
        RETURNING id, email, role, stores""",
        tx.tenant,
        digest(secret),
        tx.now,
    )
    if row is None:
        raise InvitationSpent
    new = NewMember(row["email"], name, row["role"], password_hash, tuple(row["stores"]), _person(tx))
    member = await add_member(tx, new)
    await tx.execute(
        "UPDATE invitation SET accepted_by = $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        row["id"],
        member.person_id,
    )
    tx.audit("invitation.accepted", "invitation", row["id"], person=member.person_id, role=row["role"])
    return member


async def _checked(tx: Tx, role: str, stores: Iterable[UUID], *, to_give: bool) -> Role:
    """Give the role if whoever acts may give it there, for good, or else take it."""
    given = tuple(stores)
    if given and role == OWNER:
        raise OwnersEverywhere
    may = given_for if to_give else held_for
    checked = [await may(tx, role, store) for store in given or (None,)]
    return checked[0]


async def _lock(tx: Tx, wanted: UUID, *, to_give: bool = False) -> tuple[Invitation, Role]:
    row = await tx.fetchrow(f"{_LISTED} AND id = $3 FOR UPDATE", tx.tenant, tx.now, wanted)
    if row is None:
        raise NotFound("invitation")
    known = Invitation(**row)
    return known, await _checked(tx, known.role, known.stores, to_give=to_give)


def _person(tx: Tx) -> UUID | None:
    return tx.actor.id if tx.actor.kind == "person" else None


def _letter(tenant: TenantFacts, email: str, role: Role, inviter: str, link: str) -> Mail:
    return compose("invitation", email, tenant=tenant, link=link, inviter=inviter, role=role.words, days=LIVES.days)
