"""What the stock is worth against what the books say of it: docs/algorithms/stock-balances.md, "The books".

The stock room values what is on the shelf at today's moving average; the books add up what every move was worth at the
cost of its own moment. Both are right, and they differ by what `gaps` names, each part read from its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.checks import without_loops
from retail.runtime.db import Read, Row


@dataclass(frozen=True, slots=True)
class Gap:
    """One store's stock and its account in minor units: value + below_zero + costs + rounding - moved = books.

    `below_zero`: goods sold that nobody has received yet, which count as nothing on the shelf (never above zero).
    `costs`: goods that were sold, came back or were taken at another cost than today's average. `rounding`: whole cents
    per move. `moved`: goods that came from other stores (above zero) or went there, which the books leave where they
    were. `unexplained` must be zero. `room` is what returns of part of a line may differ by: a cent or two for each.
    """

    store: UUID
    store_name: str
    value: int
    books: int
    below_zero: int
    costs: int
    rounding: int
    moved: int
    room: int

    @property
    def difference(self) -> int:
        """What the books say above the value on the shelf."""
        return self.books - self.value

    @property
    def unexplained(self) -> int:
        """What no part accounts for."""
        return self.difference - self.below_zero - self.costs - self.rounding + self.moved


# Of each store: its shelf as of now (balances with what waits), its moves at their own costs, exactly and as they were
# posted (whole minor units), and its lines on the stock account. Moves and lines are last night's sums (`kept`) and
# what has an id from their bound $2 on; a bound of zero takes all. One statement, so one snapshot. The bound is a value
# and no sub-select, so that the planner knows how little is behind it; `current`: nobody replaced the sums meanwhile.
# Without loops: to a planner whose figures are older than a business that business has no rows, and comparing its first
# ten thousand line by line took minutes.
_GAPS: Final = """
WITH kept AS (
  SELECT * FROM stock_worth WHERE tenant_id = $1 AND bound = $2),
held AS (
  SELECT store_id, sum(on_hand) AS on_hand, sum(worth) AS worth
    FROM (SELECT store_id, product_id, on_hand, worth FROM stock_balance WHERE tenant_id = $1
           UNION ALL
          SELECT store_id, product_id, quantity, quantity * unit_cost FROM stock_delta WHERE tenant_id = $1) AS u
   GROUP BY store_id, product_id),
shelf AS (
  SELECT store_id, coalesce(sum(round(worth)) FILTER (WHERE on_hand > 0), 0) AS value,
         coalesce(sum(round(worth)) FILTER (WHERE on_hand <= 0), 0) AS below, sum(worth) AS exact
    FROM held GROUP BY 1),
moves AS (
  SELECT store_id, sum(exact) AS exact, sum(posted) AS posted,
         coalesce(sum(posted) FILTER (WHERE kind = 'transfer'), 0) AS moved,
         2 * count(*) FILTER (WHERE kind = 'return') AS room
    FROM (SELECT store_id, kind, quantity * unit_cost AS exact, round(quantity * unit_cost) AS posted
            FROM stock_move WHERE tenant_id = $1 AND id >= $2
           UNION ALL
          SELECT store_id, 'revaluation', amount, posted_minor
            FROM stock_revaluation WHERE tenant_id = $1 AND id >= $2) AS m GROUP BY 1),
books AS (
  SELECT e.store_id, sum(l.amount_minor) AS amount
    FROM account a
    JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id AND l.entry_id >= $2
    JOIN journal_entry e ON e.tenant_id = $1 AND e.id = l.entry_id AND e.id >= $2
   WHERE a.tenant_id = $1 AND a.purpose = 'stock' GROUP BY 1)
SELECT s.id, s.name, coalesce(h.value, 0)::bigint AS value,
       (coalesce(k.amount, 0) + coalesce(o.books_minor, 0))::bigint AS books, coalesce(h.below, 0)::bigint AS below,
       round(coalesce(m.exact, 0) + coalesce(o.exact_minor, 0) - coalesce(h.exact, 0))::bigint AS costs,
       (coalesce(m.posted, 0) + coalesce(o.posted_minor, 0))::bigint AS posted,
       (coalesce(m.moved, 0) + coalesce(o.moved_minor, 0))::bigint AS moved,
       coalesce(m.room, 0) + 2 * coalesce(o.returns, 0) AS room,
       $2 = '00000000-0000-0000-0000-000000000000' OR EXISTS (SELECT FROM kept) AS current
  FROM store s
  LEFT JOIN kept o ON o.store_id = s.id
  LEFT JOIN shelf h ON h.store_id = s.id
  LEFT JOIN moves m ON m.store_id = s.id
  LEFT JOIN books k ON k.store_id = s.id
 WHERE s.tenant_id = $1 ORDER BY s.name, s.id
"""


_BOUND: Final = "SELECT bound FROM stock_worth WHERE tenant_id = $1 LIMIT 1"
_FIRST: Final = UUID(int=0)


async def gaps(read: Read, *, everything: bool = False) -> list[Gap]:
    """Compare each store's stock at cost with its account, and name the parts of the difference.

    Reads the balances, and moves and lines since the last night's sums; `everything`: all moves and lines there are.
    """
    found = []
    for row in await _compared(read, everything=everything):
        rounding = row["posted"] - row["value"] - row["below"] - row["costs"]
        slack = row["books"] - (row["posted"] - row["moved"])
        # A return of part of a line takes its share of the line's whole cents; that is rounding too, within its room.
        rounding += slack if abs(slack) <= row["room"] else 0
        found.append(
            Gap(
                row["id"],
                row["name"],
                row["value"],
                row["books"],
                row["below"],
                row["costs"],
                rounding,
                row["moved"],
                row["room"],
            )
        )
    return found


async def _compared(read: Read, *, everything: bool) -> list[Row]:
    bound = None if everything else await read.fetchval(_BOUND, read.tenant)
    async with without_loops(read):
        rows = await read.fetch(_GAPS, read.tenant, bound or _FIRST)
    if everything or all(row["current"] for row in rows):
        return rows
    return await _compared(read, everything=True)
