"""Proof that whoever writes may still do so: asked where their rights were read a while ago."""

from __future__ import annotations

from datetime import datetime

from retail.identity.rights import Holding, Rights, read_holding
from retail.identity.roles_errors import RightsChanged
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope


async def still_holds(read: Read, now: datetime) -> None:
    """Compare the scope's rights with those of now. Raises RightsChanged where any of them is gone."""
    scope = read.scope
    if scope.actor.kind == "device":  # nobody stands at it: what it may do then is the same for all, for good
        if not await _device_stays(read):
            raise RightsChanged
        return
    person = scope.actor.id if scope.actor.kind == "person" else None
    if person is None and not await _token_lives(read, now):
        raise RightsChanged
    text = await read.fetchval(
        "SELECT auth_rights($1, $2, $3, $4)", read.tenant, person, None if person else scope.role, now
    )
    if not _covers(read_holding(text), scope):
        raise RightsChanged


async def _device_stays(read: Read) -> bool:
    return bool(
        await read.fetchval(
            "SELECT true FROM device WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
            read.tenant,
            read.scope.actor.id,
        )
    )


async def _token_lives(read: Read, now: datetime) -> bool:
    return bool(
        await read.fetchval(
            """SELECT true FROM api_token
                WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3 AND role = $4""",
            read.tenant,
            read.scope.actor.id,
            now,
            read.scope.role,
        )
    )


def _covers(now: Holding, scope: Scope) -> bool:
    """Claim that nothing that the scope may do is lost; what was won meanwhile doesn't count yet."""
    reached = now.stores is None or (scope.stores is not None and scope.stores <= now.stores)
    return (
        reached
        and scope.permissions <= now.permissions
        and _all_covered(scope.rights, now.rights)
        and all(
            _all_covered(rights, now.store_rights.get(store, now.rights))
            for store, rights in scope.store_rights.items()
            if scope.stores is None or store in scope.stores
        )
    )


def _all_covered(before: Rights, after: Rights) -> bool:
    return all(name in after and after[name].covers(right) for name, right in before.items())
