"""The JSON API of prices: what a product costs and why, plans and their taking back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from retail.catalog.prices import explaining, history
from retail.catalog.prices.history import ChangeFacts
from retail.catalog.prices.list_schemas import Minor, Quantity
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.ids import new_id
from retail.kit.quantity import to_milli
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["catalogue"])


class Planned(BaseModel):
    """Another price of a product, from a moment on; without one from now on."""

    model_config = ConfigDict(extra="forbid")
    id: UUID | None = None
    price: Minor
    at: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


@router.get("/products/{id}/prices")
async def product_prices(
    request: Request,
    id: UUID,
    scope: Scope = allow(VIEW_CATALOGUE),
    group: Annotated[str, Query(max_length=40)] = "",
    quantity: Quantity = Decimal(0),
    at: AwareDatetime | None = None,
) -> Response:
    """Say what each store asks for a product, for a group and a quantity, at a moment, and what became of each list."""
    async with db(request).read(scope) as read:
        found = await explaining.standings(
            read, id, group=group or None, quantity_milli=to_milli(quantity), at=_bounded(at)
        )
    return json_answer({"stores": {str(store): _standing(one) for store, one in found.items()}})


@router.get("/price-changes")
async def list_price_changes(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    waiting: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List changes of prices, the newest first; `waiting`: only those that lie ahead."""
    async with db(request).read(scope) as read:
        page = await history.changes(read, limit=limit, after=after, waiting=waiting)
    return json_answer({"items": [_change(one) for one in page.items], "next": page.next})


@router.post("/products/{id}/prices", status_code=201)
async def plan_price(request: Request, id: UUID, wanted: Planned, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Give a product another price of its own, now or from a moment on."""
    change = wanted.id or new_id()
    await db(request).run(scope, history.schedule_price, change, id, wanted.price, wanted.at, wanted.reason)
    return json_answer({"id": change}, 201)


@router.delete("/price-changes/{id}", status_code=204)
async def take_back(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take back a change that lies ahead."""
    await db(request).run(scope, history.undo_change, id)
    return Response(status_code=204)


def _bounded(at: datetime | None) -> datetime | None:
    """Leave the ends of the calendar alone: no zone can write them."""
    return at if at is None or 1900 <= at.year <= 9000 else None


def _standing(one: explaining.Standing) -> dict[str, Any]:
    return {
        "price": one.price_minor,
        "list": one.resolved.of.id if one.resolved.of else None,
        "until": one.until,
        "lists": [
            {"list": step.of.id, "name": step.of.name, "price": step.price_minor, "verdict": step.verdict}
            for step in one.resolved.steps
        ],
    }


def _change(one: ChangeFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "product": one.product,
        "sku": one.sku,
        "list": one.of,
        "before": one.from_minor,
        "price": one.to_minor,
        "at": one.effective_at,
        "applied_at": one.applied_at,
        "undone_at": one.undone_at,
        "source": one.source,
        "reason": one.reason,
        "by": one.actor_name,
    }
