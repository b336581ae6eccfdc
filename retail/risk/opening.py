"""Opening a case, and its reasons as a person reads them: docs/algorithms/anomalies.md, 3; raising a high score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.kit.ids import new_id
from retail.risk.cases import COOL_DAYS, RARE, RUN, Judged
from retail.risk.noting import NOTICE
from retail.risk.tuning import CASE, SCORE
from retail.runtime.db import Read, Tx
from retail.runtime.notices import post_once
from retail.tenants.queries import StoreFacts

_MOST_REASONS: Final = 4
_HALF: Final = 0.5
_WARM: Final = """
SELECT EXISTS (SELECT FROM risk_alert a JOIN risk_reason r ON r.tenant_id = a.tenant_id AND r.alert_id = a.id
                WHERE a.tenant_id = $1 AND a.store_id = $2 AND a.kind = 'case' AND a.cashier_id = $3
                  AND r.business_date > $4)"""
_REASONS: Final = """
SELECT r.measure, r.business_date, r.seen, r.expected, r.rare, r.run FROM risk_reason r
 WHERE r.tenant_id = $1 AND r.alert_id = $2
 ORDER BY greatest(r.rare / $3::numeric, r.run / $4::numeric) DESC, r.measure"""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason of a case."""

    measure: str
    business_date: date
    seen: int
    expected: Decimal
    rare: Decimal
    run: Decimal

    @property
    def odds(self) -> int:
        """Give in one of how many such days so many or more happen, to two figures."""
        whole = 10 ** float(self.rare)
        scale = 10 ** max(0, len(str(int(whole))) - 2)
        return int(round(whole / scale) * scale)

    @property
    def since(self) -> date:
        """Give the first of the days that it was seen on: a rare day is one, a run two weeks."""
        rare, run = float(self.rare) / RARE, float(self.run) / RUN
        return self.business_date if rare >= run else self.business_date - timedelta(days=COOL_DAYS - 1)

    @property
    def lasting(self) -> bool:
        """Claim that it is a run of days, more than a single one."""
        return self.since != self.business_date


async def open_case(tx: Tx, store: StoreFacts, judged: Judged, threshold: float) -> UUID | None:
    """Open a case about a cashier's day, told at the bell; None where one is as fresh as 14 days."""
    cashier = UUID(judged.cashier)
    if await tx.fetchval(_WARM, tx.tenant, store.id, cashier, judged.day - timedelta(days=COOL_DAYS)):
        return None
    id = new_id()
    noon = datetime.combine(judged.day, time(12), ZoneInfo(store.timezone))
    await tx.execute(
        """INSERT INTO risk_alert (tenant_id, id, kind, outcome, least, minutes, store_id, cashier_id, occurred_at,
                                   created_at)
           VALUES ($1, $2, $3, 'alert', 1, 1440, $4, $5, $6, $7)""",
        tx.tenant, id, CASE, store.id, cashier, noon, tx.now,
    )  # fmt: skip
    reasons = [one for one in judged.reasons[:_MOST_REASONS] if one.weight >= threshold * _HALF]
    await tx.executemany(
        """INSERT INTO risk_reason (tenant_id, alert_id, measure, business_date, seen, expected, rare, run)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [
            (tx.tenant, id, one.measure, judged.day, one.seen, figure(one.expected), figure(one.rare), figure(one.run))
            for one in reasons
        ],
    )
    tx.audit("risk.alerted", "risk_alert", id, kind=CASE, cashier=cashier, store=store.id)
    await post_once(tx, NOTICE, id, store=store.id, rule=CASE)
    return id


async def open_score(tx: Tx, store: UUID, cashier: UUID, at: datetime) -> UUID:
    """Raise the alert of a receipt with a high score, told at the bell; its reasons stand with the receipt."""
    id = new_id()
    await tx.execute(
        """INSERT INTO risk_alert (tenant_id, id, kind, outcome, least, minutes, store_id, cashier_id, occurred_at,
                                   created_at)
           VALUES ($1, $2, $3, 'alert', 1, 1, $4, $5, $6, $7)""",
        tx.tenant, id, SCORE, store, cashier, at, tx.now,
    )  # fmt: skip
    tx.audit("risk.alerted", "risk_alert", id, kind=SCORE, cashier=cashier, store=store)
    await post_once(tx, NOTICE, id, store=store, rule=SCORE)
    return id


async def reasons_of(read: Read, id: UUID) -> Sequence[Why]:
    """Give the reasons of a case, the heaviest first; an alert of a rule has none."""
    rows = await read.fetch(_REASONS, read.tenant, id, Decimal(repr(RARE)), Decimal(repr(RUN)))
    return [Why(**dict(row)) for row in rows]


def figure(value: float) -> Decimal:
    """Give a figure as it is kept, with four decimals."""
    return Decimal(repr(round(value, 4)))
