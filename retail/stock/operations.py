"""Appending moves and folding them into balances: the two verbs on which everything else in stock stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.db import Row, Tx, Writing
from retail.stock.costing.settling import settle
from retail.stock.events import StockChanged, StockFellLow, StockMoved
from retail.stock.following import Entered, follow
from retail.stock.places.blocked import BLOCKED
from retail.stock.reserving.queries import RESERVED
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
           RETURNING id, store_id, product_id, quantity, unit_cost, trace""",
        ),
        (
            "moved_deltas",
            """INSERT INTO stock_delta (tenant_id, id, store_id, product_id, quantity, unit_cost, trace)
           SELECT $1, m.id, m.store_id, m.product_id, m.quantity, m.unit_cost, m.trace FROM moved m""",
        ),
    )
)

# SKIP LOCKED: what another fold is about to delete is left to it, so no delta is folded twice and nobody waits.
# Rows are deleted where they were found (ctid: they are locked, so they can't move). Joined by id instead, the planner
# walks the whole queue a second time, with all that was deleted since the last vacuum. Products are looked up one by
# one for the same reason: the planner would rather read the whole catalogue.
# The balances are written in the order of their keys, so two folds that meet at a balance can't deadlock.
# A balance that moved at the cost it has is worth on_hand times that cost, and nothing more is asked of it; of the
# others, and wherever layers are kept, the fold gives each move, in its order. A store's own reorder point wins.
# Balances and moves are put beside each other by grouping, not joined: the planner takes either to be a row or two, and
# would go through all of one for each of the other.
_FOLD = """
WITH waiting AS MATERIALIZED (
  SELECT ctid FROM stock_delta WHERE tenant_id = $1{narrowed} ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED),
taken AS (
  DELETE FROM stock_delta d WHERE d.tenant_id = $1 AND d.ctid = ANY(ARRAY(SELECT w.ctid FROM waiting w))
  RETURNING d.id, d.store_id, d.product_id, d.quantity, d.unit_cost),
summed AS (
  SELECT t.store_id, t.product_id, sum(t.quantity) AS quantity, sum(t.quantity * t.unit_cost) AS worth,
         array_agg(t.quantity ORDER BY t.id) AS quantities, array_agg(t.unit_cost ORDER BY t.id) AS costs,
         array_agg(t.id ORDER BY t.id) AS ids
    FROM taken t GROUP BY t.store_id, t.product_id ORDER BY t.store_id, t.product_id),
kept AS (
  INSERT INTO stock_balance AS b (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
  SELECT $1, s.store_id, s.product_id, s.quantity,
         (SELECT p.unit_cost FROM product p WHERE p.tenant_id = $1 AND p.id = s.product_id), s.worth, $3
    FROM summed s
  ON CONFLICT (tenant_id, store_id, product_id)
  DO UPDATE SET on_hand = b.on_hand + excluded.on_hand, worth = b.worth + excluded.worth,
                updated_at = excluded.updated_at
  RETURNING b.store_id, b.product_id, b.on_hand, b.unit_cost, b.worth, b.low_since),
sides AS (
  SELECT e.store_id, e.product_id, max(e.on_hand) AS on_hand, max(e.unit_cost) AS unit_cost, max(e.worth) AS worth,
         max(e.low_since) AS low_since, max(e.quantity) AS quantity, max(e.quantities) AS quantities,
         max(e.costs) AS costs, max(e.ids) AS ids
    FROM (SELECT store_id, product_id, on_hand, unit_cost, worth, low_since, NULL::numeric AS quantity,
                 NULL::numeric[] AS quantities, NULL::numeric[] AS costs, NULL::uuid[] AS ids FROM kept
           UNION ALL
          SELECT store_id, product_id, NULL, NULL, NULL, NULL, quantity, quantities, costs, ids FROM summed) AS e
   GROUP BY e.store_id, e.product_id),
way AS MATERIALIZED (
  SELECT coalesce((SELECT g.value #>> '{{}}' FROM setting g
                    WHERE g.tenant_id = $1 AND g.store_id IS NULL AND g.key = 'costing'), 'average') AS costing)
SELECT k.store_id, k.product_id, k.on_hand, k.unit_cost, k.worth, k.low_since,
       (SELECT count(*) FROM waiting) AS taken, w.costing, k.quantity,
       CASE WHEN w.costing <> 'average' OR k.worth <> k.on_hand * k.unit_cost THEN k.quantities END AS quantities,
       k.costs, k.ids, CASE WHEN p.tracking <> 'none' THEN k.ids END AS moves,
       coalesce((SELECT r.reorder_point FROM stock_rule r
                  WHERE r.tenant_id = $1 AND r.product_id = k.product_id AND r.store_id = k.store_id),
                p.reorder_point) AS reorder_point,
       {blocked} AS blocked, {reserved} AS reserved
  FROM sides k CROSS JOIN way w
 CROSS JOIN LATERAL (SELECT a.reorder_point, a.tracking FROM product a
                      WHERE a.tenant_id = $1 AND a.id = k.product_id OFFSET 0) p
 ORDER BY k.store_id, k.product_id
"""
_OF_BALANCE: Final = {
    "blocked": BLOCKED.format(store="k.store_id", product="k.product_id"),
    "reserved": RESERVED.format(store="k.store_id", product="k.product_id", now="now()"),
}
_FOLD_ALL: Final = _FOLD.format(narrowed="", **_OF_BALANCE)
_FOLD_SOME: Final = _FOLD.format(
    narrowed=" AND (store_id, product_id) IN (SELECT * FROM unnest($4::uuid[], $5::uuid[]))", **_OF_BALANCE
)

_MARK = """
UPDATE stock_balance b SET low_since = CASE WHEN u.low THEN $2::timestamptz END
  FROM unnest($3::uuid[], $4::uuid[], $5::boolean[]) AS u (store_id, product_id, low)
 WHERE b.tenant_id = $1 AND b.store_id = u.store_id AND b.product_id = u.product_id
"""

FOLD_MOST = 10_000

# Only balances whose mark is wrong are locked; the few that are, in the order of their keys.
_OF_ROW: Final = BLOCKED.format(store="b.store_id", product="b.product_id")
_KEPT_OF_ROW: Final = RESERVED.format(store="b.store_id", product="b.product_id", now="now()")
_BALANCES: Final = f"""
SELECT b.store_id, b.product_id, b.on_hand, b.low_since, coalesce(r.reorder_point, p.reorder_point) AS reorder_point,
       {_OF_ROW} AS blocked, {_KEPT_OF_ROW} AS reserved
  FROM stock_balance b JOIN product p ON p.tenant_id = b.tenant_id AND p.id = b.product_id
  LEFT JOIN stock_rule r ON r.tenant_id = b.tenant_id AND r.product_id = b.product_id AND r.store_id = b.store_id
 WHERE p.tenant_id = $1 AND """  # noqa: S608 - constants
_THESE: Final = f"{_BALANCES}b.store_id = $2 AND b.product_id = ANY($3::uuid[]) ORDER BY b.product_id"
_WRONG = """{balances}{which}
   AND (b.low_since IS NOT NULL)
       <> coalesce(b.on_hand - {of_row} - {kept} <= coalesce(r.reorder_point, p.reorder_point), false)
 ORDER BY b.store_id, b.product_id FOR UPDATE OF b
"""
_PARTS_OF_WRONG: Final = {"balances": _BALANCES, "of_row": _OF_ROW, "kept": _KEPT_OF_ROW}
_WRONG_BY_VERSION: Final = _WRONG.format(which="p.version = ANY($2::bigint[])", **_PARTS_OF_WRONG)
_WRONG_BY_ID: Final = _WRONG.format(which="p.id = ANY($2::uuid[])", **_PARTS_OF_WRONG)


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
    another fold holds are left to it. Costs are settled on the way, and what differs is posted; what is followed by lot
    or by piece is given to those.
    """
    return await _fold(tx, _FOLD_ALL, most)


async def fold_these(tx: Tx, keys: Collection[tuple[UUID, UUID]]) -> None:
    """Fold what waits of some (store, product) pairs, whose balances the caller has locked; emits as tell() does."""
    latest: dict[tuple[UUID, UUID], Folded] = {}
    crossed: set[tuple[UUID, UUID]] = set()
    more = bool(keys)
    while more:
        stores, products = [store for store, _one in keys], [product for _store, product in keys]
        folded, more = await _fold(tx, _FOLD_SOME, FOLD_MOST, stores, products)
        latest |= {(one.store, one.product): one for one in folded}
        crossed |= {(one.store, one.product) for one in folded if one.became_low}
    tell(tx, list(latest.values()), [latest[key] for key in sorted(crossed)])


async def _fold(tx: Tx, sql: str, most: int, *narrowed: object) -> tuple[list[Folded], bool]:
    rows = await tx.fetch(sql, tx.tenant, most, tx.now, *narrowed)
    await settle(tx, rows)
    folded = [_folded(row) for row in rows]
    await follow(
        tx, [Entered(row["store_id"], row["product_id"], row["quantity"], row["on_hand"], row["moves"]) for row in rows]
    )
    await _mark(tx, [one for one, row in zip(folded, rows, strict=True) if one.low is (row["low_since"] is None)])
    return folded, bool(rows) and rows[0]["taken"] >= most


async def mark_low(tx: Tx, versions: Sequence[int]) -> list[Folded]:
    """Mark balances of products that changed in these catalogue versions as low, or no longer; give what changed."""
    return await _marked(tx, _WRONG_BY_VERSION, list(versions))


async def mark_low_of(tx: Tx, products: Sequence[UUID]) -> list[Folded]:
    """Mark balances of some products as low, or no longer, after their rules changed; give what changed."""
    return await _marked(tx, _WRONG_BY_ID, list(products))


async def tell_anew(tx: Tx, store: UUID, products: Sequence[UUID]) -> None:
    """Mark and tell what a store may sell of some products after goods were blocked, reserved or given free.

    The caller holds their balances. Emits as tell() does.
    """
    rows = await tx.fetch(_THESE, tx.tenant, store, list(products))
    found = [_folded(row) for row in rows]
    await _mark(tx, [one for one, row in zip(found, rows, strict=True) if one.low is (row["low_since"] is None)])
    tell(tx, found, [one for one in found if one.became_low])


async def _marked(tx: Tx, sql: str, wanted: Sequence[object]) -> list[Folded]:
    crossed = [_folded(row) for row in await tx.fetch(sql, tx.tenant, wanted)]
    await _mark(tx, crossed)
    return crossed


def tell(tx: Tx, changed: Sequence[Folded], became_low: Sequence[Folded], *, by_rule: bool = False) -> None:
    """Emit StockChanged, once per store, and StockFellLow for each product that came down.

    `by_rule`: nothing has moved, reorder points were changed.
    """
    by_store: dict[UUID, list[dict[str, object]]] = {}
    for one in changed:
        level = {"product": str(one.product), "on_hand": _text(one.on_hand), "available": _text(one.available)}
        by_store.setdefault(one.store, []).append(level | {"low": one.low})
    for store, levels in by_store.items():
        tx.emit(StockChanged(store, levels, by_rule))
    for one in became_low:
        if one.low and one.reorder_point is not None:
            tx.emit(StockFellLow(one.store, one.product, one.available, one.reorder_point))


def _folded(row: Row) -> Folded:
    left = row["on_hand"] - row["blocked"] - row["reserved"]
    low = is_low(left, row["reorder_point"])
    became_low = low and row["low_since"] is None
    return Folded(row["store_id"], row["product_id"], row["on_hand"], low, became_low, row["reorder_point"], left)


def _text(quantity: Decimal) -> str:
    return quantity_text(to_milli(quantity))


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
