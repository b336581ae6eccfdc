"""What would be left in a store that is taken out of use: goods, counts, transfers under way, reservations.

Stores lie below stock, so its tables are read by their names alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

_LEFT: Final = """
WITH waiting AS (
  SELECT product_id, sum(quantity) AS quantity, sum(quantity * unit_cost) AS worth FROM stock_delta
   WHERE tenant_id = $1 AND store_id = $2 GROUP BY 1),
held AS (
  SELECT coalesce(b.on_hand, 0) + coalesce(w.quantity, 0) AS on_hand,
         coalesce(b.worth, 0) + coalesce(w.worth, 0) AS worth
    FROM (SELECT product_id, on_hand, worth FROM stock_balance WHERE tenant_id = $1 AND store_id = $2) b
    FULL JOIN waiting w USING (product_id))
SELECT (SELECT count(*) FROM held WHERE on_hand > 0), (SELECT count(*) FROM held WHERE on_hand < 0),
       (SELECT coalesce(sum(round(worth)), 0)::bigint FROM held WHERE on_hand > 0),
       (SELECT count(*) FROM stock_count c WHERE c.tenant_id = $1 AND c.store_id = $2
           AND c.finished_at IS NULL AND c.cancelled_at IS NULL),
       (SELECT count(*) FROM transfer t WHERE t.tenant_id = $1 AND $2 IN (t.from_store_id, t.to_store_id)
           AND t.state IN ('draft', 'sent')),
       (SELECT count(*) FROM reservation r WHERE r.tenant_id = $1 AND r.store_id = $2
           AND r.released_at IS NULL AND r.expires_at > $3)
"""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """How many products a store holds, and has below zero; what they are worth; how much is still open in it."""

    held: int = 0
    below_zero: int = 0
    value_minor: int = 0
    counts: int = 0
    transfers: int = 0
    reservations: int = 0

    @property
    def mark(self) -> str:
        """Stand for what was shown, so that nobody confirms what they didn't see; '' where nothing is left."""
        found = (self.held, self.below_zero, self.counts, self.transfers, self.reservations)
        return "-".join(map(str, found)) if any(found) else ""


async def left_behind(read: Read, store: UUID) -> LeftBehind:
    """Tell what would be left in a store if it were taken out of use now."""
    row = await read.fetchrow(_LEFT, read.tenant, store, read.now)
    return LeftBehind(*row) if row else LeftBehind()
