"""The JSON API of stock: levels, and the moves that people and programs make. Sales make their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from retail.identity.permissions import MOVE_STOCK, VIEW_COSTS, VIEW_STOCK
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.quantity import (
    LINE_MOST,
    NotAQuantity,
    ScannedForQuantity,
    TooMany,
    is_plain,
    on_a_line,
    quantity_text,
    to_milli,
)
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.responses import json_answer
from retail.stock import levels, moved
from retail.stock.forms import LEAVING_KINDS, MoveForm
from retail.stock.levels import Narrowed, StockLevel
from retail.stock.moved import MoveFacts
from retail.stock.queries import is_recorded
from retail.stock.recording import record_of

router = APIRouter(tags=["stock"])

MOST = LINE_MOST


def _plain(value: object) -> object:
    """Let numbers through, and texts that are written in plain digits: "0.762", not "1e3"."""
    if isinstance(value, str) and not is_plain(value):
        raise PydanticCustomError("plain", "{said}", {"said": str(NotAQuantity())})
    return value


Plain = BeforeValidator(_plain)


def _counted(value: object) -> object:
    """Refuse what only a scanned barcode could be, and more than a line holds; see on_a_line()."""
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        try:
            on_a_line(str(value))
        except (ScannedForQuantity, TooMany) as wrong:
            raise PydanticCustomError("quantity", "{said}", {"said": str(wrong)}) from wrong
        except NotAQuantity:
            return value  # what is no quantity at all is said by the field's type
    return value


Many = BeforeValidator(_counted)
"""Of a quantity on a line."""


class NewMove(BaseModel):
    """A move to record. `quantity` is signed for adjustments, the counted figure for counts, else above zero.

    Waste says why in `reason`. What is followed by lot or by piece is received at /stock/lots and /stock/serials.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    store: UUID
    product: UUID
    kind: Literal["receipt", "adjustment", "waste", "transfer", "count"]
    quantity: Annotated[Decimal, Field(ge=-MOST, le=MOST, decimal_places=3), Plain, Many]
    unit_cost: Annotated[
        Decimal | None,
        Field(ge=0, le=10**12, decimal_places=6, description="Of a receipt: minor units per unit."),
        Plain,
    ] = None
    reason: Annotated[str, Field(max_length=200)] = ""
    to_store: Annotated[UUID | None, Field(description="Of a transfer: where it goes.")] = None
    serials: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=60)], ...],
        Field(max_length=500, description="Of waste, a transfer or a correction downwards: which pieces leave."),
    ] = ()


@router.get("/stock")
async def list_stock(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    product: UUID | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    low: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List what stores have. With both `store` and `product`, the one level also stands at the top of the answer."""
    wanted = Narrowed(store, product, q, low, archived=product is not None)
    async with db(request).read(scope) as read:
        page = await levels.levels(read, wanted, limit=limit, after=after)
    items = [shown(level, scope) for level in page.items]
    one = items[0] if store and product and items else {}
    return json_answer(one | {"items": items, "next": page.next})


@router.get("/stock/moves")
async def list_moves(
    request: Request,
    scope: Scope = allow(VIEW_STOCK),
    store: UUID | None = None,
    product: UUID | None = None,
    kind: Annotated[str, Query(max_length=20)] = "",
    source: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List moves, newest first; `source` is the document (sale, receipt, count) that they belong to."""
    async with db(request).read(scope) as read:
        page = await moved.moves(read, store=store, product=product, kind=kind, source=source, limit=limit, after=after)
    return json_answer({"items": [_shown_move(one, scope) for one in page.items], "next": page.next})


@router.post("/stock/moves", status_code=201)
async def create_move(request: Request, new: NewMove, scope: Scope = allow(MOVE_STOCK)) -> Response:
    """Record a move; answers its rows (two for a transfer) and what is on hand then. Its own id repeats safely too."""
    if new.kind == "transfer" and new.to_store is None:
        raise Invalid({"to_store": [_("Say which store the goods go to.")]})
    if new.serials and new.kind not in LEAVING_KINDS:
        raise Invalid({"serials": [_("Pieces that come get their numbers on the page Serial numbers.")]})
    document = new.id or new_id()
    form = MoveForm(
        document, new.kind, new.store, new.to_store, "", new.quantity, new.unit_cost, new.reason, new.serials
    )
    async with db(request).begin(scope) as tx:
        known = await is_recorded(tx, document)

        async def make() -> object:
            await record_of(tx, form, new.product)
            page = await moved.moves(tx, source=document, limit=2)
            level = (await levels.levels(tx, Narrowed(new.store, new.product, archived=True), limit=1)).items[0]
            moves = [_shown_move(one, scope) for one in page.items]
            first = next(one for one in moves if one["store"] == new.store)
            return first | {"id": document, "on_hand": shown(level, scope)["on_hand"], "moves": moves}

        answered = await idempotent(request, tx, "stock.moves", make)
    return answered.response(200 if known else 201)


def shown(level: StockLevel, scope: Scope) -> dict[str, Any]:
    """Write a level, with what it costs for whoever may see that."""
    text, costs = quantity_text(to_milli(level.on_hand)), scope.holds(VIEW_COSTS)
    return {
        "product": level.product,
        "store": level.store,
        "store_name": level.store_name,
        "sku": level.sku,
        "name": level.name,
        "on_hand": text,
        "sellable": quantity_text(to_milli(level.sellable)),
        "reserved": quantity_text(to_milli(level.reserved)),
        "available": quantity_text(to_milli(level.available)),
        "incoming": quantity_text(to_milli(level.incoming)),
        "reorder_point": None if level.reorder_point is None else quantity_text(to_milli(level.reorder_point)),
        "low": level.low,
        "unit_cost": level.unit_cost if costs else None,
        "value": level.value_minor if costs else None,
    }


def _shown_move(one: MoveFacts, scope: Scope) -> dict[str, Any]:
    return {
        "id": one.id,
        "store": one.store,
        "product": one.product,
        "kind": one.kind,
        "quantity": quantity_text(to_milli(one.quantity)),
        "unit_cost": one.unit_cost if scope.holds(VIEW_COSTS) else None,
        "reason": one.reason,
        "source": one.source,
        "actor": one.actor_name,
        "occurred_at": one.occurred_at,
    }
