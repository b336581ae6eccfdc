"""Keeping goods for somebody, giving them free again, and what a minute's job does with those whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import RESERVE_STOCK
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import enqueue, job
from retail.runtime.tenancy import Scope
from retail.stock.admitting import refuse_closed, refuse_parts
from retail.stock.events import StockReserved
from retail.stock.operations import tell_anew
from retail.stock.places.blocked import blocked
from retail.stock.queries import lock_levels
from retail.stock.reserving import queries
from retail.stock.reserving.errors import NotAvailable
from retail.stock.reserving.queries import ReservationFacts
from retail.stock.reserving.rules import ENDINGS, LONGEST, available

NOTE_MOST: Final = 200
JOB: Final = "stock.release_reservations"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be kept: a client-made id, how much of what where, until when, for whom (in words), by which order."""

    id: UUID
    store: UUID
    product: UUID
    quantity: Decimal
    expires_at: datetime
    note: str = ""
    source: UUID | None = None


async def reserve(tx: Tx, wish: Wish) -> ReservationFacts:
    """Keep goods for somebody until a moment; the same wish again gives the reservation of the first time.

    Locks the balance, so that reservations of a product in a store come one after the other; sales never wait for it.
    What isn't there is never promised, whatever the business lets tills sell. Raises NotAvailable, Invalid, NotFound,
    Forbidden, IdempotencyConflict. Emits StockReserved, StockChanged and StockFellLow: what is kept can't be sold.
    """
    tx.scope.require_in(RESERVE_STOCK, wish.store)
    return await keep_for(tx, wish)


async def keep_for(tx: Tx, wish: Wish) -> ReservationFacts:
    """Keep goods as reserve() does, for a feature that has looked at who may; `end_of` ends them. Raises as it."""
    _check(wish, tx.now)
    level = (await lock_levels(tx, [(wish.store, wish.product)]))[wish.store, wish.product]
    before = await tx.fetchrow(
        "SELECT store_id, product_id, quantity FROM reservation WHERE tenant_id = $1 AND id = $2", tx.tenant, wish.id
    )
    if before is not None:
        if (before["store_id"], before["product_id"], before["quantity"]) != (wish.store, wish.product, wish.quantity):
            raise IdempotencyConflict
        return await queries.reservation(tx, wish.id)
    await refuse_closed(tx, wish.store)
    refuse_parts({level.key: level}, wish.store, [(wish.product, wish.quantity)])
    kept = (await queries.reserved(tx, wish.store, [wish.product]))[wish.product]
    left = available(level.on_hand - (await blocked(tx, wish.store, [wish.product]))[wish.product], kept)
    if left < wish.quantity:
        raise NotAvailable(wish.product, left, kept, wish.quantity)
    await tx.execute(
        """INSERT INTO reservation (tenant_id, id, store_id, product_id, quantity, note, source_id, expires_at,
                                    created_at, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        tx.tenant, wish.id, wish.store, wish.product, wish.quantity, wish.note, wish.source, wish.expires_at, tx.now,
        tx.actor.name,
    )  # fmt: skip
    await enqueue(tx, JOB, run_after=wish.expires_at)
    tx.audit(
        "stock.reserved", "product", wish.product, reservation=wish.id, store=wish.store, quantity=wish.quantity,
        expires_at=wish.expires_at,
    )  # fmt: skip
    await tell_anew(tx, wish.store, [wish.product])
    tx.emit(StockReserved(wish.store, [str(wish.product)]))
    return await queries.reservation(tx, wish.id)


async def prolong(tx: Tx, id: UUID, expires_at: datetime) -> ReservationFacts:
    """Keep the goods until another moment. Raises NotFound, Forbidden, Invalid for one that has ended."""
    facts = await _hold(tx, id)
    if not facts.live(tx.now):
        raise Invalid({"expires_at": [_("This reservation is over. Reserve the goods again.")]})
    _check_until(expires_at, tx.now)
    await tx.execute(
        "UPDATE reservation SET expires_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, expires_at
    )
    await enqueue(tx, JOB, run_after=expires_at)
    tx.audit(
        "stock.reservation_prolonged", "product", facts.product, reservation=id,
        before={"expires_at": facts.expires_at}, after={"expires_at": expires_at},
    )  # fmt: skip
    return await queries.reservation(tx, id)


async def release(tx: Tx, id: UUID, ending: str = "released") -> ReservationFacts:
    """Give the goods free again, or note that they were fetched ("used"); one that has ended stays as it ended.

    Locks the reservation, then the balance. Raises NotFound, Forbidden, Invalid. Emits StockReserved, StockChanged.
    """
    if ending not in ENDINGS:
        raise Invalid({"ending": [_("A reservation is released, or used.")]})
    facts = await _hold(tx, id)
    if facts.ending is None:
        await tx.execute(
            "UPDATE reservation SET released_at = $3, ending = $4 WHERE tenant_id = $1 AND id = $2",
            tx.tenant, id, tx.now, ending,
        )  # fmt: skip
        tx.audit("stock.reservation_ended", "product", facts.product, reservation=id, ending=ending)
        await _tell_free(tx, facts.store, [facts.product])
    return await queries.reservation(tx, id)


async def end_of(tx: Tx, source: UUID, ending: str) -> None:
    """End all live reservations of a source: its goods were fetched ("used"), or are free again ("released").

    Locks them, then their balances. Emits StockReserved, StockChanged.
    """
    rows = await tx.fetch(
        """WITH live AS (
             SELECT id FROM reservation WHERE tenant_id = $1 AND source_id = $2 AND released_at IS NULL
              ORDER BY id FOR UPDATE)
           UPDATE reservation r SET released_at = $3, ending = $4 FROM live
            WHERE r.tenant_id = $1 AND r.id = live.id RETURNING r.id, r.store_id, r.product_id""",
        tx.tenant, source, tx.now, ending,
    )  # fmt: skip
    for row in rows:
        tx.audit("stock.reservation_ended", "product", row["product_id"], reservation=row["id"], ending=ending)
    for store in sorted({row["store_id"] for row in rows}):
        await _tell_free(tx, store, [row["product_id"] for row in rows if row["store_id"] == store])


async def prolong_of(tx: Tx, source: UUID, expires_at: datetime) -> int:
    """Keep the live reservations of a source until another moment; gives how many that is about."""
    rows = await tx.fetch(
        """WITH live AS (
             SELECT id, expires_at FROM reservation
              WHERE tenant_id = $1 AND source_id = $2 AND released_at IS NULL AND expires_at <> $3
              ORDER BY id FOR UPDATE)
           UPDATE reservation r SET expires_at = $3 FROM live
            WHERE r.tenant_id = $1 AND r.id = live.id RETURNING r.id, r.product_id, live.expires_at AS before""",
        tx.tenant, source, expires_at,
    )  # fmt: skip
    for row in rows:
        tx.audit(
            "stock.reservation_prolonged", "product", row["product_id"], reservation=row["id"],
            before={"expires_at": row["before"]}, after={"expires_at": expires_at},
        )  # fmt: skip
    if rows:
        await enqueue(tx, JOB, run_after=expires_at)
    return len(rows)


async def release_due(tx: Tx) -> int:
    """End the reservations whose time is over; gives how many. They count for nothing since that moment anyway."""
    rows = await tx.fetch(
        """WITH due AS (
             SELECT id FROM reservation WHERE tenant_id = $1 AND released_at IS NULL AND expires_at <= $2
              ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
           UPDATE reservation r SET released_at = $2, ending = 'expired' FROM due
            WHERE r.tenant_id = $1 AND r.id = due.id RETURNING r.id, r.store_id, r.product_id""",
        tx.tenant,
        tx.now,
    )
    by_store: dict[UUID, dict[UUID, None]] = {}
    for row in rows:
        tx.audit("stock.reservation_ended", "product", row["product_id"], reservation=row["id"], ending="expired")
        by_store.setdefault(row["store_id"], {})[row["product_id"]] = None
    for store in sorted(by_store):
        await _tell_free(tx, store, list(by_store[store]))
    return len(rows)


@job(JOB)
async def release_when_due(db: Database, scope: Scope) -> None:
    """End what is due; reservations bring this job along, for the moment that they last until."""
    while await db.run(scope, release_due):
        pass


async def _tell_free(tx: Tx, store: UUID, products: Sequence[UUID]) -> None:
    """Tell that what was kept is free; holds the balances, so that no fold marks them by what was before."""
    await tx.fetch(
        """SELECT 1 FROM stock_balance WHERE tenant_id = $1 AND store_id = $2 AND product_id = ANY($3::uuid[])
            ORDER BY product_id FOR UPDATE""",
        tx.tenant,
        store,
        list(products),
    )
    await tell_anew(tx, store, products)
    tx.emit(StockReserved(store, [str(one) for one in products]))


async def _hold(tx: Tx, id: UUID) -> ReservationFacts:
    await tx.fetchval("SELECT 1 FROM reservation WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    facts = await queries.reservation(tx, id)
    tx.scope.require_in(RESERVE_STOCK, facts.store)
    return facts


def _check(wish: Wish, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    if wish.quantity <= 0:
        errors["quantity"] = [_("Type a quantity above zero.")]
    if len(wish.note) > NOTE_MOST:
        errors["note"] = [_("Use at most 200 letters.")]
    if errors:
        raise Invalid(errors)
    _check_until(wish.expires_at, now)


def _check_until(expires_at: datetime, now: datetime) -> None:
    if expires_at <= now:
        raise Invalid({"expires_at": [_("Pick a moment that is still to come.")]})
    if expires_at > now + LONGEST:
        raise Invalid({"expires_at": [_("A reservation lasts a year at most.")]})
