"""The rollups as the sales themselves have it: what is added, what a rebuild writes, and what the check compares with.

Every rollup is one query, over the sales or over another rollup. `adding` runs all of them at once over some sales; a
rebuild and the check run them one by one over business days, $2 to $3. $1 is the tenant.

A rebuild follows an import, when the statistics don't know the business yet: the planner expects one row everywhere,
and in a nested loop would read all lines once per sale. So run `PATIENTLY` before them; NOT IN is always one hashed
look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

PATIENCE_SECONDS: Final = 600
PATIENTLY: Final = f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'; SET LOCAL enable_nestloop = off"
NOBODY: Final = UUID(int=0)
"""Stands where a sale has no cashier, a line no product, a product no category: a key has no gaps."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table of sums: its keys, its figures, and the query that gives both.

    `over` names the rollup that it is worked out from; None: from the sales. The query reads it as {of}; one over sales
    says {which} where it chooses them. `day` is the column that holds its time.
    """

    table: str
    keys: str
    figures: str
    sql: str
    over: str | None = None
    day: str = "business_date"

    @property
    def columns(self) -> str:
        """All columns, keys first, as the query names them."""
        return f"{self.keys}, {self.figures}"

    @property
    def summed(self) -> tuple[str, ...]:
        """The figures, each by its name."""
        return tuple(self.figures.split(", "))

    @property
    def first(self) -> str:
        """The first of its rows that a span of business days touches, as SQL over $2."""
        return "date_trunc('month', $2::date)::date" if self.day == "month" else "$2::date"

    @property
    def last(self) -> str:
        """The last of them, as SQL over $3."""
        ends = "(date_trunc('month', least($3::date, DATE '9999-11-30')) + INTERVAL '1 month - 1 day')::date"
        return ends if self.day == "month" else "$3::date"

    def within(self, table: str = "k") -> str:
        """Choose the rows of these business days in a table, its own or the one that it is worked out from."""
        return f"{table}.tenant_id = $1 AND {table}.{self.day} BETWEEN {self.first} AND {self.last}"


# Sales that the relay has yet to tell of, and those whose telling failed and was set aside.
WAITING: Final = """
waiting AS (
  SELECT (o.body ->> 'sale')::uuid AS sale_id FROM outbox o WHERE o.tenant_id = $1 AND o.name = 'sale.completed'
  UNION
  SELECT ((j.args ->> 'body')::jsonb ->> 'sale')::uuid FROM job j
   WHERE j.tenant_id = $1 AND j.name = 'outbox.put_back' AND j.finished_at IS NULL
     AND j.args ->> 'event' = 'sale.completed')
"""
_OF_DAYS: Final = """s.tenant_id = $1 AND s.business_date BETWEEN $2 AND $3
          AND s.id NOT IN (SELECT w.sale_id FROM waiting w)"""
_OF_SALES: Final = "s.tenant_id = $1 AND s.id = ANY ($2::uuid[])"

_SIDES: Final = "business_date, local_hour, store_id, till_id, cashier_id, tender, customer_group"
_SALE_FIGURES: Final = "sales, units, revenue_minor, tax_minor, cost_minor, refunds, refunds_minor, discount_minor"
_WARE_FIGURES: Final = "sales, units, revenue_minor, tax_minor, cost_minor, discount_minor"
_NOBODY: Final = f"'{NOBODY}'::uuid"


def _sum(figures: str, of: str) -> str:
    sums = [f"sum({of}.{name}){'' if name == 'units' else '::bigint'} AS {name}" for name in figures.split(", ")]
    return ", ".join(sums)


def _named(columns: str, of: str) -> str:
    return ", ".join(f"{of}.{name}" for name in columns.split(", "))


# How a sale was paid, as one word.
_PAID: Final = """coalesce((SELECT CASE WHEN min(p.type) = max(p.type) THEN min(p.type) ELSE 'mixed' END
                       FROM tender p WHERE p.tenant_id = $1 AND p.sale_id = s.id), 'none')"""
_SEEN: Final = f"""s.business_date, s.local_hour, s.store_id, s.till_id,
              coalesce(s.cashier_id, {_NOBODY}) AS cashier_id,
              {_PAID} AS tender, coalesce(s.price_group, '') AS customer_group"""

SALE_FACT: Final = Rollup(
    "sale_fact",
    _SIDES,
    _SALE_FIGURES,
    f"""SELECT {_named(_SIDES, "t")}, count(*) FILTER (WHERE t.kind = 'sale') AS sales, sum(t.units) AS units,
              sum(t.total_minor)::bigint AS revenue_minor, sum(t.tax_minor)::bigint AS tax_minor,
              sum(t.cost_minor)::bigint AS cost_minor, count(*) FILTER (WHERE t.kind = 'return') AS refunds,
              coalesce(-sum(t.total_minor) FILTER (WHERE t.kind = 'return'), 0)::bigint AS refunds_minor,
              sum(t.discount_minor)::bigint AS discount_minor
         FROM (SELECT {_SEEN}, s.kind, s.units, s.total_minor, s.tax_minor, s.cost_minor, s.discount_minor
                 FROM sale s WHERE {{which}} AND s.kind <> 'payment') AS t
        GROUP BY {_named(_SIDES, "t")}""",  # noqa: S608 - constants
)

# A sale stands in one hour, at one till, paid one way: so its being one sale adds up over all but products.
LINE_FACT: Final = Rollup(
    "line_fact",
    f"{_SIDES}, product_id",
    _WARE_FIGURES,
    f"""SELECT {_named(_SIDES, "t")}, coalesce(l.product_id, {_NOBODY}) AS product_id,
              count(DISTINCT t.id) FILTER (WHERE t.kind = 'sale') AS sales, sum(l.quantity) AS units,
              sum(l.total_minor)::bigint AS revenue_minor, sum(l.tax_minor)::bigint AS tax_minor,
              sum(l.cost_minor)::bigint AS cost_minor, sum(l.discount_minor)::bigint AS discount_minor
         FROM (SELECT {_SEEN}, s.id, s.kind FROM sale s WHERE {{which}}) AS t
         JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = t.id
        GROUP BY {_named(_SIDES, "t")}, coalesce(l.product_id, {_NOBODY})""",  # noqa: S608 - constants
)

_TENDER_KEYS: Final = "business_date, store_id, till_id, cashier_id, type"
TENDER_DAY: Final = Rollup(
    "tender_day",
    _TENDER_KEYS,
    "sales, refunds, amount_minor",
    f"""SELECT s.business_date, s.store_id, s.till_id, coalesce(s.cashier_id, {_NOBODY}) AS cashier_id, p.type,
              count(DISTINCT s.id) FILTER (WHERE s.kind = 'sale') AS sales,
              count(DISTINCT s.id) FILTER (WHERE s.kind = 'return') AS refunds,
              sum(p.amount_minor - p.change_minor)::bigint AS amount_minor
         FROM sale s JOIN tender p ON p.tenant_id = $1 AND p.sale_id = s.id
        WHERE {{which}} AND s.kind <> 'payment'
        GROUP BY s.business_date, s.store_id, s.till_id, coalesce(s.cashier_id, {_NOBODY}), p.type""",  # noqa: S608 - constants
)


def _over(table: str, over: str, keys: str, figures: str, where: str = "") -> Rollup:
    sql = f"SELECT {_named(keys, 'f')}, {_sum(figures, 'f')} FROM {{of}} {where} GROUP BY {_named(keys, 'f')}"  # noqa: S608
    return Rollup(table, keys, figures, sql, over)


SALES_DAY: Final = _over("sales_day", "sale_fact", _SIDES.replace("local_hour, ", ""), _SALE_FIGURES)
SALES_HOUR: Final = _over("sales_hour", "sale_fact", "store_id, business_date, local_hour", _SALE_FIGURES)
# What each cashier sold: what they did is held against it (docs/algorithms/anomalies.md).
CASHIER_HOUR: Final = _over(
    "cashier_hour", "sale_fact", "business_date, store_id, cashier_id, local_hour",
    "sales, units, revenue_minor, refunds, refunds_minor",
)  # fmt: skip
PRODUCT_DAY: Final = _over(
    "product_day", "line_fact", "store_id, product_id, business_date", _WARE_FIGURES, f"WHERE f.product_id <> {_NOBODY}"
)
PRODUCT_MONTH: Final = Rollup(
    "product_month",
    "month, store_id, product_id",
    _WARE_FIGURES,
    f"""SELECT date_trunc('month', f.business_date)::date AS month, f.store_id, f.product_id, {_sum(_WARE_FIGURES, "f")}
         FROM {{of}} GROUP BY date_trunc('month', f.business_date)::date, f.store_id, f.product_id""",  # noqa: S608
    "product_day",
    "month",
)
_CATEGORY_FIGURES: Final = _WARE_FIGURES.replace("sales, ", "")
CATEGORY_DAY: Final = Rollup(
    "category_day",
    "business_date, store_id, category_id",
    _CATEGORY_FIGURES,
    f"""SELECT f.business_date, f.store_id, c.category_id, {_sum(_CATEGORY_FIGURES, "f")}
         FROM {{of}} JOIN counted_category c ON c.tenant_id = $1 AND c.product_id = f.product_id
        GROUP BY f.business_date, f.store_id, c.category_id""",  # noqa: S608
    "product_day",
)

ROLLUPS: Final = (
    SALE_FACT, LINE_FACT, TENDER_DAY, SALES_DAY, SALES_HOUR, CASHIER_HOUR, PRODUCT_DAY, PRODUCT_MONTH, CATEGORY_DAY
)  # fmt: skip
"""In the order in which they are worked out."""


def of_days(one: Rollup) -> str:
    """Give a rollup's query over the business days $2 to $3; one over sales needs `WAITING` in its WITH."""
    if one.over is None:
        return one.sql.format(which=_OF_DAYS)
    first, last = (one.first, one.last) if one.day == "month" else ("$2::date", "$3::date")
    whole = f"(SELECT * FROM {one.over} k WHERE k.tenant_id = $1 AND k.business_date BETWEEN {first} AND {last}) AS f"  # noqa: S608
    return one.sql.format(of=whole)


def _adding() -> str:
    """Put all queries together: each gives its sums of these sales to its table and to the queries above it."""
    parts = []
    for one in ROLLUPS:
        sql = one.sql.format(which=_OF_SALES) if one.over is None else one.sql.format(of=f"new_{one.over} AS f")
        added = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in one.summed)
        parts.append(f"new_{one.table} AS ({sql})")
        parts.append(
            f"""put_{one.table} AS (
                INSERT INTO {one.table} AS kept (tenant_id, {one.columns})
                SELECT $1::uuid, {one.columns} FROM new_{one.table} ORDER BY {one.keys}
                ON CONFLICT (tenant_id, {one.keys}) DO UPDATE SET {added})"""  # noqa: S608
        )
    return f"WITH {', '.join(parts)} SELECT"


ADDING: Final = _adding()
"""One statement that adds the sales $2 to every rollup."""
