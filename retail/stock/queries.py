"""What the stores have; reads to plain values and frozen dataclasses, and the locks of the stock room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from retail.kit.errors import NotFound
from retail.runtime.db import Read, Tx
from retail.stock.errors import NotStocked
from retail.stock.rules import Move, names_in


@dataclass(frozen=True, slots=True)
class Level:
    """What a store has of a product, what a unit costs it (minor units, six decimals), and how it is counted."""

    store: UUID
    product: UUID
    on_hand: Decimal
    unit_cost: Decimal
    decimals: int = 3
    tracking: str = "none"

    @property
    def key(self) -> tuple[UUID, UUID]:
        """The balance's key within the tenant."""
        return self.store, self.product


# One statement, one snapshot: a fold moves a quantity from deltas to the balance in one commit, so no reader can
# see it twice or not at all.
_ON_HAND = """
SELECT u.product_id,
       coalesce((SELECT b.on_hand FROM stock_balance b
                  WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = u.product_id), 0)
     + coalesce((SELECT sum(d.quantity) FROM stock_delta d
                  WHERE d.tenant_id = $1 AND d.store_id = $2 AND d.product_id = u.product_id), 0) AS on_hand
  FROM unnest($3::uuid[]) AS u (product_id)
"""

_HELD_AT = """
SELECT u.product_id,
       coalesce((SELECT b.on_hand FROM stock_balance b
                  WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = u.product_id), 0)
     + coalesce((SELECT sum(d.quantity) FROM stock_delta d
                  WHERE d.tenant_id = $1 AND d.store_id = $2 AND d.product_id = u.product_id), 0)
     - coalesce((SELECT sum(m.quantity) FROM stock_move m
                  WHERE m.tenant_id = $1 AND m.store_id = $2 AND m.product_id = u.product_id
                    AND m.occurred_at > u.at), 0) AS held
  FROM unnest($3::uuid[], $4::timestamptz[]) AS u (product_id, at)
"""

_UNIT_COSTS = """
SELECT p.id, coalesce(b.unit_cost, p.unit_cost) AS unit_cost
  FROM unnest($3::uuid[]) AS u (product_id)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id
  LEFT JOIN stock_balance b ON b.tenant_id = $1 AND b.store_id = $2 AND b.product_id = p.id
"""

# Balances that aren't there yet are made, so that there is always a row to lock; in the order of their keys.
_MAKE = """
INSERT INTO stock_balance (tenant_id, store_id, product_id, on_hand, unit_cost, worth, updated_at)
SELECT $1, s.id, p.id, 0, p.unit_cost, 0, $2
  FROM unnest($3::uuid[], $4::uuid[]) AS u (store_id, product_id)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.product_id
  JOIN store s ON s.tenant_id = $1 AND s.id = u.store_id
 ORDER BY s.id, p.id
ON CONFLICT DO NOTHING
"""

_LOCK = """
SELECT b.store_id, b.product_id, p.kind, p.decimals, p.tracking
  FROM stock_balance b
 CROSS JOIN LATERAL (SELECT a.kind, a.decimals, a.tracking FROM product a
                      WHERE a.tenant_id = $1 AND a.id = b.product_id OFFSET 0) p
  JOIN unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
    ON b.store_id = u.store_id AND b.product_id = u.product_id
 WHERE b.tenant_id = $1 ORDER BY b.store_id, b.product_id FOR UPDATE OF b
"""

_LEVELS = """
SELECT b.store_id, b.product_id, b.unit_cost,
       b.on_hand + coalesce((SELECT sum(d.quantity) FROM stock_delta d
                              WHERE d.tenant_id = $1 AND d.store_id = b.store_id AND d.product_id = b.product_id), 0)
         AS on_hand
  FROM stock_balance b
  JOIN unnest($2::uuid[], $3::uuid[]) AS u (store_id, product_id)
    ON b.store_id = u.store_id AND b.product_id = u.product_id
 WHERE b.tenant_id = $1
"""

_MOVE_COLUMNS = "id, store_id, product_id, kind, quantity, unit_cost, reason, source_id, occurred_at, trace"


async def on_hand(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Tell what a store has of some products, exactly as of now; 0 for what never moved."""
    rows = await read.fetch(_ON_HAND, read.tenant, store, list(set(products)))
    return {row["product_id"]: row["on_hand"] for row in rows}


async def unit_costs(read: Read, store: UUID, products: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Tell what a unit costs a store, in minor units with six decimals: its moving average, else the listed cost.

    Unknown products are left out.
    """
    rows = await read.fetch(_UNIT_COSTS, read.tenant, store, list(set(products)))
    return {row["id"]: row["unit_cost"] for row in rows}


async def lock_levels(tx: Tx, keys: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Level]:
    """Lock the balances of (store, product) pairs, sorted, and tell what they hold. Raises NotFound, NotStocked.

    What is on hand is read by a statement of its own, after the locks: one statement would still see the world of
    before it waited. Makes balances that are missing.
    """
    wanted = sorted(set(keys))
    stores, products = [store for store, _product in wanted], [product for _store, product in wanted]
    await tx.execute(_MAKE, tx.tenant, tx.now, stores, products)
    locked = await tx.fetch(_LOCK, tx.tenant, stores, products)
    if len(locked) != len(wanted):
        raise NotFound("product")
    for row in locked:
        if row["kind"] != "goods":
            raise NotStocked(row["product_id"])
    rows = await tx.fetch(_LEVELS, tx.tenant, stores, products)
    counted = {row["product_id"]: (row["decimals"], row["tracking"]) for row in locked}
    return {
        (row["store_id"], row["product_id"]): Level(
            row["store_id"], row["product_id"], row["on_hand"], row["unit_cost"], *counted[row["product_id"]]
        )
        for row in rows
    }


async def held_at(read: Read, store: UUID, moments: Mapping[UUID, datetime]) -> dict[UUID, Decimal]:
    """Tell what a store had of each product at a moment of its own; 0 for what never moved.

    One statement, one snapshot: what is sold while this is asked for is in what is on hand and in what moved since, or
    in neither.
    """
    rows = await read.fetch(_HELD_AT, read.tenant, store, list(moments), list(moments.values()))
    return {row["product_id"]: row["held"] for row in rows}


async def named_of(read: Read, source: UUID) -> dict[UUID, list[str]]:
    """List the lots and pieces that a document named, by product."""
    rows = await read.fetch(
        "SELECT product_id, trace FROM stock_move WHERE tenant_id = $1 AND source_id = $2 AND trace <> '' ORDER BY id",
        read.tenant,
        source,
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row["product_id"], []).extend(names_in(row["trace"]))
    return found


async def is_recorded(read: Read, source: UUID) -> bool:
    """Tell whether a document has moved stock already."""
    return bool(
        await read.fetchval(
            "SELECT EXISTS (SELECT FROM stock_move WHERE tenant_id = $1 AND source_id = $2)", read.tenant, source
        )
    )


async def moves_of(read: Read, source: UUID) -> list[Move]:
    """List the moves of a document, in the order they were made."""
    rows = await read.fetch(
        f"SELECT {_MOVE_COLUMNS} FROM stock_move WHERE tenant_id = $1 AND source_id = $2 ORDER BY id",  # noqa: S608
        read.tenant,
        source,
    )
    return [Move(*row) for row in rows]
