"""What a fold leaves with lots and serial numbers: each quantity that came into a balance is given to them here.

Whoever changes `traced`, `lot_balance` or the pieces of a store holds the balance of that store and product, so all of
it happens one after the other, and no sale waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.runtime.db import Tx
from retail.stock.lots.giving import give_to_lots
from retail.stock.rules import Moved
from retail.stock.serials.marking import mark_pieces

_BOOKS: Final = """
SELECT u.store_id, u.product_id, p.tracking, t.tracking AS kept
  FROM unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
 CROSS JOIN LATERAL (SELECT a.tracking FROM product a WHERE a.tenant_id = $1 AND a.id = u.product_id OFFSET 0) p
  LEFT JOIN traced t ON t.tenant_id = $1 AND t.store_id = u.store_id AND t.product_id = u.product_id
 WHERE p.tracking <> 'none' OR t.product_id IS NOT NULL
"""

# What there was before, less what lots and numbers of an earlier time still hold.
_OPEN: Final = """
INSERT INTO traced AS t (tenant_id, store_id, product_id, tracking, unnamed, since)
SELECT $1, u.store_id, u.product_id, u.tracking,
       u.on_hand - CASE u.tracking
         WHEN 'lot' THEN coalesce((SELECT sum(b.on_hand) FROM lot_balance b
                                    WHERE b.tenant_id = $1 AND b.store_id = u.store_id
                                      AND b.product_id = u.product_id AND b.on_hand <> 0), 0)
         ELSE (SELECT count(*) FROM serial s
                WHERE s.tenant_id = $1 AND s.store_id = u.store_id AND s.product_id = u.product_id
                  AND s.state IN ('in_stock', 'returned')) END,
       $2
  FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::numeric[]) AS u (store_id, product_id, tracking, on_hand)
ON CONFLICT (tenant_id, store_id, product_id)
DO UPDATE SET tracking = excluded.tracking, unnamed = excluded.unnamed, since = excluded.since
"""

_MOVED: Final = """
SELECT m.id, m.store_id, m.product_id, m.kind, m.quantity, m.trace, m.source_id, m.reason, m.actor_name, m.occurred_at
  FROM stock_move m WHERE m.tenant_id = $1 AND m.id = ANY($2::uuid[]) ORDER BY m.occurred_at, m.id
"""

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Entered:
    """What came into a balance: how much in all, what the balance is now, and the moves it is made of.

    `moves` None: the product was not followed when the fold began, and is now.
    """

    store: UUID
    product: UUID
    quantity: Decimal
    on_hand: Decimal
    moves: Sequence[UUID] | None


async def follow(tx: Tx, entered: Sequence[Entered]) -> None:
    """Give what was folded to the lots and numbers of the products that have them.

    Asks by a statement of its own, after the fold's: who began to follow a product while the fold waited is seen.
    """
    if not entered:
        return
    tracked = await _books(tx, {(one.store, one.product): one.on_hand - one.quantity for one in entered})
    if not tracked:
        return
    followed = [one for one in entered if (one.store, one.product) in tracked]
    rows = await tx.fetch(_MOVED, tx.tenant, [id for one in followed for id in one.moves or ()])
    moved = [Moved(*row) for row in rows]
    moved += [
        Moved(None, one.store, one.product, "", one.quantity, "", None, "", tx.actor.name, tx.now)
        for one in followed
        if one.moves is None
    ]
    by_tracking: dict[str, dict[Key, list[Moved]]] = {"lot": {}, "serial": {}}
    for one in moved:
        key = one.store, one.product
        by_tracking[tracked[key]].setdefault(key, []).append(one)
    await give_to_lots(tx, by_tracking["lot"])
    await mark_pieces(tx, by_tracking["serial"])


async def begin_to_follow(tx: Tx, store: UUID, products: Sequence[UUID]) -> dict[UUID, str]:
    """Say how each product is followed, "lot" or "serial", from here on; others are left out.

    The caller holds their balances. Called before lots are filled or numbers are added, so that what was there before
    is known as goods without either.
    """
    rows = await tx.fetch(
        "SELECT product_id, on_hand FROM stock_balance"
        " WHERE tenant_id = $1 AND store_id = $2 AND product_id = ANY($3::uuid[])",
        tx.tenant,
        store,
        list(products),
    )
    tracked = await _books(tx, {(store, row["product_id"]): row["on_hand"] for row in rows})
    return {product: tracking for (_store, product), tracking in tracked.items()}


async def _books(tx: Tx, before: dict[Key, Decimal]) -> dict[Key, str]:
    """Open the book of what is followed newly, close that of what no longer is; give the tracking of the rest."""
    keys = sorted(before)
    rows = await tx.fetch(_BOOKS, tx.tenant, [store for store, _ in keys], [product for _, product in keys])
    new = [row for row in rows if row["tracking"] not in {"none", row["kept"]}]
    if new:
        await tx.execute(
            _OPEN,
            tx.tenant,
            tx.now,
            [row["store_id"] for row in new],
            [row["product_id"] for row in new],
            [row["tracking"] for row in new],
            [before[row["store_id"], row["product_id"]] for row in new],
        )
    over = [row for row in rows if row["tracking"] == "none"]
    if over:
        await tx.execute(
            """DELETE FROM traced t USING unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
                WHERE t.tenant_id = $1 AND t.store_id = u.store_id AND t.product_id = u.product_id""",
            tx.tenant,
            [row["store_id"] for row in over],
            [row["product_id"] for row in over],
        )
    return {(row["store_id"], row["product_id"]): row["tracking"] for row in rows if row["tracking"] != "none"}
