"""What is known about closed drawers with a variance, gathered for the rules in causes.py; a few statements for many.

Reads the sales' tables, which belong to the layer above: only tenders that come to just the variance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from retail.cash.causes import Cause, Evidence, Moved, Paid, causes_of
from retail.cash.queries import pieces_of
from retail.kit.cash_pieces import coins, notes, rolls
from retail.kit.money import Currency, format_money
from retail.runtime.db import Read, Row
from retail.runtime.tenancy import TenantFacts

# The variance as the supplements correct it: what late sales explain needs no other cause.
_DRAWERS: Final = """
SELECT h.id, h.till_id, h.store_id, h.opened_at, h.opening_float_minor, h.opening_left_minor, z.denominations,
       z.counted_minor, z.expected_minor + coalesce((SELECT sum(p.cash_minor) FROM z_supplement p
                                                      WHERE p.tenant_id = $1 AND p.shift_id = h.id), 0)::bigint
         AS expected_minor
  FROM shift h JOIN z_report z ON z.tenant_id = $1 AND z.shift_id = h.id
 WHERE h.tenant_id = $1 AND h.id = ANY($2::uuid[])
"""
_TENDERS: Final = """
SELECT s.shift_id, p.type, p.amount_minor - p.change_minor AS net, s.number
  FROM unnest($2::uuid[], $3::bigint[]) AS w (shift, variance)
  JOIN sale s ON s.tenant_id = $1 AND s.shift_id = w.shift AND s.kind = 'sale'
  JOIN tender p ON p.tenant_id = $1 AND p.sale_id = s.id AND p.amount_minor - p.change_minor = abs(w.variance)
 WHERE (p.type <> 'cash') = (w.variance > 0)
 ORDER BY s.number LIMIT 1000
"""
_MOVES: Final = """
SELECT m.shift_id, m.kind, m.amount_minor, m.reason FROM cash_move m
 WHERE m.tenant_id = $1 AND m.shift_id = ANY($2::uuid[]) ORDER BY m.occurred_at, m.id
"""
_USUAL: Final = """
SELECT w.shift AS shift_id, m.kind, m.amount_minor, m.reason, count(DISTINCT b.business_date) AS days
  FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::uuid[]) AS w (shift, variance, opened_at, store)
  JOIN cash_move m ON m.tenant_id = $1 AND m.amount_minor = abs(w.variance) AND m.shift_id <> w.shift
   AND m.occurred_at BETWEEN w.opened_at - interval '28 days' AND w.opened_at
  JOIN shift b ON b.tenant_id = $1 AND b.id = m.shift_id AND b.store_id = w.store
 GROUP BY w.shift, m.kind, m.amount_minor, m.reason
"""


async def causes(read: Read, tenant: TenantFacts, shifts: Sequence[UUID]) -> dict[UUID, list[Cause]]:
    """Give the likely causes of each closed shift that is over or short, the best first; others are left out."""
    drawers = [row for row in await read.fetch(_DRAWERS, read.tenant, list(shifts)) if _variance(row)]
    if not drawers:
        return {}
    ids, variances = [row["id"] for row in drawers], [_variance(row) for row in drawers]
    tenders = _by_shift(await read.fetch(_TENDERS, read.tenant, ids, variances))
    moves = _by_shift(await read.fetch(_MOVES, read.tenant, ids))
    opened, stores = [row["opened_at"] for row in drawers], [row["store_id"] for row in drawers]
    usual = _by_shift(await read.fetch(_USUAL, read.tenant, ids, variances, opened, stores))

    def money(minor: int) -> str:
        return format_money(minor, tenant.money, tenant.locale)

    known = {
        row["id"]: _evidence(row, tenders[row["id"]], moves[row["id"]], usual[row["id"]], tenant.money)
        for row in drawers
    }
    return {id: causes_of(evidence, money) for id, evidence in known.items()}


def _evidence(
    row: Row, tenders: Sequence[Row], moves: Sequence[Row], usual: Sequence[Row], currency: Currency
) -> Evidence:
    left = row["opening_left_minor"]
    return Evidence(
        row["expected_minor"],
        row["counted_minor"],
        row["opening_float_minor"],
        0 if left is None else row["opening_float_minor"] - left,
        pieces_of(row["denominations"]),
        [Paid(one["type"], one["net"], one["number"]) for one in tenders],
        [Moved(one["kind"], one["amount_minor"], one["reason"]) for one in moves],
        [Moved(one["kind"], one["amount_minor"], one["reason"], one["days"]) for one in usual],
        coins(currency),
        notes(currency),
        rolls(currency),
        10**currency.exponent,
    )


def _variance(row: Row) -> int:
    return int(row["counted_minor"] - row["expected_minor"])


def _by_shift(rows: Sequence[Row]) -> Mapping[UUID, list[Row]]:
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["shift_id"]].append(row)
    return found
