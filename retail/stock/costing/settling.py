"""What a fold does about costs: pools are brought up to date, and what differs is posted as a revaluation of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.kit.quantity import from_milli, to_milli
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import place
from retail.runtime.db import Read, Row, Tx
from retail.stock.costing.rules import FIFO, Flow, Layer, Pool, Settled, rounded, settled

Key = tuple[UUID, UUID]

_LAYERS: Final = """
SELECT store_id, product_id, move_id, quantity, unit_cost FROM cost_layer
 WHERE tenant_id = $1 AND (store_id, product_id) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[]))
 ORDER BY store_id, product_id, place
"""
_WRITE: Final = """
UPDATE stock_balance b SET unit_cost = u.unit_cost, worth = u.worth
  FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[]) AS u (store_id, product_id, unit_cost, worth)
 WHERE b.tenant_id = $1 AND b.store_id = u.store_id AND b.product_id = u.product_id
"""
_REVALUE: Final = """
INSERT INTO stock_revaluation (tenant_id, id, store_id, product_id, cause, amount, posted_minor, reason, actor_name,
                               occurred_at)
SELECT $1, u.id, u.store_id, u.product_id, 'fold', u.amount, u.posted, '', $2, $3
  FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::numeric[], $8::bigint[])
       AS u (id, store_id, product_id, amount, posted)
"""


def nano(exact: Decimal) -> int:
    """Turn a worth with nine decimals into whole billionths."""
    sign, digits, exponent = exact.as_tuple()
    value = int("".join(map(str, digits)) or "0")
    shift = int(exponent) + 9
    value = value * int(10**shift) if shift >= 0 else value // int(10**-shift)
    return -value if sign else value


def exact(nanos: int) -> Decimal:
    """Turn whole billionths into a worth; no digit is lost, whatever the context's precision."""
    return Decimal((int(nanos < 0), tuple(map(int, str(abs(nanos)))), -9))


def micros(unit_cost: Decimal) -> int:
    """Turn a unit cost into millionths of a minor unit."""
    return int(unit_cost.scaleb(6))


def unit_cost(of_micros: int) -> Decimal:
    """Turn millionths into a unit cost."""
    return Decimal(of_micros).scaleb(-6)


async def settle(tx: Tx, rows: Sequence[Row]) -> None:
    """Bring the costs of folded balances up to date; rows as the fold gives them, their balances locked.

    A row without `quantities` moved at the cost its balance already has: nothing is left to do for it.
    """
    odd = [row for row in rows if row["quantities"] is not None]
    if not odd:
        return
    method = odd[0]["costing"]
    held = await _layers(tx, [(row["store_id"], row["product_id"]) for row in odd])
    done: dict[Key, Settled] = {}
    for row in odd:
        key = row["store_id"], row["product_id"]
        done[key] = _settled(method, row, held.get(key, ()))
    await _keep_layers(tx, {key: one.pool.layers for key, one in done.items() if one.pool.layers or key in held})
    await write_pools(tx, {key: one.pool for key, one in done.items()})
    await _revalue(tx, {key: one.revaluation for key, one in done.items() if one.revaluation})


def _settled(method: str, row: Row, layers: tuple[Layer, ...]) -> Settled:
    flows = [
        Flow(to_milli(quantity), micros(cost), move)
        for quantity, cost, move in zip(row["quantities"], row["costs"], row["ids"], strict=True)
    ]
    moved, brought = sum(flow.milli for flow in flows), sum(flow.nano for flow in flows)
    before = Pool(to_milli(row["on_hand"]) - moved, micros(row["unit_cost"]), nano(row["worth"]) - brought, layers)
    return settled(method, before, flows)


async def layers_of(tx: Tx, key: Key) -> tuple[Layer, ...]:
    """Give the layers of a balance that the caller has locked, oldest first."""
    return (await _layers(tx, [key])).get(key, ())


async def pools(tx: Tx, levels: Mapping[Key, tuple[Decimal, Decimal]]) -> dict[Key, Pool]:
    """Give pools of balances that the caller has locked and folded; `levels` are (on hand, unit cost) by key."""
    held = await _layers(tx, list(levels))
    return {
        key: Pool(to_milli(on_hand), micros(cost), to_milli(on_hand) * micros(cost), held.get(key, ()))
        for key, (on_hand, cost) in levels.items()
    }


async def method_of(read: Read) -> str:
    """Tell how this business values its stock."""
    found = await read.fetchval(
        "SELECT value #>> '{}' FROM setting WHERE tenant_id = $1 AND store_id IS NULL AND key = 'costing'", read.tenant
    )
    return str(found or "average")


async def _layers(tx: Tx, keys: Sequence[Key]) -> dict[Key, tuple[Layer, ...]]:
    rows = await tx.fetch(_LAYERS, tx.tenant, [store for store, _one in keys], [product for _one, product in keys])
    found: defaultdict[Key, list[Layer]] = defaultdict(list)
    for row in rows:
        layer = Layer(to_milli(row["quantity"]), micros(row["unit_cost"]), row["move_id"])
        found[row["store_id"], row["product_id"]].append(layer)
    return {key: tuple(layers) for key, layers in found.items()}


async def _keep_layers(tx: Tx, kept: Mapping[Key, Sequence[Layer]]) -> None:
    """Put layers in the place of those before; the balances' locks keep others away."""
    if not kept:
        return
    await tx.execute(
        """DELETE FROM cost_layer WHERE tenant_id = $1
              AND (store_id, product_id) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[]))""",
        tx.tenant,
        [store for store, _one in kept],
        [product for _one, product in kept],
    )
    lines = [(key, at, layer) for key, layers in kept.items() for at, layer in enumerate(layers, 1)]
    await tx.execute(
        """INSERT INTO cost_layer (tenant_id, id, store_id, product_id, place, move_id, quantity, unit_cost)
           SELECT $1, u.* FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::numeric[],
                                      $8::numeric[]) AS u""",
        tx.tenant,
        [new_id() for _one in lines],
        [key[0] for key, _at, _layer in lines],
        [key[1] for key, _at, _layer in lines],
        [at for _key, at, _layer in lines],
        [layer.move for _key, _at, layer in lines],
        [from_milli(layer.milli) for _key, _at, layer in lines],
        [unit_cost(layer.micros) for _key, _at, layer in lines],
    )


async def replace_layers(tx: Tx, key: Key, layers: Sequence[Layer]) -> None:
    """Write the layers of one balance that the caller has locked."""
    await _keep_layers(tx, {key: layers})


async def write_pools(tx: Tx, done: Mapping[Key, Pool]) -> None:
    """Write what balances cost and are worth; the caller has locked them."""
    await tx.execute(
        _WRITE,
        tx.tenant,
        [store for store, _one in done],
        [product for _one, product in done],
        [unit_cost(pool.micros) for pool in done.values()],
        [exact(pool.nano) for pool in done.values()],
    )


async def _revalue(tx: Tx, amounts: Mapping[Key, int]) -> None:
    """Record what balances became worth beyond their moves, and post it, one entry per store."""
    by_store: defaultdict[UUID, list[tuple[UUID, UUID, int]]] = defaultdict(list)
    for (store, product), amount in sorted(amounts.items()):
        by_store[store].append((new_id(), product, amount))
    for store, lines in by_store.items():
        posted = rounded([amount for _id, _product, amount in lines])
        await tx.execute(
            _REVALUE,
            tx.tenant,
            tx.actor.name,
            tx.now,
            [id for id, _product, _amount in lines],
            [store] * len(lines),
            [product for _id, product, _amount in lines],
            [exact(amount) for _id, _product, amount in lines],
            posted,
        )
        await post_difference(tx, store, lines[0][0], sum(posted))


async def post_difference(tx: Tx, store: UUID, source: UUID, amount: int) -> None:
    """Post a revaluation of a store's stock against cost differences; `source` is its row. Zero posts nothing."""
    if not amount:
        return
    books = await place(tx, store)
    postings = (Posting("stock", amount), Posting("cost_difference", -amount))
    day = books.business_date(tx.now)
    await post(tx, [Entry(new_id(), store, "stock_revaluation", source, tx.now, day, books.currency, "", postings)])


__all__ = [
    "FIFO",
    "Key",
    "exact",
    "layers_of",
    "method_of",
    "micros",
    "nano",
    "pools",
    "post_difference",
    "replace_layers",
    "settle",
    "unit_cost",
    "write_pools",
]
