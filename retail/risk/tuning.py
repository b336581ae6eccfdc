"""How what was found of cases and high scores moves a store's threshold: docs/algorithms/anomalies.md, 3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

CASE: Final = "case"
SCORE: Final = "score"
TUNED: Final = (CASE, SCORE)
"""Kinds of alerts whose threshold follows what was found of them."""
DAYS: Final = 365
_DISMISSED: Final = Decimal("1.06")
_CONFIRMED: Final = Decimal("0.96")
_LEAST, _MOST = Decimal("0.80"), Decimal("1.80")
_HIGH, _HIGH_MOST = 60, 90
_CENT: Final = Decimal("0.01")

_FOUND: Final = """
SELECT count(*) FILTER (WHERE v.verdict = 'dismissed') AS dismissed,
       count(*) FILTER (WHERE v.verdict = 'confirmed') AS confirmed
  FROM risk_alert a JOIN risk_verdict v ON v.tenant_id = a.tenant_id AND v.alert_id = a.id
 WHERE a.tenant_id = $1 AND a.store_id = $2 AND a.kind = $4 AND v.decided_at > $3"""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A store's threshold, and the settled cases that made it."""

    dismissed: int
    confirmed: int

    @property
    def threshold(self) -> Decimal:
        """Give the threshold; 1.00 before anything was settled."""
        return threshold(self.dismissed, self.confirmed)


def threshold(dismissed: int, confirmed: int) -> Decimal:
    """Give the threshold after so many cases were found to be false and true; never beyond its bounds."""
    found = _DISMISSED**dismissed * _CONFIRMED**confirmed
    return min(_MOST, max(_LEAST, found)).quantize(_CENT)


def high_mark(stands: Tuned) -> int:
    """Give from how many points on a receipt's score is high in a store: docs/algorithms/risk.md, 7."""
    return min(_HIGH_MOST, int((_HIGH * stands.threshold).to_integral_value(ROUND_HALF_UP)))


async def tuned(read: Read, store: UUID, kind: str = CASE) -> Tuned:
    """Give how a store's threshold for cases, or for high scores, stands."""
    row = await read.fetchrow(_FOUND, read.tenant, store, read.now - timedelta(days=DAYS), kind)
    return Tuned(row["dismissed"], row["confirmed"]) if row else Tuned(0, 0)
