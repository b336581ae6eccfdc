"""The JSON API of the stock's value at any moment: by store beside the books of then, and product by product."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from retail.identity.permissions import VIEW_COSTS, VIEW_STOCK
from retail.kit.errors import Invalid
from retail.kit.paging import decode_cursor, encode_cursor
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.text import _
from retail.runtime.ordering import moment_in
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.stock.costing.between import value_between
from retail.stock.costing.valuation import ProductValue, StoreValue, value_by_store, values_page
from retail.tenants import queries as tenants

router = APIRouter(tags=["stock"])

At = Annotated[AwareDatetime | None, Query(description="The moment (RFC 3339); now without it.")]
FIRST_YEAR: Final = 1900
_SECONDS: Final = 30


@router.get("/stock/valuation")
async def valuation(
    request: Request, scope: Scope = allow(VIEW_STOCK, also=VIEW_COSTS), at: At = None, store: UUID | None = None
) -> Response:
    """Say what each store's stock was worth at a moment, in minor units, beside its account of then.

    value + below_zero + rounding - moved + unexplained = books; `value` at the top is that of all these stores.
    Without `store`, `on_the_way` is in none of them: it was sent and not received; `unsettled` came otherwise than it
    was sent, and nobody has said yet who bears it. Both are null for whoever sees some stores only.
    """
    async with db(request).read(scope, seconds=_SECONDS) as read:
        moment = _past(at, read.now)
        if store:
            await tenants.store(read, store)
        places = await value_by_store(read, moment, store)
        between = None if store else await value_between(read, moment)
    total = sum(one.value for one in places)
    beside = {
        "on_the_way": between.on_the_way if between else None,
        "unsettled": between.unsettled if between else None,
    }
    items = [_store(one) for one in places]
    return json_answer({"at": moment, "value": total, **beside, "items": items, "next": None})


@router.get("/stock/valuation/products")
async def valued_products(
    request: Request,
    scope: Scope = allow(VIEW_STOCK, also=VIEW_COSTS),
    at: At = None,
    store: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List what each product was worth at a moment, the dearest first; `next` goes on at that very moment."""
    async with db(request).read(scope, seconds=_SECONDS) as read:
        begun, place = _place_in(after, at) if after else (at, None)
        moment = _past(begun, read.now)
        if store:
            await tenants.store(read, store)
        page = await values_page(read, moment, store, limit=limit, after=place)
    going_on = encode_cursor(moment.isoformat(), page.next) if page.next else None
    return json_answer({"at": moment, "items": [_product(one) for one in page.items], "next": going_on})


def _past(at: datetime | None, now: datetime) -> datetime:
    """Give the moment that is asked about, now where none is given. Raises Invalid for one that is still to come."""
    if at is None:
        return now
    if at.year < FIRST_YEAR:  # no zone can write the calendar's first days
        raise Invalid({"at": [_("This is too long ago. Pick a moment from 1900 on.")]})
    if at > now:
        raise Invalid({"at": [_("This moment is still to come. Pick one that is over.")]})
    return at


def _place_in(after: str, at: datetime | None) -> tuple[datetime, str]:
    """Read the moment out of a cursor, and the place in the list. Raises Invalid, also where `at` is another moment."""
    told, place = map(str, decode_cursor(after, str, str))
    try:
        moment = moment_in(told)
        if at not in {None, moment}:
            raise ValueError(told)
    except ValueError as broken:
        wrong = _("This page link is not valid; start again from the first page.")
        raise Invalid({"after": [wrong]}) from broken
    return moment, place


def _store(one: StoreValue) -> dict[str, Any]:
    return {
        "store": one.store,
        "store_name": one.store_name,
        "products": one.products,
        "value": one.value,
        "below_zero": one.below_zero,
        "books": one.books,
        "rounding": one.rounding,
        "moved": one.moved,
        "unexplained": one.unexplained,
    }


def _product(one: ProductValue) -> dict[str, Any]:
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "unit": one.unit,
        "store": one.store,
        "store_name": one.store_name,
        "on_hand": quantity_text(to_milli(one.on_hand)),
        "unit_cost": one.unit_cost,
        "value": one.value_minor,
    }
