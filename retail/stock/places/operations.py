"""Opening and closing places, and moving goods between them: what a store has stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from retail.identity.permissions import MOVE_STOCK
from retail.kit.errors import IdempotencyConflict, Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.stock.admitting import refuse_parts
from retail.stock.operations import tell_anew
from retail.stock.places import queries
from retail.stock.places.drawing import change_places
from retail.stock.places.errors import NoSuchLocation, NotEmpty, NotEnoughThere
from retail.stock.places.queries import KINDS, LocationFacts
from retail.stock.queries import lock_levels
from retail.stock.rules import Document
from retail.stock.stockroom import REASON_MOST

NAME_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """Goods that change their place within a store; None is the place that the till sells from."""

    product: UUID
    quantity: Decimal
    from_location: UUID | None
    to_location: UUID | None


async def open_location(tx: Tx, id: UUID, store: UUID, name: str, kind: str) -> LocationFacts:
    """Give a store another place; the same one again changes nothing. Raises Invalid, Forbidden."""
    tx.scope.require_in(MOVE_STOCK, store)
    name = _name(name)
    if kind not in KINDS:
        raise Invalid({"kind": [_("Pick one of the choices.")]})
    if await tx.fetchval("SELECT true FROM store WHERE tenant_id = $1 AND id = $2", tx.tenant, store) is None:
        raise Invalid({"store": [_("Pick one from the list.")]})
    try:
        async with tx.savepoint():
            await tx.execute(
                """INSERT INTO location (tenant_id, id, store_id, name, kind, version, created_at)
                   VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (tenant_id, id) DO NOTHING""",
                tx.tenant, id, store, name, kind, tx.now,
            )  # fmt: skip
    except asyncpg.UniqueViolationError as taken:
        raise Invalid({"name": [_("This store has a place with this name. Pick another name.")]}) from taken
    tx.audit("stock.place_opened", "store", store, place=id, name=name)
    return await queries.location(tx, id)


async def rename_location(tx: Tx, id: UUID, name: str, kind: str) -> LocationFacts:
    """Call a place something else. Raises NoSuchLocation, Invalid, Forbidden."""
    before = await _hold(tx, id)
    name = _name(name)
    if kind not in KINDS:
        raise Invalid({"kind": [_("Pick one of the choices.")]})
    if before.products and kind != before.kind and "blocked" in {kind, before.kind}:
        raise Invalid({"kind": [_("Goods lie here. Move them to a place of that kind instead.")]})
    try:
        async with tx.savepoint():
            await tx.execute(
                "UPDATE location SET name = $3, kind = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2",
                tx.tenant, id, name, kind,
            )  # fmt: skip
    except asyncpg.UniqueViolationError as taken:
        raise Invalid({"name": [_("This store has a place with this name. Pick another name.")]}) from taken
    tx.audit("stock.place_renamed", "store", before.store, place=id, before={"name": before.name}, after={"name": name})
    return await queries.location(tx, id)


async def close_location(tx: Tx, id: UUID) -> LocationFacts:
    """Close a place in which nothing lies; its history stays. Raises NoSuchLocation, NotEmpty, Forbidden."""
    before = await _hold(tx, id)
    if before.products:
        raise NotEmpty
    if before.closed_at is None:
        await tx.execute(
            "UPDATE location SET closed_at = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2",
            tx.tenant, id, tx.now,
        )  # fmt: skip
        tx.audit("stock.place_closed", "store", before.store, place=id, name=before.name)
    return await queries.location(tx, id)


async def shift(tx: Tx, document: Document, shifts: Sequence[Shift]) -> None:
    """Move goods between places of a store; the same document again moves nothing.

    Locks the places, then the balances. Raises NotEnoughThere, NoSuchLocation, Invalid, Forbidden,
    IdempotencyConflict. Where goods were blocked or given free, emits StockChanged and StockFellLow.
    """
    tx.scope.require_in(MOVE_STOCK, document.store)
    _check(document, shifts)
    places = {one for move in shifts for one in (move.from_location, move.to_location) if one}
    open_places = await tx.fetch(
        """SELECT id, kind FROM location
            WHERE tenant_id = $1 AND store_id = $2 AND id = ANY($3::uuid[]) AND closed_at IS NULL
            ORDER BY id FOR SHARE""",
        tx.tenant,
        document.store,
        list(places),
    )
    if len(open_places) != len(places):
        raise NoSuchLocation
    levels = await lock_levels(tx, [(document.store, one.product) for one in shifts])
    if await _recorded(tx, document, shifts):
        return
    for one in shifts:
        here = await queries.there(tx, document.store, one.product, one.from_location)
        if here < one.quantity:
            raise NotEnoughThere(one.product, here, one.quantity)
        if here != one.quantity:
            refuse_parts(levels, document.store, [(one.product, one.quantity)])
        step = (one.product, one.from_location, one.to_location, one.quantity)
        await change_places(tx, document.store, document.id, document.reason, [step])
    if any(row["kind"] == "blocked" for row in open_places):
        await tell_anew(tx, document.store, list({one.product for one in shifts}))
    tx.audit(
        "stock.shifted", "store", document.store, document=document.id, products=len(shifts), reason=document.reason
    )


async def _recorded(tx: Tx, document: Document, shifts: Sequence[Shift]) -> bool:
    rows = await tx.fetch(
        """SELECT product_id, quantity, from_location_id, to_location_id FROM place_move
            WHERE tenant_id = $1 AND source_id = $2""",
        tx.tenant,
        document.id,
    )
    if not rows:
        return False
    wanted = {(one.product, one.quantity, one.from_location, one.to_location) for one in shifts}
    if {tuple(row) for row in rows} != wanted:
        raise IdempotencyConflict
    return True


async def _hold(tx: Tx, id: UUID) -> LocationFacts:
    await tx.fetchval("SELECT 1 FROM location WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    facts = await queries.location(tx, id)
    tx.scope.require_in(MOVE_STOCK, facts.store)
    return facts


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= NAME_MOST:
        raise Invalid({"name": [_("Type a name with at most 60 letters.")]})
    return name


def _check(document: Document, shifts: Sequence[Shift]) -> None:
    errors: dict[str, list[str]] = {}
    if not shifts:
        errors["code"] = [_("Add at least one product.")]
    if any(one.quantity <= 0 for one in shifts):
        errors["quantity"] = [_("Type a quantity above zero.")]
    if any(one.from_location == one.to_location for one in shifts):
        errors["to_location"] = [_("Pick another place: goods can't be moved to where they are.")]
    if len(document.reason) > REASON_MOST:
        errors["reason"] = [_("Use at most 200 letters.")]
    if errors:
        raise Invalid(errors)
