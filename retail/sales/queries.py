"""Reading stored sales back, exactly as they were answered the first time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from retail.catalog.taxes.rules import PartTotal
from retail.runtime.db import Read, Row
from retail.sales.choices import choices_of
from retail.sales.documents import ForeignCash, LineOffer, StoredLine, StoredPart, StoredSale, StoredTax, TenderIn
from retail.sales.errors import NoSuchSale
from retail.sales.remarks import Remark

SALE_COLUMNS: Final = """
  s.id, s.kind, s.store_id, s.till_id, s.shift_id, s.after_close, s.number, s.number_clash, s.original_id,
  s.customer_id, s.customer_ref, s.occurred_at, s.received_at, s.business_date, s.local_hour, s.currency,
  s.prices_include_tax, s.engine, (s.units * 1000)::bigint AS units_milli, s.subtotal_minor, s.tax_minor, s.total_minor,
  s.discount_minor, s.cash_rounding_minor, s.claimed_total_minor, s.cost_minor, s.cashier_id, s.cashier_name,
  s.body_hash, s.fiscal_position_id, s.exemption_id, s.price_group, s.age_checked,
  s.layaway_id, s.down_minor"""

_LINES: Final = """
SELECT sale_id, id, position, product_id, name, sku, (quantity * 1000)::bigint AS quantity_milli, unit_price_minor,
       discount_minor, net_minor, tax_minor, total_minor, tax_code, rate_micros,
       (unit_cost * 1000000)::bigint AS unit_cost_micros, cost_minor, original_sale_id, original_line_id,
       (returned_before * 1000)::bigint AS returned_before_milli, choices, note, parent_id, by_hand
  FROM sale_line WHERE tenant_id = $1 AND sale_id = ANY($2::uuid[]) ORDER BY sale_id, position
"""


async def bodies(read: Read, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Tell which of the sales are stored, with the hash of what was sent."""
    rows = await read.fetch(
        "SELECT id, body_hash FROM sale WHERE tenant_id = $1 AND id = ANY($2::uuid[])", read.tenant, list(ids)
    )
    return {row["id"]: row["body_hash"] for row in rows}


async def stored_sale(read: Read, id: UUID) -> StoredSale:
    """Read one sale or return whole. Raises NoSuchSale."""
    found = await stored_sales(read, [id])
    if not found:
        raise NoSuchSale
    return found[0]


async def stored_sales(read: Read, ids: Sequence[UUID]) -> list[StoredSale]:
    """Read sales whole, in the order of `ids`; unknown ones are left out."""
    rows = await read.fetch(
        f"SELECT {SALE_COLUMNS} FROM sale s WHERE s.tenant_id = $1 AND s.id = ANY($2::uuid[])",  # noqa: S608
        read.tenant,
        list(ids),
    )
    return await complete(read, _in_order(rows, ids))


async def parts_of(read: Read, sale: UUID) -> dict[UUID, tuple[StoredPart, ...]]:
    """Tell what each line of a sale took from the shelf where that wasn't its own product; other lines are left out."""
    rows = await read.fetch(
        """SELECT line_id, product_id, (quantity * 1000)::bigint, (unit_cost * 1000000)::bigint, cost_minor
             FROM sale_part WHERE tenant_id = $1 AND sale_id = $2 ORDER BY line_id, position""",
        read.tenant,
        sale,
    )
    found: dict[UUID, tuple[StoredPart, ...]] = {}
    for line, *facts in rows:
        found[line] = (*found.get(line, ()), StoredPart(*facts))
    return found


async def tax_parts_back(read: Read, original: UUID) -> dict[tuple[str, int], list[int]]:
    """Add up what a sale's returns gave back of each part of its taxes, by code and rate; at or below zero."""
    rows = await read.fetch(
        """SELECT t.tax_code, t.rate_micros, p.place, sum((p.part ->> 'tax')::bigint)::bigint AS back
             FROM sale s
             JOIN sale_tax t ON t.tenant_id = $1 AND t.sale_id = s.id
            CROSS JOIN LATERAL jsonb_array_elements(t.parts) WITH ORDINALITY AS p (part, place)
            WHERE s.tenant_id = $1 AND s.original_id = $2
            GROUP BY t.tax_code, t.rate_micros, p.place ORDER BY p.place""",
        read.tenant,
        original,
    )
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for row in rows:
        found[row["tax_code"], row["rate_micros"]].append(row["back"])
    return dict(found)


async def complete(read: Read, rows: Sequence[Row]) -> list[StoredSale]:
    """Put lines, taxes, tenders and remarks to rows of SALE_COLUMNS; keeps their order."""
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    rows_of_lines = _by_sale(await read.fetch(_LINES, read.tenant, ids))
    # In the order of first appearance, as they were priced; the till's receipt has the same.
    taxes = _by_sale(
        await read.fetch(
            """SELECT sale_id, tax_code, rate_micros, base_minor, tax_minor, parts FROM sale_tax
                WHERE tenant_id = $1 AND sale_id = ANY($2::uuid[])""",
            read.tenant,
            ids,
        )
    )
    tenders = _by_sale(
        await read.fetch(
            """SELECT sale_id, type, amount_minor, change_minor, reference, attempt_id, tip_minor, currency,
                      foreign_minor, rate_billionths, value_id, lacking_minor FROM tender
                WHERE tenant_id = $1 AND sale_id = ANY($2::uuid[]) ORDER BY sale_id, position""",
            read.tenant,
            ids,
        )
    )
    remarks = _by_sale(
        await read.fetch(
            """SELECT sale_id, code, facts, product_id FROM sync_exception
                WHERE tenant_id = $1 AND sale_id = ANY($2::uuid[]) ORDER BY sale_id, id""",
            read.tenant,
            ids,
        )
    )
    offers = await _offers(read, ids)
    lines = {sale: [_line(row, offers) for row in rows] for sale, rows in rows_of_lines.items()}
    return [
        _sale(row, lines.get(row["id"], []), taxes[row["id"]], tenders[row["id"]], remarks[row["id"]]) for row in rows
    ]


def _in_order(rows: Sequence[Row], ids: Sequence[UUID]) -> list[Row]:
    found = {row["id"]: row for row in rows}
    return [found[id] for id in dict.fromkeys(ids) if id in found]


def _by_sale(rows: Sequence[Row]) -> defaultdict[UUID, list[Row]]:
    grouped: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["sale_id"]].append(row)
    return grouped


def _sale(
    row: Row, lines: Sequence[StoredLine], taxes: Sequence[Row], tenders: Sequence[Row], remarks: Sequence[Row]
) -> StoredSale:
    stored_lines = tuple(lines)
    order: dict[tuple[str, int], int] = {}
    for line in stored_lines:
        order.setdefault((line.tax_code, line.rate_micros), line.position)
    values: list[Any] = [
        *tuple(row)[:9],
        str(row["customer_id"] or row["customer_ref"] or ""),
        *tuple(row)[11:-6],
        stored_lines,
        tuple(sorted((_tax(tax) for tax in taxes), key=lambda tax: order.get((tax.code, tax.rate_micros), 0))),
        tuple(_tender(tender) for tender in tenders),
        tuple(Remark(one["code"], json.loads(one["facts"]), one["product_id"]) for one in remarks),
        row["fiscal_position_id"],
        row["exemption_id"],
        row["price_group"] or "",
        row["age_checked"],
        row["layaway_id"],
        row["down_minor"],
    ]
    return StoredSale(*values)


def _tender(row: Row) -> TenderIn:
    code = row["currency"]
    foreign = ForeignCash(code, row["foreign_minor"], row["rate_billionths"]) if code else None
    return TenderIn(
        row["type"],
        row["amount_minor"],
        row["change_minor"],
        row["reference"],
        row["attempt_id"],
        row["tip_minor"],
        foreign,
        row["value_id"],
        row["lacking_minor"],
    )


async def _offers(read: Read, sales: Sequence[UUID]) -> dict[tuple[UUID, UUID], tuple[LineOffer, ...]]:
    """Give what offers took off the lines of sales, by sale and line, the largest first."""
    rows = await read.fetch(
        """SELECT t.sale_id, t.line_id, t.offer_id, t.version, t.amount_minor, o.name
             FROM sale_offer t JOIN offer o ON o.tenant_id = $1 AND o.id = t.offer_id
            WHERE t.tenant_id = $1 AND t.sale_id = ANY($2::uuid[]) ORDER BY t.amount_minor DESC, t.offer_id""",
        read.tenant,
        sales,
    )
    found: dict[tuple[UUID, UUID], tuple[LineOffer, ...]] = {}
    for sale, line, *facts in rows:
        found[sale, line] = (*found.get((sale, line), ()), LineOffer(*facts))
    return found


def _line(row: Row, offers: Mapping[tuple[UUID, UUID], tuple[LineOffer, ...]]) -> StoredLine:
    choices, note, parent, by_hand = row[-4:]
    return replace(
        StoredLine(*row[1:-4]),
        choices=choices_of(choices),
        note=note,
        parent=parent,
        by_hand=by_hand,
        offers=offers.get((row["sale_id"], row["id"]), ()),
    )


def _tax(row: Row) -> StoredTax:
    parts = tuple(PartTotal(**one) for one in json.loads(row["parts"] or "[]"))
    return StoredTax(row["tax_code"], row["rate_micros"], row["base_minor"], row["tax_minor"], parts)
