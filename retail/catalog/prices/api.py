"""The JSON API of prices: lists and what they ask, what a product costs and why, plans and their taking back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from retail.catalog.prices import explaining, history, lists, reading
from retail.catalog.prices.history import ChangeFacts
from retail.catalog.prices.lists import MOST_PRICES, Price
from retail.catalog.prices.reckoning import MOST_PRICE_MINOR
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.ids import new_id
from retail.kit.quantity import to_milli
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["catalogue"])

Minor = Annotated[int, Field(ge=0, le=MOST_PRICE_MINOR, strict=True, description="Minor units.")]
Quantity = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=10, decimal_places=3)]


class Asked(BaseModel):
    """What a list asks for a product from a quantity on; without a price it asks nothing any more."""

    model_config = ConfigDict(extra="forbid")
    product: UUID
    price: Minor | None
    min_quantity: Quantity = Decimal(0)


class Prices(BaseModel):
    """Prices of a list; those not named stay."""

    model_config = ConfigDict(extra="forbid")
    prices: Annotated[list[Asked], Field(min_length=1, max_length=MOST_PRICES)]
    reason: Annotated[str, Field(max_length=200)] = ""


class Planned(BaseModel):
    """Another price of a product, from a moment on; without one from now on."""

    model_config = ConfigDict(extra="forbid")
    id: UUID | None = None
    price: Minor
    at: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


@router.get("/price-lists")
async def list_price_lists(request: Request, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """List the price lists, those that go first first."""
    async with db(request).read(scope) as read:
        found = await reading.price_lists(read)
    return json_answer({"items": [_list(facts) for facts in found], "next": None})


@router.put("/price-lists/{id}/prices")
async def put_list_prices(request: Request, id: UUID, wanted: Prices, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Set what a list asks; `changed` counts the prices that differ from before."""
    asked = [Price(one.product, one.price, one.min_quantity) for one in wanted.prices]
    changed = await db(request).run(scope, lists.put_prices, id, asked, wanted.reason)
    return json_answer({"changed": changed})


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


def _list(facts: reading.ListFacts) -> dict[str, Any]:
    of, window = facts.of, facts.of.window
    return {
        "id": of.id,
        "name": of.name,
        "currency": of.currency,
        "includes_tax": of.includes_tax,
        "stores": sorted(map(str, of.stores)) if of.stores is not None else None,
        "group": of.group,
        "priority": of.priority,
        "starts_on": window.starts_on,
        "ends_on": window.ends_on,
        "weekdays": [day for day in range(7) if window.weekdays >> day & 1],
        "from_minute": window.from_minute,
        "to_minute": window.to_minute,
        "products": facts.products,
        "next_turn": facts.next_turn,
    }


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
