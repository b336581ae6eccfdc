"""Writing sales: one statement for all of a set's rows, then its stock moves and its journal entries.

Effects are bound to the row: lines, taxes, tenders, remarks, stock, postings and the event follow only for sales whose
own row was really inserted, so a sale that comes twice, also at the same moment, has its effects once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.ledger import post
from retail.runtime.db import Tx
from retail.sales.documents import StoredSale, StoredTax
from retail.sales.effects import entry, moves
from retail.sales.events import completed
from retail.sales.remarks import Remark
from retail.stock import move

# `IN (SELECT …)` and not a join: a hashed look-up, whatever the planner thinks of the arrays' lengths.
_WRITE: Final = """
WITH sold AS (
  INSERT INTO sale (tenant_id, id, kind, store_id, till_id, shift_id, after_close, number, number_clash, original_id,
                    customer_id, customer_ref, occurred_at, received_at, business_date, local_hour, currency,
                    prices_include_tax, engine, units, subtotal_minor, tax_minor, total_minor, discount_minor,
                    cash_rounding_minor, claimed_total_minor, cost_minor, cashier_id, cashier_name, body_hash,
                    fiscal_position_id, exemption_id, price_group)
  SELECT $1, u.id, $2, u.store_id, u.till_id, u.shift_id, u.after_close, u.number, u.number_clash, u.original_id,
         u.customer_id, u.customer_ref, u.occurred_at, $3, u.business_date, u.local_hour, $4, $5, $6,
         u.units * 0.001, u.subtotal, u.tax, u.total, u.discount, u.cash_rounding, u.claimed_total, u.cost, $7, $8,
         u.body_hash, u.fiscal_position_id, u.exemption_id, u.price_group
    FROM unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::boolean[], $14::bigint[], $15::integer[],
                $16::uuid[], $17::uuid[], $18::text[], $19::timestamptz[], $20::date[], $21::smallint[], $22::bigint[],
                $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[],
                $30::bytea[], $31::uuid[], $32::uuid[], $33::text[])
         AS u (id, store_id, till_id, shift_id, after_close, number, number_clash, original_id, customer_id,
               customer_ref, occurred_at, business_date, local_hour, units, subtotal, tax, total, discount,
               cash_rounding, claimed_total, cost, body_hash, fiscal_position_id, exemption_id, price_group)
  ON CONFLICT DO NOTHING
  RETURNING id),
lines AS (
  INSERT INTO sale_line (tenant_id, sale_id, id, position, product_id, name, sku, quantity, unit_price_minor,
                         discount_minor, net_minor, tax_minor, total_minor, tax_code, rate_micros, unit_cost,
                         cost_minor, original_sale_id, original_line_id, returned_before)
  SELECT $1, u.sale_id, u.id, u.position, u.product_id, u.name, u.sku, u.quantity * 0.001, u.unit_price, u.discount,
         u.net, u.tax, u.total, u.tax_code, u.rate_micros, u.unit_cost * 0.000001, u.cost, u.original_sale_id,
         u.original_line_id, u.returned_before * 0.001
    FROM unnest($34::uuid[], $35::uuid[], $36::smallint[], $37::uuid[], $38::text[], $39::text[], $40::bigint[],
                $41::bigint[], $42::bigint[], $43::bigint[], $44::bigint[], $45::bigint[], $46::text[], $47::integer[],
                $48::bigint[], $49::bigint[], $50::uuid[], $51::uuid[], $52::bigint[])
         AS u (sale_id, id, position, product_id, name, sku, quantity, unit_price, discount, net, tax, total, tax_code,
               rate_micros, unit_cost, cost, original_sale_id, original_line_id, returned_before)
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
taxes AS (
  INSERT INTO sale_tax (tenant_id, sale_id, tax_code, rate_micros, base_minor, tax_minor, parts)
  SELECT $1, u.sale_id, u.tax_code, u.rate_micros, u.base, u.tax, u.parts::jsonb
    FROM unnest($53::uuid[], $54::text[], $55::integer[], $56::bigint[], $57::bigint[], $58::text[])
         AS u (sale_id, tax_code, rate_micros, base, tax, parts)
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
paid AS (
  INSERT INTO tender (tenant_id, sale_id, position, type, amount_minor, change_minor, reference)
  SELECT $1, u.sale_id, u.position, u.type, u.amount, u.change, u.reference
    FROM unnest($59::uuid[], $60::smallint[], $61::text[], $62::bigint[], $63::bigint[], $64::text[])
         AS u (sale_id, position, type, amount, change, reference)
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
off AS (
  INSERT INTO sync_exception (tenant_id, id, sale_id, till_id, store_id, product_id, code, facts, created_at)
  SELECT $1, u.id, u.sale_id, u.till_id, u.store_id, u.product_id, u.code, u.facts::jsonb, $3
    FROM unnest($65::uuid[], $66::uuid[], $67::uuid[], $68::uuid[], $69::uuid[], $70::text[], $71::text[])
         AS u (id, sale_id, till_id, store_id, product_id, code, facts)
   WHERE u.sale_id IN (SELECT sold.id FROM sold))
SELECT sold.id FROM sold
"""

_SALE_COLUMNS: Final = 25
_LINE_COLUMNS: Final = 19
_TAX_COLUMNS: Final = 6
_TENDER_COLUMNS: Final = 6
_REMARK_COLUMNS: Final = 7


async def insert(tx: Tx, sales: Sequence[StoredSale]) -> set[UUID]:
    """Insert sales with all that hangs on them; give the ids of those that are new.

    All are of one kind, taken in by one person in one transaction of a tenant: what follows from that is sent once.
    The others' id, or number on their till, is taken: nothing of them was written. Rows go in by id, so that two sets
    that share sales wait for each other instead of deadlocking.
    """
    ordered = sorted(sales, key=lambda sale: sale.id)
    rows = await tx.fetch(
        _WRITE,
        tx.tenant,
        *_shared(sales[0]),
        *_columns([_sale_row(sale) for sale in ordered], _SALE_COLUMNS),
        *_columns([row for sale in ordered for row in _line_rows(sale)], _LINE_COLUMNS),
        *_columns([row for sale in ordered for row in _tax_rows(sale)], _TAX_COLUMNS),
        *_columns([row for sale in ordered for row in _tender_rows(sale)], _TENDER_COLUMNS),
        *_columns([_remark_row(sale, one) for sale in ordered for one in sale.remarks], _REMARK_COLUMNS),
    )
    return {row["id"] for row in rows}


_PARTS: Final = """
INSERT INTO sale_part (tenant_id, sale_id, line_id, position, product_id, quantity, unit_cost, cost_minor)
SELECT $1, u.sale_id, u.line_id, u.position, u.product_id, u.quantity * 0.001, u.unit_cost * 0.000001, u.cost
  FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[])
       AS u (sale_id, line_id, position, product_id, quantity, unit_cost, cost)
"""


async def keep_parts(tx: Tx, sales: Sequence[StoredSale]) -> None:
    """Keep what the lines of newly inserted sales took where that isn't their own product; mostly nothing at all."""
    rows = [
        (sale.id, line.id, at, one.product, one.quantity_milli, one.unit_cost_micros, one.cost)
        for sale in sales
        for line in sale.lines
        for at, one in enumerate(line.parts or (), start=1)
    ]
    if rows:
        await tx.execute(_PARTS, tx.tenant, *_columns(rows, len(rows[0])))


async def follow_up(tx: Tx, sales: Sequence[StoredSale]) -> None:
    """Move the stock of newly inserted sales, post them, and tell the features above."""
    await keep_parts(tx, sales)
    await move(tx, [one for sale in sales for one in moves(sale)])
    await post(tx, [entry(sale) for sale in sales])
    for sale in sales:
        tx.emit(completed(sale))


async def remark(tx: Tx, till: UUID, remarks: Sequence[Remark]) -> None:
    """Note what is off about a till where no sale carries it."""
    await tx.execute(
        """INSERT INTO sync_exception (tenant_id, id, till_id, store_id, code, facts, created_at)
           SELECT $1, u.id, k.id, k.store_id, u.code, u.facts::jsonb, $2
             FROM unnest($4::uuid[], $5::text[], $6::text[]) AS u (id, code, facts)
             JOIN till k ON k.tenant_id = $1 AND k.id = $3""",
        tx.tenant,
        tx.now,
        till,
        [new_id() for _one in remarks],
        [one.code for one in remarks],
        [json.dumps(dict(one.facts)) for one in remarks],
    )


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into as many arrays as there are columns, empty ones too."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _shared(sale: StoredSale) -> tuple[Any, ...]:
    return (
        sale.kind, sale.received_at, sale.currency, sale.prices_include_tax, sale.engine, sale.cashier_id,
        sale.cashier_name,
    )  # fmt: skip


def _sale_row(sale: StoredSale) -> tuple[Any, ...]:
    customer_id, customer_ref = _customer(sale.customer)
    return (
        sale.id, sale.store, sale.till, sale.shift, sale.after_close, sale.number, sale.number_clash, sale.original,
        customer_id, customer_ref, sale.occurred_at, sale.business_date, sale.local_hour, sale.units_milli,
        sale.subtotal, sale.tax, sale.total, sale.discount, sale.cash_rounding, sale.claimed_total, sale.cost,
        sale.body_hash, sale.fiscal_position, sale.exemption, sale.price_group or None,
    )  # fmt: skip


def _line_rows(sale: StoredSale) -> list[tuple[Any, ...]]:
    return [
        (
            sale.id, line.id, line.position, line.product, line.name, line.sku, line.quantity_milli, line.unit_price,
            line.discount, line.net, line.tax, line.total, line.tax_code, line.rate_micros, line.unit_cost_micros,
            line.cost, line.original_sale, line.original_line, line.returned_before_milli,
        )
        for line in sale.lines
    ]  # fmt: skip


def _tax_rows(sale: StoredSale) -> list[tuple[Any, ...]]:
    return [(sale.id, tax.code, tax.rate_micros, tax.base, tax.tax, _parts_text(tax)) for tax in sale.taxes]


def _parts_text(tax: StoredTax) -> str | None:
    if not tax.parts:
        return None
    return json.dumps([{"name": one.name, "rate_micros": one.rate_micros, "tax": one.tax} for one in tax.parts])


def _tender_rows(sale: StoredSale) -> list[tuple[Any, ...]]:
    return [
        (sale.id, at, tender.type, tender.amount, tender.change, tender.reference)
        for at, tender in enumerate(sale.tenders, start=1)
    ]


def _remark_row(sale: StoredSale, one: Remark) -> tuple[Any, ...]:
    return new_id(), sale.id, sale.till, sale.store, one.product, one.code, json.dumps(dict(one.facts))


def _customer(customer: str) -> tuple[UUID | None, str | None]:
    if not customer:
        return None, None
    try:
        return (UUID(customer), None) if len(customer) == 36 else (None, customer)
    except ValueError:
        return None, customer
