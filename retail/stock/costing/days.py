"""The close of each day on which something moved, kept so that the value of any past moment is found without all moves.

Days are those of UTC. Rows are made from moves and revaluations whose ids lie between two nights' bounds (see
retail/stock/keeping.py); what arrives late is added to the day on which it happened and to all later ones.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.runtime.db import Tx

PATIENCE: Final = 120

_FRESH: Final = """
WITH fresh AS (
  SELECT store_id, product_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, quantity, quantity * unit_cost AS worth
    FROM stock_move WHERE tenant_id = $1 AND id >= $2 AND id < $3
   UNION ALL
  SELECT store_id, product_id, (occurred_at AT TIME ZONE 'UTC')::date, 0, amount
    FROM stock_revaluation WHERE tenant_id = $1 AND id >= $2 AND id < $3),
summed AS (
  SELECT store_id, product_id, day, sum(quantity) AS quantity, sum(worth) AS worth FROM fresh GROUP BY 1, 2, 3)
"""
# All of it: running sums.
_BUILD: Final = f"""{_FRESH}
INSERT INTO stock_day (tenant_id, store_id, product_id, day, on_hand, worth)
SELECT $1, store_id, product_id, day, sum(quantity) OVER w, sum(worth) OVER w FROM summed
WINDOW w AS (PARTITION BY store_id, product_id ORDER BY day)
"""  # noqa: S608 - constants
# One night more: the days that moved, and later days that are there already: each is its last close, and what is new.
_ADD: Final = f"""{_FRESH},
touched AS (
  SELECT store_id, product_id, day FROM summed
   UNION
  SELECT d.store_id, d.product_id, d.day
    FROM (SELECT store_id, product_id, min(day) AS first FROM summed GROUP BY 1, 2) AS f
    JOIN stock_day d ON d.tenant_id = $1 AND d.store_id = f.store_id AND d.product_id = f.product_id
     AND d.day > f.first)
INSERT INTO stock_day (tenant_id, store_id, product_id, day, on_hand, worth)
SELECT $1, t.store_id, t.product_id, t.day, coalesce(c.on_hand, 0) + n.quantity, coalesce(c.worth, 0) + n.worth
  FROM touched t
  LEFT JOIN LATERAL (SELECT d.on_hand, d.worth FROM stock_day d
                      WHERE d.tenant_id = $1 AND d.store_id = t.store_id AND d.product_id = t.product_id
                        AND d.day <= t.day ORDER BY d.day DESC LIMIT 1) c ON true
 CROSS JOIN LATERAL (SELECT sum(s.quantity) AS quantity, sum(s.worth) AS worth FROM summed s
                      WHERE s.store_id = t.store_id AND s.product_id = t.product_id AND s.day <= t.day) n
ON CONFLICT (tenant_id, store_id, product_id, day) DO UPDATE SET on_hand = excluded.on_hand, worth = excluded.worth
"""  # noqa: S608 - constants
_BOOKS: Final = """
WITH parts AS (
  SELECT store_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, round(quantity * unit_cost) AS posted,
         CASE WHEN kind = 'transfer' THEN round(quantity * unit_cost) ELSE 0 END AS moved,
         (kind = 'return')::integer AS returns, 0::bigint AS books
    FROM stock_move WHERE tenant_id = $1 AND id >= $2 AND id < $3
   UNION ALL
  SELECT store_id, (occurred_at AT TIME ZONE 'UTC')::date, posted_minor, 0, 0, 0
    FROM stock_revaluation WHERE tenant_id = $1 AND id >= $2 AND id < $3
   UNION ALL
  SELECT e.store_id, (e.occurred_at AT TIME ZONE 'UTC')::date, 0, 0, 0, l.amount_minor
    FROM account a
    JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id AND l.entry_id >= $2 AND l.entry_id < $3
    JOIN journal_entry e ON e.tenant_id = $1 AND e.id = l.entry_id
   WHERE a.tenant_id = $1 AND a.purpose = 'stock')
INSERT INTO stock_books_day AS b (tenant_id, store_id, day, posted_minor, moved_minor, returns, books_minor)
SELECT $1, store_id, day, sum(posted), sum(moved), sum(returns), sum(books) FROM parts GROUP BY 2, 3
ON CONFLICT (tenant_id, store_id, day)
DO UPDATE SET posted_minor = b.posted_minor + excluded.posted_minor, moved_minor = b.moved_minor + excluded.moved_minor,
              returns = b.returns + excluded.returns, books_minor = b.books_minor + excluded.books_minor
"""
_HEAD: Final = """
INSERT INTO stock_day_head (tenant_id, bound, kept_at) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id) DO UPDATE SET bound = excluded.bound, kept_at = excluded.kept_at
"""
_FIRST: Final = UUID(int=0)


async def keep_days(tx: Tx, bound: UUID) -> None:
    """Bring the days up to a bound, from last night's on, or all of them anew where nothing is kept.

    The caller holds the lock of retail/stock/keeping.py.
    """
    since = await tx.fetchval("SELECT bound FROM stock_day_head WHERE tenant_id = $1", tx.tenant)
    if since is None:
        await tx.conn.execute("DELETE FROM stock_day WHERE tenant_id = $1", tx.tenant, timeout=PATIENCE)
        await tx.conn.execute("DELETE FROM stock_books_day WHERE tenant_id = $1", tx.tenant, timeout=PATIENCE)
    elif since >= bound:
        return
    for sql in (_BUILD if since is None else _ADD, _BOOKS):
        await tx.conn.execute(sql, tx.tenant, since or _FIRST, bound, timeout=PATIENCE)
    await tx.execute(_HEAD, tx.tenant, bound, tx.now)


async def forget_days(tx: Tx) -> None:
    """Have the next night begin anew: something is written whose ids aren't of now. Until then all moves are read."""
    await tx.execute("DELETE FROM stock_day_head WHERE tenant_id = $1", tx.tenant)
