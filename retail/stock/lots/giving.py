"""Writing what lots got: their moves, their balances, and what is left without a lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.kit.quantity import from_milli, to_milli
from retail.runtime.db import Read, Tx
from retail.stock.lots.rules import Drop, Share, Shelf, Standing, spread
from retail.stock.rules import TRACE_MOST, Moved, names_in

Key = tuple[UUID, UUID]

_MEET: Final = """
INSERT INTO lot (tenant_id, id, product_id, code, created_at)
SELECT $1, u.id, u.product_id, u.code, $2 FROM unnest($3::uuid[], $4::uuid[], $5::text[]) AS u (id, product_id, code)
 ORDER BY u.product_id, u.code ON CONFLICT DO NOTHING
"""

_LOTS: Final = """
SELECT u.store_id, u.product_id, l.id, l.code, l.expires_on, l.received_at, b.on_hand
  FROM unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
  JOIN lot_balance b ON b.tenant_id = $1 AND b.store_id = u.store_id AND b.product_id = u.product_id AND b.on_hand <> 0
  JOIN lot l ON l.tenant_id = $1 AND l.id = b.lot_id
 UNION
SELECT u.store_id, u.product_id, l.id, l.code, l.expires_on, l.received_at, coalesce(b.on_hand, 0)
  FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS u (store_id, product_id, code)
  JOIN lot l ON l.tenant_id = $1 AND l.product_id = u.product_id AND l.code = u.code
  LEFT JOIN lot_balance b ON b.tenant_id = $1 AND b.store_id = u.store_id AND b.lot_id = l.id
"""

_UNNAMED: Final = """
SELECT t.store_id, t.product_id, t.unnamed FROM traced t
  JOIN unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
    ON t.store_id = u.store_id AND t.product_id = u.product_id
 WHERE t.tenant_id = $1
"""

_GIVE: Final = """
WITH given AS (
  INSERT INTO lot_move (tenant_id, id, store_id, product_id, lot_id, move_id, quantity, reason, actor_name, at)
  SELECT $1, u.id, u.store_id, u.product_id, u.lot_id, u.move_id, u.quantity, u.reason, u.actor_name, u.at
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::numeric[], $8::text[], $9::text[],
                $10::timestamptz[])
         AS u (id, store_id, product_id, lot_id, move_id, quantity, reason, actor_name, at)
  RETURNING store_id, product_id, lot_id, quantity)
INSERT INTO lot_balance AS b (tenant_id, store_id, lot_id, product_id, on_hand)
SELECT $1, g.store_id, g.lot_id, g.product_id, sum(g.quantity) FROM given g GROUP BY 2, 3, 4 ORDER BY 2, 3
ON CONFLICT (tenant_id, store_id, lot_id) DO UPDATE SET on_hand = b.on_hand + excluded.on_hand
"""

_LEAVE: Final = """
UPDATE traced t SET unnamed = u.unnamed
  FROM unnest($2::uuid[], $3::uuid[], $4::numeric[]) AS u (store_id, product_id, unnamed)
 WHERE t.tenant_id = $1 AND t.store_id = u.store_id AND t.product_id = u.product_id
"""


async def give_to_lots(tx: Tx, moved: Mapping[Key, Sequence[Moved]]) -> None:
    """Give moves to lots; a lot that nobody knew is made: it was seen. The balances of all keys are held."""
    if not moved:
        return
    seen = {(product, _code(one)): None for (_store, product), moves in moved.items() for one in moves if one.trace}
    if seen:
        ids = [new_id() for _one in seen]
        await tx.execute(_MEET, tx.tenant, tx.now, ids, [product for product, _ in seen], [code for _, code in seen])
    on_shelf = await shelves(tx, {key: [_code(one) for one in moves if one.trace] for key, moves in moved.items()})
    rows: list[tuple[Key, Moved, Share]] = []
    left: dict[Key, int] = {}
    for key, moves in moved.items():
        drops = [Drop(to_milli(one.quantity), _code(one), one.at.date(), one.kind == "waste") for one in moves]
        given, shelf = spread(on_shelf[key], drops)
        rows += [(key, one, share) for one, shares in zip(moves, given, strict=True) for share in shares]
        if shelf.unnamed != on_shelf[key].unnamed:
            left[key] = shelf.unnamed
    await write_shares(tx, [row for row in rows if row[2][0] is not None], left)


def _code(move: Moved) -> str:
    """Give the lot's code that a move names; whatever else was written there, it is one lot."""
    return next(iter(names_in(move.trace)), "")[:TRACE_MOST]


async def write_shares(tx: Tx, rows: Sequence[tuple[Key, Moved, Share]], left: Mapping[Key, int]) -> None:
    """Write what lots got, and what is left without one where that changed (in thousandths)."""
    if rows:
        await tx.execute(
            _GIVE,
            tx.tenant,
            [new_id() for _row in rows],
            [key[0] for key, _move, _share in rows],
            [key[1] for key, _move, _share in rows],
            [share[0] for _key, _move, share in rows],
            [move.id for _key, move, _share in rows],
            [from_milli(share[1]) for _key, _move, share in rows],
            [move.reason for _key, move, _share in rows],
            [move.actor_name for _key, move, _share in rows],
            [move.at for _key, move, _share in rows],
        )
    if left:
        await tx.execute(
            _LEAVE,
            tx.tenant,
            [store for store, _product in left],
            [product for _store, product in left],
            [from_milli(milli) for milli in left.values()],
        )


async def shelves(read: Read, wanted: Mapping[Key, Sequence[str]]) -> dict[Key, Shelf]:
    """Tell what lies of which lot, by store and product; lots that are named are there even where nothing is left."""
    keys = sorted(wanted)
    stores, products = [store for store, _ in keys], [product for _, product in keys]
    named = [(*key, code) for key in keys for code in dict.fromkeys(wanted[key])]
    rows = await read.fetch(
        _LOTS,
        read.tenant,
        stores,
        products,
        [store for store, _, _ in named],
        [product for _, product, _ in named],
        [code for _, _, code in named],
    )
    lots: dict[Key, dict[UUID, Standing]] = {key: {} for key in keys}
    for store, product, id, code, expires_on, received_at, on_hand in rows:
        lots[store, product][id] = Standing(id, code, expires_on, received_at, to_milli(on_hand))
    unnamed = await read.fetch(_UNNAMED, read.tenant, stores, products)
    without = {(row["store_id"], row["product_id"]): to_milli(row["unnamed"]) for row in unnamed}
    return {key: Shelf(found, without.get(key, 0)) for key, found in lots.items()}
