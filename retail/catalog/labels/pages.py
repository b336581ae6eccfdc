"""Pages of labels: those that are due in a store, what to print and how, the PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.asking import picks_in
from retail.catalog.labels import shelf
from retail.catalog.labels.asking import FORMAT, Asked, asked_in, choices, copies_in, wish_in
from retail.catalog.labels.composing import TooNarrow, compose
from retail.catalog.labels.paper import print_labels
from retail.catalog.labels.preview import picture
from retail.catalog.labels.shelf import LabelFacts
from retail.catalog.labels.wishes import MOST_PRODUCTS, Wish, composed, text_of, unprintable
from retail.kit.errors import Invalid
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked as AskedList
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.filenames import disposition
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants

PATH: Final = "/products/labels"
_SAMPLE: Final = LabelFacts(UUID(int=0), "SKU-0000", "…", "4006381333931", "each", 0, None, None)


async def index(request: Request) -> Response:
    """List the labels that are due in a store: the asked one, or the first."""
    asked = AskedList.of(request, PATH)
    async with db(request).read(scope(request)) as read:
        stores = [one for one in await tenants.stores(read) if one.archived_at is None]
        wanted = asked.one_of("store", {one.id for one in stores})
        store = wanted or (stores[0].id if stores and not asked.errors else None)
        page = await asked.page(lambda after: _due(read, store, after))
        count = await shelf.due_count(read, store) if store else 0
    return render(
        request,
        "catalog/labels/index.html",
        asked.status,
        asked=asked,
        due=page.items,
        count=count,
        most=MOST_PRODUCTS,
        store=store,
        places=[(str(one.id), one.name) for one in stores],
        next=asked.next(page),
    )


async def new(request: Request) -> Response:
    """Show what is to be printed and how: the ticked products, or all that are due in a store."""
    return await _form(request, await asked_in(request), {}, {}, due=Fields(request.query_params).flag("due"))


async def preview(request: Request) -> Response:
    """Show what the first label will look like: the part of the page with its picture."""
    fields = Fields(request.query_params)
    wish = wish_in(fields)
    drawn = _picture(wish, fields.uuid("store", required=False), fields.uuid("product", required=False))
    return render(request, "catalog/labels/_preview.html", picture=drawn, paper=wish.paper)


async def image(request: Request) -> Response:
    """Draw one label as the address asks for it; without a product, a sample."""
    fields = Fields(request.query_params)
    wish, product = wish_in(fields), fields.uuid("product", required=False)
    async with db(request).read(scope(request)) as read:
        found = await shelf.label_facts(read, [product] if product else [], fields.uuid("store", required=False))
    text = text_of(found[0] if found else _SAMPLE, tenant(request))
    try:
        drawn = picture(compose(text, wish.paper, wish.style, wish.kind), wish.paper)
    except TooNarrow:
        drawn = picture([], wish.paper)
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


async def create(request: Request) -> Response:
    """Print: answer the PDF, and note for the store that its labels are new."""
    fields = await Fields.read(request)
    ids = [pick.id for pick in picks_in(fields.many("ids"))]
    asked = Asked(ids, None, wish_in(fields))
    try:
        if not ids or len(ids) > MOST_PRODUCTS:
            fields.error(
                "", _("Print the labels of at least one and at most %(most)d products.") % {"most": MOST_PRODUCTS}
            )
        async with db(request).read(scope(request)) as read:
            stores = {one.id for one in await tenants.stores(read)}
            store = fields.uuid("store")
            if store is not None and store not in stores:
                fields.error("store", _("Pick one from the list."))
            asked = Asked(ids, store, asked.wish)
            facts = await shelf.label_facts(read, ids, store)
        if said := _gone(ids, facts):
            fields.error("", said)
        copies = copies_in(fields, ids)
        fields.check()
        labels = composed(facts, copies, asked.wish, tenant(request))
    except Invalid as wrong:
        return await _form(request, asked, fields.values, wrong.errors, 422)
    wish = asked.wish
    pdf = await asyncio.to_thread(print_labels, labels, wish.paper, wish.start, _("Labels"))
    if store is not None and wish.style != "code":
        printed = {one.id: one.price_minor for one in facts if copies.get(one.id, 1)}
        await db(request).run(scope(request), shelf.labels_printed, store, printed)
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": disposition("labels.pdf")})


async def remove(request: Request) -> Response:
    """Take ticked labels off a store's list: it needs none."""
    fields = await Fields.read(request)
    ids = [pick.id for pick in picks_in(fields.many("ids"))]
    store = fields.uuid("store")
    fields.check()
    async with db(request).read(scope(request)) as read:
        await tenants.store(read, store or UUID(int=0))
        facts = await shelf.label_facts(read, ids[:MOST_PRODUCTS], store)
    if store is not None and facts:
        prices = {one.id: one.price_minor for one in facts}
        await db(request).run(scope(request), shelf.labels_printed, store, prices, on_paper=False)
    said = ngettext("%(num)d label is off the list.", "%(num)d labels are off the list.", len(facts))
    return redirect(request, f"{PATH}?store={store}", said=said % {"num": len(facts)})


async def _due(read: Read, store: UUID | None, after: str | None) -> Page[shelf.Due]:
    if store is None:
        return Page([], None)
    return await shelf.due(read, store, limit=DEFAULT_LIMIT, after=after)


async def _form(
    request: Request,
    asked: Asked,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    *,
    due: bool = False,
) -> Response:
    async with db(request).read(scope(request)) as read:
        stores = [one for one in await tenants.stores(read) if one.archived_at is None]
        store = asked.store or (stores[0].id if stores else None)
        facts = await shelf.label_facts(read, asked.ids, store)
        in_all = await shelf.due_count(read, store) if due and store else 0
    usual = {"store": str(store or ""), "format": FORMAT, "layout": "price", "symbol": "auto", "start": "1"}
    return render(
        request,
        "catalog/labels/new.html",
        status,
        products=[(one, text_of(one, tenant(request)).price) for one in facts],
        lacking=unprintable(facts),
        gone="" if errors else _gone(asked.ids, facts),
        places=[(str(one.id), one.name) for one in stores],
        values=usual | values,
        errors=errors,
        most=MOST_PRODUCTS,
        in_all=in_all if in_all > len(facts) else 0,
        **choices(),
        first=facts[0].id if facts else None,
        picture=_picture(asked.wish, store, facts[0].id if facts else None),
        paper=asked.wish.paper,
    )


def _gone(ids: Sequence[UUID], facts: Sequence[LabelFacts]) -> str:
    """Say that products were deleted since somebody ticked them; empty where none was."""
    gone = len(set(ids)) - len(facts)
    said = ngettext(
        "%(num)d product was deleted meanwhile. Labels of the others can be printed.",
        "%(num)d products were deleted meanwhile. Labels of the others can be printed.",
        gone,
    )
    return said % {"num": gone} if gone else ""


def _picture(wish: Wish, store: UUID | None, product: UUID | None) -> str:
    """Give the address of the drawing of a label."""
    asked = {"format": wish.paper.key, "layout": wish.style, "symbol": wish.kind, "store": store, "product": product}
    return f"{PATH}/preview.svg?{urlencode({name: value for name, value in asked.items() if value})}"
