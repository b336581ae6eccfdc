"""Looking at receipts once they are here, never while they are sold: score, reasons, and an alert where it is high."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from retail.risk.opening import open_score
from retail.risk.tuning import SCORE, high_mark, tuned
from retail.runtime import jobs
from retail.runtime.db import Read, Tx
from retail.vigilance.customs import habits_of, usual_of
from retail.vigilance.points import Facts, Fired, Habit, Scored, Usual, facts_json, score

JOB: Final = "vigilance.score"
AT_ONCE: Final = 200
LOOKED_BACK: Final = timedelta(days=92)
"""How far back receipts are looked at that never were, as those of before there were scores."""
OVERLAP: Final = timedelta(hours=1)
FIRST: Final = timedelta(days=1)
"""How far back the first look goes; the night's goes on."""
FRESH: Final = timedelta(days=7)
"""A receipt that is older raises no alert: nobody is helped by those of last winter."""
EVERY: Final = timedelta(minutes=1)
"""Receipts that come within it are looked at together."""

_WAITING: Final = """
SELECT s.id FROM sale s
 WHERE s.tenant_id = $1 AND s.received_at >= $2
   AND NOT EXISTS (SELECT FROM sale_risk r WHERE r.tenant_id = $1 AND r.sale_id = s.id)
 ORDER BY s.received_at, s.id LIMIT $3"""
_FACTS: Final = """
SELECT s.id, s.kind, s.store_id, s.cashier_id, s.occurred_at, s.local_hour, s.total_minor, s.original_id,
       s.cost_minor, s.subtotal_minor, k.kind AS act, k.amount_minor AS by_hand, k.explained, k.approved,
       o.cashier_id AS seller, n.basis,
       ARRAY(SELECT DISTINCT t.type FROM tender t WHERE t.tenant_id = $1 AND t.sale_id = s.id ORDER BY 1) AS tenders,
       ARRAY(SELECT DISTINCT t.type FROM tender t WHERE t.tenant_id = $1 AND t.sale_id = o.id ORDER BY 1) AS paid_by,
       (SELECT count(*) FROM sale_line l WHERE l.tenant_id = $1 AND l.sale_id = s.id)::int AS lines,
       coalesce(v.voided, 0)::int AS voided, coalesce(v.late, 0)::int AS late,
       ARRAY(SELECT a.kind || ':' || a.outcome FROM risk_evidence e
               JOIN risk_alert a ON a.tenant_id = $1 AND a.id = e.alert_id
              WHERE e.tenant_id = $1 AND e.act_id = s.id GROUP BY 1 ORDER BY 1) AS fired,
       (SELECT e.alert_id FROM risk_evidence e WHERE e.tenant_id = $1 AND e.act_id = s.id
         ORDER BY e.alert_id LIMIT 1) AS alert
  FROM sale s
  LEFT JOIN risk_act k ON k.tenant_id = $1 AND k.id = s.id
  LEFT JOIN sale o ON o.tenant_id = $1 AND o.id = s.original_id
  LEFT JOIN return_note n ON n.tenant_id = $1 AND n.sale_id = s.id
  LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN b.kind = 'line' THEN jsonb_array_length(b.lines) ELSE 0 END) AS voided,
           count(*) FILTER (WHERE EXISTS (SELECT FROM risk_act x WHERE x.tenant_id = $1 AND x.id = b.id)) AS late
      FROM voided b
     WHERE b.tenant_id = $1 AND b.basket_id = s.id AND b.kind <> 'undo'
       AND NOT EXISTS (SELECT FROM voided u WHERE u.tenant_id = $1 AND u.void_id = b.id)) v ON true
 WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[])
   AND NOT EXISTS (SELECT FROM sale_risk r WHERE r.tenant_id = $1 AND r.sale_id = s.id)
 ORDER BY s.occurred_at, s.id"""
_OF_SALES: Final = frozenset({"discount", "price"})


async def score_soon(tx: Tx) -> None:
    """Have new receipts looked at within about a minute; however often it is asked for, it is one run."""
    slot = tx.now.replace(microsecond=0, second=0) + EVERY
    await jobs.enqueue(tx, JOB, run_after=slot, id=uuid5(tx.tenant, f"{JOB} {slot.isoformat()}"))


async def waiting(read: Read, *, all_of_them: bool = False) -> list[UUID]:
    """Give the next receipts that nobody looked at: those that came since the last look, or all of the last months."""
    since = read.now - LOOKED_BACK
    if not all_of_them:
        last = await read.fetchval("SELECT max(scored_at) FROM sale_risk WHERE tenant_id = $1", read.tenant)
        since = read.now - FIRST if last is None else max(since, last - OVERLAP)
    return [row["id"] for row in await read.fetch(_WAITING, read.tenant, since, AT_ONCE)]


async def keep(tx: Tx, ids: Sequence[UUID]) -> int:
    """Look at receipts and keep what was found, each once; gives how many were new. Raises LostClaim."""
    await jobs.hold(tx)
    await tx.fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"score:{tx.tenant}")
    rows = [dict(row) for row in await tx.fetch(_FACTS, tx.tenant, list(ids))]
    stores = sorted({row["store_id"] for row in rows})
    usual, habits = await usual_of(tx, stores), await habits_of(tx, stores)
    marks = {store: high_mark(await tuned(tx, store, SCORE)) for store in stores}
    kept = []
    for row in rows:
        store = row["store_id"]
        found = score(facts_of(row, habits.get((store, row["cashier_id"]), ())), usual.get(store, Usual()))
        level = found.level(marks[store])
        alert = await _raise(tx, row) if level == "high" else row["alert"]
        kept.append(_row(tx, row, found, level, alert))
    await tx.executemany(
        """INSERT INTO sale_risk (tenant_id, sale_id, store_id, points, level, reasons, alert_id, scored_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
        kept,
    )
    return len(kept)


async def _raise(tx: Tx, row: Mapping[str, Any]) -> UUID | None:
    """Give the alert of a receipt with a high score: the one that its act is part of, else a new one."""
    known: UUID | None = row["alert"]
    if known is not None or row["cashier_id"] is None or row["occurred_at"] < tx.now - FRESH:
        return known
    return await open_score(tx, row["store_id"], row["cashier_id"], row["occurred_at"])


def _row(tx: Tx, row: Mapping[str, Any], found: Scored, level: str, alert: UUID | None) -> tuple[object, ...]:
    reasons = json.dumps(facts_json(found.reasons))
    return tx.tenant, row["id"], row["store_id"], found.points, level, reasons, alert, tx.now


def facts_of(row: Mapping[str, Any], habits: Sequence[Habit]) -> Facts:
    """Make facts of a row."""
    refund = row["kind"] == "return"
    by_hand = row["by_hand"] or 0 if row["act"] == "override" else 0
    amount = abs(row["total_minor"])
    blind = refund and (row["original_id"] is None or row["basis"] == "none")
    own = refund and row["cashier_id"] is not None and row["seller"] == row["cashier_id"]
    others = [type for type in row["paid_by"] if type != "cash"]
    back_in_cash = refund and "cash" in row["tenders"] and others and "cash" not in row["paid_by"]
    return Facts(
        refund, amount, row["local_hour"], by_hand, amount + by_hand,
        row["act"] == "override" and row["cost_minor"] > 0 and row["cost_minor"] > row["subtotal_minor"],
        frozenset(row["tenders"]), row["lines"], row["voided"], row["late"], _fired(row), blind, own,
        others[0] if back_in_cash else "", tuple(one for one in habits if _does(one, refund, blind, own, row)),
    )  # fmt: skip


def _fired(row: Mapping[str, Any]) -> tuple[Fired, ...]:
    answered = {"reason": row["explained"], "approval": row["approved"], "alert": True}
    split = [one.split(":") for one in row["fired"]]
    return tuple(Fired(kind, bool(answered[outcome])) for kind, outcome in split)


def _does(habit: Habit, refund: bool, blind: bool, own: bool, row: Mapping[str, Any]) -> bool:  # noqa: FBT001
    """Claim that a receipt is one of what a cashier does oftener than the others."""
    if habit.measure in _OF_SALES:
        return row["act"] == "override" and (habit.measure == "discount") == bool(row["by_hand"])
    return {"refund": refund and not blind, "refund_blind": blind, "refund_own": own}.get(habit.measure, False)
