"""The rollups say what the sales say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from retail.analytics.sources import HOURS, PRODUCT_DAYS, WAITING, Source
from retail.runtime.checks import Check, claim
from retail.runtime.db import Read, Row

_AT_ONCE: Final = timedelta(days=31)


async def checks(read: Read) -> list[Check]:
    """Recompute every row of both rollups from the sales, and list those that differ."""
    return [
        await _check(read, "sales_hour", HOURS, "analytics: sales by hour are the sales"),
        await _check(read, "product_day", PRODUCT_DAYS, "analytics: products by day are the lines sold"),
    ]


async def _check(read: Read, table: str, source: Source, name: str) -> Check:
    """Compare a month at a time: one statement sees rollup, sales and outbox at one moment, even while tills sell."""
    span = await read.fetchrow(
        f"""SELECT min(day) AS first, max(day) AS last FROM (
              SELECT min(business_date) AS day FROM sale WHERE tenant_id = $1
              UNION ALL SELECT max(business_date) FROM sale WHERE tenant_id = $1
              UNION ALL SELECT min(business_date) FROM {table} WHERE tenant_id = $1
              UNION ALL SELECT max(business_date) FROM {table} WHERE tenant_id = $1) AS ends""",  # noqa: S608
        read.tenant,
    )
    looked_at, differences = 0, list[str]()
    first: date | None = span["first"] if span else None
    while span and first and first <= span["last"]:
        for row in await read.fetch(_comparison(table, source), read.tenant, first, first + _AT_ONCE):
            looked_at += 1
            if row["differs"]:
                differences.append(_difference(source, row))
        first += _AT_ONCE + timedelta(days=1)
    return claim(name, looked_at, differences)


def _comparison(table: str, source: Source) -> str:
    figures = source.figures.split(", ")
    kept = ", ".join(f"k.{figure} AS kept_{figure}" for figure in figures)
    true = ", ".join(f"t.{figure} AS true_{figure}" for figure in figures)
    return f"""
        WITH {WAITING}, worked_out AS ({source.sql}),
        kept AS (SELECT {source.columns} FROM {table} WHERE tenant_id = $1 AND business_date BETWEEN $2 AND $3)
        SELECT {source.keys}, {kept}, {true},
               ({", ".join(f"k.{figure}" for figure in figures)})
                 IS DISTINCT FROM ({", ".join(f"t.{figure}" for figure in figures)}) AS differs
          FROM worked_out t FULL JOIN kept k USING ({source.keys}) ORDER BY {source.keys}"""  # noqa: S608 - constants


def _difference(source: Source, row: Row) -> str:
    where = ", ".join(f"{key} {row[key]}" for key in source.keys.split(", "))
    differ = [
        f"{figure} {row[f'kept_{figure}']} instead of {row[f'true_{figure}']}"
        for figure in source.figures.split(", ")
        if row[f"kept_{figure}"] != row[f"true_{figure}"]
    ]
    return f"{where}: {', '.join(differ)}"
