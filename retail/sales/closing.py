"""Closing a shift: its takings are added up here, where sales are known, and counted by the drawer's own rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.cash import Shift, Takings, ZReport, close_shift, lock_shift
from retail.cash.queries import cash_sums, drawer_openings
from retail.cash.rules import report_of
from retail.runtime.db import Read, Tx


async def close(
    tx: Tx, shift: UUID, counted_minor: int, denominations: Mapping[str, int] | None, at: datetime
) -> ZReport:
    """Count a drawer and end its shift; the same count again gives the first report.

    Locks the shift, so that sales on their way are in the takings or marked as after closing, never neither.
    Raises NoSuchShift, ShiftClosed, Invalid.
    """
    await lock_shift(tx, shift)
    return await close_shift(tx, shift, counted_minor, denominations, at, await takings(tx, shift))


async def so_far(read: Read, shift: Shift) -> dict[str, Any]:
    """Write what an open shift has come to: the part of its Z report that is known before the count.

    Nothing is locked; in one snapshot its sums fit each other.
    """
    moves = await cash_sums(read, shift.id)
    return report_of(shift, await takings(read, shift.id), moves, await drawer_openings(read, shift.id))


async def takings(read: Read, shift: UUID) -> Takings:
    """Add up what a shift sold and took, without what arrived after its closing; a few sums, however many sales."""
    row = await read.fetchrow(
        """SELECT count(*) FILTER (WHERE kind = 'sale') AS sales, count(*) FILTER (WHERE kind = 'return') AS returns,
                  coalesce(sum(total_minor), 0)::bigint AS total, coalesce(sum(tax_minor), 0)::bigint AS tax,
                  min(number) FILTER (WHERE kind = 'sale') AS first, max(number) FILTER (WHERE kind = 'sale') AS last,
                  coalesce(-sum(total_minor) FILTER (WHERE kind = 'return'), 0)::bigint AS refunds,
                  coalesce(sum(cash_rounding_minor), 0)::bigint AS rounding,
                  coalesce(sum(discount_minor), 0)::bigint AS discounts
             FROM sale WHERE tenant_id = $1 AND shift_id = $2 AND NOT after_close""",
        read.tenant,
        shift,
    )
    if row is None:
        raise LookupError("an aggregate without a group always has a row")
    tenders = await read.fetch(
        """SELECT p.type, sum(p.amount_minor - p.change_minor)::bigint AS net
             FROM sale s JOIN tender p ON p.tenant_id = s.tenant_id AND p.sale_id = s.id
            WHERE s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close GROUP BY p.type ORDER BY p.type""",
        read.tenant,
        shift,
    )
    by_tender = {one["type"]: one["net"] for one in tenders}
    return Takings(
        row["sales"],
        row["returns"],
        row["total"],
        row["tax"],
        row["first"],
        row["last"],
        by_tender.get("cash", 0),
        by_tender,
        row["refunds"],
        row["rounding"],
        await _taxes(read, shift),
        row["discounts"],
    )


async def _taxes(read: Read, shift: UUID) -> list[dict[str, Any]]:
    """Add up the taxes of a shift, the highest rate first; one made of parts says what came of each, in their order.

    Where a tax became one of parts during the shift, its parts say less than it: the rest has none.
    """
    rows = await read.fetch(
        """SELECT x.tax_code AS code, x.rate_micros, sum(x.base_minor)::bigint AS base, sum(x.tax_minor)::bigint AS tax
             FROM sale s JOIN sale_tax x ON x.tenant_id = s.tenant_id AND x.sale_id = s.id
            WHERE s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close
            GROUP BY x.tax_code, x.rate_micros ORDER BY x.rate_micros DESC, x.tax_code""",
        read.tenant,
        shift,
    )
    of_parts = await read.fetch(
        """SELECT x.tax_code AS code, x.rate_micros AS of_rate, p.part ->> 'name' AS name,
                  (p.part ->> 'rate_micros')::integer AS rate_micros, sum((p.part ->> 'tax')::bigint)::bigint AS tax
             FROM sale s JOIN sale_tax x ON x.tenant_id = s.tenant_id AND x.sale_id = s.id
            CROSS JOIN LATERAL jsonb_array_elements(x.parts) WITH ORDINALITY AS p (part, place)
            WHERE s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close
            GROUP BY 1, 2, 3, 4 ORDER BY min(p.place), 3, 4""",
        read.tenant,
        shift,
    )
    parts: defaultdict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for one in of_parts:
        parts[one["code"], one["of_rate"]].append({name: one[name] for name in ("name", "rate_micros", "tax")})
    return [
        dict(row) | ({"parts": found} if (found := parts.get((row["code"], row["rate_micros"]))) else {})
        for row in rows
    ]
