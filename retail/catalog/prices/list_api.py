"""The JSON API of price lists: made, changed by version, archived; and what each asks, line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog.prices import lists, reading
from retail.catalog.prices.lines import Listed, lines
from retail.catalog.prices.list_schemas import ListChange, NewList, Prices
from retail.catalog.prices.lists import Price
from retail.catalog.prices.reading import ListFacts
from retail.catalog.prices.rules import PriceList
from retail.catalog.prices.windows import Window
from retail.catalog.products.versions import lock_catalogue
from retail.identity.permissions import EDIT_CATALOGUE, VIEW_CATALOGUE
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.paging import cut
from retail.kit.quantity import quantity_text, to_milli
from retail.kit.stamps import stamp
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import this_tenant

router = APIRouter(tags=["catalogue"])

_AS_SENT = {"from_time": "from_minute", "to_time": "to_minute"}


@router.get("/price-lists")
async def list_price_lists(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    archived: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """List the price lists, those that go first first; with `archived` those that were taken out."""
    async with db(request).read(scope) as read:
        page = cut(await reading.price_lists(read, archived=archived), lambda one: one.of.id, limit, after)
    return json_answer({"items": [_shown(facts) for facts in page.items], "next": page.next})


@router.post("/price-lists", status_code=201)
async def create_price_list(request: Request, new: NewList, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Make a price list; its prices are set afterwards."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            await lock_catalogue(tx)
            id, money = new.id or new_id(), (await this_tenant(tx)).currency
            if await tx.fetchval("SELECT 1 FROM price_list WHERE tenant_id = $1 AND id = $2", tx.tenant, id):
                raise Invalid({"id": [_("This id exists; change it with PATCH.")]})
            plain = PriceList(id, new.name, money, None, None, None, Window(), 0)
            return _shown(await _put(tx, replace(plain, **new.over(plain))))

        return (await idempotent(request, tx, "price_lists.create", make)).response()


@router.get("/price-lists/{id}")
async def show_price_list(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Give one price list, archived or not."""
    async with db(request).read(scope) as read:
        return _answer(await reading.price_list(read, id))


@router.patch("/price-lists/{id}")
async def change_price_list(
    request: Request, id: UUID, change: ListChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change a price list; fields left out stay. With `version` or If-Match only if it is still the one read."""

    async def run(tx: Tx) -> ListFacts:
        await lock_catalogue(tx)
        now = (await reading.price_list(tx, id)).of
        require_seen(request, _version(now), change.version)
        return await _put(tx, replace(now, **change.over(now)))

    return _answer(await db(request).run(scope, run))


@router.delete("/price-lists/{id}", status_code=204)
async def archive_price_list(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take a price list out for good; its prices stay as history."""
    await db(request).run(scope, lists.archive_list, id)
    return Response(status_code=204)


@router.get("/price-lists/{id}/prices")
async def list_prices_of_list(  # noqa: PLR0917 - FastAPI names the parameters of an address
    request: Request,
    id: UUID,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """List what a price list asks, by the products' names; `price` is in the list's currency."""
    async with db(request).read(scope) as read:
        await reading.price_list(read, id)
        page = await lines(read, id, text=q, limit=limit, after=after)
    return json_answer({"items": [_line(one) for one in page.items], "next": page.next})


@router.put("/price-lists/{id}/prices")
async def put_list_prices(request: Request, id: UUID, wanted: Prices, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Set what a list asks; `changed` counts the prices that differ from before."""
    asked = [Price(one.product, one.price, one.min_quantity) for one in wanted.prices]
    changed = await db(request).run(scope, lists.put_prices, id, asked, wanted.reason)
    return json_answer({"changed": changed})


async def _put(tx: Tx, of: PriceList) -> ListFacts:
    """Put a list; what is wrong with its hours is told by the names that programs use. Raises Invalid, NotFound."""
    try:
        await lists.put_list(tx, of)
    except Invalid as wrong:
        raise Invalid({_AS_SENT.get(name, name): said for name, said in wrong.errors.items()}) from None
    return await reading.price_list(tx, of.id)


def _version(of: PriceList) -> str:
    """Give the stamp of what a list is; its prices have a history of their own."""
    stores = None if of.stores is None else sorted(of.stores)
    return stamp(of.id, of.name, of.currency, of.includes_tax, stores, of.group, of.window, of.priority)


def _answer(facts: ListFacts) -> Response:
    return tagged(json_answer(_shown(facts)), _version(facts.of))


def _shown(facts: ListFacts) -> dict[str, Any]:
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
        "active": facts.archived_at is None,
        "version": _version(of),
        "updated_at": facts.updated_at,
    }


def _line(one: Listed) -> dict[str, Any]:
    return {
        "product": one.product,
        "sku": one.sku,
        "name": one.name,
        "own_price": one.own_minor,
        "min_quantity": quantity_text(to_milli(one.min_quantity)),
        "price": one.price_minor,
    }
