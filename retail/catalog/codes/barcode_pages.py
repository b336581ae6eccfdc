"""The page of one product's barcodes."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.codes import barcodes
from retail.catalog.errors import BarcodeTaken
from retail.catalog.handlers import uuid_in
from retail.kit.errors import Conflict, Invalid
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """Show a product's barcodes, and the field for another one."""
    return await _page(request, "", {})


async def create(request: Request) -> Response:
    """Add a barcode, or make one of our own."""
    id, fields = uuid_in(request), await Fields.read(request)
    typed = fields.text("code", 60).replace(" ", "")
    try:
        if fields.flag("make"):
            code = await db(request).run(scope(request), barcodes.make_barcode, id)
        else:
            fields.check()
            code = await db(request).run(scope(request), barcodes.add_barcode, id, typed)
    except Invalid as wrong:
        return await _page(request, fields.raw("code"), wrong.errors, 422)
    except BarcodeTaken as taken:
        return await _page(request, fields.raw("code"), {"code": [taken.sentence()]}, 422, owner=taken)
    except Conflict as refused:
        return await _page(request, fields.raw("code"), {"code": [refused.sentence()]}, 422)
    return redirect(request, _path(id), said=_("Barcode %(code)s is added.") % {"code": code})


async def remove(request: Request) -> Response:
    """Take a barcode away."""
    id = uuid_in(request)
    await db(request).run(scope(request), barcodes.remove_barcode, id, uuid_in(request, "barcode"))
    return redirect(request, _path(id), said=_("The barcode is removed. Scanning it finds nothing any more."))


async def put_first(request: Request) -> Response:
    """Have labels print this barcode."""
    id = uuid_in(request)
    await db(request).run(scope(request), barcodes.put_barcode_first, id, uuid_in(request, "barcode"))
    return redirect(request, _path(id), said=_("Labels print this barcode from now on."))


def _path(product: UUID) -> str:
    return f"/products/{product}/barcodes"


async def _page(
    request: Request,
    typed: str,
    errors: dict[str, list[str]],
    status: int = 200,
    owner: BarcodeTaken | None = None,
) -> Response:
    async with db(request).read(scope(request)) as read:
        product = await queries.product(read, uuid_in(request))
        found = await barcodes.barcodes_of(read, product.id)
    return render(
        request,
        "catalog/codes/barcodes.html",
        status,
        product=product,
        barcodes=found,
        typed=typed,
        errors=errors,
        owner=owner,
    )
