"""Appending moves and folding them into balances: the two verbs on which everything else in stock stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Row, Tx, Writing
from retail.stock.events import StockMoved
from retail.stock.following import Entered, follow
from retail.stock.rules import Folded, Move, is_low

_MOVE: Final = Writing(
    (
        (
            "moved",
            """INSERT INTO stock_move (tenant_id, id, store_id, product_id, kind, quantity, unit_cost, reason,
                                   source_id, actor_name, occurred_at, created_at, trace)
           SELECT $1, u.id, u.store_id, u.product_id, u.kind, u.quantity, u.unit_cost, u.reason, u.source_id, $2,
                  u.occurred_at, $3, u.trace
             FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::numeric[], $9::numeric[], $10::text[],
                         $11::uuid[], $12::timestamptz[], $13::text[])
                  AS u (id, store_id, product_id, kind, quantity, unit_cost, reason, source_id, occurred_at, trace)
           RETURNING id, store_id, product_id, quantity, trace""",
        ),
        (
            "moved_deltas",
            """INSERT INTO stock_delta (tenant_id, id, store_id, product_id, quantity, trace)
           SELECT $1, m.id, m.store_id, m.product_id, m.quantity, m.trace FROM moved m""",
        ),
    )
)

# SKIP LOCKED: what another fold is about to delete is left to it, so no delta is folded twice and nobody waits.
# Rows are deleted where they were found (ctid: they are locked, so they can't move). Joined by id instead, the planner
# walks the whole queue a second time, with all that was deleted since the last vacuum. Products are looked up one by
# one for the same reason: the planner would rather read the whole catalogue.
# The balances are written in the order of their keys, so two folds that meet at a balance can't deadlock.
_FOLD = """
WITH waiting AS MATERIALIZED (
  SELECT ctid FROM stock_delta WHERE tenant_id = $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED),
taken AS (
  DELETE FROM stock_delta d WHERE d.tenant_id = $1 AND d.ctid = ANY(ARRAY(SELECT w.ctid FROM waiting w))
  RETURNING d.id, d.store_id, d.product_id, d.quantity),
summed AS (
  SELECT t.store_id, t.product_id, sum(t.quantity) AS quantity
    FROM taken t GROUP BY t.store_id, t.product_id ORDER BY t.store_id, t.product_id),
kept AS (
  INSERT INTO stock_balance AS b (tenant_id, store_id, product_id, on_hand, unit_cost, updated_at)
  SELECT $1, s.store_id, s.product_id, s.quantity,
         (SELECT p.unit_cost FROM product p WHERE p.tenant_id = $1 AND p.id = s.product_id), $3
    FROM summed s
  ON CONFLICT (tenant_id, store_id, product_id)
  DO UPDATE SET on_hand = b.on_hand + excluded.on_hand, updated_at = excluded.updated_at
  RETURNING b.store_id, b.product_id, b.on_hand, b.low_since)
SELECT k.store_id, k.product_id, k.on_hand, k.low_since, (SELECT count(*) FROM waiting) AS taken, s.quantity,
       p.reorder_point,
       CASE WHEN p.tracking <> 'none' THEN (
         SELECT array_agg(t.id) FROM taken t
          WHERE t.store_id = k.store_id AND t.product_id = k.product_id) END AS moves
  FROM kept k
  JOIN summed s ON s.store_id = k.store_id AND s.product_id = k.product_id
 CROSS JOIN LATERAL (SELECT a.reorder_point, a.tracking FROM product a
                      WHERE a.tenant_id = $1 AND a.id = k.product_id OFFSET 0) p
 ORDER BY k.store_id, k.product_id
"""

_MARK = """
UPDATE stock_balance b SET low_since = CASE WHEN u.low THEN $2::timestamptz END
  FROM unnest($3::uuid[], $4::uuid[], $5::boolean[]) AS u (store_id, product_id, low)
 WHERE b.tenant_id = $1 AND b.store_id = u.store_id AND b.product_id = u.product_id
"""

FOLD_MOST = 10_000

# Only balances whose mark is wrong are locked; the few that are, in the order of their keys.
_WRONG = """
SELECT b.store_id, b.product_id, b.on_hand, b.low_since, p.reorder_point
  FROM stock_balance b JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
 WHERE p.tenant_id = $1 AND p.version = ANY($2::bigint[])
   AND (b.low_since IS NOT NULL) <> coalesce(b.on_hand <= p.reorder_point, false)
 ORDER BY b.store_id, b.product_id FOR UPDATE OF b
"""


async def move(tx: Tx, moves: Sequence[Move]) -> None:
    """Append moves with their deltas, sent with the next statement; emits StockMoved once per store.

    No balance row is read or locked. Any quantity is taken, also into negative: goods that were paid for have left.
    A time after now becomes now: a device whose clock is ahead must not move goods after a count that saw them gone.
    """
    if not moves:
        return
    await tx.write(
        _MOVE,
        tx.tenant,
        tx.actor.name,
        tx.now,
        [one.id for one in moves],
        [one.store for one in moves],
        [one.product for one in moves],
        [one.kind for one in moves],
        [one.quantity for one in moves],
        [one.unit_cost for one in moves],
        [one.reason for one in moves],
        [one.source for one in moves],
        [min(one.occurred_at, tx.now) for one in moves],
        [one.trace for one in moves],
    )
    moved: dict[UUID, dict[str, None]] = {}
    for one in moves:
        moved.setdefault(one.store, {})[str(one.product)] = None
    for store, products in moved.items():
        tx.emit(StockMoved(store, list(products)))


async def fold(tx: Tx, most: int = FOLD_MOST) -> tuple[list[Folded], bool]:
    """Add waiting deltas, at most `most`, to their balances and delete them; give each balance that changed.

    The second value tells that more may wait. Locks the balances it changes, sorted by store and product. Deltas that
    another fold holds are left to it. What is followed by lot or by piece is given to those.
    """
    rows = await tx.fetch(_FOLD, tx.tenant, most, tx.now)
    folded = [_folded(row) for row in rows]
    await follow(
        tx, [Entered(row["store_id"], row["product_id"], row["quantity"], row["on_hand"], row["moves"]) for row in rows]
    )
    await _mark(tx, [one for one, row in zip(folded, rows, strict=True) if one.low is (row["low_since"] is None)])
    return folded, bool(rows) and rows[0]["taken"] >= most


async def mark_low(tx: Tx, versions: Sequence[int]) -> list[Folded]:
    """Mark balances of products that changed in these catalogue versions as low, or no longer; give what changed."""
    crossed = [_folded(row) for row in await tx.fetch(_WRONG, tx.tenant, list(versions))]
    await _mark(tx, crossed)
    return crossed


def _folded(row: Row) -> Folded:
    low = is_low(row["on_hand"], row["reorder_point"])
    became_low = low and row["low_since"] is None
    return Folded(row["store_id"], row["product_id"], row["on_hand"], low, became_low, row["reorder_point"])


async def _mark(tx: Tx, crossed: Sequence[Folded]) -> None:
    if crossed:
        await tx.execute(
            _MARK,
            tx.tenant,
            tx.now,
            [one.store for one in crossed],
            [one.product for one in crossed],
            [one.low for one in crossed],
        )


async def set_unit_costs(tx: Tx, costs: Mapping[tuple[UUID, UUID], Decimal]) -> None:
    """Set the moving average of balances that the caller has locked; keys are (store, product)."""
    await tx.execute(
        """UPDATE stock_balance b SET unit_cost = u.unit_cost, updated_at = $2
             FROM unnest($3::uuid[], $4::uuid[], $5::numeric[]) AS u (store_id, product_id, unit_cost)
            WHERE b.tenant_id = $1 AND b.store_id = u.store_id AND b.product_id = u.product_id""",
        tx.tenant,
        tx.now,
        [store for store, _product in costs],
        [product for _store, product in costs],
        list(costs.values()),
    )
