"""The list of products: searched, filtered and sorted as the address says, and many of them changed at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.asking import outcome, picked, refused, wanted_in
from retail.catalog.bulk import Act, Change, change_products
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, ngettext
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import render, toast

PATH: Final = "/products"
_ACTS: Final = tuple(act for act in get_args(Act) if act != "reorder_point")


async def index(request: Request) -> Response:
    """Show the products that the address asks for."""
    return await _list(request, Asked.of(request, PATH))


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
    async with db(request).read(scope(request)) as read:
        groups, taxes = await queries.categories(read), await queries.tax_classes(read)
        wanted, order = wanted_in(asked, {group.id for group in groups}), asked.order(queries.ORDERS)
        page = await asked.page(
            lambda after: queries.products(read, wanted, limit=DEFAULT_LIMIT, after=after, order=order)
        )
    return render(
        request,
        "catalog/products/index.html",
        409 if passed_over else asked.status,
        asked=asked,
        products=page.items,
        passed_over=passed_over,
        archived=wanted.archived,
        categories=_choices(groups),
        tax_classes=_choices(taxes),
        next=asked.next(page),
    )


def _choices(known: Sequence[queries.CategoryFacts] | Sequence[queries.TaxClassFacts]) -> list[tuple[str, str]]:
    return [(str(one.id), one.indented if isinstance(one, queries.CategoryFacts) else one.name) for one in known]
