"""Using an approval: once, by the one act that it is bound to. docs/algorithms/approvals.md, 4 and 6."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_queries import Approval, approval, scope_of_person
from retail.identity.approval_rules import LIVES
from retail.identity.permissions import APPROVE
from retail.kit.errors import Forbidden
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope

WHY: Final = ("missing", "asked", "refused", "expired", "changed", "used", "approver", "unsigned")
"""Why an act has no valid approval."""
_SKEW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Use:
    """An act that needs an approval: which right, how much of it, the act's id and hash, when it was done.

    `typed` is how much people say it is, where that is another number than the one that decides.
    """

    permission: str
    amount: int | None
    act: UUID
    hash: str
    at: datetime
    typed: int | None = None


@dataclass(frozen=True, slots=True)
class OfflineGrant:
    """An approval that a device's record carries: given by PIN without a network."""

    id: UUID
    permission: str
    amount: int | None
    reason: str
    asked_at: datetime
    granted_at: datetime
    approver: UUID


async def spend(tx: Tx, id: UUID | None, use: Use) -> str:
    """Use an approval for an act; '' where it is valid, else why it is not (a code of WHY). Used once, by one act.

    Locks the approval's row: of two acts the second waits, and finds it used.
    """
    found = await approval(tx, id, lock=True) if id is not None else None
    if found is None:
        return "missing"
    why = _obstacle(found, use)
    if not why and found.state == "granted":
        await _mark_used(tx, found.id, use)
    return why


async def require(tx: Tx, store: UUID, use: Use, approval: UUID | None) -> None:
    """Let something go on that has not happened yet, with its approval where the actor needs one.

    Raises Forbidden, ApprovalNeeded.
    """
    match tx.scope.decide(use.permission, use.amount, store):
        case "allowed":
            return
        case "denied":
            raise Forbidden(use.permission)
    why = await spend(tx, approval, use)
    if why:
        right = tx.scope.right(use.permission, store)
        raise ApprovalNeeded(use.permission, use.amount, right.limit if right else None, why)


async def take_offline(tx: Tx, grant: OfflineGrant, use: Use, store: UUID, till: UUID) -> str:
    """Store an approval that was given at a device without a network, used at once; as spend().

    The caller has proved the device's signature. The one who acts is the asker; the approver's rights are of now.
    """
    known = await approval(tx, grant.id, lock=True)
    if known is not None:
        return await spend(tx, grant.id, use)
    by = await scope_of_person(tx, grant.approver)
    early = grant.granted_at < grant.asked_at or grant.granted_at > use.at + _SKEW
    if grant.permission != use.permission or (use.amount or 0) > (grant.amount or 0):
        return "changed"
    if early or max(grant.granted_at, use.at) > grant.asked_at + LIVES:
        return "expired"
    if by is None or grant.approver == tx.actor.id or tx.actor.id is None or not _may_grant(by, use, store):
        return "approver"
    right = tx.scope.right(use.permission, store)
    await tx.execute(
        """INSERT INTO approval (tenant_id, id, store_id, till_id, permission, amount, limit_amount, act_id, act_hash,
                                 facts, reason, asked_by, asked_by_name, asked_at, expires_at, state, how, decided_by,
                                 decided_by_name, decided_at, used_for, used_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $19, $10, $11, $12, $13, $14, 'used', 'pin_offline', $15, $16,
                   $17, $8, $18, $18)""",
        tx.tenant, grant.id, store, till, use.permission, grant.amount, right.limit if right else None, use.act,
        use.hash, grant.reason, tx.actor.id, tx.actor.name, grant.asked_at, grant.asked_at + LIVES, grant.approver,
        by.actor.name, grant.granted_at, tx.now, json.dumps({} if use.typed is None else {"percent": use.typed}),
    )  # fmt: skip
    tx.audit(
        "approval.used", "approval", grant.id, permission=use.permission,
        amount=use.amount if use.typed is None else use.typed, act=use.act,
        how="pin_offline", asked_by=tx.actor.id, by=grant.approver, reason=grant.reason,
    )  # fmt: skip
    return ""


async def hold_approvals(tx: Tx, ids: Sequence[UUID]) -> None:
    """Lock approvals until the commit, sorted."""
    await tx.fetch(
        "SELECT id FROM approval WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE", tx.tenant, list(ids)
    )


def _obstacle(found: Approval, use: Use) -> str:
    """Say why an approval doesn't cover an act; '' where it does, or did before."""
    if found.state == "used":
        return "" if (found.used_for, found.act_hash) == (use.act, use.hash) else "used"
    if found.state != "granted":
        return found.state if found.state in WHY else "missing"
    if use.at > found.expires_at:
        return "expired"
    same = (found.permission, found.act, found.act_hash) == (use.permission, use.act, use.hash)
    return "" if same and (use.amount or 0) <= (found.amount or 0) else "changed"


def _may_grant(by: Scope, use: Use, store: UUID) -> bool:
    return by.decide(APPROVE, None, store) == "allowed" and by.decide(use.permission, use.amount, store) == "allowed"


async def _mark_used(tx: Tx, id: UUID, use: Use) -> None:
    await tx.execute(
        """UPDATE approval SET state = 'used', used_for = $3, used_at = $4
            WHERE tenant_id = $1 AND id = $2 AND state = 'granted'""",
        tx.tenant,
        id,
        use.act,
        tx.now,
    )
    tx.audit("approval.used", "approval", id, permission=use.permission, act=use.act)  # how much, its request says
