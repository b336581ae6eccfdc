"""Lists that only go out: sales line by line, the journal, moves of stock; streamed from the database row by row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from retail.kit.money import Currency, major
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

_PREFETCH: Final = 1_000
_COUNTED: Final = "SELECT count(*) FROM (SELECT FROM ({sql}) AS every LIMIT {most:d}) AS first"


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
    "moves": Table(
        (
            ("move", "plain"), ("occurred_at", "moment"), ("store", "text"), ("sku", "text"), ("name", "text"),
            ("kind", "plain"), ("quantity", "quantity"), ("unit_cost", "cost"), ("value", "cost"), ("reason", "text"),
            ("by", "text"),
        ),
        """SELECT m.id AS move, m.occurred_at, s.code AS store, p.sku, p.name, m.kind, m.quantity, m.unit_cost,
                  round(m.quantity * m.unit_cost) AS value, m.reason, m.actor_name AS by
             FROM stock_move m
             JOIN product p ON p.tenant_id = m.tenant_id AND p.id = m.product_id
             JOIN store s ON s.tenant_id = m.tenant_id AND s.id = m.store_id
            WHERE m.tenant_id = $1""",
        "m.occurred_at DESC, m.id DESC",
    ),
}  # fmt: skip


async def rows(read: Read, table: Table, form: str, money: Currency, where: Conditions) -> AsyncIterator[list[object]]:
    """Give a table row by row. Amounts are in the currency's own units (4.20), whatever the form.

    `where` has the tenant as its first value, and conditions on the names of the table's query.
    """
    sql = f"{table.sql} {where.sql} ORDER BY {table.order}"
    async for row in read.conn.cursor(sql, *where.args, prefetch=_PREFETCH):
        yield [cell(row[name], kind, form, money) for name, kind in table.columns]


async def counted(read: Read, sql: str, values: Sequence[Any], most: int) -> int:
    """Count what a statement without an order reads, but no further than one more than `most`."""
    found: int = await read.fetchval(_COUNTED.format(sql=sql, most=most + 1), *values)
    return found


def of_days(read: Read, table: Table, first: date | None = None, last: date | None = None) -> Conditions:
    """Narrow a table as usual, and to business days where it has them; both days are in."""
    where = Conditions(read.tenant)
    if table.usual:
        where.add(table.usual)
    for sign, day in ((">=", first), ("<=", last)):
        if table.day and day:
            where.add(f"{table.day} {sign} {{}}", day)
    return where


def cell(value: Any, kind: str, form: str, money: Currency) -> Any:  # noqa: ANN401 - what a column may hold
    """Write one value as a file of a form has it; JSON keeps nothing and whole numbers; amounts are texts there too.

    One list has one unit in every form: who compares two files, or reads one in again, never divides by a hundred.
    """
    if form == "json" and (value is None or (isinstance(value, int) and kind not in _AMOUNTS)):
        return value
    return "" if value is None else _WRITTEN[kind](value, money)


def _moment(value: datetime, _money: Currency) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cost(value: Decimal, money: Currency) -> str:
    return f"{_trimmed(value.scaleb(-money.exponent)):f}"


def _trimmed(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


_AMOUNTS: Final = frozenset({"money", "worth", "cost"})
_WRITTEN: Final[dict[str, Callable[[Any, Currency], str]]] = {
    "text": lambda value, _money: str(value),
    "plain": lambda value, _money: str(value),
    "quantity": lambda value, _money: quantity_text(to_milli(value)),
    "moment": _moment,
    "flag": lambda value, _money: "true" if value else "false",
    "words": lambda value, _money: ", ".join(str(one) for one in value),
    "facts": lambda value, _money: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    "money": lambda value, money: f"{major(value, money):f}",
    "share": lambda value, _money: f"{round(value, 6):f}",
    "worth": lambda value, money: f"{major(value, money):f}",
    "cost": _cost,
}
