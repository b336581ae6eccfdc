"""Noting what a rule may count, and judging it: behind the commit of the record, whatever order records come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.risk.rules import Act, Rule, fired, rules_of
from retail.runtime.db import Read, Tx
from retail.runtime.notices import post_once
from retail.tenants.settings_changes import values

NOTICE: Final = "risk_alert"

_COLUMNS: Final = """INSERT INTO risk_act (tenant_id, id, kind, store_id, till_id, cashier_id, subject_id, amount_minor,
                      gap_ms, explained, approved, occurred_at, created_at)"""
_APPROVED: Final = """EXISTS (SELECT FROM approval a
          WHERE a.tenant_id = $1 AND a.act_id = {0} AND a.state IN ('granted', 'used'))"""
_RETURNED: Final = "ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id, kind, store_id, cashier_id, occurred_at"

NOTE: Final[Mapping[str, str]] = {
    "void": f"""{_COLUMNS}
SELECT $1, v.id, 'void', v.store_id, v.till_id, v.cashier_id, v.id, greatest(v.amount_minor, 0), NULL, v.reason <> '',
       {_APPROVED.format("v.id")}, v.occurred_at, $3
  FROM voided v
 WHERE v.tenant_id = $1 AND v.id = ANY($2::uuid[]) AND v.kind <> 'undo' AND v.cashier_id IS NOT NULL {_RETURNED}""",  # noqa: S608
    "no_sale": f"""{_COLUMNS}
SELECT $1, d.id, 'no_sale', h.store_id, h.till_id, d.actor_id, h.id, 0, NULL, true, {_APPROVED.format("d.id")},
       d.occurred_at, $3
  FROM drawer_event d JOIN shift h ON h.tenant_id = d.tenant_id AND h.id = d.shift_id
 WHERE d.tenant_id = $1 AND d.id = ANY($2::uuid[]) AND d.actor_id IS NOT NULL {_RETURNED}""",  # noqa: S608
    "refund": f"""{_COLUMNS}
SELECT $1, r.id, 'refund', r.store_id, r.till_id, r.cashier_id, r.id, greatest(-r.total_minor, 0),
       greatest(0, (extract(epoch FROM r.occurred_at - o.occurred_at) * 1000)::bigint),
       EXISTS (SELECT FROM till_journal j WHERE j.tenant_id = $1 AND j.record_id = r.id AND j.kind = 'goods_returned'
                  AND j.status = 'created' AND j.payload ~ '"why":"[^"]'),
       {_APPROVED.format("r.id")}, r.occurred_at, $3
  FROM sale r JOIN sale o ON o.tenant_id = r.tenant_id AND o.id = r.original_id
 WHERE r.tenant_id = $1 AND r.id = ANY($2::uuid[]) AND r.kind = 'return' AND r.cashier_id = o.cashier_id
 {_RETURNED}""",  # noqa: S608
    "override": f"""{_COLUMNS}
SELECT $1, s.id, 'override', s.store_id, s.till_id, s.cashier_id, s.id,
       greatest(0, s.discount_minor - coalesce((SELECT sum(f.amount_minor) FROM sale_offer f
                                                 WHERE f.tenant_id = $1 AND f.sale_id = s.id), 0)), NULL,
       EXISTS (SELECT FROM till_journal j WHERE j.tenant_id = $1 AND j.record_id = s.id AND j.kind = 'sale'
                  AND j.status = 'created' AND j.payload ~ '"why":"[^"]'),
       {_APPROVED.format("s.id")}, s.occurred_at, $3
  FROM sale s
 WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[]) AND s.kind = 'sale' AND s.cashier_id IS NOT NULL {_RETURNED}""",  # noqa: S608
}
"""By kind: the records with these ids become acts, each once; records of nobody are none."""

ACTS: Final = """
SELECT a.id, a.kind, a.cashier_id, a.occurred_at, a.gap_ms,
       a.kind = 'void' AND EXISTS (SELECT FROM voided u WHERE u.tenant_id = $1 AND u.void_id = a.id) AS undone
  FROM risk_act a
 WHERE a.tenant_id = $1 AND a.store_id = $2 AND a.occurred_at > $3"""
_OWN: Final = ACTS + " AND a.cashier_id = $4"
_AROUND: Final = ACTS + " AND a.kind = $4 AND a.cashier_id = $5 AND a.occurred_at < $6"
_JOINED: Final = """
SELECT a.id FROM risk_alert a
 WHERE a.tenant_id = $1 AND a.store_id = $2 AND a.kind = $3 AND a.cashier_id = $4
   AND NOT EXISTS (SELECT FROM risk_verdict v WHERE v.tenant_id = $1 AND v.alert_id = a.id)
   AND EXISTS (SELECT FROM risk_evidence e WHERE e.tenant_id = $1 AND e.alert_id = a.id AND e.act_id = ANY($5::uuid[]))
 ORDER BY a.created_at DESC, a.id DESC LIMIT 1"""
_QUIET: Final = """
SELECT bool_and(CASE WHEN $3 = 'reason' THEN explained ELSE approved END) FROM risk_act
 WHERE tenant_id = $1 AND id = ANY($2::uuid[])"""


@dataclass(frozen=True, slots=True)
class _New:
    """An act that has just been noted."""

    id: str
    at: datetime


async def note(tx: Tx, kind: str, ids: Sequence[UUID]) -> None:
    """Note records of a kind as acts, and judge what they make. Those that are noted already change nothing."""
    if not ids:
        return
    rows = await tx.fetch(NOTE[kind], tx.tenant, sorted(set(ids)), tx.now)
    new: dict[tuple[UUID, UUID], list[_New]] = defaultdict(list)
    for row in rows:
        new[row["store_id"], row["cashier_id"]].append(_New(str(row["id"]), row["occurred_at"]))
    rules: dict[UUID, Rule] = {}
    for store, cashier in sorted(new):
        if store not in rules:
            rules[store] = rules_of(await values(tx, store))[kind]
        if rules[store].outcome != "none":
            await _judge(tx, store, cashier, rules[store], new[store, cashier])


async def _judge(tx: Tx, store: UUID, cashier: UUID, rule: Rule, new: Sequence[_New]) -> None:
    """Judge new acts, and those around them: one that arrives late may make an earlier one of many."""
    await tx.fetchval(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"risk:{tx.tenant}:{store}:{cashier}:{rule.kind}"
    )
    window = timedelta(milliseconds=rule.window)
    first, last = min(one.at for one in new) - window, max(one.at for one in new) + window
    rows = await tx.fetch(_AROUND, tx.tenant, store, first, rule.kind, cashier, last)
    fresh = {one.id for one in new}
    for act, evidence in fired(rule, [act_of(dict(row)) for row in rows]):
        if not fresh.isdisjoint(evidence):
            await _tell(tx, store, cashier, rule, act, [UUID(id) for id in evidence])


async def _tell(  # noqa: PLR0917 - an alert has these facts
    tx: Tx, store: UUID, cashier: UUID, rule: Rule, act: Act, evidence: Sequence[UUID]
) -> None:
    """Let an act that fired join its alert, or begin one; a notice where nothing was said at the till."""
    alert = await tx.fetchval(_JOINED, tx.tenant, store, rule.kind, cashier, list(evidence))
    if alert is None:
        alert = new_id()
        await tx.execute(
            """INSERT INTO risk_alert (tenant_id, id, kind, outcome, least, minutes, store_id, cashier_id, occurred_at,
                                       created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            tx.tenant, alert, rule.kind, rule.outcome, rule.least, rule.minutes, store, cashier, moment(act.at), tx.now,
        )  # fmt: skip
        tx.audit("risk.alerted", "risk_alert", alert, kind=rule.kind, cashier=cashier, store=store)
    await tx.execute(
        """INSERT INTO risk_evidence (tenant_id, alert_id, act_id) SELECT $1, $2, unnest($3::uuid[])
           ON CONFLICT DO NOTHING""",
        tx.tenant, alert, list(evidence),
    )  # fmt: skip
    quiet = rule.outcome != "alert" and await tx.fetchval(_QUIET, tx.tenant, [UUID(act.id)], rule.outcome)
    if not quiet:
        await post_once(tx, NOTICE, alert, store=store, rule=rule.kind)


async def recent(read: Read, store: UUID, since: datetime) -> list[Act]:
    """Give the acts of everybody in a store since a moment."""
    return [act_of(dict(row)) for row in await read.fetch(ACTS, read.tenant, store, since)]


async def recent_of(read: Read, store: UUID, since: datetime, cashier: UUID | None) -> list[Act]:
    """Give one person's acts in a store since a moment; None has done nothing."""
    return [act_of(dict(row)) for row in await read.fetch(_OWN, read.tenant, store, since, cashier)]


def act_of(row: Mapping[str, object]) -> Act:
    """Make an act of a row."""
    at, gap = row["occurred_at"], row["gap_ms"]
    if not isinstance(at, datetime):
        raise TypeError("an act without a time")
    return Act(
        str(row["id"]), str(row["kind"]), str(row["cashier_id"]), millis(at), None if gap is None else int(str(gap)),
        undone=bool(row["undone"]),
    )  # fmt: skip


def millis(at: datetime) -> int:
    """Give a moment in whole ms since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(at: int) -> datetime:
    """Give ms since 1970 as a moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
