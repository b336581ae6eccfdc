"""What is left of what came in, layer by layer: where goods leave first in, first out, a unit cost follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Read

MOST: Final = 20
# Where nothing moved since goods leave so, all that is there is one layer at its average.
_LEFT: Final = """
SELECT s.name, f.quantity, f.unit_cost, m.occurred_at
  FROM store s
 CROSS JOIN LATERAL (
    SELECT l.quantity, l.unit_cost, l.move_id, l.place FROM cost_layer l
     WHERE l.tenant_id = $1 AND l.store_id = s.id AND l.product_id = $2 AND l.quantity > 0
     UNION ALL
    SELECT b.on_hand, b.unit_cost, NULL, 0 FROM stock_balance b
     WHERE b.tenant_id = $1 AND b.store_id = s.id AND b.product_id = $2 AND b.on_hand > 0
       AND NOT EXISTS (SELECT FROM cost_layer l
                        WHERE l.tenant_id = $1 AND l.store_id = s.id AND l.product_id = $2)) f
  LEFT JOIN stock_move m ON m.tenant_id = $1 AND m.id = f.move_id
 WHERE s.tenant_id = $1 ORDER BY s.code, f.place
"""


@dataclass(frozen=True, slots=True)
class Left:
    """What a store still has of an arrival, what one of it cost (minor units, six decimals), and when it came."""

    store_name: str
    quantity: Decimal
    unit_cost: Decimal
    came_at: datetime | None


@dataclass(frozen=True, slots=True)
class Layers:
    """What is left of a product, the oldest of each store first, at most MOST; `mean` is of all that is left."""

    first: Sequence[Left]
    count: int
    mean: Decimal | None


async def layers_left(read: Read, product: UUID) -> Layers:
    """Give what is left of a product, layer by layer."""
    found = [Left(*row) for row in await read.fetch(_LEFT, read.tenant, product)]
    pieces = sum((one.quantity for one in found), Decimal(0))
    worth = sum((one.quantity * one.unit_cost for one in found), Decimal(0))
    return Layers(found[:MOST], len(found), (worth / pieces).quantize(Decimal("0.01")) if pieces else None)
