"""What moves and account Stock came to up to last night, kept, so that comparing them reads one day, not all years.

Moves and entries get their ids when they are written, from the clock: an id below a bound an hour ago belongs to a
transaction that has ended. Only what is recorded of the past carries older ids; it throws the kept sums away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.tenancy import Scope
from retail.stock.costing.days import forget_days, keep_days

JOB: Final = "stock.keep_worth"
BEHIND: Final = timedelta(hours=1)
"""Longer than any transaction lasts, and more than clocks of our machines differ by."""
PATIENCE: Final = 120

_PATIENTLY: Final = f"SET LOCAL statement_timeout = '{PATIENCE}s'; SET LOCAL lock_timeout = '{PATIENCE}s'"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('stock worth ' || $1::text, 0))"
_KEEP: Final = """
WITH moves AS (
  SELECT store_id, sum(exact) AS exact, sum(posted) AS posted,
         coalesce(sum(posted) FILTER (WHERE kind = 'transfer'), 0) AS moved,
         count(*) FILTER (WHERE kind = 'return') AS returns
    FROM (SELECT store_id, kind, quantity * unit_cost AS exact, round(quantity * unit_cost) AS posted
            FROM stock_move WHERE tenant_id = $1 AND id < $2
           UNION ALL
          SELECT store_id, 'revaluation', amount, posted_minor
            FROM stock_revaluation WHERE tenant_id = $1 AND id < $2) AS m GROUP BY 1),
books AS (
  SELECT e.store_id, sum(l.amount_minor) AS amount
    FROM account a
    JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id AND l.entry_id < $2
    JOIN journal_entry e ON e.tenant_id = $1 AND e.id = l.entry_id
   WHERE a.tenant_id = $1 AND a.purpose = 'stock' GROUP BY 1)
INSERT INTO stock_worth (tenant_id, store_id, bound, exact_minor, posted_minor, moved_minor, returns, books_minor,
                         kept_at)
SELECT $1, s.id, $2, coalesce(m.exact, 0), coalesce(m.posted, 0), coalesce(m.moved, 0), coalesce(m.returns, 0),
       coalesce(k.amount, 0), $3
  FROM store s LEFT JOIN moves m ON m.store_id = s.id LEFT JOIN books k ON k.store_id = s.id
 WHERE s.tenant_id = $1
"""


@job(JOB, tries=3, lease_seconds=300)
async def keep_worth(db: Database, scope: Scope) -> None:
    """Add up everything anew, each night: what was wrong in the sums is right again by the morning."""
    await db.run(scope, _keep_once)


async def _keep_once(tx: Tx) -> None:
    await hold(tx)
    await keep(tx)


async def keep(tx: Tx) -> None:
    """Put the sums of a business up to an hour ago in the place of those before. Locks out what records the past."""
    await _forget_worth(tx)
    bound = UUID(int=int((tx.now - BEHIND).timestamp() * 1000) << 80)
    await tx.conn.execute(_KEEP, tx.tenant, bound, tx.now, timeout=PATIENCE)
    await keep_days(tx, bound)


async def forget_kept(tx: Tx) -> None:
    """Throw the sums away, in the transaction that writes moves or entries whose ids aren't of now.

    Waits for a night's adding up, which would not see what is written here.
    """
    await _forget_worth(tx)
    await forget_days(tx)


async def _forget_worth(tx: Tx) -> None:
    await tx.conn.execute(_PATIENTLY)
    await tx.conn.execute(_LOCK, str(tx.tenant), timeout=PATIENCE)
    await tx.execute("DELETE FROM stock_worth WHERE tenant_id = $1", tx.tenant)
