"""The rollups say what the sales say."""

from __future__ import annotations

from datetime import date
from typing import Final

from retail.analytics.rollups.sources import PATIENCE_SECONDS, PATIENTLY, ROLLUPS, WAITING, Rollup, of_days
from retail.runtime.checks import Check, claim, without_loops
from retail.runtime.db import Read, Row

_CLAIMS: Final = {
    "sale_fact": "analytics: facts of sales are the sales",
    "line_fact": "analytics: facts of products are the lines sold",
    "tender_day": "analytics: tenders by day are what was paid",
    "sales_day": "analytics: sales by day are their facts",
    "sales_hour": "analytics: sales by hour are their facts",
    "cashier_hour": "analytics: cashiers by hour are their facts",
    "product_day": "analytics: products by day are their facts",
    "product_month": "analytics: products by month are their days",
    "category_day": "analytics: categories by day are their products'",
}

# A product that moved is followed by the relay; one whose change still waits for it is none that was forgotten.
_MOVED: Final = """
SELECT p.sku
  FROM counted_category c JOIN product p ON p.tenant_id = $1 AND p.id = c.product_id
 WHERE c.tenant_id = $1 AND c.category_id <> coalesce(p.category_id, '00000000-0000-0000-0000-000000000000'::uuid)
   AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = $1 AND o.name = 'catalogue.changed')
 ORDER BY p.sku LIMIT 100
"""


async def checks(read: Read) -> list[Check]:
    """Recompute every row of the rollups, and list those that differ: facts from the sales, sums from the facts.

    One statement each, which sees rollup, sales and outbox at one moment: it holds while tills sell.
    """
    async with without_loops(read):
        await read.execute(PATIENTLY)
        return [
            *[await _check(read, one, _CLAIMS[one.table]) for one in ROLLUPS],
            await _followed(read),
        ]


async def _followed(read: Read) -> Check:
    rows = await read.conn.fetch(_MOVED, read.tenant, timeout=PATIENCE_SECONDS)
    counted = await read.fetchval("SELECT count(*) FROM counted_category WHERE tenant_id = $1", read.tenant)
    return claim("analytics: products are counted in their own category", counted, [row["sku"] for row in rows])


async def _check(read: Read, one: Rollup, name: str) -> Check:
    rows = await read.conn.fetch(_comparison(one), read.tenant, date.min, date.max, timeout=PATIENCE_SECONDS)
    differences = [_difference(one, row) for row in rows if row["differs"]]
    return claim(name, rows[0]["compared"] if rows else 0, differences)


def _comparison(one: Rollup) -> str:
    """Give the statement: the rows that differ, or where there are none one row, each with the number compared.

    A row of zeros is as good as none: what came to nothing may stay or not.
    """
    kept = ", ".join(f"coalesce(k.{figure}, 0) AS kept_{figure}" for figure in one.summed)
    true = ", ".join(f"coalesce(t.{figure}, 0) AS true_{figure}" for figure in one.summed)
    differs = " OR ".join(f"kept_{figure} <> true_{figure}" for figure in one.summed)
    return f"""
        WITH {WAITING}, worked_out AS ({of_days(one)}),
        kept AS (SELECT {one.columns} FROM {one.table} AS k WHERE {one.within()}),
        compared AS (
          SELECT {one.keys}, {kept}, {true} FROM worked_out t FULL JOIN kept k USING ({one.keys}))
        SELECT *, ({differs}) AS differs, (SELECT count(*) FROM compared) AS compared
          FROM compared ORDER BY differs DESC, {one.keys} LIMIT 100"""  # noqa: S608 - constants


def _difference(one: Rollup, row: Row) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in one.keys.split(", "))
    differ = [
        f"{figure} {row[f'kept_{figure}']} instead of {row[f'true_{figure}']}"
        for figure in one.summed
        if row[f"kept_{figure}"] != row[f"true_{figure}"]
    ]
    return f"{where}: {', '.join(differ)}"
