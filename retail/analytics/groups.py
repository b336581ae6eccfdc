"""Sales by hour, day, store, product and so on, for programs and reports: docs/algorithms/rollups.md, section 6.

By time, store and product the rollups answer. By till, cashier and tender the sales themselves do, for at most 92 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from retail.analytics.queries import totals
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Row

Group = Literal["hour", "day", "week", "month", "store", "till", "category", "product", "cashier", "tender"]
MOST_DAYS_OF_SALES: Final = 92
MOST_DAYS_OF_ROLLUPS: Final = 1100

# What <…> stands for; the statements below are put together from these words once.
_WORDS: Final[Mapping[str, str]] = {
    "<hours>": """sum(h.sales)::bigint AS sales, sum(h.units) AS units, sum(h.revenue_minor)::bigint AS revenue,
       sum(h.tax_minor)::bigint AS tax, sum(h.cost_minor)::bigint AS cost, sum(h.refunds)::bigint AS returns,
       sum(h.refunds_minor)::bigint AS refunds
  FROM sales_hour h WHERE <range h> GROUP BY 1""",
    "<sales>": """count(*) FILTER (WHERE s.kind = 'sale') AS sales, sum(s.units) AS units,
       sum(s.total_minor)::bigint AS revenue, sum(s.tax_minor)::bigint AS tax, sum(s.cost_minor)::bigint AS cost,
       count(*) FILTER (WHERE s.kind = 'return') AS returns,
       coalesce(-sum(s.total_minor) FILTER (WHERE s.kind = 'return'), 0)::bigint AS refunds
  FROM sale s WHERE <range s> AND s.kind <> 'payment'""",
    "<wares>": """sum(w.units) AS units, sum(w.revenue_minor)::bigint AS revenue, sum(w.tax_minor)::bigint AS tax,
       sum(w.cost_minor)::bigint AS cost, NULL::bigint AS returns, NULL::bigint AS refunds""",
    # What was sold without a product of the catalogue is in no product's day; its lines are found by their own index.
    "<sold>": """
  SELECT d.product_id, d.sales, d.units, d.revenue_minor, d.tax_minor, d.cost_minor FROM product_day d WHERE <range d>
   UNION ALL
  SELECT NULL, (s.kind = 'sale')::integer, sum(l.quantity), sum(l.total_minor), sum(l.tax_minor), sum(l.cost_minor)
    FROM sale_line l JOIN sale s ON s.tenant_id = l.tenant_id AND s.id = l.sale_id
   WHERE l.tenant_id = $1 AND l.product_id IS NULL AND <range s> GROUP BY s.id, s.kind""",
    # Where stores begin their day at different hours, the earliest begins the list.
    "<cutoff>": """SELECT coalesce(min(c.day_cutoff_hour), 0) FROM store c
       WHERE c.tenant_id = $1 AND ($4::uuid IS NULL OR c.id = $4)""",
    **{
        f"<range {name}>": f"{name}.tenant_id = $1 AND {name}.business_date BETWEEN $2 AND $3"
        f" AND ($4::uuid IS NULL OR {name}.store_id = $4)"
        for name in ("h", "s", "d")
    },
}

_ROLLED: Final[Mapping[str, str]] = {
    "hour": """
SELECT to_char(h.business_date, 'YYYY-MM-DD') || 'T' || to_char(h.local_hour, 'FM00') AS key, <hours>
 ORDER BY min(h.business_date), (min(h.local_hour) + 24 - (<cutoff>)) % 24""",
    "day": "SELECT to_char(h.business_date, 'YYYY-MM-DD') AS key, <hours> ORDER BY 1",
    "week": "SELECT to_char(h.business_date, 'IYYY-\"W\"IW') AS key, <hours> ORDER BY 1",
    "month": "SELECT to_char(h.business_date, 'YYYY-MM') AS key, <hours> ORDER BY 1",
    "store": """
SELECT o.*, p.name FROM (SELECT h.store_id AS key, <hours>) AS o JOIN store p ON p.tenant_id = $1 AND p.id = o.key
 ORDER BY o.revenue DESC, o.key""",
    "product": """
SELECT o.*, coalesce(p.name, '') AS name
  FROM (SELECT w.product_id AS key, sum(w.sales)::bigint AS sales, <wares> FROM (<sold>) AS w GROUP BY 1) AS o
  LEFT JOIN product p ON p.tenant_id = $1 AND p.id = o.key ORDER BY o.revenue DESC, o.key""",
    "category": """
SELECT o.*, coalesce(c.name, '') AS name
  FROM (SELECT p.category_id AS key, NULL::bigint AS sales, <wares>
          FROM (<sold>) AS w LEFT JOIN product p ON p.tenant_id = $1 AND p.id = w.product_id GROUP BY 1) AS o
  LEFT JOIN category c ON c.tenant_id = $1 AND c.id = o.key ORDER BY o.revenue DESC, o.key""",
}

_SOLD: Final[Mapping[str, str]] = {
    "till": """
SELECT o.*, t.name FROM (SELECT s.till_id AS key, <sales> GROUP BY 1) AS o
  JOIN till t ON t.tenant_id = $1 AND t.id = o.key ORDER BY o.revenue DESC, o.key""",
    "cashier": """
SELECT s.cashier_id AS key, max(s.cashier_name) AS name, <sales>
 GROUP BY s.cashier_id, CASE WHEN s.cashier_id IS NULL THEN s.cashier_name END ORDER BY revenue DESC, 1, 2""",
    "tender": """
SELECT t.type AS key, count(DISTINCT s.id) FILTER (WHERE s.kind = 'sale') AS sales, NULL::numeric AS units,
       sum(t.amount_minor - t.change_minor)::bigint AS revenue, NULL::bigint AS tax
  FROM sale s JOIN tender t ON t.tenant_id = s.tenant_id AND t.sale_id = s.id
 WHERE <range s> AND s.kind <> 'payment' GROUP BY 1 ORDER BY 1""",
}

# A sale that holds two products of a category is one sale of it, so these don't add up from days: they are counted.
_SALES_OF_CATEGORIES: Final = """
SELECT p.category_id AS key, count(DISTINCT s.id) AS sales
  FROM sale s JOIN sale_line l ON l.tenant_id = s.tenant_id AND l.sale_id = s.id
  LEFT JOIN product p ON p.tenant_id = $1 AND p.id = l.product_id
 WHERE <range s> AND s.kind = 'sale' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Figures of one group. `key` is a time or an id, None for what belongs to none; None figures aren't known."""

    key: str | None
    name: str | None
    revenue: int
    sales: int | None
    units: Decimal | None
    tax: int | None
    margin: int | None
    gross_margin: Decimal | None


async def grouped(read: Read, group: Group, first: date, last: date, store: UUID | None = None) -> list[Grouped]:
    """Add sales up by a group, over business days, both included; times in order, others by revenue.

    Raises Invalid where the days are out of order, or more than the group can answer.
    """
    _check_range(group, first, last)
    sql = _spelt(_SOLD[group] if group in _SOLD else _ROLLED[group])
    rows = [_grouped(row) for row in await read.fetch(sql, read.tenant, first, last, store)]
    if group != "category" or (last - first).days >= MOST_DAYS_OF_SALES:
        return rows
    counted = await read.fetch(_spelt(_SALES_OF_CATEGORIES), read.tenant, first, last, store)
    sales = {_text(row["key"]): int(row["sales"]) for row in counted}
    return [replace(one, sales=sales.get(one.key, 0)) for one in rows]


def _check_range(group: Group, first: date, last: date) -> None:
    most = MOST_DAYS_OF_SALES if group in _SOLD else MOST_DAYS_OF_ROLLUPS
    if last < first:
        raise Invalid({"to": [_("The last day must not come before the first.")]})
    if (last - first).days >= most:
        raise Invalid({"to": [_("Ask for at most %(most)d days by %(group)s.") % {"most": most, "group": group}]})


def _spelt(sql: str) -> str:
    for word, meaning in _WORDS.items():
        sql = sql.replace(word, meaning)
    return sql


def _text(key: object) -> str | None:
    return None if key is None else str(key)


def _grouped(row: Row) -> Grouped:
    whole = totals(row) if row["tax"] is not None else None
    return Grouped(
        _text(row["key"]),
        row.get("name"),
        row["revenue"],
        row["sales"],
        row["units"],
        row["tax"],
        whole.margin if whole else None,
        whole.gross_margin if whole else None,
    )
