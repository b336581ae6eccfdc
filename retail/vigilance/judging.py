"""Judging the days that are over, store by store: docs/algorithms/anomalies.md, 3."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.kit.clock import business_day
from retail.risk.cases import MEASURES, Judged, Shift, judge
from retail.risk.exceptions import DAY_OF, FOUND
from retail.risk.opening import figure, open_case
from retail.risk.tuning import tuned
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import hold
from retail.tenants.queries import StoreFacts

JOB: Final = "vigilance.judge"
LOOKED_BACK: Final = 200
FRESH: Final = 7
"""Of a store that was never judged only the last days may open cases: nobody is helped by those of last winter."""

_SOLD: Final = """
SELECT h.cashier_id, h.business_date AS day, sum(h.sales)::bigint AS sales FROM cashier_hour h
 WHERE h.tenant_id = $1 AND h.store_id = $2 AND h.business_date BETWEEN $3 AND $4 AND h.cashier_id <> $5
 GROUP BY 1, 2"""
_DONE: Final = f"""{FOUND}
SELECT f.cashier_id, {DAY_OF} AS day, f.kind, count(*)::bigint AS seen FROM found f
 WHERE f.kind = ANY ($5::text[]) GROUP BY 1, 2, 3"""  # noqa: S608 - constants alone
_UNTIL: Final = "SELECT max(business_date) FROM cashier_score WHERE tenant_id = $1 AND store_id = $2"
_KEEP: Final = """
INSERT INTO cashier_score (tenant_id, business_date, store_id, cashier_id, measure, seen, expected, weight, threshold,
                           judged_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Days:
    """A store's days as they were judged: those that weren't before, and from which on cases may open."""

    store: StoreFacts
    judged: Sequence[Judged]
    threshold: float
    opens_from: date


async def judged_days(read: Read, store: StoreFacts) -> Days | None:
    """Judge a store's days that are over; None where there are none."""
    last = business_day(read.now, store.timezone, store.day_cutoff_hour) - timedelta(days=1)
    until: date | None = await read.fetchval(_UNTIL, read.tenant, store.id)
    begin = last - timedelta(days=LOOKED_BACK - 1)
    sure = float((await tuned(read, store.id)).threshold)
    judged = [
        one
        for one in judge(await _shifts(read, store.id, begin, last), sure)
        if one.reasons and (until is None or one.day > until)
    ]
    if not judged:
        return None
    return Days(store, judged, sure, until + timedelta(days=1) if until else last - timedelta(days=FRESH - 1))


async def keep(tx: Tx, days: Days) -> int:
    """Keep how days were judged, and open the cases of those that are fresh; gives their number. Raises LostClaim."""
    await hold(tx)
    await tx.executemany(
        _KEEP,
        [
            (
                tx.tenant, one.day, days.store.id, UUID(one.cashier), one.reasons[0].measure, one.reasons[0].seen,
                figure(one.reasons[0].expected), figure(one.weight), figure(days.threshold), tx.now,
            )
            for one in days.judged
        ],
    )  # fmt: skip
    found = [
        await open_case(tx, days.store, one, days.threshold)
        for one in days.judged
        if one.opens and one.day >= days.opens_from
    ]
    return sum(one is not None for one in found)


async def _shifts(read: Read, store: UUID, begin: date, last: date) -> list[Shift]:
    counts: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0] * len(MEASURES))
    for row in await read.fetch(_DONE, read.tenant, begin, last, [store], list(MEASURES)):
        counts[row["cashier_id"], row["day"]][MEASURES.index(row["kind"])] = row["seen"]
    sold = {
        (row["cashier_id"], row["day"]): row["sales"]
        for row in await read.fetch(_SOLD, read.tenant, store, begin, last, NOBODY)
    }
    return [
        Shift(day, str(cashier), sold.get((cashier, day), 0), tuple(counts[cashier, day]))
        for cashier, day in {*sold, *counts}
        if begin <= day <= last
    ]
