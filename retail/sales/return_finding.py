"""Finding the receipt of goods that come back, for a till: by its number or code, or by what it was paid with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from retail.kit.quantity import quantity_text
from retail.runtime.db import Read, Row
from retail.sales import queries
from retail.sales.documents import StoredLine, StoredSale, TenderIn
from retail.sales.holds import Promise, promises, together
from retail.sales.labels import read_label, receipt_label
from retail.sales.pieces_back import Names, names_of
from retail.sales.standing import returned

MOST: Final = 10

_BY_NUMBER: Final = """
SELECT s.id FROM sale s JOIN till k ON k.tenant_id = $1 AND k.id = s.till_id
 WHERE s.tenant_id = $1 AND s.kind = 'sale' AND s.number = $2
   AND CASE WHEN $3 = '' THEN s.till_id = $4 ELSE k.code = $3 END ORDER BY s.occurred_at DESC LIMIT $5
"""
# The terminal's own reference ends a card's slip; of a gift card it is the last four digits.
_BY_CARD: Final = """
SELECT s.id FROM sale s
 WHERE s.tenant_id = $1 AND s.kind = 'sale' AND s.business_date = $2 AND ($3::bigint IS NULL OR s.total_minor = $3)
   AND EXISTS (SELECT FROM tender t WHERE t.tenant_id = $1 AND t.sale_id = s.id
                  AND t.type IN ('card', 'gift_card') AND upper(right(t.reference, length($4))) = upper($4))
 ORDER BY s.occurred_at DESC LIMIT $5
"""
_FACTS: Final = """
SELECT p.id, p.unit, p.decimals FROM product p WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])
"""
_SOLD: Final = """
SELECT k.code, s.cashier_id FROM sale s LEFT JOIN till k ON k.tenant_id = $1 AND k.id = s.till_id
 WHERE s.tenant_id = $1 AND s.id = $2
"""
_PAID_BACK: Final = """
SELECT t.type, t.value_id, -sum(t.amount_minor - t.change_minor)::bigint AS back
  FROM sale s JOIN tender t ON t.tenant_id = $1 AND t.sale_id = s.id
 WHERE s.tenant_id = $1 AND s.original_id = $2 GROUP BY t.type, t.value_id
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody knows of a receipt: its number as it is written, its id, or its card's slip and a day."""

    number: str = ""
    sale: UUID | None = None
    card: str = ""
    day: date | None = None
    amount: int | None = None


async def receipts(read: Read, till: UUID, sought: Sought) -> list[dict[str, Any]]:
    """Find sales whose goods may come back, the newest first, at most ten; each as a till works it out."""
    ids = await _ids(read, till, sought)
    return [await _receipt(read, till, one) for one in await queries.stored_sales(read, ids) if one.kind == "sale"]


async def _ids(read: Read, till: UUID, sought: Sought) -> list[UUID]:
    if sought.sale is not None:
        return [sought.sale]
    if sought.card and sought.day is not None:
        rows = await read.fetch(_BY_CARD, read.tenant, sought.day, sought.amount, sought.card, MOST)
        return [row["id"] for row in rows]
    label = read_label(sought.number)
    if label is None or label.kind == "return":
        return []
    rows = await read.fetch(_BY_NUMBER, read.tenant, label.number, label.till_code, till, MOST)
    return [row["id"] for row in rows]


async def _receipt(read: Read, till: UUID, sale: StoredSale) -> dict[str, Any]:
    [sold] = await read.fetch(_SOLD, read.tenant, sale.id)
    names = await names_of(read, sale.id)
    back, now = await returned(read, sale.id), await promises(read, sale.id)
    promised = together(*(one.lines for one in now))
    wanted = [line.product for line in sale.lines if line.product]
    facts = {row["id"]: row for row in await read.fetch(_FACTS, read.tenant, wanted)}
    paid_back = {(row["type"], row["value_id"]): row["back"]
                 for row in await read.fetch(_PAID_BACK, read.tenant, sale.id)}  # fmt: skip
    return {
        "id": sale.id,
        "label": receipt_label(sold["code"] or "?", sale.number),
        "at": sale.occurred_at,
        "cashier": sold["cashier_id"],
        "customer": sale.customer or None,
        "currency": sale.currency,
        "prices_include_tax": sale.prices_include_tax,
        "total": sale.total,
        "lines": [
            _line(one, back.get(one.id, 0), facts, with_tax=sale.prices_include_tax)
            | {"promised": quantity_text(promised.get(one.id, 0))}
            | _names(one, names)
            for one in sale.lines
        ],
        "promises": [_promise(one, till) for one in now],
        "tenders": _tenders(sale.tenders, paid_back),
        "returned_total": await _returned_total(read, sale.id),
    }


def _promise(one: Promise, till: UUID) -> dict[str, Any]:
    """Tell a till of what it, or another one, is about to take back."""
    return {
        "id": one.id,
        "till": one.till_code,
        "cashier": one.cashier,
        "own": one.till == till,
        "until": one.until,
        "lines": {str(line): quantity_text(milli) for line, milli in one.lines.items()},
    }


async def _returned_total(read: Read, sale: UUID) -> int:
    """Add up what a sale's returns gave back, before rounding to coins; minor units above zero."""
    sql = "SELECT coalesce(-sum(total_minor), 0)::bigint FROM sale WHERE tenant_id = $1 AND original_id = $2"
    return int(await read.fetchval(sql, read.tenant, sale))


def _line(line: StoredLine, back_milli: int, facts: Mapping[UUID, Row], *, with_tax: bool) -> dict[str, Any]:
    charged = line.total if with_tax else line.net
    known = facts.get(line.product) if line.product else None
    return {
        "id": line.id,
        "product": line.product,
        "name": line.name,
        "unit": known["unit"] if known else "",
        "decimals": known["decimals"] if known else (3 if line.quantity_milli % 1000 else 0),
        "quantity": quantity_text(line.quantity_milli),
        "returned": quantity_text(min(back_milli, line.quantity_milli)),
        "unit_price": line.unit_price,
        "amount": charged + line.discount,
        "discount": line.discount,
        "tax": line.tax,
        "rate_micros": line.rate_micros,
        "tax_code": line.tax_code,
        "parent": line.parent,
    }


def _names(line: StoredLine, names: Mapping[UUID, Names]) -> dict[str, Any]:
    """Give the lots, or the pieces, of a line's product that can come back; nothing where none were named."""
    known = names.get(line.product) if line.product else None
    if known is None:
        return {}
    return {"lots" if known.tracking == "lot" else "serials": known.left}


def _tenders(tenders: Sequence[TenderIn], back: dict[tuple[str, UUID | None], int]) -> list[dict[str, Any]]:
    """Give what a sale was paid with, and what of each has gone back already; tips stay with the staff."""
    found: list[dict[str, Any]] = []
    for one in tenders:
        paid = one.net - one.tip - one.lacking
        gone = min(paid, back.get((one.type, one.value), 0))
        back[one.type, one.value] = back.get((one.type, one.value), 0) - gone
        told = {"type": one.type, "amount": paid, "back": max(gone, 0), "reference": one.reference}
        found.append(told | {"attempt": one.attempt, "value": one.value})
    return [one for one in found if one["amount"] > 0]
