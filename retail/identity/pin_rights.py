"""Who may hand out a PIN or a badge: it is a key to what its person may do, so nobody hands out more than they hold."""

from __future__ import annotations

from uuid import UUID

from retail.identity.roles_changes import held_for
from retail.kit.errors import NotFound
from retail.runtime.db import Tx


async def require_beneath(tx: Tx, person: UUID) -> None:
    """Let pass who holds all that a member does, now or by a grant to come; one's own is always one's own.

    Raises NotFound for nobody of the business, OwnersOnly, BeyondYourRights, RightsChanged.
    """
    if tx.actor.kind == "person" and tx.actor.id == person:
        return
    held = await tx.fetch(
        """SELECT role AS key, NULL::uuid AS store_id, true AS own FROM membership
            WHERE tenant_id = $1 AND person_id = $2 AND ended_at IS NULL
            UNION ALL
           SELECT g.role_key, g.store_id, false FROM role_grant g
             JOIN membership m ON m.tenant_id = g.tenant_id AND m.id = g.member_id
            WHERE g.tenant_id = $1 AND m.person_id = $2 AND m.ended_at IS NULL
              AND g.revoked_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > $3)""",
        tx.tenant,
        person,
        tx.now,
    )
    if not any(row["own"] for row in held):
        raise NotFound("member")
    for row in held:
        await held_for(tx, row["key"], row["store_id"])
