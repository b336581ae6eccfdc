"""Goods that were kept for a customer and sold: told with the sale, settled by itself once nobody waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.inbox.operations import MOST_AT_ONCE, settle
from retail.sales.shortages import KEPT_CODE
from retail.stock.events import StockReserved
from retail.stock.reserving.queries import standing

_OPEN: Final = """
SELECT id, product_id FROM sync_exception
 WHERE tenant_id = $1 AND store_id = $2 AND product_id = ANY($3::uuid[]) AND code = $4 AND resolved_at IS NULL
 ORDER BY id LIMIT $5
"""


async def settle_fetched(tx: Tx, events: Sequence[Event]) -> None:
    """Settle what tells that kept goods are gone, where what is still kept is there: it was fetched, or is free.

    Whoever keeps goods comes to the till first and is marked as fetched afterwards as often as the other way round.
    """
    touched: dict[UUID, dict[UUID, None]] = {}
    for event in events:
        if isinstance(event, StockReserved):
            touched.setdefault(event.store, {}).update(dict.fromkeys(UUID(one) for one in event.products))
    for store, products in touched.items():
        told = await tx.fetch(_OPEN, tx.tenant, store, list(products), KEPT_CODE, MOST_AT_ONCE)
        if not told:
            continue
        there = await standing(tx, store, [row["product_id"] for row in told])
        over = [row["id"] for row in told if there[row["product_id"]].available >= 0]
        if over:
            await settle(tx, over, note=_("Nobody waits for it any more: it was fetched, or is free again."))
