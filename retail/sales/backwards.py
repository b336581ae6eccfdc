"""A sale that runs backwards: what goods without a known receipt are worth today, paid out instead of taken; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retail.sales.documents import StoredLine, StoredPart, StoredSale, StoredTax
from retail.sales.remarks import Remark


def backwards(made: StoredSale, remarks: Sequence[Remark]) -> StoredSale:
    """Turn a sale that was worked out into a return of the same goods: every figure below zero."""
    return replace(
        made,
        kind="return",
        units_milli=-made.units_milli,
        subtotal=-made.subtotal,
        tax=-made.tax,
        total=-made.total,
        discount=-made.discount,
        cash_rounding=0,
        claimed_total=-made.claimed_total,
        cost=-made.cost,
        lines=tuple(_line(line) for line in made.lines),
        taxes=tuple(_tax(tax) for tax in made.taxes),
        tenders=(),
        remarks=tuple(remarks),
    )


def _line(line: StoredLine) -> StoredLine:
    parts = None if line.parts is None else tuple(_part(one) for one in line.parts)
    return replace(
        line, quantity_milli=-line.quantity_milli, discount=-line.discount, net=-line.net, tax=-line.tax,
        total=-line.total, cost=-line.cost, parts=parts,
    )  # fmt: skip


def _part(part: StoredPart) -> StoredPart:
    return replace(part, quantity_milli=-part.quantity_milli, cost=-part.cost)


def _tax(tax: StoredTax) -> StoredTax:
    parts = tuple(replace(one, tax=-one.tax) for one in tax.parts)
    return replace(tax, base=-tax.base, tax=-tax.tax, parts=parts)
