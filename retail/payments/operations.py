"""Writing down attempts at a payment and what became of them; a repeat changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.payments.rules import Attempt, Step
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue

LOOK: Final = "payments.look"
PATIENCE: Final = timedelta(minutes=10)
"""How long after an approval its sale may take to arrive before somebody is told."""


async def note_started(tx: Tx, till: UUID, attempt: Attempt) -> None:
    """Store an attempt as the till wrote it down before its terminal started."""
    actor = tx.scope.actor
    stored = await tx.fetchval(
        """INSERT INTO payment_attempt (tenant_id, id, store_id, till_id, shift_id, basket_id, type, terminal,
                                        amount_minor, tip_minor, cashier_id, cashier_name, started_at, created_at)
           SELECT $1, $2, k.store_id, k.id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
             FROM till k WHERE k.tenant_id = $1 AND k.id = $3
           ON CONFLICT DO NOTHING RETURNING id""",
        tx.tenant, attempt.id, till, attempt.shift, attempt.basket, attempt.type, attempt.terminal,
        attempt.amount_minor, attempt.tip_minor, actor.id, actor.name, attempt.at, tx.now,
    )  # fmt: skip
    if stored is not None:
        tx.audit("payment.started", "till", till, payment=attempt.id, amount=attempt.amount_minor)


async def note_settled(tx: Tx, till: UUID, step: Step) -> None:
    """Store what was heard of an attempt, and from whom. Queues a look for its sale."""
    stored = await tx.fetchval(
        """INSERT INTO payment_step (tenant_id, id, attempt_id, till_id, outcome, source, amount_minor, reference,
                                     happened_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id""",
        tx.tenant, step.id, step.attempt, till, step.outcome, step.source, step.amount_minor, step.reference, step.at,
        tx.now,
    )  # fmt: skip
    if stored is None:
        return
    tx.audit(
        "payment.settled", "till", till, payment=step.attempt, outcome=step.outcome, source=step.source,
        amount=step.amount_minor,
    )  # fmt: skip
    if step.outcome == "approved":
        await enqueue(tx, LOOK, {"attempt": str(step.attempt)}, tx.now + PATIENCE, id=step.id)
