"""The rollups say what the sales say."""

from __future__ import annotations

from datetime import date

from retail.analytics.sources import HOURS, PATIENCE_SECONDS, PATIENTLY, PRODUCT_DAYS, WAITING, Source
from retail.runtime.checks import Check, claim, without_loops
from retail.runtime.db import Read, Row


async def checks(read: Read) -> list[Check]:
    """Recompute every row of both rollups from the sales, and list those that differ.

    One statement each, which sees rollup, sales and outbox at one moment: it holds while tills sell.
    """
    async with without_loops(read):
        await read.execute(PATIENTLY)
        return [
            await _check(read, "sales_hour", HOURS, "analytics: sales by hour are the sales"),
            await _check(read, "product_day", PRODUCT_DAYS, "analytics: products by day are the lines sold"),
        ]


async def _check(read: Read, table: str, source: Source, name: str) -> Check:
    rows = await read.conn.fetch(_comparison(table, source), read.tenant, date.min, date.max, timeout=PATIENCE_SECONDS)
    differences = [_difference(source, row) for row in rows if row["differs"]]
    return claim(name, rows[0]["compared"] if rows else 0, differences)


def _comparison(table: str, source: Source) -> str:
    """Give the statement: the rows that differ, or where there are none one row, each with the number compared."""
    figures = source.figures.split(", ")
    kept = ", ".join(f"k.{figure} AS kept_{figure}" for figure in figures)
    true = ", ".join(f"t.{figure} AS true_{figure}" for figure in figures)
    return f"""
        WITH {WAITING}, worked_out AS ({source.sql}),
        kept AS (SELECT {source.columns} FROM {table} WHERE tenant_id = $1 AND business_date BETWEEN $2 AND $3),
        compared AS (
          SELECT {source.keys}, {kept}, {true},
                 ({", ".join(f"k.{figure}" for figure in figures)})
                   IS DISTINCT FROM ({", ".join(f"t.{figure}" for figure in figures)}) AS differs
            FROM worked_out t FULL JOIN kept k USING ({source.keys}))
        SELECT *, (SELECT count(*) FROM compared) AS compared
          FROM compared ORDER BY differs DESC, {source.keys} LIMIT 100"""  # noqa: S608 - constants


def _difference(source: Source, row: Row) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in source.keys.split(", "))
    differ = [
        f"{figure} {row[f'kept_{figure}']} instead of {row[f'true_{figure}']}"
        for figure in source.figures.split(", ")
        if row[f"kept_{figure}"] != row[f"true_{figure}"]
    ]
    return f"{where}: {', '.join(differ)}"
