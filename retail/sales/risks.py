"""The risk of a receipt, as whoever works it out keeps it here: points, level, reasons, and who may see them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.identity.permissions import SETTLE_EXCEPTIONS
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.tenancy import Scope

LEVELS: Final = ("high", "middle", "low")
NOT_YET: Final = "none"
"""What a list says for receipts that nobody looked at yet."""
CHOICES: Final = (*LEVELS, NOT_YET)


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a score: what it is, the points it adds, and what was seen."""

    code: str
    points: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Risk:
    """A receipt's score with its reasons, the heaviest first, and the alert that it is part of, if any."""

    points: int
    level: str
    reasons: tuple[Reason, ...]
    scored_at: datetime
    alert: UUID | None


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose receipts' risk somebody may see: in `stores` (None: all), but never that of their own sales (`own`)."""

    stores: tuple[UUID, ...] | None
    own: UUID | None

    def of(self, store: UUID, cashier: UUID | None) -> bool:
        """Claim that the risk of a receipt may be seen."""
        return (self.stores is None or store in self.stores) and (self.own is None or cashier != self.own)


def sight_of(scope: Scope) -> Sight | None:
    """Give what somebody may see of risk; None: nothing. Owners see their own sales' too."""
    if scope.actor.kind == "system" or not scope.may(SETTLE_EXCEPTIONS):
        return None
    reach = scope.reach(SETTLE_EXCEPTIONS)
    own = scope.actor.id if scope.actor.kind == "person" and scope.role != "owner" else None
    return Sight(None if reach is None else tuple(sorted(reach)), own)


@dataclass(frozen=True, slots=True)
class Join:
    """A join, ready to stand in a statement; made of constants and numbers of parameters alone."""

    sql: str


def joined(where: Conditions, sight: Sight | None) -> Join:
    """Give the join that puts `r` to `sale s` where its risk may be seen; its values stand with those of `where`."""
    if sight is None:
        return Join("LEFT JOIN sale_risk r ON false")
    clause = "LEFT JOIN sale_risk r ON r.tenant_id = s.tenant_id AND r.sale_id = s.id"
    more: list[tuple[str, object]] = []
    if sight.stores is not None:
        more.append(("s.store_id = ANY(${}::uuid[])", list(sight.stores)))
    if sight.own is not None:
        more.append(("s.cashier_id IS DISTINCT FROM ${}", sight.own))
    for condition, value in more:
        where.args.append(value)
        clause += f" AND {condition.format(len(where.args))}"
    return Join(clause)


async def risks_of(read: Read, ids: Sequence[UUID]) -> dict[UUID, Risk]:
    """Give the risk of those receipts that were looked at."""
    rows = await read.fetch(
        """SELECT sale_id, points, level, reasons, scored_at, alert_id FROM sale_risk
            WHERE tenant_id = $1 AND sale_id = ANY($2::uuid[])""",
        read.tenant, list(ids),
    )  # fmt: skip
    return {row["sale_id"]: _risk(row) for row in rows}


async def risk_of(read: Read, id: UUID) -> Risk | None:
    """Give the risk of a receipt; None where nobody looked at it yet."""
    return (await risks_of(read, [id])).get(id)


async def receipt_of(read: Read, alert: UUID) -> tuple[UUID, Risk] | None:
    """Give the receipt that an alert was raised for, with its risk; None for an alert of something else."""
    row = await read.fetchrow(
        """SELECT sale_id, points, level, reasons, scored_at, alert_id FROM sale_risk
            WHERE tenant_id = $1 AND alert_id = $2 ORDER BY sale_id LIMIT 1""",
        read.tenant, alert,
    )  # fmt: skip
    return (row["sale_id"], _risk(row)) if row else None


def _risk(row: Row) -> Risk:
    reasons = tuple(Reason(one.pop("code"), one.pop("points"), one) for one in json.loads(row["reasons"]))
    return Risk(row["points"], row["level"], reasons, row["scored_at"], row["alert_id"])


def at_risk(where: Conditions, risk: str, sight: Sight | None) -> None:
    """Narrow a list of sales to those of a risk, as far as the caller may see it."""
    if not risk:
        return
    if sight is None:
        where.add("false")
        return
    known = "EXISTS (SELECT FROM sale_risk q WHERE q.tenant_id = $1 AND q.sale_id = s.id{})"
    if risk == NOT_YET:
        where.add(f"NOT {known.format('')}")
    elif risk in LEVELS:
        where.add(known.format(" AND q.level = {}"), risk)
    if sight.stores is not None:
        where.add("s.store_id = ANY({}::uuid[])", list(sight.stores))
    if sight.own is not None:
        where.add("s.cashier_id IS DISTINCT FROM {}", sight.own)
