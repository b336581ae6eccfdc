"""Tables that go out: streamed from the database row by row, as CSV that no spreadsheet runs, or as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from retail.kit.guard import csv_text
from retail.kit.money import Currency, major
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

Format = Literal["csv", "json"]

_PREFETCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table to export: its columns with how each is written, its query up to the conditions, and its order.

    $1 is the tenant. `usual` narrows where nobody says how; `day` is the column of the business day, if there is one.
    """

    columns: tuple[tuple[str, str], ...]
    sql: str
    order: str
    usual: str = ""
    day: str = ""


TABLES: Final[dict[str, Table]] = {
    "products": Table(
        (
            ("sku", "text"), ("name", "text"), ("price", "money"), ("tax_class", "text"), ("category", "text"),
            ("barcodes", "text"), ("unit", "text"), ("unit_cost", "cost"), ("reorder_point", "quantity"),
        ),
        """SELECT p.sku, p.name, p.price_minor AS price, x.code AS tax_class, c.name AS category,
                  (SELECT string_agg(b.code, ' ' ORDER BY b.position) FROM barcode b
                    WHERE b.tenant_id = p.tenant_id AND b.product_id = p.id) AS barcodes,
                  p.unit, p.unit_cost, p.reorder_point
             FROM product p
             JOIN tax_class x ON x.tenant_id = p.tenant_id AND x.id = p.tax_class_id
             LEFT JOIN category c ON c.tenant_id = p.tenant_id AND c.id = p.category_id
            WHERE p.tenant_id = $1""",
        "p.sku",
        usual="p.archived_at IS NULL",
    ),
    "stock": Table(
        (("sku", "text"), ("store", "text"), ("quantity", "quantity"), ("name", "text"), ("unit_cost", "cost")),
        """SELECT p.sku, s.code AS store, b.on_hand + coalesce(w.waiting, 0) AS quantity, p.name, b.unit_cost
             FROM stock_balance b
             JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
             JOIN store s ON s.tenant_id = b.tenant_id AND s.id = b.store_id
             LEFT JOIN (SELECT store_id, product_id, sum(quantity) AS waiting FROM stock_delta
                         WHERE tenant_id = $1 GROUP BY 1, 2) w
               ON w.store_id = b.store_id AND w.product_id = b.product_id
            WHERE b.tenant_id = $1""",
        "s.code, p.sku",
    ),
    "sales": Table(
        (
            ("sale", "plain"), ("kind", "plain"), ("number", "plain"), ("occurred_at", "moment"),
            ("business_date", "plain"), ("store", "text"), ("till", "text"), ("cashier", "text"), ("customer", "text"),
            ("original", "plain"), ("line", "plain"), ("sku", "text"), ("name", "text"), ("quantity", "quantity"),
            ("unit_price", "money"), ("discount", "money"), ("net", "money"), ("tax", "money"), ("total", "money"),
            ("tax_code", "text"), ("rate_micros", "plain"), ("paid_by", "plain"),
        ),
        """SELECT s.id AS sale, s.kind, s.number, s.occurred_at, s.business_date, p.code AS store, k.code AS till,
                  s.cashier_name AS cashier, coalesce(s.customer_ref, s.customer_id::text) AS customer,
                  s.original_id AS original, l.position AS line, l.sku, l.name, l.quantity,
                  l.unit_price_minor AS unit_price, l.discount_minor AS discount, l.net_minor AS net,
                  l.tax_minor AS tax, l.total_minor AS total, l.tax_code, l.rate_micros,
                  (SELECT string_agg(DISTINCT t.type, ' ') FROM tender t
                    WHERE t.tenant_id = s.tenant_id AND t.sale_id = s.id) AS paid_by
             FROM sale s
             JOIN sale_line l ON l.tenant_id = s.tenant_id AND l.sale_id = s.id
             JOIN store p ON p.tenant_id = s.tenant_id AND p.id = s.store_id
             JOIN till k ON k.tenant_id = s.tenant_id AND k.id = s.till_id
            WHERE s.tenant_id = $1""",
        "s.occurred_at DESC, s.id DESC, l.position",
        day="s.business_date",
    ),
    "journal": Table(
        (
            ("entry", "plain"), ("date", "plain"), ("store", "text"), ("kind", "plain"), ("source", "plain"),
            ("memo", "text"), ("account_code", "plain"), ("account", "text"), ("amount", "money"),
            ("currency", "plain"),
        ),
        """SELECT e.id AS entry, e.business_date AS date, s.name AS store, e.kind, e.source_id AS source, e.memo,
                  a.code AS account_code, a.name AS account, l.amount_minor AS amount, e.currency
             FROM journal_entry e
             JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
             JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
             JOIN store s ON s.tenant_id = e.tenant_id AND s.id = e.store_id
            WHERE e.tenant_id = $1""",
        "e.business_date, e.id, l.position",
        day="e.business_date",
    ),
}  # fmt: skip


def without_costs(table: Table) -> Table:
    """Give a table as it is for somebody who may not see what goods cost."""
    return replace(table, columns=tuple(column for column in table.columns if column[1] != "cost"))


async def export(
    read: Read, table: Table, form: Format, money: Currency, narrowed: Conditions | None = None
) -> AsyncIterator[str]:
    """Write a table piece by piece. CSV has amounts as on paper (4.20); JSON has whole minor units, as the API.

    `narrowed` has the tenant as its first value, and conditions on the names of the table's query.
    """
    where = narrowed or of_days(read, table)
    sql = f"{table.sql} {where.sql} ORDER BY {table.order}"
    names = [name for name, _kind in table.columns]
    write = _csv_row if form == "csv" else _json_row
    yield _csv_row(names, names) if form == "csv" else "["
    before = "" if form == "csv" else "\n"
    async for row in read.conn.cursor(sql, *where.args, prefetch=_PREFETCH):
        cells = [_cell(row[name], kind, form, money) for name, kind in table.columns]
        yield before + write(names, cells)
        before = "" if form == "csv" else ",\n"
    if form == "json":
        yield "\n]\n"


def of_days(read: Read, table: Table, first: date | None = None, last: date | None = None) -> Conditions:
    """Narrow a table as usual, and to business days where it has them; both days are in."""
    where = Conditions(read.tenant)
    if table.usual:
        where.add(table.usual)
    for sign, day in ((">=", first), ("<=", last)):
        if table.day and day:
            where.add(f"{table.day} {sign} {{}}", day)
    return where


def _cell(value: Any, kind: str, form: Format, money: Currency) -> Any:  # noqa: ANN401 - what a column may hold
    if form == "json" and (value is None or isinstance(value, int)):
        return value
    if value is None:
        return ""
    return _WRITTEN[kind](value, money if form == "csv" else _WHOLE)


def _moment(value: datetime, _money: Currency) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cost(value: Decimal, money: Currency) -> str:
    return f"{_trimmed(value.scaleb(-money.exponent)):f}"


def _trimmed(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _csv_row(_names: list[str], cells: list[Any]) -> str:
    return csv_text([cells])


def _json_row(names: list[str], cells: list[Any]) -> str:
    return json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)


_WHOLE: Final = Currency("", 0)
_WRITTEN: Final[dict[str, Callable[[Any, Currency], str]]] = {
    "text": lambda value, _money: str(value),
    "plain": lambda value, _money: str(value),
    "quantity": lambda value, _money: quantity_text(to_milli(value)),
    "moment": _moment,
    "money": lambda value, money: f"{major(value, money):f}",
    "cost": _cost,
}
