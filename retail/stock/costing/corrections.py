"""What a receipt really cost, learnt later: today's revaluation of what is still here, and a cost of what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import MOVE_STOCK, VIEW_COSTS
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.kit.quantity import to_milli
from retail.kit.text import _
from retail.ledger import Entry, Posting, post
from retail.ledger.queries import place
from retail.runtime.db import Read, Tx
from retail.stock import queries
from retail.stock.costing import settling
from retail.stock.costing.rules import FIFO, NANO, Correction, Layer, Pool, corrected, next_cost, opened
from retail.stock.operations import fold_these
from retail.stock.rules import counterpart

COST_MOST: Final = Decimal(10) ** 12
REASON_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """A move that brought goods, and the unit cost it has now: its own, or that of its latest correction."""

    move: UUID
    store: UUID
    product: UUID
    kind: str
    quantity: Decimal
    unit_cost: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did, in minor units: to the stock, and to what is gone already."""

    stock_minor: int
    gone_minor: int


async def receipt(read: Read, move: UUID) -> Receipt:
    """Give a move that brought goods in from outside. Raises NotFound."""
    row = await read.fetchrow(
        """SELECT m.id, m.store_id, m.product_id, m.kind, m.quantity,
                  coalesce((SELECT r.unit_cost FROM stock_revaluation r
                             WHERE r.tenant_id = $1 AND r.move_id = m.id ORDER BY r.id DESC LIMIT 1), m.unit_cost),
                  m.reason
             FROM stock_move m
            WHERE m.tenant_id = $1 AND m.id = $2 AND m.kind IN ('opening', 'receipt') AND m.quantity > 0""",
        read.tenant,
        move,
    )
    if row is None:
        raise NotFound("receipt")
    return Receipt(*row)


async def correct_cost(tx: Tx, move: UUID, cost: Decimal, reason: str) -> Corrected:
    """Say what a unit of a receipt really cost, in minor units; nothing that was recorded is rewritten.

    What of it is still here is worth the new cost from now on; the difference of what is gone goes to cost differences;
    both are posted today against what the receipt was posted to. Locks the balance. Raises NotFound, Invalid,
    Forbidden.
    """
    known = await receipt(tx, move)
    tx.scope.require_in(MOVE_STOCK, known.store)
    tx.scope.require_in(VIEW_COSTS, known.store)
    key = known.store, known.product
    await queries.lock_levels(tx, [key])
    await fold_these(tx, [key])
    known = await receipt(tx, move)  # nobody else corrects it from here on
    _check(known, cost, reason)
    level = (await queries.lock_levels(tx, [key]))[key]
    layers = await settling.layers_of(tx, key)
    method = await settling.method_of(tx)
    row = await tx.fetchrow(
        "SELECT worth FROM stock_balance WHERE tenant_id = $1 AND store_id = $2 AND product_id = $3", tx.tenant, *key
    )
    worth = settling.nano(row["worth"]) if row else 0
    before = Pool(to_milli(level.on_hand), settling.micros(level.unit_cost), worth, layers)
    if method == FIFO:
        before = replace(before, layers=tuple(opened(before)))
    split = _split(known, before, cost, method)
    pool, stays = _after(before, split, move, method)
    if layers or pool.layers:
        await settling.replace_layers(tx, key, pool.layers)
    await settling.write_pools(tx, {key: pool})
    whole = mul_div(split.here + split.gone, 1, NANO)
    done = Corrected(mul_div(stays, 1, NANO), whole - mul_div(stays, 1, NANO))
    await _record(tx, replace(known, reason=reason), cost, stays, done)
    return done


def _check(known: Receipt, cost: Decimal, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 <= cost < COST_MOST or cost.scaleb(6) % 1:
        errors["unit_cost"] = [_("Type what one unit costs, like 0.8433.")]
    elif cost == known.unit_cost:
        errors["unit_cost"] = [_("That is the cost it has already. Type the one on the bill.")]
    if not reason or len(reason) > REASON_MOST:
        errors["reason"] = [_("Say in a few words why.")]
    if errors:
        raise Invalid(errors)


def _split(known: Receipt, pool: Pool, cost: Decimal, method: str) -> Correction:
    """Tell what of a receipt is here and what is gone; `pool` has its layers where they are kept.

    By layers its own says what is left of it. What was there when layers began is one layer, the oldest and of no
    receipt: an older receipt is taken to be in it, as on average it is taken to be in all that is there.
    """
    here = sum(one.milli for one in _of_receipt(pool.layers, known.move)) if method == FIFO else pool.milli
    return corrected(to_milli(known.quantity), here, settling.micros(known.unit_cost), settling.micros(cost))


def _of_receipt(layers: Sequence[Layer], move: UUID) -> list[Layer]:
    there = [one for one in layers if one.milli > 0]
    return [one for one in there if one.move == move] or [one for one in there if one.move is None]


def _after(pool: Pool, split: Correction, move: UUID, method: str) -> tuple[Pool, int]:
    """Give the pool with the new cost, and by how much it is worth more than before."""
    if pool.milli <= 0:
        return pool, 0
    if method != FIFO:
        micros = max(mul_div(pool.nano + split.here, 1, pool.milli), 0)
        after = Pool(pool.milli, micros, pool.milli * micros)
        return after, after.nano - pool.nano
    dearer = _of_receipt(pool.layers, move)
    by = mul_div(split.here, 1, sum(one.milli for one in dearer)) if dearer else 0
    layers = tuple(replace(one, micros=max(one.micros + by, 0)) if one in dearer else one for one in pool.layers)
    nano = sum(one.nano for one in layers)
    return Pool(pool.milli, next_cost(layers, pool.micros), nano, layers), nano - pool.nano


async def _record(tx: Tx, known: Receipt, cost: Decimal, stays: int, done: Corrected) -> None:
    id, reason = new_id(), known.reason
    await tx.execute(
        """INSERT INTO stock_revaluation (tenant_id, id, store_id, product_id, cause, amount, posted_minor, move_id,
                                          unit_cost, reason, actor_name, occurred_at)
           VALUES ($1, $2, $3, $4, 'corrected', $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant, id, known.store, known.product, settling.exact(stays), done.stock_minor, known.move, cost, reason,
        tx.actor.name, tx.now,
    )  # fmt: skip
    tx.audit(
        "stock.cost_corrected", "product", known.product, store=known.store, move=known.move, reason=reason,
        before={"unit_cost": known.unit_cost}, after={"unit_cost": cost}, gone_minor=done.gone_minor,
    )  # fmt: skip
    whole = done.stock_minor + done.gone_minor
    if not (done.stock_minor or done.gone_minor):
        return
    books = await place(tx, known.store)
    postings = (
        Posting("stock", done.stock_minor),
        Posting("cost_difference", done.gone_minor),
        Posting(counterpart(known.kind) or "goods_received", -whole),
    )
    day = books.business_date(tx.now)
    await post(
        tx, [Entry(new_id(), known.store, "stock_revaluation", id, tx.now, day, books.currency, reason, postings)]
    )
