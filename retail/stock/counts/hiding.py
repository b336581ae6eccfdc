"""What of the stock isn't told while a blind count is under way: else whoever counts could look it up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK
from retail.runtime.db import Read

_COUNTED: Final = """
SELECT DISTINCT u.store_id, u.product_id
  FROM unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
  JOIN stock_count c ON c.tenant_id = $1 AND c.store_id = u.store_id AND c.blind
                    AND c.finished_at IS NULL AND c.cancelled_at IS NULL
  JOIN stock_count_line l ON l.tenant_id = $1 AND l.count_id = c.id AND l.product_id = u.product_id"""


async def counted_blind(read: Read, pairs: Collection[tuple[UUID, UUID]]) -> frozenset[tuple[UUID, UUID]]:
    """Give those (store, product) that an unfinished blind count of the store has."""
    stores, products = [store for store, _product in pairs], [product for _store, product in pairs]
    rows = await read.fetch(_COUNTED, read.tenant, stores, products)
    return frozenset((row["store_id"], row["product_id"]) for row in rows)


async def hidden_from_reader(read: Read, pairs: Collection[tuple[UUID, UUID]]) -> frozenset[tuple[UUID, UUID]]:
    """Give those that the reader isn't told of. Who may move stock is told all: they answer for it."""
    if not pairs or read.scope.may(MOVE_STOCK):
        return frozenset()
    return await counted_blind(read, pairs)
