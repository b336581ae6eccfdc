"""What shifts sold and took, read from their sales: of whole shifts, or of some sales alone.

The statements group by shift, so that the worker adds up a round of sales of many tills in as many statements as those
of one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from retail.cash import Takings
from retail.cash.takings import added, in_order, plain
from retail.cash.takings import read as read_takings
from retail.runtime.db import Read, Tx

_OF_SHIFT: Final = "s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close"
_OF_LATE: Final = """s.tenant_id = $1 AND s.shift_id = $2 AND s.after_close
  AND NOT EXISTS (SELECT FROM z_supplement_sale x WHERE x.tenant_id = $1 AND x.sale_id = s.id)"""
_OF_SALES: Final = "s.tenant_id = $1 AND s.id = ANY($2::uuid[]) AND s.shift_id IS NOT NULL AND NOT s.after_close"

_SUMS: Final = """
SELECT s.shift_id, count(*) FILTER (WHERE kind = 'sale') AS sales, count(*) FILTER (WHERE kind = 'return') AS returns,
       sum(total_minor)::bigint AS total_minor, sum(tax_minor)::bigint AS tax_minor,
       min(number) FILTER (WHERE kind <> 'return') AS first_number,
       max(number) FILTER (WHERE kind <> 'return') AS last_number,
       coalesce(-sum(total_minor) FILTER (WHERE kind = 'return'), 0)::bigint AS refunds_minor,
       sum(cash_rounding_minor)::bigint AS cash_rounding_minor, sum(discount_minor)::bigint AS discounts_minor,
       count(*) FILTER (WHERE kind = 'payment') AS payments,
       coalesce(sum(claimed_total_minor) FILTER (WHERE kind = 'payment'), 0)::bigint AS down_payments_minor
  FROM sale s WHERE {} GROUP BY s.shift_id
"""
_TENDERS: Final = """
SELECT s.shift_id, s.cashier_id, p.type, sum(p.amount_minor - p.change_minor)::bigint AS net
  FROM sale s JOIN tender p ON p.tenant_id = $1 AND p.sale_id = s.id
 WHERE {} GROUP BY s.shift_id, s.cashier_id, p.type ORDER BY p.type
"""
_CASHIERS: Final = """
SELECT s.shift_id, s.cashier_id, max(s.cashier_name) AS name, count(*) FILTER (WHERE kind = 'sale') AS sales,
       count(*) FILTER (WHERE kind = 'return') AS returns, sum(s.total_minor)::bigint AS total
  FROM sale s WHERE {} GROUP BY s.shift_id, s.cashier_id
"""
_TAXES: Final = """
SELECT s.shift_id, x.tax_code AS code, x.rate_micros, sum(x.base_minor)::bigint AS base, sum(x.tax_minor)::bigint AS tax
  FROM sale s JOIN sale_tax x ON x.tenant_id = $1 AND x.sale_id = s.id
 WHERE {} GROUP BY s.shift_id, x.tax_code, x.rate_micros ORDER BY x.rate_micros DESC, x.tax_code
"""
# Where a tax became one of parts during the shift, its parts say less than it: the rest has none.
_PARTS: Final = """
SELECT s.shift_id, x.tax_code AS code, x.rate_micros AS of_rate, p.part ->> 'name' AS name,
       (p.part ->> 'rate_micros')::integer AS rate_micros, sum((p.part ->> 'tax')::bigint)::bigint AS tax
  FROM sale s JOIN sale_tax x ON x.tenant_id = $1 AND x.sale_id = s.id
 CROSS JOIN LATERAL jsonb_array_elements(x.parts) WITH ORDINALITY AS p (part, place)
 WHERE {} AND x.parts <> '[]' GROUP BY 1, 2, 3, 4, 5 ORDER BY min(p.place), 4, 5
"""
_ALL: Final = (_SUMS, _TENDERS, _CASHIERS, _TAXES, _PARTS)
_STATEMENTS: Final = {which: [sql.format(which) for sql in _ALL] for which in (_OF_SHIFT, _OF_LATE, _OF_SALES)}

# In one snapshot: what the worker has added up, the sales that it hasn't heard of, and what all of them must come to.
_FOLDED: Final = """
SELECT r.documents, r.takings,
       ARRAY(SELECT (o.body::json ->> 'sale')::uuid FROM outbox o
              WHERE o.tenant_id = $1 AND o.name IN ('sale.completed', 'sale.down_paid')
                AND o.body::json ->> 'shift' = $2::text) AS waiting,
       (SELECT count(*) FROM sale s WHERE s.tenant_id = $1 AND s.shift_id = $2 AND NOT s.after_close) AS sold
  FROM (SELECT $2::uuid AS id) w LEFT JOIN shift_rollup r ON r.tenant_id = $1 AND r.shift_id = w.id
"""


async def takings(read: Read, shift: UUID) -> Takings:
    """Say what a shift sold and took, without what arrived after its closing.

    What the worker has folded is taken as it is, and the sales on their way to it are added: however many sales there
    are, few are read. Where the two don't make up all of the shift's sales (an event was set aside, or they were sold
    before takings were folded), all sales are added up.
    """
    row = await read.fetchrow(_FOLDED, read.tenant, shift)
    if row is None or row["takings"] is None:
        return await added_up(read, shift)
    waiting = (await of_sales(read, row["waiting"])).get(shift, Takings()) if row["waiting"] else Takings()
    if row["documents"] + waiting.documents != row["sold"]:
        return await added_up(read, shift)
    return added([read_takings(json.loads(row["takings"])), waiting])


async def added_up(read: Read, shift: UUID) -> Takings:
    """Add up every sale of a shift, without what arrived after its closing."""
    return (await _read(read, _OF_SHIFT, shift)).get(shift, Takings())


async def late(read: Read, shift: UUID) -> Takings:
    """Add up what arrived after a shift's closing and stands in no supplement yet."""
    return (await _read(read, _OF_LATE, shift)).get(shift, Takings())


async def of_sales(read: Read, sales: Sequence[UUID]) -> dict[UUID, Takings]:
    """Add up some sales by shift, without those that came after a closing."""
    return await _read(read, _OF_SALES, list(sales))


async def fold_takings(tx: Tx, sales: Sequence[UUID]) -> None:
    """Add newly stored sales to what their shifts have come to; each sale must be given once, in all of time."""
    found = await of_sales(tx, sales)
    if not found:
        return
    shifts = sorted(found)
    rows = await tx.fetch(
        """SELECT shift_id, documents, takings FROM shift_rollup WHERE tenant_id = $1 AND shift_id = ANY($2::uuid[])
            ORDER BY shift_id FOR UPDATE""",
        tx.tenant,
        shifts,
    )
    before = {row["shift_id"]: (row["documents"], read_takings(json.loads(row["takings"]))) for row in rows}
    sums = [before.get(one, (0, Takings()))[0] + found[one].documents for one in shifts]
    folded = [added([before[one][1], found[one]] if one in before else [found[one]]) for one in shifts]
    await tx.execute(
        """INSERT INTO shift_rollup AS r (tenant_id, shift_id, documents, takings, folded_at)
           SELECT $1, u.shift, u.documents, u.takings::jsonb, $2
             FROM unnest($3::uuid[], $4::integer[], $5::text[]) AS u (shift, documents, takings)
           ON CONFLICT (tenant_id, shift_id) DO UPDATE
              SET documents = excluded.documents, takings = excluded.takings, folded_at = excluded.folded_at""",
        tx.tenant,
        tx.now,
        shifts,
        sums,
        [json.dumps(plain(one)) for one in folded],
    )


async def _read(read: Read, which: str, wanted: object) -> dict[UUID, Takings]:
    sums, tenders, cashiers, taxes, parts = [await read.fetch(sql, read.tenant, wanted) for sql in _STATEMENTS[which]]
    by_tender: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    cash: dict[tuple[UUID, UUID | None], int] = {}
    for row in tenders:
        of_shift = by_tender[row["shift_id"]]
        of_shift[row["type"]] = of_shift.get(row["type"], 0) + row["net"]
        if row["type"] == "cash":
            cash[row["shift_id"], row["cashier_id"]] = row["net"]
    people: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in cashiers:
        facts = {name: row[name] for name in ("name", "sales", "returns", "total")}
        who = str(row["cashier_id"]) if row["cashier_id"] else None
        people[row["shift_id"]].append(facts | {"id": who, "cash": cash.get((row["shift_id"], row["cashier_id"]), 0)})
    return {
        row["shift_id"]: Takings(
            **{name: value for name, value in dict(row).items() if name != "shift_id"},
            cash_net_minor=by_tender[row["shift_id"]].get("cash", 0),
            by_tender=by_tender[row["shift_id"]],
            taxes=_taxes(row["shift_id"], taxes, parts),
            cashiers=in_order(people[row["shift_id"]]),
        )
        for row in sums
    }


def _taxes(shift: UUID, taxes: Sequence[Any], of_parts: Sequence[Any]) -> list[dict[str, Any]]:
    """Give the taxes of a shift, the highest rate first; one made of parts says what came of each, in their order."""
    parts: defaultdict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for one in of_parts:
        if one["shift_id"] == shift:
            parts[one["code"], one["of_rate"]].append({name: one[name] for name in ("name", "rate_micros", "tax")})
    return [
        {name: row[name] for name in ("code", "rate_micros", "base", "tax")}
        | ({"parts": found} if (found := parts.get((row["code"], row["rate_micros"]))) else {})
        for row in taxes
        if row["shift_id"] == shift
    ]
