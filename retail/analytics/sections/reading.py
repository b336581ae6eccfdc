"""Figures by any of their sides, each from the narrowest rollup that knows all that is asked for.

docs/algorithms/rollups.md, 1, lists the rollups. Where only the facts know a combination, at most FACT_DAYS are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from retail.analytics.queries import totals
from retail.analytics.rollups.sources import NOBODY
from retail.analytics.rules import Totals
from retail.analytics.sections.asking import FACT_DAYS, Narrowed
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

Side = Literal[
    "day", "week", "month", "hour", "weekday", "store", "till", "cashier", "tender", "group", "product", "category"
]

_WARES: Final = frozenset({"product", "category"})
_OF_SALES: Final = frozenset({"till", "cashier", "tender", "group"})
_LONG: Final = 62

_KEYS: Final[Mapping[Side, str]] = {
    "day": "f.business_date",
    "week": "date_trunc('week', f.business_date)::date",
    "month": "date_trunc('month', f.business_date)::date",
    "hour": "f.local_hour",
    "weekday": "extract(isodow FROM f.business_date)::integer",
    "store": "f.store_id",
    "till": "f.till_id",
    "cashier": "f.cashier_id",
    "tender": "f.tender",
    "group": "f.customer_group",
    "product": "f.product_id",
    "category": "f.category_id",
}
_SALES: Final = """sum(f.sales)::bigint AS sales, sum(f.units) AS units, sum(f.revenue_minor)::bigint AS revenue,
  sum(f.tax_minor)::bigint AS tax, sum(f.cost_minor)::bigint AS cost, sum(f.refunds)::bigint AS returns,
  sum(f.refunds_minor)::bigint AS refunds, sum(f.discount_minor)::bigint AS discount"""
_PRODUCTS: Final = """sum(f.sales)::bigint AS sales, sum(f.units) AS units, sum(f.revenue_minor)::bigint AS revenue,
  sum(f.tax_minor)::bigint AS tax, sum(f.cost_minor)::bigint AS cost, 0::bigint AS returns, 0::bigint AS refunds,
  sum(f.discount_minor)::bigint AS discount"""
_CATEGORIES: Final = """0::bigint AS sales, sum(f.units) AS units, sum(f.revenue_minor)::bigint AS revenue,
  sum(f.tax_minor)::bigint AS tax, sum(f.cost_minor)::bigint AS cost, 0::bigint AS returns, 0::bigint AS refunds,
  sum(f.discount_minor)::bigint AS discount"""
_OF_DAYS: Final = "f.tenant_id = $1 AND f.business_date BETWEEN $2 AND $3"
_WITH_CATEGORY: Final = """(SELECT k.*, coalesce(c.category_id, '{}'::uuid) AS category_id
   FROM {} k LEFT JOIN counted_category c ON c.tenant_id = $1 AND c.product_id = k.product_id
  WHERE k.tenant_id = $1 AND k.business_date BETWEEN $2 AND $3)"""
# Whole months from their sums, and the days at both ends: $4 is the first day of the first whole month, $5 the day
# behind the last.
_MONTHS: Final = """(SELECT k.tenant_id, k.month AS business_date, k.store_id, k.product_id, k.sales, k.units,
        k.revenue_minor, k.tax_minor, k.cost_minor, k.discount_minor
   FROM product_month k WHERE k.tenant_id = $1 AND k.month >= $4 AND k.month < $5
  UNION ALL
 SELECT k.tenant_id, k.business_date, k.store_id, k.product_id, k.sales, k.units, k.revenue_minor, k.tax_minor,
        k.cost_minor, k.discount_minor
   FROM product_day k
  WHERE k.tenant_id = $1 AND k.business_date BETWEEN $2 AND $3 AND (k.business_date < $4 OR k.business_date >= $5))"""


class TooLong(ValueError):
    """Only the facts know this combination, and the time is longer than they are read for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A rollup as a FROM clause with its sums; `monthly` takes the two bounds of whole months as $4 and $5."""

    table: str
    sums: str
    monthly: bool = False


def source(sides: frozenset[str], days: int) -> Source:
    """Choose the narrowest rollup that knows these sides. Raises TooLong."""
    of_sales, hours = sides & _OF_SALES, bool(sides & {"hour"})
    if not sides & _WARES:
        table = "sales_hour" if not of_sales else "sales_day" if not hours else _within("sale_fact", days)
        return Source(table, _SALES)
    return _of_wares(sides, days, in_facts=bool(of_sales) or hours)


def _of_wares(sides: frozenset[str], days: int, *, in_facts: bool) -> Source:
    wares = sides & _WARES
    if in_facts:
        facts = _within("line_fact", days)
        return Source(_WITH_CATEGORY.format(NOBODY, facts) if "category" in wares else facts, _PRODUCTS)
    if wares == {"category"}:
        return Source("category_day", _CATEGORIES)
    if "category" in wares:
        return Source(_WITH_CATEGORY.format(NOBODY, "product_day"), _PRODUCTS)
    if days > _LONG and not sides & {"day", "week", "weekday"}:
        return Source(_MONTHS, _PRODUCTS, monthly=True)
    return Source("product_day", _PRODUCTS)


def _within(table: str, days: int) -> str:
    if days > FACT_DAYS:
        raise TooLong
    return table


async def figures(
    read: Read, narrowed: Narrowed, by: Sequence[Side], first: date, last: date
) -> dict[tuple[Any, ...], Totals]:
    """Add up the business days from `first` to `last`, both included, by these sides: their keys as a tuple each.

    Days, weeks and months are the dates they begin with, hours 0 to 23, weekdays 1 (Monday) to 7; without a side the
    key is empty. Sales by category aren't counted: one may hold two. Raises TooLong.
    """
    days = (last - first).days + 1
    of = source(frozenset(by) | narrowed.sides, days)
    bounds = whole_months(first, last) if of.monthly else ()
    where = Conditions(read.tenant, first, last, *bounds)
    _narrow(where, narrowed)
    rows = await read.fetch(_statement(of, by, where.sql), *where.args)
    places = range(len(by))
    return {tuple(row[f"k{place}"] for place in places): totals(row) for row in rows if row["units"] is not None}


def _statement(of: Source, by: Sequence[Side], conditions: str) -> str:
    """One statement from this module's constants alone: what was asked for is in its $n."""
    keys = "".join(f"{_KEYS[side]} AS k{place}, " for place, side in enumerate(by))
    grouped = f" GROUP BY {', '.join(str(place + 1) for place in range(len(by)))}" if by else ""
    within = "f.tenant_id = $1" if of.monthly else _OF_DAYS
    return f"SELECT {keys}{of.sums} FROM {of.table} AS f WHERE {within}{conditions}{grouped}"  # noqa: S608 - constants


def _narrow(where: Conditions, to: Narrowed) -> None:
    if to.stores is not None:
        where.add("f.store_id = ANY ({}::uuid[])", list(to.stores))
    if to.till is not None:
        where.add("f.till_id = {}", to.till)
    if to.cashier is not None:
        where.add("f.cashier_id = {}", to.cashier)
    if to.tender:
        where.add("f.tender = {}", to.tender)
    if to.group is not None:
        where.add("f.customer_group = {}", to.group)
    if to.product is not None:
        where.add("f.product_id = {}", to.product)
    if to.categories is not None:
        where.add("f.category_id = ANY ({}::uuid[])", list(to.categories))


def whole_months(first: date, last: date) -> tuple[date, date]:
    """Give the first day of the first whole month of a time and the day behind its last; twice the same without one."""
    begin = first if first.day == 1 else (first.replace(day=1) + timedelta(days=31)).replace(day=1)
    end = (last + timedelta(days=1)).replace(day=1)
    return begin, max(begin, end)


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid with one kind of tender, less change and what was paid back."""

    type: str
    sales: int
    returns: int
    amount: int


async def tenders(read: Read, narrowed: Narrowed, first: date, last: date) -> list[Paid]:
    """List what was paid with what, by store, till and cashier; the largest first."""
    where = Conditions(read.tenant, first, last)
    _narrow(where, Narrowed(stores=narrowed.stores, till=narrowed.till, cashier=narrowed.cashier))
    rows = await read.fetch(
        f"""SELECT f.type, sum(f.sales)::bigint AS sales, sum(f.refunds)::bigint AS returns,
                   sum(f.amount_minor)::bigint AS amount
              FROM tender_day AS f WHERE {_OF_DAYS}{where.sql} GROUP BY 1 ORDER BY 4 DESC, 1""",  # noqa: S608 - constants
        *where.args,
    )
    return [Paid(**row) for row in rows]
