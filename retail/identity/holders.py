"""Who has a right: asked where somebody is told that they lack it, so that they know whom to go to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.identity.rights import read_holding
from retail.runtime.db import Read
from retail.runtime.tenancy import Actor, Scope

FEW: Final = 3
_MEMBERS: Final = """
SELECT m.person_id, m.name, auth_rights($1, m.person_id, NULL, $2) AS rights FROM membership m
 WHERE m.tenant_id = $1 AND m.ended_at IS NULL AND m.role <> 'viewer'
 ORDER BY array_position(ARRAY['manager', 'owner', 'clerk'], m.role), m.name, m.person_id LIMIT 200"""


async def who_may(read: Read, permission: str, store: UUID, most: int = FEW) -> list[str]:
    """Name a few of those who have a right in a store, managers first: they are there more often than owners."""
    found: list[str] = []
    for row in await read.fetch(_MEMBERS, read.tenant, read.now):
        who = Actor("person", row["person_id"], row["name"])
        if read_holding(row["rights"]).put_on(Scope(read.tenant, who)).may_in(permission, store):
            found.append(row["name"])
        if len(found) >= most:
            break
    return found
