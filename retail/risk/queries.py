"""Alerts as people see them: the list, one with its evidence, how the rules have done, what others would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.risk.errors import NoSuchAlert
from retail.risk.noting import recent
from retail.risk.rules import KINDS, Rule, fired, runs
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

PREVIEW_DAYS: Final = 30
STATES: Final = ("open", "confirmed", "dismissed")

_WHO: Final = """coalesce((SELECT min(m.name) FROM membership m
           WHERE m.tenant_id = a.tenant_id AND m.person_id = a.cashier_id), '?')"""
_LISTED: Final = f"""
SELECT a.id, a.kind, a.outcome, a.least, a.minutes, a.store_id AS store, s.name AS store_name, a.cashier_id AS cashier,
       {_WHO} AS cashier_name, a.occurred_at,
       coalesce((SELECT max(r.seen) FROM risk_reason r WHERE r.tenant_id = a.tenant_id AND r.alert_id = a.id),
                CASE WHEN a.kind = 'score' THEN 1 ELSE e.acts END)::bigint AS acts,
       CASE a.kind WHEN 'case' THEN NULL WHEN 'score' THEN
         (SELECT abs(y.total_minor) FROM sale_risk x JOIN sale y ON y.tenant_id = x.tenant_id AND y.id = x.sale_id
           WHERE x.tenant_id = a.tenant_id AND x.alert_id = a.id ORDER BY x.sale_id LIMIT 1)
       ELSE e.amount_minor END AS amount_minor, v.verdict, v.note,
       v.actor_name AS decided_by, v.decided_at
  FROM risk_alert a
  JOIN store s ON s.tenant_id = a.tenant_id AND s.id = a.store_id
  CROSS JOIN LATERAL (SELECT count(*) AS acts, coalesce(sum(k.amount_minor), 0)::bigint AS amount_minor
                        FROM risk_evidence x JOIN risk_act k ON k.tenant_id = x.tenant_id AND k.id = x.act_id
                       WHERE x.tenant_id = a.tenant_id AND x.alert_id = a.id) e
  LEFT JOIN risk_verdict v ON v.tenant_id = a.tenant_id AND v.alert_id = a.id
 WHERE a.tenant_id = $1"""  # noqa: S608 - constants alone
_EVIDENCE: Final = """
SELECT k.id, k.kind, k.subject_id AS subject, k.amount_minor, k.gap_ms, k.explained, k.approved, k.occurred_at,
       t.code AS till_code, coalesce(v.reason, d.reason, '') AS reason, s.number, s.kind AS document,
       EXISTS (SELECT FROM voided u WHERE u.tenant_id = $1 AND u.void_id = k.id) AS undone
  FROM risk_evidence x
  JOIN risk_act k ON k.tenant_id = $1 AND k.id = x.act_id
  JOIN till t ON t.tenant_id = $1 AND t.id = k.till_id
  LEFT JOIN voided v ON k.kind = 'void' AND v.tenant_id = $1 AND v.id = k.id
  LEFT JOIN drawer_event d ON k.kind = 'no_sale' AND d.tenant_id = $1 AND d.id = k.id
  LEFT JOIN sale s ON k.kind IN ('refund', 'override') AND s.tenant_id = $1 AND s.id = k.subject_id
 WHERE x.tenant_id = $1 AND x.alert_id = $2 ORDER BY k.occurred_at, k.id"""
_RECORD: Final = """
SELECT a.kind, count(*) AS alerts, count(v.alert_id) AS settled,
       count(*) FILTER (WHERE v.verdict = 'dismissed') AS dismissed
  FROM risk_alert a LEFT JOIN risk_verdict v ON v.tenant_id = a.tenant_id AND v.alert_id = a.id
 WHERE a.tenant_id = $1 AND a.store_id = $2 AND a.occurred_at > $3 GROUP BY a.kind"""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that fired, with what somebody said to it, if anybody did."""

    id: UUID
    kind: str
    outcome: str
    least: int
    minutes: int
    store: UUID
    store_name: str
    cashier: UUID
    cashier_name: str
    occurred_at: datetime
    acts: int
    amount_minor: int | None
    verdict: str | None
    note: str | None
    decided_by: str | None
    decided_at: datetime | None

    @property
    def state(self) -> str:
        """Give `open`, or what was said."""
        return self.verdict or "open"


@dataclass(frozen=True, slots=True)
class Piece:
    """One act of the evidence; `subject` is the record that it leads to, `number` a receipt's."""

    id: UUID
    kind: str
    subject: UUID
    amount_minor: int
    gap_ms: int | None
    explained: bool
    approved: bool
    occurred_at: datetime
    till_code: str
    reason: str
    number: int | None
    document: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts are wanted."""

    store: UUID | None = None
    kind: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done: how often it fires, in how many alerts; and how its real alerts were settled."""

    kind: str
    fires: int
    alerts: int
    made: int = 0
    settled: int = 0
    dismissed: int = 0


async def alerts(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Alert]:
    """List alerts, newest first. Raises Invalid for a cursor that is none."""
    where = Conditions(read.tenant)
    if wanted.store is not None:
        where.add("a.store_id = {}", wanted.store)
    if wanted.kind:
        where.add("a.kind = {}", wanted.kind)
    if wanted.state == "open":
        where.add("v.alert_id IS NULL")
    elif wanted.state:
        where.add("v.verdict = {}", wanted.state)
    if after:
        at, id = decode_cursor(after, str, str)
        where.add("a.occurred_at <= {0} AND (a.occurred_at < {0} OR a.id > {1})", *_keys(str(at), str(id)))
    order = f" ORDER BY a.occurred_at DESC, a.id LIMIT {int(limit) + 1}"
    rows = await read.fetch(_LISTED + where.sql + order, *where.args)
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor(last["occurred_at"].isoformat(), str(last["id"])) if last else None
    return Page([Alert(**dict(row)) for row in rows[:limit]], following)


async def alert_of(read: Read, id: UUID) -> Alert:
    """Give one alert. Raises NoSuchAlert."""
    row = await read.fetchrow(_LISTED + " AND a.id = $2", read.tenant, id)
    if row is None:
        raise NoSuchAlert
    return Alert(**dict(row))


async def evidence(read: Read, id: UUID) -> list[Piece]:
    """Give what an alert was seen in, oldest first."""
    return [Piece(**dict(row)) for row in await read.fetch(_EVIDENCE, read.tenant, id)]


async def preview(read: Read, store: UUID, rules: Mapping[str, Rule]) -> Sequence[Preview]:
    """Tell what rules would have done in a store in the last 30 days, and how the alerts of then were settled.

    Rules without an outcome are counted as if they had one: somebody asks before they switch them on.
    """
    since = read.now - timedelta(days=PREVIEW_DAYS)
    acts = await recent(read, store, since)
    kept: dict[str, dict[str, Any]] = {
        row["kind"]: dict(row) for row in await read.fetch(_RECORD, read.tenant, store, since)
    }
    found = []
    for kind in KINDS:
        rule = rules[kind]
        fires = fired(Rule(kind, "alert", rule.least, rule.minutes), acts)
        real = kept.get(kind, {"alerts": 0, "settled": 0, "dismissed": 0})
        found.append(Preview(kind, len(fires), runs(fires), real["alerts"], real["settled"], real["dismissed"]))
    return found


def _keys(at: str, id: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(at), UUID(id)
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
