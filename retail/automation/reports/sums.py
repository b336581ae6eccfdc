"""Ready reports that add a ledger up: tax by rate, moves of stock, customers, promotions. One statement each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from retail.automation.columns import said
from retail.automation.reports.asking import Spell
from retail.automation.reports.sheet import Column, Kind, Row, Sheet, whole
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.handlers import kind_names

MOST: Final = 20_000
"""So many rows are read; a report of more is narrowed to a store or a shorter time."""

# $2 and $3: the days, $4: the stores. The day of a sale is its business day.
_TAX: Final = """
SELECT p.name, x.tax_code, x.rate_micros, sum(x.base_minor)::bigint AS base, sum(x.tax_minor)::bigint AS tax,
       sum(x.base_minor + x.tax_minor)::bigint AS gross, s.store_id
  FROM sale s
  JOIN sale_tax x ON x.tenant_id = $1 AND x.sale_id = s.id
  JOIN store p ON p.tenant_id = $1 AND p.id = s.store_id
 WHERE s.tenant_id = $1 AND s.business_date BETWEEN $2 AND $3 AND s.store_id = ANY ($4)
 GROUP BY s.store_id, p.name, x.tax_code, x.rate_micros ORDER BY p.name, s.store_id, x.rate_micros DESC, x.tax_code
 LIMIT $5
"""
# $6 and $7: moments that hold all of the days in any zone, so that the index by time is of use.
_MOVES: Final = """
SELECT p.name AS store, g.sku, g.name, m.kind, sum(m.quantity) AS quantity, g.unit, count(*) AS moves,
       round(sum(m.quantity * m.unit_cost))::bigint AS value
  FROM stock_move m
  JOIN store p ON p.tenant_id = $1 AND p.id = m.store_id
  JOIN product g ON g.tenant_id = $1 AND g.id = m.product_id
 WHERE m.tenant_id = $1 AND m.store_id = ANY ($4) AND m.occurred_at >= $6 AND m.occurred_at < $7
   AND (m.occurred_at AT TIME ZONE p.timezone)::date BETWEEN $2 AND $3
 GROUP BY p.name, m.store_id, g.id, g.sku, g.name, g.unit, m.kind ORDER BY p.name, m.store_id, g.name, g.id, m.kind
 LIMIT $5
"""
_CUSTOMERS: Final = """
SELECT coalesce(n.id, c.id) AS customer, coalesce(n.name, c.name) AS name,
       count(*) FILTER (WHERE s.kind = 'sale') AS sales, count(DISTINCT s.business_date) AS days,
       sum(s.total_minor)::bigint AS revenue,
       -coalesce(sum(s.total_minor) FILTER (WHERE s.kind = 'return'), 0)::bigint AS back, max(s.business_date) AS last
  FROM sale s
  JOIN customer c ON c.tenant_id = $1 AND c.id = s.customer_id
  LEFT JOIN customer n ON n.tenant_id = $1 AND n.id = c.merged_into
 WHERE s.tenant_id = $1 AND s.kind <> 'payment' AND s.business_date BETWEEN $2 AND $3 AND s.store_id = ANY ($4)
 GROUP BY 1, 2 ORDER BY revenue DESC, 1 LIMIT $5
"""
_PROMOTIONS: Final = """
SELECT f.name, count(DISTINCT o.sale_id) AS sales, count(*) AS lines, sum(o.amount_minor)::bigint AS taken_off
  FROM sale s
  JOIN sale_offer o ON o.tenant_id = $1 AND o.sale_id = s.id
  JOIN offer f ON f.tenant_id = $1 AND f.id = o.offer_id
 WHERE s.tenant_id = $1 AND s.business_date BETWEEN $2 AND $3 AND s.store_id = ANY ($4)
 GROUP BY f.id, f.name ORDER BY taken_off DESC, f.name, f.id LIMIT $5
"""


class TooManyRows(ValueError):
    """More rows than a report may have."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A ledger added up: its statement, its columns, and what of a row goes into them."""

    sql: str
    columns: tuple[tuple[str, Kind, bool], ...]
    of: Callable[[Mapping[str, Any], Spell], Row]
    costs: frozenset[int] = frozenset()
    """The places of columns for who may see costs."""
    moments: bool = False

    async def sheet(self, read: Read, spell: Spell, *, costs: bool) -> Sheet:
        """Work it out. Raises TooManyRows."""
        # a day more at both ends: zones are up to 14 hours apart
        more = [_midnight(spell, -1), _midnight(spell, 2)] if self.moments else []
        stores = [one.id for one in spell.stores]
        found = await read.fetch(self.sql, read.tenant, spell.first, spell.last, stores, MOST + 1, *more)
        if len(found) > MOST:
            raise TooManyRows
        rows = [self.of(dict(one), spell) for one in found]
        places = [place for place in range(len(self.columns)) if costs or place not in self.costs]
        shown = [Row([row.values[place] for place in places], row.behind) for row in rows]
        columns = [Column(_(label), kind, adds) for label, kind, adds in (self.columns[place] for place in places)]
        return Sheet(columns, whole(shown), spell.first, spell.last)


def _midnight(spell: Spell, days: int) -> datetime:
    day = spell.first if days < 0 else spell.last
    return datetime.combine(day + timedelta(days=days), time(), UTC)


def _receipts(spell: Spell, **more: str) -> str:
    asked = {"from": spell.first.isoformat(), "to": spell.last.isoformat(), **more}
    return f"/sales?{urlencode(asked | ({'store': str(spell.store)} if spell.store else {}))}"


def _tax(row: Mapping[str, Any], spell: Spell) -> Row:
    values = [row["name"], row["tax_code"], row["rate_micros"], row["base"], row["tax"], row["gross"]]
    return Row(values, _receipts(spell, store=str(row["store_id"])))


def _move(row: Mapping[str, Any], _spell: Spell) -> Row:
    kind = kind_names().get(row["kind"], row["kind"])
    names = ("store", "sku", "name", "kind", "moves", "quantity", "unit", "value")
    return Row([kind if name == "kind" else row[name] for name in names])


def _customer(row: Mapping[str, Any], _spell: Spell) -> Row:
    basket = mul_div(row["revenue"] + row["back"], 1, row["sales"]) if row["sales"] else None
    values = [row["name"], row["sales"], row["days"], row["revenue"], row["back"], basket, row["last"]]
    return Row(values, f"/customers/{row['customer']}")


def _promotion(row: Mapping[str, Any], _spell: Spell) -> Row:
    return Row([row["name"], row["sales"], row["lines"], row["taken_off"]])


TAX: Final = Summed(
    _TAX,
    (
        (said("Store"), "text", False), (said("Tax"), "text", False), (said("Rate"), "rate", False),
        (said("Without tax"), "money", True), (said("Tax"), "money", True), (said("With tax"), "money", True),
    ),
    _tax,
)  # fmt: skip
MOVES: Final = Summed(
    _MOVES,
    (
        (said("Store"), "text", False), (said("SKU"), "text", False), (said("Product"), "text", False),
        (said("Kind"), "text", False), (said("Moves"), "count", True), (said("Quantity"), "quantity", False),
        (said("Unit"), "text", False), (said("Value"), "money", True),
    ),
    _move,
    costs=frozenset({7}),
    moments=True,
)  # fmt: skip
CUSTOMERS: Final = Summed(
    _CUSTOMERS,
    (
        (said("Customer"), "text", False), (said("Sales"), "count", True), (said("Days"), "count", False),
        (said("Revenue"), "money", True), (said("Refunds"), "money", True), (said("Average basket"), "money", False),
        (said("Last"), "day", False),
    ),
    _customer,
)  # fmt: skip
PROMOTIONS: Final = Summed(
    _PROMOTIONS,
    (
        (said("Promotion"), "text", False), (said("Sales"), "count", False), (said("Lines"), "count", True),
        (said("Taken off"), "money", True),
    ),
    _promotion,
)  # fmt: skip
