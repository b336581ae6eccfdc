"""What is usual in a store, made anew every night, for receipts to be held against: docs/algorithms/risk.md, 7."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.kit.clock import business_day
from retail.risk.peers import RARE
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import hold
from retail.tenants.queries import StoreFacts
from retail.vigilance.points import Habit, Usual
from retail.vigilance.report import report

JOB: Final = "vigilance.customs"
DAYS: Final = 56
HABIT_DAYS: Final = 28
HABITS: Final = ("refund", "refund_blind", "refund_own", "discount", "price")
_HOURS: Final = 24
_MOST_TIMES: Final = Decimal(999)

_AMOUNTS: Final = """
SELECT count(*) FILTER (WHERE s.kind = 'sale') AS sales, count(*) FILTER (WHERE s.kind = 'return') AS refunds,
       percentile_disc(ARRAY[0.95, 0.99, 0.995]) WITHIN GROUP (ORDER BY s.total_minor)
         FILTER (WHERE s.kind = 'sale') AS sale_marks,
       percentile_disc(ARRAY[0.95, 0.99, 0.995]) WITHIN GROUP (ORDER BY -s.total_minor)
         FILTER (WHERE s.kind = 'return') AS refund_marks
  FROM sale s WHERE s.tenant_id = $1 AND s.store_id = $2 AND s.business_date BETWEEN $3 AND $4"""
_DISCOUNTS: Final = """
SELECT count(*) AS discounts,
       percentile_disc(ARRAY[0.95, 0.99, 0.995]) WITHIN GROUP (ORDER BY round(
         1000.0 * k.amount_minor / (s.total_minor + k.amount_minor))::bigint) AS discount_marks
  FROM sale s JOIN risk_act k ON k.tenant_id = $1 AND k.id = s.id AND k.kind = 'override' AND k.amount_minor > 0
 WHERE s.tenant_id = $1 AND s.store_id = $2 AND s.business_date BETWEEN $3 AND $4 AND s.total_minor >= 0"""
_BY_HOUR: Final = """
SELECT h.local_hour AS hour, sum(h.sales)::bigint AS sales FROM sales_hour h
 WHERE h.tenant_id = $1 AND h.store_id = $2 AND h.business_date BETWEEN $3 AND $4 GROUP BY 1"""
_BY_TENDER: Final = """
SELECT d.type, sum(d.sales)::bigint AS sales FROM tender_day d
 WHERE d.tenant_id = $1 AND d.store_id = $2 AND d.business_date BETWEEN $3 AND $4 GROUP BY 1"""
_KEEP: Final = """
INSERT INTO store_custom (tenant_id, store_id, made_at, sales, refunds, discounts, sale_marks, refund_marks,
                          discount_marks, hours, tenders)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (tenant_id, store_id) DO UPDATE SET
  made_at = excluded.made_at, sales = excluded.sales, refunds = excluded.refunds, discounts = excluded.discounts,
  sale_marks = excluded.sale_marks, refund_marks = excluded.refund_marks, discount_marks = excluded.discount_marks,
  hours = excluded.hours, tenders = excluded.tenders"""


@dataclass(frozen=True, slots=True)
class Custom:
    """What is usual in a store, and which cashiers do something much oftener than the others."""

    store: UUID
    usual: Usual
    habits: Sequence[tuple[UUID, Habit]]


async def custom_of(read: Read, store: StoreFacts) -> Custom:
    """Work out what is usual in a store, from its business days that are over."""
    last = business_day(read.now, store.timezone, store.day_cutoff_hour) - timedelta(days=1)
    args = (read.tenant, store.id, last - timedelta(days=DAYS - 1), last)
    amounts, discounts = await read.fetchrow(_AMOUNTS, *args), await read.fetchrow(_DISCOUNTS, *args)
    told: dict[str, Any] = {**dict(amounts or {}), **dict(discounts or {})}
    usual = Usual(
        told["sales"], told["refunds"], told["discounts"], tuple(told["sale_marks"] or ()),
        tuple(told["refund_marks"] or ()), tuple(told["discount_marks"] or ()),
        {row["hour"]: row["sales"] for row in await read.fetch(_BY_HOUR, *args)},
        {row["type"]: row["sales"] for row in await read.fetch(_BY_TENDER, *args)},
    )  # fmt: skip
    lines = await report(read, last - timedelta(days=HABIT_DAYS - 1), last, stores=[store.id])
    habits = [
        (one.cashier, Habit(measure, _times(found.times), Decimal(repr(round(found.chance, 6)))))
        for one in lines
        for measure in HABITS
        for found in (one.measures[measure],)
        if found.chance is not None and found.chance <= RARE and found.times
    ]
    return Custom(store.id, usual, habits)


def _times(times: float) -> Decimal:
    return min(_MOST_TIMES, Decimal(repr(round(times, 1))))


async def keep(tx: Tx, found: Custom) -> None:
    """Keep what is usual in a store in place of what was. Raises LostClaim."""
    await hold(tx)
    one = found.usual
    await tx.execute(
        _KEEP, tx.tenant, found.store, tx.now, one.sales, one.refunds, one.discounts, list(one.sale_marks),
        list(one.refund_marks), list(one.discount_marks), [one.hours.get(hour, 0) for hour in range(_HOURS)],
        json.dumps(dict(one.tenders), sort_keys=True),
    )  # fmt: skip
    await tx.execute("DELETE FROM cashier_habit WHERE tenant_id = $1 AND store_id = $2", tx.tenant, found.store)
    await tx.executemany(
        """INSERT INTO cashier_habit (tenant_id, store_id, cashier_id, measure, times, chance)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        [(tx.tenant, found.store, who, one.measure, one.times, one.chance) for who, one in found.habits],
    )


async def usual_of(read: Read, stores: Sequence[UUID]) -> dict[UUID, Usual]:
    """Give what is usual in stores, as it was worked out last; a store that never was isn't there."""
    rows = await read.fetch(
        """SELECT store_id, sales, refunds, discounts, sale_marks, refund_marks, discount_marks, hours, tenders
             FROM store_custom WHERE tenant_id = $1 AND store_id = ANY($2::uuid[])""",
        read.tenant, list(stores),
    )  # fmt: skip
    return {row["store_id"]: _usual(dict(row)) for row in rows}


async def habits_of(read: Read, stores: Sequence[UUID]) -> dict[tuple[UUID, UUID], list[Habit]]:
    """Give what cashiers of stores do much oftener than the others."""
    rows = await read.fetch(
        """SELECT store_id, cashier_id, measure, times, chance FROM cashier_habit
            WHERE tenant_id = $1 AND store_id = ANY($2::uuid[]) ORDER BY cashier_id, measure""",
        read.tenant, list(stores),
    )  # fmt: skip
    found: dict[tuple[UUID, UUID], list[Habit]] = {}
    for row in rows:
        habit = Habit(row["measure"], row["times"], row["chance"])
        found.setdefault((row["store_id"], row["cashier_id"]), []).append(habit)
    return found


def _usual(row: dict[str, Any]) -> Usual:
    return Usual(
        row["sales"], row["refunds"], row["discounts"], tuple(row["sale_marks"]), tuple(row["refund_marks"]),
        tuple(row["discount_marks"]), dict(enumerate(row["hours"])), json.loads(row["tenders"]),
    )  # fmt: skip
