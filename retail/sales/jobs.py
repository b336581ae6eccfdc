"""Reactions to sales: what shifts have come to is added up behind the tills, and late sales get their supplement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from retail.cash import lock_shift
from retail.cash.supplements import add_supplement
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.events import DownPaid, SaleCompleted
from retail.sales.held_jobs import run_out
from retail.sales.kept_goods import settle_fetched
from retail.sales.late_payments import tell_of_lost
from retail.sales.takings import fold_takings, late
from retail.stock.events import StockReserved

__all__ = ["PROJECTIONS", "keep_takings", "run_out", "settle_fetched", "supplement", "tell_of_lost"]

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]

_LATE: Final = """
SELECT s.id FROM sale s
 WHERE s.tenant_id = $1 AND s.after_close AND s.shift_id = $2
   AND NOT EXISTS (SELECT FROM z_supplement_sale x WHERE x.tenant_id = $1 AND x.sale_id = s.id)
 ORDER BY s.id
"""


async def keep_takings(tx: Tx, events: Sequence[Event]) -> None:
    """Fold the sales of open shifts, and make the supplements of closed ones."""
    sold = [event for event in events if isinstance(event, SaleCompleted | DownPaid) and event.shift is not None]
    await fold_takings(tx, [event.sale for event in sold if not event.after_close])
    shifts = sorted({event.shift for event in sold if event.after_close and event.shift is not None})
    for shift in shifts:
        await supplement(tx, shift)


async def supplement(tx: Tx, id: UUID) -> None:
    """Put what arrived after a shift's closing, and stands in no supplement yet, into the next one."""
    shift = await lock_shift(tx, id)
    rows = await tx.fetch(_LATE, tx.tenant, id)
    await add_supplement(tx, shift, await late(tx, id), [row["id"] for row in rows])


PROJECTIONS: Final[dict[type[Event], Reaction]] = {
    SaleCompleted: keep_takings,
    DownPaid: keep_takings,
    StockReserved: settle_fetched,
}
