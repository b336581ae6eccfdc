"""Supplements: what arrived for a shift after its Z report, numbered and sealed beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.cash import queries, sealing
from retail.cash.posting import post_drawer
from retail.cash.rules import Shift, Takings, ZReport, supplement_postings
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Supplement:
    """What arrived after a Z report: `cash_minor` explains a part of its variance."""

    shift: UUID
    number: int
    cash_minor: int
    report: Mapping[str, Any]
    created_at: datetime


async def add_supplement(tx: Tx, shift: Shift, takings: Takings, sales: Sequence[UUID]) -> Supplement | None:
    """Make the next supplement of a closed shift; None where nothing arrived, or the shift has no Z report.

    The caller has locked the shift (lock_shift), and then found which late sales stand in no supplement yet. Posts
    their cash against over and short, because it was in the drawer when that was counted.
    """
    z = await queries.z_report(tx, shift.id)
    if z is None or not sales:
        return None
    before = await supplements(tx, shift.id)
    await sealing.lock_papers(tx, shift.till)
    report = report_of(shift, z, before, takings) | {
        "at": tx.now.isoformat(),
        "grand_total": await sealing.grand_total(tx, shift.till) + takings.gross_minor,
    }
    made = Supplement(shift.id, len(before) + 1, takings.cash_net_minor, report, tx.now)
    await tx.execute(
        """INSERT INTO z_supplement (tenant_id, shift_id, number, cash_minor, report, created_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        tx.tenant,
        made.shift,
        made.number,
        made.cash_minor,
        json.dumps(report),
        tx.now,
    )
    await tx.execute(
        """INSERT INTO z_supplement_sale (tenant_id, sale_id, shift_id, number)
           SELECT $1, s.id, $2, $3 FROM unnest($4::uuid[]) AS s (id)""",
        tx.tenant,
        made.shift,
        made.number,
        list(sales),
    )
    await sealing.seal(tx, shift, report, gross_minor=takings.gross_minor, supplement=made.number)
    postings = supplement_postings(made.cash_minor)
    await post_drawer(
        tx, shift, "shift_supplement", new_id(), at=tx.now, memo=f"Z {shift.number}/{made.number}", postings=postings
    )
    tx.audit("cash.supplement", "shift", shift.id, supplement=made.number, sales=len(sales), cash=made.cash_minor)
    return made


def report_of(shift: Shift, z: ZReport, before: Sequence[Supplement], takings: Takings) -> dict[str, Any]:
    """Write a supplement as plain values, with the drawer as it looks after it; pure, without totals of the till."""
    cash = sum(one.cash_minor for one in before) + takings.cash_net_minor
    return {
        "shift": str(shift.id),
        "number": shift.number,
        "supplement": len(before) + 1,
        "sales": takings.sales,
        "returns": takings.returns,
        "total": takings.total_minor,
        "tax": takings.tax_minor,
        "taxes": [dict(tax) for tax in takings.taxes],
        "discounts": takings.discounts_minor,
        "refunds": takings.refunds_minor,
        "tenders": dict(takings.by_tender),
        "payments": takings.payments,
        "down_payments": takings.down_payments_minor,
        "cash_net": takings.cash_net_minor,
        "cash_rounding": takings.cash_rounding_minor,
        "first_number": takings.first_number,
        "last_number": takings.last_number,
        "cashiers": [dict(one) for one in takings.cashiers],
        "expected": z.expected_minor + cash,
        "counted": z.counted_minor,
        "variance": z.counted_minor - z.expected_minor - cash,
    }


async def supplements(read: Read, shift: UUID) -> list[Supplement]:
    """List the supplements of a shift in their order."""
    rows = await read.fetch(
        """SELECT shift_id, number, cash_minor, report, created_at FROM z_supplement
            WHERE tenant_id = $1 AND shift_id = $2 ORDER BY number""",
        read.tenant,
        shift,
    )
    return [Supplement(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in (tuple(one) for one in rows)]
