"""Receiving into lots, naming goods without one, writing off what has expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from babel.dates import format_date

from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.quantity import from_milli, quantity_text, to_milli
from retail.kit.text import _, dates_of
from retail.runtime.db import Tx
from retail.stock import stockroom
from retail.stock.following import begin_to_follow
from retail.stock.lots.giving import shelves, write_shares
from retail.stock.lots.rules import Share
from retail.stock.queries import is_recorded, lock_levels, moves_of
from retail.stock.rules import Arrival, Document, Move, Moved, Taken
from retail.tenants.queries import this_tenant

CODE_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods of one lot that arrive; `unit_cost` in minor units with six decimals."""

    product: UUID
    quantity: Decimal
    unit_cost: Decimal
    code: str
    expires_on: date | None


async def receive_lot(tx: Tx, document: Document, delivery: Delivery) -> list[Move]:
    """Put goods of a lot on the shelf as a receipt; a known lot gets more, its date must be the same.

    Raises Invalid, NotFound, Forbidden, IdempotencyConflict.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    await lock_levels(tx, [(document.store, delivery.product)])
    tracked = await begin_to_follow(tx, document.store, [delivery.product])
    if tracked.get(delivery.product) != "lot":
        raise Invalid({"code": [_("This product isn't followed by lot. Switch that on at the product first.")]})
    await _meet(tx, delivery)
    arrival = Arrival(delivery.product, delivery.quantity, delivery.unit_cost, delivery.code)
    return await stockroom.receive(tx, document, [arrival])


async def write_off(tx: Tx, document: Document, lot: UUID, quantity: Decimal | None = None) -> list[Move]:
    """Throw goods of a lot away, all of it that the document's store has where no quantity is told; posts to waste.

    Raises Invalid, NotFound, Forbidden, NotEnoughStock.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    row = await tx.fetchrow("SELECT product_id, code FROM lot WHERE tenant_id = $1 AND id = $2", tx.tenant, lot)
    if row is None:
        raise NotFound("lot")
    product = row["product_id"]
    await lock_levels(tx, [(document.store, product)])
    if await is_recorded(tx, document.id):
        return await moves_of(tx, document.id)
    shelf = (await shelves(tx, {(document.store, product): [row["code"]]}))[document.store, product]
    there = shelf.lots[lot].milli
    wanted = there if quantity is None else to_milli(quantity)
    if not 0 < wanted <= there:
        said = _("Only %(left)s of this lot here. Reload the page to see what is left.")
        raise Invalid({"quantity": [said % {"left": quantity_text(max(there, 0))}]})
    return await stockroom.waste(tx, document, [Taken(product, from_milli(wanted), row["code"])])


async def name_goods(tx: Tx, document: Document, product: UUID, code: str, quantity: Decimal) -> None:
    """Give goods without a lot to a lot, or back with a quantity below zero; nothing moves. Raises Invalid, NotFound.

    For what was there before the product was followed, and for what was sold under another label.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    key = document.store, product
    await lock_levels(tx, [key])
    if (await begin_to_follow(tx, document.store, [product])).get(product) != "lot":
        raise Invalid({"code": [_("This product isn't followed by lot. Switch that on at the product first.")]})
    shelf = (await shelves(tx, {key: [code]}))[key]
    lot = next((one for one in shelf.lots.values() if one.code == code), None)
    if lot is None:
        raise Invalid({"lot": [_("There is no lot with this code. Receive it first, or type its code again.")]})
    milli = to_milli(quantity)
    free = max(shelf.unnamed, 0) if milli > 0 else max(lot.milli, 0)
    if milli == 0 or abs(milli) > free:
        said = _("Only %(left)s can be named so. Type less.")
        raise Invalid({"quantity": [said % {"left": quantity_text(free)}]})
    share: Share = (lot.lot, milli)
    moved = Moved(None, *key, "", quantity, code, None, document.reason, tx.actor.name, document.at)
    await write_shares(tx, [(key, moved, share)], {key: shelf.unnamed - milli})
    tx.audit("stock.lot_named", "product", product, store=document.store, lot=code, quantity=quantity)


async def _meet(tx: Tx, delivery: Delivery) -> None:
    if not 1 <= len(delivery.code) <= CODE_MOST:
        raise Invalid({"lot": [_("Type the lot's code as its label has it, at most 60 characters.")]})
    known = await tx.fetchrow(
        """INSERT INTO lot AS l (tenant_id, id, product_id, code, expires_on, received_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)
           ON CONFLICT (tenant_id, product_id, code) DO UPDATE
             SET expires_on = coalesce(l.expires_on, excluded.expires_on), received_at = coalesce(l.received_at, $6)
           RETURNING l.expires_on""",
        tx.tenant, new_id(), delivery.product, delivery.code, delivery.expires_on, tx.now,
    )  # fmt: skip
    if known is not None and delivery.expires_on is not None and known["expires_on"] != delivery.expires_on:
        said = _("This lot is known with another date, %(day)s. Look at the label again, or use another code.")
        day = format_date(known["expires_on"], "medium", locale=dates_of((await this_tenant(tx)).locale))
        raise Invalid({"expires_on": [said % {"day": day}]})
