"""The JSON API of codes and labels: what a code means, a product's barcodes, labels that are due, labels as a PDF."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from retail.catalog import queries
from retail.catalog.codes import barcodes, rulebook
from retail.catalog.codes.finding import Article, Found, find, off_sale
from retail.catalog.labels import shelf
from retail.catalog.labels.formats import FORMATS, format_of
from retail.catalog.labels.paper import print_labels
from retail.catalog.labels.wishes import MOST_COPIES, MOST_PRODUCTS, Wish, composed
from retail.identity.permissions import EDIT_CATALOGUE, PRINT_LABELS, VIEW_CATALOGUE
from retail.kit.errors import Invalid, NotFound
from retail.kit.quantity import quantity_text
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, tenant
from retail.runtime.web.filenames import disposition
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import store as store_of

router = APIRouter(tags=["catalogue"])


class NewBarcode(BaseModel):
    """A barcode to add to a product; without a code one of the business's own is made."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(min_length=1, max_length=48)] | None = None


class Copies(BaseModel):
    """A product whose label is printed, and how often."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    copies: Annotated[int, Field(ge=1, le=MOST_COPIES, strict=True)] = 1


class Labels(BaseModel):
    """Labels to print; with a store its list of labels that are due gets shorter."""

    model_config = ConfigDict(extra="forbid")
    products: Annotated[list[Copies], Field(min_length=1, max_length=MOST_PRODUCTS)]
    format: Annotated[str, Field(description="One of GET /labels/formats.")] = FORMATS[0].key
    style: Annotated[
        Literal["price", "code", "large"], Field(description="large is a price without a code, so without a symbol.")
    ] = "price"
    symbol: Literal["auto", "code128", "qr", "datamatrix"] = "auto"
    start: Annotated[int, Field(ge=1, strict=True, description="The first free place of a sheet.")] = 1
    store: UUID | None = None


@router.get("/codes/reading")
async def read_code(
    request: Request, code: Annotated[str, Query(max_length=400)], scope: Scope = allow(VIEW_CATALOGUE)
) -> Response:
    """Say what a scan means: the article, and what the code itself says of weight, price, lot and date.

    `archived` is the article where it isn't sold any more.
    """
    async with db(request).read(scope) as read:
        found = await find(read, code)
        return json_answer(_told(found, await off_sale(read, found)))


@router.get("/barcode-rules")
async def list_barcode_rules(request: Request, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """List the rules by which the shop's own labels are read, in their order."""
    async with db(request).read(scope) as read:
        rules = await rulebook.layout_rules(read)
    items = [{"id": rule.id, "name": rule.name, "layout": rule.layout.text} for rule in rules]
    return json_answer({"items": items, "next": None})


@router.post("/products/{id}/barcodes", status_code=201)
async def add_barcode(request: Request, id: UUID, new: NewBarcode, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Add a barcode to a product, or make one."""
    async with db(request).begin(scope) as tx:
        if new.code is None:
            await barcodes.make_barcode(tx, id)
        else:
            await barcodes.add_barcode(tx, id, new.code.strip())
        stored = await queries.product(tx, id)
    return json_answer({"product": id, "barcodes": list(stored.barcodes), "version": stored.version}, 201)


@router.delete("/products/{id}/barcodes/{code}", status_code=204)
async def remove_barcode(request: Request, id: UUID, code: str, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Take a barcode away from a product."""
    async with db(request).begin(scope) as tx:
        found = next((one.id for one in await barcodes.barcodes_of(tx, id) if one.code == code), None)
        if found is None:
            raise NotFound("barcode")
        await barcodes.remove_barcode(tx, id, found)
    return Response(status_code=204)


@router.get("/labels/formats")
async def list_formats(request: Request, scope: Scope = allow(PRINT_LABELS)) -> Response:  # noqa: ARG001 - the right is asked
    """List the papers that labels are printed on; millimetres."""
    items = [
        {"key": one.key, "name": one.words, "width": one.width, "height": one.height, "per_page": one.per_page}
        for one in FORMATS
    ]
    return json_answer({"items": items, "next": None})


@router.get("/labels/due")
async def list_due(
    request: Request,
    store: UUID,
    scope: Scope = allow(PRINT_LABELS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List the products whose shelf label is due in a store."""
    async with db(request).read(scope) as read:
        await store_of(read, store)
        page = await shelf.due(read, store, limit=limit, after=after)
    items = [
        {
            "product": one.id,
            "sku": one.sku,
            "name": one.name,
            "price": one.price_minor,
            "printed_price": one.printed_minor,
            "changed_at": one.changed_at,
        }
        for one in page.items
    ]
    return json_answer({"items": items, "next": page.next})


@router.post("/labels")
async def print_sheet(request: Request, wanted: Labels, scope: Scope = allow(PRINT_LABELS)) -> Response:
    """Answer labels as a PDF."""
    wish, ids = _wish(wanted), [one.id for one in wanted.products]
    async with db(request).read(scope) as read:
        if wanted.store is not None:
            await store_of(read, wanted.store)
        facts = await shelf.label_facts(read, ids, wanted.store)
    if len(facts) < len(set(ids)):
        raise Invalid({"products": [_("There is no such product.")]})
    labels = composed(facts, {one.id: one.copies for one in wanted.products}, wish, tenant(request))
    pdf = await asyncio.to_thread(print_labels, labels, wish.paper, wish.start, _("Labels"))
    if wanted.store is not None and wish.style != "code":
        prices = {one.id: one.price_minor for one in facts}
        await db(request).run(scope, shelf.labels_printed, wanted.store, prices)
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": disposition("labels.pdf")})


def _wish(wanted: Labels) -> Wish:
    """Check what was sent. Raises Invalid."""
    try:
        paper = format_of(wanted.format)
    except KeyError:
        raise Invalid({"format": [_("There is no such format. GET /labels/formats lists them.")]}) from None
    if wanted.start > paper.per_page:
        raise Invalid({"start": [_("This sheet has the places 1 to %(last)d.") % {"last": paper.per_page}]})
    if wanted.style == "large" and wanted.symbol != "auto":
        said = _("The large style has no code. Leave the symbol out, or pick the style price or code.")
        raise Invalid({"symbol": [said]})
    return Wish(paper, wanted.style, wanted.symbol, wanted.start - 1)


def _named(article: Article | None) -> dict[str, Any] | None:
    return {"id": article.id, "sku": article.sku, "name": article.name} if article else None


def _told(found: Found, archived: Article | None) -> dict[str, Any]:
    reading, article = found.reading, found.article
    quantity = found.quantity_milli
    return {
        "misread": reading.misread,
        "sure": reading.sure,
        "code": reading.code,
        "product": _named(article),
        "archived": _named(archived),
        "quantity": None if quantity is None else quantity_text(quantity),
        "price": reading.price_minor,
        "lot": reading.lot or None,
        "serial": reading.serial or None,
        "use_by": reading.use_by,
        "elements": {element.ai: element.text for element in reading.elements},
    }
