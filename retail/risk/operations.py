"""Settling an alert: confirmed or dismissed, by somebody else than the one it is about, once and for good."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.risk.errors import AlertSettled, OwnAlert
from retail.risk.queries import Alert, alert_of
from retail.risk.tuning import SCORE, TUNED, high_mark, tuned
from retail.runtime.db import Tx

VERDICTS: Final = ("confirmed", "dismissed")
_NOTE_MOST: Final = 500


async def settle(tx: Tx, id: UUID, verdict: str, note: str) -> Alert:
    """Say what an alert turned out to be; the same said again by anybody changes nothing.

    Raises NoSuchAlert, OwnAlert, AlertSettled, Invalid.
    """
    note = note.strip()
    errors: dict[str, list[str]] = {}
    if verdict not in VERDICTS:
        errors["verdict"] = [_("Say whether it was confirmed or dismissed.")]
    if not 1 <= len(note) <= _NOTE_MOST:
        errors["note"] = [_("Say in a few words what you found, at most 500 letters.")]
    if errors:
        raise Invalid(errors)
    alert = await alert_of(tx, id)
    if alert.cashier == tx.actor.id and tx.scope.role != "owner":
        raise OwnAlert
    before = await tuned(tx, alert.store, alert.kind)
    stored = await tx.fetchval(
        """INSERT INTO risk_verdict (tenant_id, alert_id, verdict, note, actor_id, actor_name, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING alert_id""",
        tx.tenant, id, verdict, note, tx.actor.id, tx.actor.name, tx.now,
    )  # fmt: skip
    if stored is not None:
        tx.audit("risk.settled", "risk_alert", id, verdict=verdict, note=note, kind=alert.kind)
        if alert.kind in TUNED:
            after = await tuned(tx, alert.store, alert.kind)
            was, now_at = (str(high_mark(one) if alert.kind == SCORE else one.threshold) for one in (before, after))
            tx.audit("risk.tuned", "store", alert.store, kind=alert.kind, before=was, after=now_at)
    now = await alert_of(tx, id)
    if now.verdict != verdict:
        raise AlertSettled
    return now
