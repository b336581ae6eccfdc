"""Taking goods out of the places where they lie, when a store gives away more than its main place has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Tx

_AWAY: Final = """
SELECT k.product_id, k.location_id, k.on_hand FROM stock_place k
  JOIN location l ON l.tenant_id = k.tenant_id AND l.id = k.location_id
 WHERE k.tenant_id = $1 AND k.store_id = $2 AND k.product_id = ANY($3::uuid[]) AND k.on_hand > 0
 ORDER BY k.product_id, l.kind = 'blocked', k.on_hand DESC, k.location_id
"""

# A check looks at what is to be inserted before it is seen that the row is there: so what goes is taken off first.
CHANGE: Final = """
WITH went AS (
  INSERT INTO place_move (tenant_id, id, store_id, product_id, from_location_id, to_location_id, quantity, reason,
                          source_id, actor_name, at)
  SELECT $1, u.id, $2, u.product_id, u.from_id, u.to_id, u.quantity, $3, $4, $5, $6
    FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::numeric[])
         AS u (id, product_id, from_id, to_id, quantity)
  RETURNING product_id, from_location_id, to_location_id, quantity),
changed AS (
  SELECT c.product_id, c.location_id, sum(c.quantity) AS quantity
    FROM (SELECT w.product_id, w.from_location_id AS location_id, -w.quantity AS quantity FROM went w
           UNION ALL SELECT w.product_id, w.to_location_id, w.quantity FROM went w) c
   WHERE c.location_id IS NOT NULL GROUP BY 1, 2),
emptied AS (
  UPDATE stock_place k SET on_hand = k.on_hand + c.quantity, updated_at = $6 FROM changed c
   WHERE k.tenant_id = $1 AND k.store_id = $2 AND k.product_id = c.product_id AND k.location_id = c.location_id
     AND c.quantity < 0)
INSERT INTO stock_place AS k (tenant_id, store_id, product_id, location_id, on_hand, updated_at)
SELECT $1, $2, c.product_id, c.location_id, c.quantity, $6 FROM changed c WHERE c.quantity > 0 ORDER BY 3, 4
ON CONFLICT (tenant_id, store_id, product_id, location_id)
DO UPDATE SET on_hand = k.on_hand + excluded.on_hand, updated_at = excluded.updated_at
"""

Step = tuple[UUID, UUID | None, UUID | None, Decimal]
"""A product, the place it leaves, the place it comes to (None: the main one), how much."""


async def change_places(tx: Tx, store: UUID, source: UUID, reason: str, steps: list[Step]) -> None:
    """Write moves between places; the balances of their products are held, and no place falls below zero."""
    if not steps:
        return
    await tx.execute(
        CHANGE,
        tx.tenant,
        store,
        reason,
        source,
        tx.actor.name,
        tx.now,
        [new_id() for _step in steps],
        [step[0] for step in steps],
        [step[1] for step in steps],
        [step[2] for step in steps],
        [step[3] for step in steps],
    )


async def draw(tx: Tx, store: UUID, source: UUID, reason: str, on_hand: Mapping[UUID, Decimal]) -> None:
    """Bring goods to the main place until it has none too few, for what a store has after it gave some away.

    From where the most lies first, from blocked places last. The balances are held. What was sold stays sold: only
    acts of the stockroom draw, so the main place may be below zero after sales.
    """
    rows = await tx.fetch(_AWAY, tx.tenant, store, list(on_hand))
    away: dict[UUID, Decimal] = {}
    for row in rows:
        away[row["product_id"]] = away.get(row["product_id"], Decimal(0)) + row["on_hand"]
    steps: list[Step] = []
    short = {product: away[product] - max(on_hand[product], Decimal(0)) for product in away}
    for row in rows:
        taken = min(row["on_hand"], max(short[row["product_id"]], Decimal(0)))
        if taken:
            short[row["product_id"]] -= taken
            steps.append((row["product_id"], row["location_id"], None, taken))
    await change_places(tx, store, source, reason, steps)
