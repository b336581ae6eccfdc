"""What is in no store at a moment and yet the business's: goods on their way, and differences nobody has settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from retail.runtime.db import Read

# The account is exact at any moment: each step of a transfer posts when it happens. Of it, on the way is what was sent
# by then and neither received nor called off; the rest are differences of received transfers.
_BETWEEN: Final = """
SELECT coalesce((SELECT sum(l.amount_minor) FROM account a
                   JOIN journal_line l ON l.tenant_id = $1 AND l.account_id = a.id
                   JOIN journal_entry e ON e.tenant_id = $1 AND e.id = l.entry_id AND e.occurred_at <= $2
                  WHERE a.tenant_id = $1 AND a.purpose = 'in_transit'), 0)::bigint AS books,
       coalesce((SELECT sum(round(l.quantity * l.unit_cost))
                   FROM transfer t JOIN transfer_line l ON l.tenant_id = $1 AND l.transfer_id = t.id
                  WHERE t.tenant_id = $1 AND t.sent_at <= $2 AND (t.received_at IS NULL OR t.received_at > $2)
                    AND NOT EXISTS (SELECT FROM transfer_event e WHERE e.tenant_id = $1 AND e.transfer_id = t.id
                                       AND e.what = 'cancelled' AND e.at <= $2)), 0)::bigint AS sent"""


@dataclass(frozen=True, slots=True)
class Between:
    """In minor units; `unsettled` is above zero where less arrived than was sent, and nobody has said who bears it."""

    on_the_way: int
    unsettled: int

    @property
    def value(self) -> int:
        """What both come to."""
        return self.on_the_way + self.unsettled


async def value_between(read: Read, at: datetime) -> Between | None:
    """Value what is between the stores as of a moment; None for a reader of some stores, who sees one end of it."""
    if read.scope.stores is not None:
        return None
    row = await read.fetchrow(_BETWEEN, read.tenant, at.astimezone(UTC))
    return Between(row["sent"], row["books"] - row["sent"]) if row else Between(0, 0)
