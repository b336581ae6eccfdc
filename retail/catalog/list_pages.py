"""The list of products: searched, filtered and sorted as the address says, and many of them changed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.asking import choices, outcome, picked, refused, wanted_in
from retail.catalog.bulk import Change, change_products
from retail.catalog.changes.acts import Act
from retail.catalog.costs import costs
from retail.catalog.lists import views
from retail.catalog.lists.columns import chosen_in, columns_for, extras, told
from retail.catalog.lists.words import meant
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.runtime.ordering import Order
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render, toast

PATH: Final = "/products"
_ACTS: Final[tuple[Act, ...]] = ("archive", "restore", "category", "tax_class")


async def index(request: Request) -> Response:
    """Show the products that the address asks for; columns that were just ticked become part of the address."""
    asked = Asked.of(request, PATH)
    if "column" in request.query_params:
        query = dict(request.query_params)
        query.pop("column")
        query["columns"] = told(asked.many("column"), columns_for(scope(request)))
        address = urlencode({name: value for name, value in query.items() if value})
        return redirect(request, f"{PATH}?{address}" if address else PATH)
    return await _list(request, asked)


async def change(request: Request) -> Response:
    """Change the ticked products; those that somebody else changed meanwhile stay ticked and are named (409)."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        taxes, groups = await queries.tax_classes(read), await queries.categories(read)
    picks = picked(fields)
    act: Act = fields.choice("act", _ACTS)  # type: ignore[assignment]
    value: UUID | None = None
    if act in {"category", "tax_class"}:
        known = {one.id for one in (groups if act == "category" else taxes)}
        value = fields.uuid(f"new_{act}", required=act == "tax_class")
        if value is not None and value not in known:
            fields.error(f"new_{act}", _("Pick one from the list."))
    if fields.errors:
        return refused(fields)
    done = await db(request).run(scope(request), change_products, picks, Change(act, value))
    asked = Asked(PATH, QueryParams(fields.raw("back")))
    response = await _list(request, asked, done.passed_over)
    return toast(response, outcome(_done(act, done.products), done), "warn" if done.passed_over else "ok")


def _done(act: Act, count: int) -> str:
    said = {
        "archive": ngettext("%(num)d product is off sale.", "%(num)d products are off sale.", count),
        "restore": ngettext("%(num)d product is on sale again.", "%(num)d products are on sale again.", count),
        "category": ngettext("%(num)d product has its new category.", "%(num)d products have the new category.", count),
        "tax_class": ngettext(
            "%(num)d product has its new tax class.", "%(num)d products have the new tax class.", count
        ),
    }
    return said[act] % {"num": count}


async def _list(request: Request, asked: Asked, passed_over: frozenset[UUID] = frozenset()) -> Response:
    who, offered = scope(request), columns_for(scope(request))
    async with db(request).read(who) as read:
        known = await choices(read, tenant(request))
        wanted, order = wanted_in(asked, known), asked.order(queries.ORDERS)
        columns, instead = chosen_in(asked, offered), ""
        page = await asked.page(
            lambda after: queries.products(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
        if wanted.text and not (page.items or asked.errors or asked.typed("after")):
            page, instead = await _meant(read, wanted, order)
        ids = [product.id for product in page.items]
        kept = await views.views(read)
        shown = await extras(read, columns, ids)
        known_costs = await costs(read, ids) if "cost" in columns else {}
    here = views.in_form(asked.query)
    return render(
        request,
        "catalog/products/index.html",
        409 if passed_over else asked.status,
        asked=asked,
        products=page.items,
        extras=shown,
        costs=known_costs,
        passed_over=passed_over,
        archived=wanted.archived,
        instead=instead,
        columns=columns,
        offered=offered,
        views=[(one, one.query == here) for one in kept],
        keepable=bool(here) and here not in {one.query for one in kept},
        here=here,
        part=is_htmx(request),
        categories=_choices(known.categories),
        called={one.id: one.called for one in known.categories},
        tax_classes=_choices(known.taxes),
        next=None if instead else asked.next(page),
    )


async def _meant(read: Read, wanted: queries.Wanted, order: Order) -> tuple[Page[queries.ProductFacts], str]:
    """Look for what was probably meant, where nothing has the words that were typed."""
    text = await meant(read, wanted.text)
    if text is None:
        return Page([], None), ""
    page = await queries.products(read, replace(wanted, text=text), limit=DEFAULT_LIMIT, after=None, order=order)
    return page, text if page.items else ""


def _choices(known: Sequence[queries.CategoryFacts] | Sequence[queries.TaxClassFacts]) -> list[tuple[str, str]]:
    return [(str(one.id), one.indented if isinstance(one, queries.CategoryFacts) else one.name) for one in known]
