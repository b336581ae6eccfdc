"""A product's pictures: sent from the desk or taken with the phone's camera, shown, put first, taken away."""

from __future__ import annotations

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.products import pictures
from retail.kit.errors import DomainError, NotFound
from retail.kit.text import _
from retail.runtime.web.context import db, scope, settings
from retail.runtime.web.errors import TooLarge
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import is_htmx, redirect, render, toast
from retail.runtime.web.uploads import PictureTooLarge, Shelf, picture_answer, read_picture


async def add(request: Request) -> Response:
    """Take a picture; a file that can't be used comes back with its sentence and changes nothing."""
    await limit(request, "upload", str(scope(request).actor.id))
    product = _id(request, "id")
    try:
        fields = await Fields.read(request)
        file = fields.file("picture", required=False)
        if file is None:
            return await _answer(request, product, _("Pick a picture, or take one."), 422)
        content = await read_picture(file, settings(request))
        await pictures.keep(db(request), scope(request), settings(request), product, content)
    except DomainError as refused:
        if refused.status >= 500 or isinstance(refused, NotFound):
            raise
        said = PictureTooLarge() if isinstance(refused, TooLarge) else refused  # the form holds nothing but a picture
        return await _answer(request, product, said.sentence(), refused.status)
    finally:
        await request.close()  # the uploaded file with it
    return await _answer(request, product, "")


async def put_first(request: Request) -> Response:
    """Have a picture stand for the product."""
    product = _id(request, "id")
    await db(request).run(scope(request), pictures.put_first, product, _id(request, "picture"))
    return await _answer(request, product, "")


async def remove(request: Request) -> Response:
    """Take a picture away."""
    product = _id(request, "id")
    await pictures.take_away(db(request), scope(request), settings(request), product, _id(request, "picture"))
    return await _answer(request, product, "")


async def show(request: Request) -> Response:
    """Give one size of a picture to members of the business. Raises NotFound."""
    name, side = str(request.path_params["name"]), int(request.path_params["side"])
    if side not in pictures.SIDES:
        raise NotFound("picture")
    content = await asyncio.to_thread(Shelf(settings(request), scope(request).tenant).read, name, side)
    return picture_answer(content, f"product-{side}.webp")


async def _answer(request: Request, product: UUID, wrong: str, status: int = 200) -> Response:
    if not is_htmx(request):
        return redirect(
            request, f"/products/{product}#pictures", said=wrong or _("Saved."), tone="warn" if wrong else "ok"
        )
    async with db(request).read(scope(request)) as read:
        known = await queries.product(read, product)
        found = await pictures.pictures(read, product)
    shown = render(request, "catalog/products/_pictures.html", status, product=known, pictures=found)
    return toast(shown, wrong, "warn") if wrong else shown


def _id(request: Request, name: str) -> UUID:
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise NotFound(name) from None
