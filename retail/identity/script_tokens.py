"""Tokens for programs, made and revoked by whoever may give programs access: narrowed, and never for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from retail.identity.lasting import require_lasting
from retail.identity.plan_room import refuse_without
from retail.identity.roles import OWNER, Role, role
from retail.identity.roles_changes import given_for
from retail.identity.token_rules import HINT, LIFETIMES
from retail.identity.tokens import store_token
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.switches import PROGRAMS, require


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is made of. `permissions`, `stores`: None for all that the role may, everywhere."""

    name: str
    role: str
    days: int
    permissions: frozenset[str] | None = None
    stores: tuple[UUID, ...] | None = None
    networks: tuple[str, ...] = ()
    till: UUID | None = None


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token; `secret` is known to nobody afterwards."""

    id: UUID
    secret: str
    ends_at: datetime


async def make_script_token(tx: Tx, new: NewToken) -> MadeToken:
    """Make a token for a program. Nobody gives a program more than they may do themselves.

    Raises Invalid, NotFound for a role, store or till that isn't there, OwnersOnly, BeyondYourRights, HeldForATime,
    NotInPlan, SwitchedOff.
    """
    await refuse_without(tx, "api")
    await require(tx, PROGRAMS)
    if new.days not in LIFETIMES:
        raise Invalid({"days": [_("Pick one of the choices.")]})
    known = await _role_for(tx, new, tx.now + timedelta(days=new.days))
    await _check_places(tx, new)
    lives = timedelta(days=new.days)
    id, secret = await store_token(tx, known.key, new.name, till=new.till, lives=lives)
    person = tx.actor.id if tx.actor.kind == "person" else None
    await tx.execute(
        """INSERT INTO token_scope (tenant_id, token_id, permissions, stores, networks, hint, made_by)
           VALUES ($1, $2, $3, $4, $5::text[]::cidr[], $6, $7)""",
        tx.tenant,
        id,
        None if new.permissions is None else sorted(new.permissions),
        None if new.stores is None else sorted(new.stores),
        list(new.networks),
        secret[-HINT:],
        person,
    )
    tx.audit(
        "token.narrowed", "token", id, permissions=new.permissions, stores=new.stores, networks=new.networks,
        days=new.days,
    )  # fmt: skip
    return MadeToken(id, secret, tx.now + lives)


async def revoke_script_token(tx: Tx, wanted: UUID) -> tuple[str, bytes]:
    """Revoke a program's token at once; gives its name and what the processes have to forget. Raises NotFound."""
    row = await tx.fetchrow(
        """UPDATE api_token SET revoked_at = coalesce(revoked_at, $3)
            WHERE tenant_id = $1 AND id = $2 AND kind = 'script' RETURNING name, token_hash, revoked_at""",
        tx.tenant,
        wanted,
        tx.now,
    )
    if row is None:
        raise NotFound("token")
    if row["revoked_at"] == tx.now:
        tx.audit("token.revoked", "token", wanted)
        tx.emit(AccessChanged(None))
    return row["name"], row["token_hash"]


async def _role_for(tx: Tx, new: NewToken, until: datetime) -> Role:
    """Give the role; of one that is cut down, only what is left has to be the maker's own."""
    if new.permissions is None or new.role == OWNER:
        for store in new.stores or (None,):
            known = await given_for(tx, new.role, store, until)
    else:
        known = await _cut_role(tx, new, new.permissions, until)
    if new.permissions is not None and not new.permissions <= set(known.rights):
        raise Invalid({"permissions": [_("This role may not do all of that. Tick less, or pick another role.")]})
    return known


async def _cut_role(tx: Tx, new: NewToken, permissions: frozenset[str], until: datetime) -> Role:
    known = await role(tx, new.role)
    left = {name: right for name, right in known.rights.items() if name in permissions}
    for store in new.stores or (None,):
        await require_lasting(tx, left, store, until)
    return known


async def _check_places(tx: Tx, new: NewToken) -> None:
    if new.stores is not None:
        found = await tx.fetchval(
            "SELECT count(*) FROM store WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tx.tenant, list(new.stores)
        )
        if found != len(set(new.stores)):
            raise NotFound("store")
    if new.till is not None:
        store = await tx.fetchval("SELECT store_id FROM till WHERE tenant_id = $1 AND id = $2", tx.tenant, new.till)
        if store is None or (new.stores is not None and store not in new.stores):
            raise NotFound("till")
