"""Approvals: asked for, answered by somebody else, used once. docs/algorithms/approvals.md, 4 to 6."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from retail.identity.approval_errors import (
    ApprovalNeeded,
    ApprovalNotNeeded,
    Decided,
    MayNotApprove,
    NoSuchApproval,
    OwnRequest,
)
from retail.identity.approval_queries import Approval, approval
from retail.identity.approval_rules import LIVES, Act, act_hash, discount_percent, plain_percent, unfit_discounts
from retail.identity.events import ApprovalChanged
from retail.identity.permissions import APPROVE, ASKS, DISCOUNT
from retail.kit.errors import Forbidden, IdempotencyConflict, Invalid, Unauthenticated
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope

TEXT_MOST: Final = 200
NOTICE: Final = "approval_asked"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. `shown`: lines with names as the approver sees them, in the order of the act's."""

    permission: str
    store: UUID
    act: Act
    amount: int | None = None
    till: UUID | None = None
    reason: str = ""
    shown: Sequence[Mapping[str, Any]] = field(default=(), hash=False)
    total: int | None = None
    risky: bool = False
    """Asked of whoever may do it alone, too: by a rule of loss prevention, or for goods without a receipt."""
    blind: bool = False
    """Who asks must not be shown what it is about: they count blind (docs/algorithms/counting.md, 4)."""

    @property
    def measured(self) -> int | None:
        """Give the amount that counts: a discount's is worked out from the lines, whatever was said."""
        return discount_percent(self.act) if self.permission == DISCOUNT else self.amount


async def ask(tx: Tx, id: UUID, wanted: Wanted) -> Approval:
    """Ask for an approval; the same id again gives the first one, and so does the same request under another id.

    It lives for ten minutes. A till that was loaded anew has forgotten its request: the one that still stands for the
    same act is given back, and one that only looks the same is withdrawn, so nobody is shown a twin.
    Raises Forbidden where the thing is out of the question, ApprovalNotNeeded, Invalid, IdempotencyConflict.
    Emits ApprovalChanged; posts a notice.
    """
    if wanted.permission not in ASKS or len(wanted.reason) > TEXT_MOST:
        raise Invalid({"permission": [_("There are no approvals for this.")]})
    _require_sense(wanted.act)
    if tx.actor.id is None:
        raise Unauthenticated
    bound, amount = act_hash(wanted.act), wanted.measured
    known = await approval(tx, id, lock=True)
    if known is not None:
        if (known.permission, known.amount, known.act_hash, known.asked_by) != (
            wanted.permission,
            amount,
            bound,
            tx.actor.id,
        ):
            raise IdempotencyConflict
        return known
    if (standing := await _standing(tx, wanted, bound, amount)) is not None:
        return standing
    match tx.scope.decide(wanted.permission, amount, wanted.store):
        case "denied":
            raise Forbidden(wanted.permission)
        case "allowed" if not wanted.risky:
            raise ApprovalNotNeeded
    right = tx.scope.right(wanted.permission, wanted.store)
    facts = _facts(wanted)
    await _withdraw_twins(tx, wanted, amount, json.dumps(facts))
    await tx.execute(
        """INSERT INTO approval (tenant_id, id, store_id, till_id, permission, amount, limit_amount, act_id, act_hash,
                                 facts, reason, asked_by, asked_by_name, asked_at, expires_at, state, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'asked', $14)""",
        tx.tenant, id, wanted.store, wanted.till, wanted.permission, amount, right.limit if right else None,
        wanted.act.id, bound, json.dumps(facts), wanted.reason, tx.actor.id, tx.actor.name, tx.now, tx.now + LIVES,
    )  # fmt: skip
    tx.audit(
        "approval.asked",
        "approval",
        id,
        permission=wanted.permission,
        amount=facts.get("percent", amount),  # as it was typed; the request has what decides, which is less by rounding
        reason=wanted.reason,
        act=wanted.act.id,
    )
    await post_notice(
        tx, NOTICE, subject=id, store=wanted.store, permission=wanted.permission, amount=amount, name=tx.actor.name
    )
    return await _told(tx, id)


def _facts(wanted: Wanted) -> dict[str, object]:
    facts: dict[str, object] = {"lines": list(wanted.shown), "total": wanted.total}
    if wanted.blind:
        facts["blind"] = True
    if wanted.permission == DISCOUNT:
        facts["percent"] = plain_percent(wanted.act)
    return facts


async def _standing(tx: Tx, wanted: Wanted, bound: str, amount: int | None) -> Approval | None:
    """Give what the same person asked for the same act at the same till, while it can still be granted or used."""
    await tx.fetchval(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"approval:{tx.tenant}:{tx.actor.id}:{wanted.till}"
    )
    id = await tx.fetchval(
        """SELECT id FROM approval
            WHERE tenant_id = $1 AND asked_by = $2 AND till_id IS NOT DISTINCT FROM $3 AND permission = $4
              AND amount IS NOT DISTINCT FROM $5 AND act_hash = $6 AND state IN ('asked', 'granted')
              AND used_for IS NULL AND expires_at > $7
            ORDER BY state DESC, asked_at DESC LIMIT 1""",
        tx.tenant, tx.actor.id, wanted.till, wanted.permission, amount, bound, tx.now,
    )  # fmt: skip
    return await approval(tx, id, lock=True) if id is not None else None


async def _withdraw_twins(tx: Tx, wanted: Wanted, amount: int | None, facts: str) -> None:
    """Withdraw what the same person asked at the same till with the same words, for an act that is no more.

    A till asks for one thing at a time. An act that is no sale gets a new id each time it is begun.
    """
    if wanted.till is None:
        return
    rows = await tx.fetch(
        """SELECT id FROM approval
            WHERE tenant_id = $1 AND asked_by = $2 AND till_id = $3 AND permission = $4
              AND amount IS NOT DISTINCT FROM $5 AND facts = $6::jsonb AND state = 'asked' AND expires_at > $7""",
        tx.tenant, tx.actor.id, wanted.till, wanted.permission, amount, facts, tx.now,
    )  # fmt: skip
    for row in rows:
        await withdraw(tx, row["id"])


def _require_sense(act: Act) -> None:
    """Refuse an act whose discounts contradict each other: nobody could say how much is asked for. Raises Invalid."""
    whole = _("The discount on the sale is part of the lines' discounts: send at most what those are together.")
    line = _("A line's discount is at least zero and at most what the line costs.")
    wrong = {field: [whole if field == "act.discount" else line] for field in unfit_discounts(act)}
    if wrong:
        raise Invalid(wrong)


async def ask_or_wait(tx: Tx, wanted: Wanted, before: UUID | None, needed: ApprovalNeeded) -> tuple[UUID, str]:
    """Ask for what a form of the back office lacks, unless it waits already; gives the request and what to say."""
    if needed.why == "refused" and before is not None:
        return before, needed.sentence()
    id = before if needed.why == "asked" and before is not None else new_id()
    return (await ask(tx, id, wanted)).id, _(
        "You need somebody's approval for this. It is asked for: once it is granted, press the button again."
    )


async def answer(
    tx: Tx, id: UUID, *, granted: bool, said: str = "", how: str = "phone", approver: Scope | None = None
) -> Approval:
    """Grant a request or refuse it, as `approver` (None: whoever acts); the same answer again changes nothing.

    Locks the request. Raises NoSuchApproval, OwnRequest, MayNotApprove, Decided, Invalid. Emits ApprovalChanged.
    """
    by = approver or tx.scope
    if len(said) > TEXT_MOST:
        raise Invalid({"answer": [_("Use at most %(most)d letters.") % {"most": TEXT_MOST}]})
    before = await approval(tx, id, lock=True)
    if before is None:
        raise NoSuchApproval
    if by.actor.id == before.asked_by:
        raise OwnRequest
    _require_approver(by, before, granted=granted)
    state = "granted" if granted else "refused"
    if before.state == state and before.decided_by == by.actor.id:
        return before
    if before.standing(tx.now) != "asked":
        raise Decided(before.standing(tx.now), before.decided_by_name or "")
    await tx.execute(
        """UPDATE approval SET state = $3, how = $4, decided_by = $5, decided_by_name = $6, decided_at = $7, answer = $8
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, state, how, by.actor.id, by.actor.name, tx.now, said,
    )  # fmt: skip
    tx.audit(
        f"approval.{state}", "approval", id, permission=before.permission,
        amount=before.facts.get("percent", before.amount), how=how, asked_by=before.asked_by, by=by.actor.id,
        answer=said,
    )  # fmt: skip
    await _quiet(tx, id)
    return await _told(tx, id)


async def withdraw(tx: Tx, id: UUID) -> Approval:
    """Take a request back, as the one who asked; what was answered stays answered. Raises NoSuchApproval, Forbidden."""
    before = await approval(tx, id, lock=True)
    if before is None:
        raise NoSuchApproval
    if before.asked_by != tx.actor.id:
        raise Forbidden
    if before.state != "asked":
        return before
    await tx.execute("UPDATE approval SET state = 'withdrawn' WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("approval.withdrawn", "approval", id, permission=before.permission)
    await _quiet(tx, id)
    return await _told(tx, id)


def _require_approver(by: Scope, request: Approval, *, granted: bool) -> None:
    """Ask for `approve`, and to grant for the right itself, for that amount, in that store. Raises MayNotApprove."""
    if by.decide(APPROVE, None, request.store) != "allowed" or by.actor.id is None:
        raise MayNotApprove(APPROVE)
    if granted and by.decide(request.permission, request.amount, request.store) != "allowed":
        raise MayNotApprove(request.permission)


async def _quiet(tx: Tx, id: UUID) -> None:
    """Nobody needs to hear of it at the bell any more."""
    await tx.execute(
        "UPDATE notice SET read_at = $3 WHERE tenant_id = $1 AND subject_id = $2 AND kind = $4 AND read_at IS NULL",
        tx.tenant,
        id,
        tx.now,
        NOTICE,
    )


async def _told(tx: Tx, id: UUID) -> Approval:
    now = await approval(tx, id)
    if now is None:
        raise NoSuchApproval
    tx.emit(ApprovalChanged(id, now.store, now.till, now.state))
    return now
