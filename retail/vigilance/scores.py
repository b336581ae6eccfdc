"""How a cashier's days were judged over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

DAYS: Final = 90
_TOLD: Final = 8

_SCORES: Final = """
SELECT c.business_date AS day, c.measure, c.seen, c.expected, c.weight, c.threshold FROM cashier_score c
 WHERE c.tenant_id = $1 AND c.cashier_id = $2 AND c.store_id = $3 AND c.business_date > $4 ORDER BY c.business_date"""
_CASES: Final = """
SELECT a.id, coalesce(v.verdict, 'open') AS state,
       (SELECT max(r.business_date) FROM risk_reason r WHERE r.tenant_id = $1 AND r.alert_id = a.id) AS day
  FROM risk_alert a LEFT JOIN risk_verdict v ON v.tenant_id = $1 AND v.alert_id = a.id
 WHERE a.tenant_id = $1 AND a.store_id = $3 AND a.kind = 'case' AND a.cashier_id = $2
 ORDER BY a.occurred_at DESC, a.id LIMIT 20"""


@dataclass(frozen=True, slots=True)
class Score:
    """A judged day: what weighed most in it; a case opens where the weight reaches the threshold."""

    day: date
    measure: str
    seen: int
    expected: Decimal
    weight: Decimal
    threshold: Decimal

    @property
    def share(self) -> int:
        """Give how near it came to a case, in percent of the threshold."""
        return int(100 * self.weight / self.threshold)


@dataclass(frozen=True, slots=True)
class Case:
    """A case that was opened about somebody."""

    id: UUID
    state: str
    day: date


@dataclass(frozen=True, slots=True)
class Past:
    """A cashier's judged days in a store, oldest first, and their cases, newest first."""

    scores: Sequence[Score]
    cases: Sequence[Case]

    @property
    def heaviest(self) -> Sequence[Score]:
        """Give the days that came nearest to a case, the nearest first."""
        return sorted(self.scores, key=lambda one: (-one.share, one.day))[:_TOLD]


async def past(read: Read, cashier: UUID, store: UUID, last: date) -> Past:
    """Give how the 90 days up to `last` were judged, and all cases."""
    scores = await read.fetch(_SCORES, read.tenant, cashier, store, last - timedelta(days=DAYS))
    cases = await read.fetch(_CASES, read.tenant, cashier, store)
    return Past([Score(**dict(row)) for row in scores], [Case(**dict(row)) for row in cases])
