"""The hourly billing run over ten thousand businesses, beside the same rows written by raw SQL.

    python -m benchmarks.billing_run [--businesses 10000]

Every business has a year of paid invoices. Three hours are measured: one in which nothing is due, a usual one (one in a
hundred has its period end, one in a hundred is a day past due), and the worst there is: every period ends and every
business moves at once. The floor writes as many rows into the same tables in one statement each, as the superuser,
without deciding anything. The run must take 60 s at most, and ask no statement of each business.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from benchmarks.support.stage import PATIENT, stage
from benchmarks.support.table import show, verdict
from retail.billing.run import run
from retail.runtime.db import Database, Unit
from retail.seller import Seller

TARGET_SECONDS: Final = 60.0
SELLER: Final = Seller("Countertop", "Hafenstr. 1", "DE", "DE123456789", "DE02120300000000202051")
_TENANTS: Final = """
INSERT INTO tenant (id, slug, name, country, currency, locale, timezone, prices_include_tax, cash_unit_minor,
                    created_at, status, plan)
SELECT gen_random_uuid(), 'bench-' || n, 'Bench ' || n, 'DE', 'EUR', 'de', 'Europe/Berlin', true, 1, now(), 'active',
       'pro' FROM generate_series(1, $1::integer) n
"""
_SUBSCRIPTIONS: Final = """
INSERT INTO subscription (tenant_id, plan, cycle, anchor_day, period_first, period_end, since, company, address,
                          country, tax_id, version)
SELECT id, 'pro', 'month', 1, current_date - 10, current_date + 20, now(), name, 'Altstadt 1', 'DE', '', 1
  FROM tenant WHERE slug LIKE 'bench-%'
"""
_INVOICES: Final = """
INSERT INTO billing_invoice (tenant_id, id, number, reason, issued_at, due_at, period_first, period_end, plan, cycle,
       currency, net_minor, tax_micros, tax_kind, tax_minor, total_minor, lines, seller, buyer)
SELECT t.id, gen_random_uuid(), '2001-' || lpad((row_number() OVER ())::text, 8, '0'), 'renewal',
       now() - m * interval '30 days', now() - m * interval '30 days' + interval '14 days', current_date,
       current_date + 30, 'pro', 'month', 'EUR', 5900, 190000, 'domestic', 1121, 7021, '[]', '{}', '{}'
  FROM tenant t CROSS JOIN generate_series(1, 12) m WHERE t.slug LIKE 'bench-%'
"""
_PAYMENTS: Final = """
INSERT INTO billing_payment (tenant_id, id, invoice_id, kind, reference, amount_minor, received_on, noted_at,
                             noted_name)
SELECT tenant_id, gen_random_uuid(), id, 'transfer', number, total_minor, current_date, now(), 'bench'
  FROM billing_invoice WHERE number LIKE '2001-%'
"""
_OWE: Final = """
INSERT INTO billing_invoice (tenant_id, id, number, reason, issued_at, due_at, period_first, period_end, plan, cycle,
       currency, net_minor, tax_micros, tax_kind, tax_minor, total_minor, lines, seller, buyer)
SELECT t.id, gen_random_uuid(), '2002-' || lpad(($1::bigint * 1000000 + row_number() OVER ())::text, 9, '0'), 'renewal',
       now() - interval '15 days', now() - interval '1 day', current_date, current_date + 30, 'pro', 'month', 'EUR',
       5900, 190000, 'domestic', 1121, 7021, '[]', '{}', '{}'
  FROM tenant t WHERE t.slug LIKE 'bench-%' AND t.status = 'active'
   AND split_part(t.slug, '-', 2)::integer % $1::integer = 0
"""
_END: Final = """
UPDATE subscription s SET period_first = current_date - 30, period_end = current_date FROM tenant t
 WHERE t.id = s.tenant_id AND t.slug LIKE 'bench-%' AND split_part(t.slug, '-', 2)::integer % $1::integer = 0
"""
_FLOOR: Final = (
    """INSERT INTO billing_invoice (tenant_id, id, number, reason, issued_at, due_at, period_first, period_end, plan,
              cycle, currency, net_minor, tax_micros, tax_kind, tax_minor, total_minor, lines, seller, buyer)
       SELECT tenant_id, gen_random_uuid(), '2003-' || lpad((row_number() OVER ())::text, 8, '0'), reason, issued_at,
              due_at, period_first, period_end, plan, cycle, currency, net_minor, tax_micros, tax_kind, tax_minor,
              total_minor, lines, seller, buyer
         FROM billing_invoice WHERE number !~ '^200[123]-'""",
    "UPDATE subscription SET version = version + 1",
    """INSERT INTO billing_step (tenant_id, id, at, before, after)
       SELECT tenant_id, gen_random_uuid(), at, before, after FROM billing_step""",
    "UPDATE tenant SET name = name WHERE slug LIKE 'bench-%'",
    """INSERT INTO outbox (tenant_id, id, name, body, created_at)
       SELECT tenant_id, gen_random_uuid(), name, body, created_at FROM outbox""",
    """INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
       SELECT tenant_id, gen_random_uuid(), name, args, created_at, run_after FROM job""",
)


@dataclass
class Counted:
    """How many statements the run asked."""

    statements: int = 0


def count(counted: Counted) -> Any:  # noqa: ANN401 - what is to be put back
    """Count every statement from now on; gives what to put back."""
    before = Unit.fetch

    async def fetch(self: Unit, sql: str, *args: object) -> Any:  # noqa: ANN401
        counted.statements += 1
        return await before(self, sql, *args)

    Unit.fetch = fetch  # type: ignore[method-assign]
    return before


async def fill(conn: asyncpg.Connection, businesses: int) -> None:
    """Make the businesses with a year of paid invoices."""
    for sql, arguments in ((_TENANTS, (businesses,)), (_SUBSCRIPTIONS, ()), (_INVOICES, ()), (_PAYMENTS, ())):
        await conn.execute(sql, *arguments)
    await conn.execute("ANALYZE")


async def measure(db: Database, conn: asyncpg.Connection, name: str, every: int) -> tuple[float, tuple[object, ...]]:
    """Let one in `every` business be due (0: none), and run; gives the seconds and the table's line."""
    if every:
        await conn.execute(_OWE, every)
        await conn.execute(_END, every)
        await conn.execute("ANALYZE")
    counted = Counted()
    before, began = count(counted), time.perf_counter()
    ran = await run(db, SELLER)
    took, Unit.fetch = time.perf_counter() - began, before  # type: ignore[method-assign]
    return took, (name, f"{took:.2f} s", ran.invoiced, ran.moved, counted.statements)


async def floor(conn: asyncpg.Connection) -> tuple[object, ...]:
    """Write the worst hour's rows once more, plainly; gives the table's line."""
    began = time.perf_counter()
    async with conn.transaction():
        for sql in _FLOOR:
            await conn.execute(sql)
    return "the worst hour's rows, raw SQL", f"{time.perf_counter() - began:.2f} s", "", "", len(_FLOOR)


async def main() -> None:
    """Measure the three hours and the floor of the worst one."""
    parser = argparse.ArgumentParser(description="the hourly billing run")
    parser.add_argument("--businesses", type=int, default=10_000)
    wanted = parser.parse_args()
    async with stage(web=0, workers=0) as on:
        conn = await asyncpg.connect(on.admin_url, server_settings=PATIENT)
        try:
            await fill(conn, wanted.businesses)
            hours = (("nothing is due", 0), ("a usual hour", 100), ("all at once", 1))
            ran = [await measure(on.db, conn, name, every) for name, every in hours]
            rows = [*(line for _took, line in ran), await floor(conn)]
        finally:
            await conn.close()
    title = f"Billing run, {wanted.businesses:,} businesses with a year of invoices"
    show(title, ("Hour", "Took", "Invoices", "Moved", "Statements"), rows)
    worst = max(took for took, _line in ran)
    verdict("hourly billing run", met=worst <= TARGET_SECONDS, measured=f"{worst:.1f} s", target="60 s")


if __name__ == "__main__":
    asyncio.run(main())
