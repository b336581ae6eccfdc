"""Pages of stores and tills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import EDIT_STORES
from retail.kit.errors import Conflict, Invalid
from retail.kit.paging import Page, cut
from retail.kit.text import _
from retail.runtime.ordering import Order, Orders, in_order
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import forms, operations, queries

Item = TypeVar("Item")

_STORES: Final = Orders(Order("code"), Order("name"))
_STORE_KEYS: Final[dict[str, Callable[[queries.StoreFacts], str]]] = {
    "code": lambda store: store.code,
    "name": lambda store: store.name.casefold(),
}
_Standing = tuple[queries.TillFacts, queries.TillState | None]
_TILLS: Final = Orders(Order("store"), Order("code"), Order("name"), Order("contact", descending=True))
_TILL_KEYS: Final[dict[str, Callable[[_Standing], str | float]]] = {
    "store": lambda one: one[0].store_name.casefold(),
    "code": lambda one: one[0].code,
    "name": lambda one: one[0].name.casefold(),
    "contact": lambda one: one[1].last_contact.timestamp() if one[1] and one[1].last_contact else 0.0,
}


async def stores(request: Request) -> Response:
    """Show the stores and the form of a new one."""
    return await _stores(request, {"timezone": tenant(request).timezone, "day_cutoff_hour": "4"}, {})


async def open_store(request: Request) -> Response:
    """Open a store."""
    fields = await Fields.read(request)
    try:
        new = forms.new_store(fields)
        await db(request).run(scope(request), operations.open_store, new)
    except Invalid as wrong:
        return await _stores(request, fields.values, wrong.errors, 422)
    except Conflict as taken:
        return await _stores(request, fields.values, {"code": [taken.sentence()]}, 422)
    return redirect(request, "/stores", said=_("%(name)s is open.") % {"name": new.name})


async def tills(request: Request) -> Response:
    """Show the tills, each one tap from selling, and the form of a new one."""
    return await _tills(request, {}, {})


async def set_up_till(request: Request) -> Response:
    """Set up a till."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        known = {store.id for store in await queries.stores(read) if store.archived_at is None}
    try:
        new = forms.new_till(fields, known)
        await db(request).run(scope(request), operations.set_up_till, new)
    except Invalid as wrong:
        return await _tills(request, fields.values, wrong.errors, 422)
    except Conflict as taken:
        return await _tills(request, fields.values, {"code": [taken.sentence()]}, 422)
    return redirect(request, "/tills", said=_("%(name)s is set up.") % {"name": new.name})


async def _stores(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    asked = Asked.of(request, "/stores")
    order = asked.order(_STORES)
    async with db(request).read(scope(request)) as read:
        every, standing = in_order(await queries.stores(read), order, _STORE_KEYS), await queries.tills(read)
    page = await asked.page(_cut(every, lambda store: store.id))
    count = {store.id: sum(till.store == store.id for till in standing) for store in page.items}
    return render(
        request,
        "tenants/stores/index.html",
        status if status != 200 else asked.status,
        asked=asked,
        places=page.items,
        next=asked.next(page),
        tills_in=count,
        values=values,
        errors=errors,
        may_edit=scope(request).may(EDIT_STORES),
    )


async def _tills(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    asked = Asked.of(request, "/tills")
    order = asked.order(_TILLS)
    async with db(request).read(scope(request)) as read:
        standing = await queries.tills(read)
        places = await queries.stores(read)
        status_of = await queries.till_states(read)
    every = in_order([(till, status_of.get(till.id)) for till in standing], order, _TILL_KEYS)
    page = await asked.page(_cut(every, lambda one: one[0].id))
    return render(
        request,
        "tenants/tills/index.html",
        status if status != 200 else asked.status,
        asked=asked,
        tills=page.items,
        next=asked.next(page),
        places=[(store.id, store.name) for store in places if store.archived_at is None],
        values=values,
        errors=errors,
        may_edit=scope(request).may(EDIT_STORES),
    )


def _cut(every: Sequence[Item], id_of: Callable[[Item], UUID]) -> Callable[[str | None], Awaitable[Page[Item]]]:
    async def read(after: str | None) -> Page[Item]:
        return cut(every, id_of, None, after)

    return read
