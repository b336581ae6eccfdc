"""What somebody holds for long enough to pass it on: their rights of this moment, without those that end too early.

Read afresh under locks: whatever would take these rights away waits until the passing on is done, or comes first and
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from retail.identity.rights import Held, Rights, beyond, hold, is_key_keeper
from retail.identity.roles import role
from retail.identity.roles_errors import BeyondYourRights, HeldForATime, OwnRights, RightsChanged
from retail.runtime.db import Row, Tx
from retail.runtime.tenancy import Scope


def require_other(tx: Tx, person: UUID) -> None:
    """Let nobody change their own role, place or grants; the product itself does. Raises OwnRights."""
    if tx.scope.role != "system" and tx.actor.kind == "person" and tx.actor.id == person:
        raise OwnRights


async def is_owner(tx: Tx) -> bool:
    """Claim that whoever acts is an owner now, with all that belongs to one, or the product itself."""
    return is_key_keeper(replace(await _holding(tx, None), curtailed=tx.scope.curtailed))


async def require_held(tx: Tx, rights: Rights, store: UUID | None = None) -> None:
    """Let only somebody who holds all of these now take them from somebody. Raises BeyondYourRights, RightsChanged."""
    lacking = _lacking(tx, await _holding(tx, tx.now), rights, store)
    if lacking:
        raise BeyondYourRights(lacking)


async def require_lasting(tx: Tx, rights: Rights, store: UUID | None = None, until: datetime | None = None) -> None:
    """Let only somebody who holds all of these until then, None for good, give them on.

    Raises BeyondYourRights, HeldForATime where they hold them now and not for as long, RightsChanged.
    """
    await require_held(tx, rights, store)
    lacking = _lacking(tx, await _holding(tx, until), rights, store)
    if lacking:
        raise HeldForATime(lacking)


def _lacking(tx: Tx, held: Scope, rights: Rights, store: UUID | None) -> Sequence[str]:
    """Name what is lacking; what a request was narrowed to counts as well as what its person holds."""
    return beyond(held, rights, store) or beyond(tx.scope, rights, store)


async def _holding(tx: Tx, until: datetime | None) -> Scope:
    """Give the actor's scope with what of it lasts until then. Locks what it comes from."""
    if tx.scope.role == "system" or tx.actor.kind != "person":
        return tx.scope
    own: Row | None = await tx.fetchrow(
        """SELECT id, role, everywhere FROM membership
            WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL FOR SHARE""",
        tx.tenant,
        tx.actor.id,
    )
    if own is None:
        if tx.scope.proved_at is not None:
            raise RightsChanged
        return tx.scope  # a scope that the product made for somebody who isn't a member
    granted = await tx.fetch(
        """SELECT store_id, role_key FROM role_grant
            WHERE tenant_id = $1 AND member_id = $2 AND revoked_at IS NULL AND starts_at <= $3
              AND (ends_at IS NULL OR (ends_at > $3 AND ends_at >= $4)) ORDER BY id FOR SHARE""",
        tx.tenant,
        own["id"],
        tx.now,
        until,
    )
    sources: list[tuple[UUID | None, str]] = [(row["store_id"], row["role_key"]) for row in granted]
    if own["everywhere"]:
        sources.append((None, own["role"]))
    await tx.fetch(
        "SELECT FROM role WHERE tenant_id = $1 AND key = ANY ($2::text[]) ORDER BY key FOR SHARE",
        tx.tenant,
        [key for _store, key in sources],
    )
    held = hold([Held(store, (await role(tx, key)).rights) for store, key in sources])
    return held.put_on(replace(tx.scope, role=own["role"]))
