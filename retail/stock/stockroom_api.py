"""The JSON API of the stockroom: reservations, places, lots, pieces, transfers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity.permissions import MOVE_STOCK, RESERVE_STOCK, VIEW_COSTS, VIEW_STOCK
from retail.kit.ids import new_id
from retail.kit.quantity import quantity_text, to_milli
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.stock.api import MOST, Many, Plain
from retail.stock.known_costs import known_cost
from retail.stock.lots import operations as lotting
from retail.stock.lots import queries as lots
from retail.stock.members import called, renamed
from retail.stock.places import operations as placing
from retail.stock.places import queries as places
from retail.stock.reserving import operations as reserving
from retail.stock.reserving import queries as reservations
from retail.stock.rules import Document
from retail.stock.serials import operations as numbering
from retail.stock.serials import queries as serials

router = APIRouter(tags=["stockroom"])

Above = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=3), Plain, Many]
Cost = Annotated[Decimal | None, Field(ge=0, le=10**12, decimal_places=6, description="Minor units per unit."), Plain]
Words = Annotated[str, Field(max_length=200)]
Label = Annotated[str, Field(min_length=1, max_length=60)]

_GOODS: Final = {"code": "product"}
_SHIFT: Final = {"code": "product", "from_location": "from_place", "to_location": "to_place"}


class Body(BaseModel):
    """A body that says nothing which isn't known here."""

    model_config = ConfigDict(extra="forbid")


class NewReservation(Body):
    """Goods to keep for somebody."""

    id: UUID | None = None
    store: UUID
    product: UUID
    quantity: Above
    expires_at: AwareDatetime
    note: Words = ""
    source: Annotated[UUID | None, Field(description="The order that wants them.")] = None


class ReservationChange(Body):
    """What becomes of a reservation: it lasts longer, or ends."""

    expires_at: AwareDatetime | None = None
    ending: Literal["released", "used"] | None = None


class NewShift(Body):
    """Goods that change their place within a store; no place is the one that the till sells from."""

    id: UUID | None = None
    store: UUID
    product: UUID
    quantity: Above
    from_place: UUID | None = None
    to_place: UUID | None = None
    reason: Words = ""


class NewDelivery(Body):
    """A receipt of one lot."""

    id: UUID | None = None
    store: UUID
    product: UUID
    quantity: Above
    lot: Label
    expires_on: date | None = None
    unit_cost: Cost = None
    reason: Words = ""


class NewPieces(Body):
    """A receipt of pieces by their numbers."""

    id: UUID | None = None
    store: UUID
    product: UUID
    serials: Annotated[list[Label], Field(min_length=1, max_length=500)]
    unit_cost: Cost = None
    reason: Words = ""


@router.get("/stock/reservations")
async def list_reservations(  # noqa: PLR0917 - query parameters
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    product: UUID | None = None,
    live: bool = True,  # noqa: FBT001, FBT002 - a query parameter
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List reservations, newest first; `live=false` those that have ended too."""
    async with db(request).read(scope) as read:
        page = await reservations.reservations(read, store=store, product=product, live=live, limit=limit, after=after)
        now = read.now
    return json_answer({"items": [_reservation(one, now) for one in page.items], "next": page.next})


@router.post("/stock/reservations", status_code=201)
async def reserve(request: Request, new: NewReservation, scope: Scope = allow(RESERVE_STOCK)) -> Response:
    """Keep goods until a moment; 409 `not_available` where too little is left. Its own id repeats safely too."""
    wish = reserving.Wish(
        new.id or new_id(), new.store, new.product, new.quantity, new.expires_at, new.note, new.source
    )
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            return _reservation(await reserving.reserve(tx, wish), tx.now)

        return (await idempotent(request, tx, "stock.reservations", make)).response()


@router.patch("/stock/reservations/{id}")
async def change_reservation(
    request: Request, id: UUID, change: ReservationChange, scope: Scope = allow(RESERVE_STOCK)
) -> Response:
    """Prolong a reservation, or end it."""
    async with db(request).begin(scope) as tx:
        if change.expires_at is not None:
            await reserving.prolong(tx, id, change.expires_at)
        if change.ending is not None:
            await reserving.release(tx, id, change.ending)
        return json_answer(_reservation(await reservations.reservation(tx, id), tx.now))


@router.get("/stock/places")
async def list_places(
    request: Request, scope: Scope = allow(VIEW_STOCK), store: UUID | None = None, product: UUID | None = None
) -> Response:
    """List the places of stores; with `product`, how much of it lies where (place null: what the till sells from)."""
    async with db(request).read(scope) as read:
        if product:
            lying = [one for one in await places.lying(read, product, "") if store in {None, one.store}]
            shown = [{"store": o.store, "place": o.location, "on_hand": _text(o.on_hand)} for o in lying]
            return json_answer({"items": shown, "next": None})
        found = await places.locations(read, store)
    items = [{"id": o.id, "store": o.store, "name": o.name, "kind": o.kind, "products": o.products} for o in found]
    return json_answer({"items": items, "next": None})


@router.post("/stock/places/moves", status_code=201)
async def shift(request: Request, new: NewShift, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Move goods between places of a store; 409 `not_enough_there`. Its own id repeats safely too."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            document = Document(new.id or new_id(), new.store, new.reason, tx.now)
            move = placing.Shift(new.product, new.quantity, new.from_place, new.to_place)
            with renamed(called(_SHIFT)):
                await placing.shift(tx, document, [move])
            return {"id": document.id}

        return (await idempotent(request, tx, "stock.places.moves", make)).response()


@router.get("/stock/lots")
async def list_lots(  # noqa: PLR0917 - query parameters
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    product: UUID | None = None,
    expires_by: date | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List lots of which something is there, what expires first in front."""
    async with db(request).read(scope) as read:
        page = await lots.lots(read, store=store, product=product, text=q, until=expires_by, limit=limit, after=after)
    items = [
        {
            "id": o.id,
            "store": o.store,
            "product": o.product,
            "lot": o.code,
            "expires_on": o.expires_on,
            "on_hand": _text(o.on_hand),
            "value": o.worth_minor if scope.holds(VIEW_COSTS) else None,
        }
        for o in page.items
    ]
    return json_answer({"items": items, "next": page.next})


@router.post("/stock/lots", status_code=201)
async def receive_lot(request: Request, new: NewDelivery, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Receive goods of a lot. Its own id repeats safely too."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            document = Document(new.id or new_id(), new.store, new.reason, tx.now)
            cost = new.unit_cost
            if cost is None:
                cost = await known_cost(tx, new.store, new.product)
            delivery = lotting.Delivery(new.product, new.quantity, cost, new.lot, new.expires_on)
            with renamed(called(_GOODS)):
                await lotting.receive_lot(tx, document, delivery)
            return {"id": document.id, "lot": new.lot}

        return (await idempotent(request, tx, "stock.lots", make)).response()


@router.get("/stock/serials")
async def list_serials(  # noqa: PLR0917 - query parameters
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    number: Annotated[str, Query(max_length=60)] = "",
    product: UUID | None = None,
    store: UUID | None = None,
    state: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """Tell where pieces are; `number` finds one in any product."""
    async with db(request).read(scope) as read:
        page = await serials.pieces(
            read, number=number, product=product, store=store, state=state, limit=limit, after=after
        )
    items = [
        {"id": o.id, "product": o.product, "number": o.number, "state": o.state, "store": o.store} for o in page.items
    ]
    return json_answer({"items": items, "next": page.next})


@router.post("/stock/serials", status_code=201)
async def receive_pieces(request: Request, new: NewPieces, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Receive pieces by their numbers. Its own id repeats safely too."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            document = Document(new.id or new_id(), new.store, new.reason, tx.now)
            cost = new.unit_cost
            if cost is None:
                cost = await known_cost(tx, new.store, new.product)
            with renamed(called(_GOODS)):
                await numbering.receive_pieces(tx, document, new.product, cost, new.serials)
            return {"id": document.id, "serials": new.serials}

        return (await idempotent(request, tx, "stock.serials", make)).response()


def _reservation(one: reservations.ReservationFacts, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "store": one.store,
        "product": one.product,
        "quantity": _text(one.quantity),
        "note": one.note,
        "source": one.source,
        "expires_at": one.expires_at,
        "state": one.state(now),
        "created_at": one.created_at,
    }


def _text(quantity: Decimal) -> str:
    return quantity_text(to_milli(quantity))
