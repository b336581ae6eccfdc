"""A sale's rows as arrays for one statement: which columns there are, their types, and what of a sale goes into each.

A column is said once, here; the numbers of the statement's parameters are counted from that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from retail.kit.ids import new_id
from retail.sales.choices import choices_json
from retail.sales.documents import StoredLine, StoredSale, StoredTax, TenderIn
from retail.sales.remarks import Remark


class Column(NamedTuple):
    """A column: its name, the type of its array, and how its value is written; {} stands for what came."""

    name: str
    type: str
    value: str = "{}"


_MILLI, _MICROS, _JSON = "{} * 0.001", "{} * 0.000001", "{}::jsonb"

SALE: Final = (
    Column("id", "uuid"), Column("store_id", "uuid"), Column("till_id", "uuid"), Column("shift_id", "uuid"),
    Column("after_close", "boolean"), Column("number", "bigint"), Column("number_clash", "integer"),
    Column("original_id", "uuid"), Column("customer_id", "uuid"), Column("customer_ref", "text"),
    Column("occurred_at", "timestamptz"), Column("business_date", "date"), Column("local_hour", "smallint"),
    Column("units", "bigint", _MILLI), Column("subtotal_minor", "bigint"), Column("tax_minor", "bigint"),
    Column("total_minor", "bigint"), Column("discount_minor", "bigint"), Column("cash_rounding_minor", "bigint"),
    Column("claimed_total_minor", "bigint"), Column("cost_minor", "bigint"), Column("body_hash", "bytea"),
    Column("fiscal_position_id", "uuid"), Column("exemption_id", "uuid"), Column("price_group", "text"),
    Column("age_checked", "smallint"), Column("layaway_id", "uuid"), Column("down_minor", "bigint"),
)  # fmt: skip
LINE: Final = (
    Column("sale_id", "uuid"), Column("id", "uuid"), Column("position", "smallint"), Column("product_id", "uuid"),
    Column("name", "text"), Column("sku", "text"), Column("quantity", "bigint", _MILLI),
    Column("unit_price_minor", "bigint"), Column("discount_minor", "bigint"), Column("net_minor", "bigint"),
    Column("tax_minor", "bigint"), Column("total_minor", "bigint"), Column("tax_code", "text"),
    Column("rate_micros", "integer"), Column("unit_cost", "bigint", _MICROS), Column("cost_minor", "bigint"),
    Column("original_sale_id", "uuid"), Column("original_line_id", "uuid"),
    Column("returned_before", "bigint", _MILLI), Column("choices", "text", _JSON), Column("note", "text"),
    Column("parent_id", "uuid"), Column("by_hand", "boolean"),
)  # fmt: skip
TAX: Final = (
    Column("sale_id", "uuid"), Column("tax_code", "text"), Column("rate_micros", "integer"),
    Column("base_minor", "bigint"), Column("tax_minor", "bigint"), Column("parts", "text", _JSON),
)  # fmt: skip
TENDER: Final = (
    Column("sale_id", "uuid"), Column("position", "smallint"), Column("type", "text"), Column("amount_minor", "bigint"),
    Column("change_minor", "bigint"), Column("reference", "text"), Column("attempt_id", "uuid"),
    Column("tip_minor", "bigint"), Column("currency", "text"), Column("foreign_minor", "bigint"),
    Column("rate_billionths", "bigint"), Column("value_id", "uuid"), Column("lacking_minor", "bigint"),
)  # fmt: skip
REMARK: Final = (
    Column("id", "uuid"), Column("sale_id", "uuid"), Column("till_id", "uuid"), Column("store_id", "uuid"),
    Column("product_id", "uuid"), Column("code", "text"), Column("facts", "text", _JSON),
)  # fmt: skip
_TABLES: Final = {"sale": SALE, "line": LINE, "tax": TAX, "tender": TENDER, "remark": REMARK}


def sql(first: int) -> Mapping[str, str]:
    """Give each table's names, values and rows for a statement whose arrays begin with parameter `first`."""
    parts: dict[str, str] = {}
    for table, columns in _TABLES.items():
        names = ", ".join(one.name for one in columns)
        arrays = ", ".join(f"${first + at}::{one.type}[]" for at, one in enumerate(columns))
        parts[f"{table}_names"] = names
        parts[f"{table}_values"] = ", ".join(one.value.format(f"u.{one.name}") for one in columns)
        parts[f"{table}_rows"] = f"unnest({arrays}) AS u ({names})"
        first += len(columns)
    return parts


def shared(sale: StoredSale) -> tuple[Any, ...]:
    """Give what all sales of a set have in common, as the statement names it first."""
    return (
        sale.kind, sale.received_at, sale.currency, sale.prices_include_tax, sale.engine, sale.cashier_id,
        sale.cashier_name,
    )  # fmt: skip


def arrays(sales: Sequence[StoredSale]) -> list[list[Any]]:
    """Turn sales into an array per column, in the order of the tables."""
    return [
        *turned([_sale(sale) for sale in sales], len(SALE)),
        *turned(_of(sales, lambda sale: (_line(sale, one) for one in sale.lines)), len(LINE)),
        *turned(_of(sales, lambda sale: (_tax(sale, one) for one in sale.taxes)), len(TAX)),
        *turned(_of(sales, lambda sale: (_tender(sale, *one) for one in enumerate(sale.tenders, 1))), len(TENDER)),
        *turned(_of(sales, lambda sale: (_remark(sale, one) for one in sale.remarks)), len(REMARK)),
    ]


def turned(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into as many arrays as there are columns, empty ones too."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _of(sales: Sequence[StoredSale], rows: Callable[[StoredSale], Iterable[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    return [row for sale in sales for row in rows(sale)]


def _sale(sale: StoredSale) -> tuple[Any, ...]:
    customer_id, customer_ref = _customer(sale.customer)
    return (
        sale.id, sale.store, sale.till, sale.shift, sale.after_close, sale.number, sale.number_clash, sale.original,
        customer_id, customer_ref, sale.occurred_at, sale.business_date, sale.local_hour, sale.units_milli,
        sale.subtotal, sale.tax, sale.total, sale.discount, sale.cash_rounding, sale.claimed_total, sale.cost,
        sale.body_hash, sale.fiscal_position, sale.exemption, sale.price_group or None, sale.age_checked,
        sale.layaway, sale.down,
    )  # fmt: skip


def _line(sale: StoredSale, line: StoredLine) -> tuple[Any, ...]:
    choices = json.dumps(choices_json(line.choices)) if line.choices else None
    return (
        sale.id, line.id, line.position, line.product, line.name, line.sku, line.quantity_milli, line.unit_price,
        line.discount, line.net, line.tax, line.total, line.tax_code, line.rate_micros, line.unit_cost_micros,
        line.cost, line.original_sale, line.original_line, line.returned_before_milli, choices, line.note,
        line.parent, line.by_hand,
    )  # fmt: skip


def _tax(sale: StoredSale, tax: StoredTax) -> tuple[Any, ...]:
    parts = [{"name": one.name, "rate_micros": one.rate_micros, "tax": one.tax} for one in tax.parts]
    return sale.id, tax.code, tax.rate_micros, tax.base, tax.tax, json.dumps(parts) if parts else None


def _tender(sale: StoredSale, at: int, one: TenderIn) -> tuple[Any, ...]:
    of = one.foreign
    notes = (of.currency, of.minor, of.rate_billionths) if of else (None, None, None)
    return (
        sale.id, at, one.type, one.amount, one.change, one.reference, one.attempt, one.tip, *notes, one.value,
        one.lacking,
    )  # fmt: skip


def _remark(sale: StoredSale, one: Remark) -> tuple[Any, ...]:
    return new_id(), sale.id, sale.till, sale.store, one.product, one.code, json.dumps(dict(one.facts))


def _customer(customer: str) -> tuple[UUID | None, str | None]:
    if not customer:
        return None, None
    try:
        return (UUID(customer), None) if len(customer) == 36 else (None, customer)
    except ValueError:
        return None, customer
