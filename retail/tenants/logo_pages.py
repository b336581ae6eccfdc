"""The business's logo: sent, shown in the back office and on receipts, taken away again."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import DomainError, NotFound
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.context import db, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import redirect, render
from retail.runtime.web.uploads import Shelf, picture_answer, read_picture, smaller

POINTER: Final = "logo"
SIDES: Final = (64, 256, 512)


async def show(request: Request) -> Response:
    """Show the logo, and the form for another one."""
    return _page(request)


async def save(request: Request) -> Response:
    """Take another logo; a file that can't be used comes back with its sentence and changes nothing."""
    await limit(request, "upload", str(scope(request).actor.id))
    fields = await Fields.read(request)
    file = fields.file("logo")
    if file is None:
        return _page(request, fields.errors["logo"][0], 422)
    try:
        made = await smaller(await read_picture(file, settings(request)), SIDES)
        name = await asyncio.to_thread(_shelf(request).put, dict(zip(SIDES, made, strict=True)), POINTER)
    except DomainError as refused:
        if refused.status >= 500:
            raise
        return _page(request, refused.sentence(), refused.status)
    await db(request).run(scope(request), _note, "tenant.logo_changed", picture=name)
    return redirect(request, "/logo", said=_("The logo is on receipts and in the back office from now on."))


async def remove(request: Request) -> Response:
    """Take the logo away."""
    if await asyncio.to_thread(_shelf(request).take, POINTER):
        await db(request).run(scope(request), _note, "tenant.logo_removed")
    return redirect(request, "/logo", said=_("The logo was removed."))


async def picture(request: Request) -> Response:
    """Give one size of the logo to members of the business. Raises NotFound."""
    name, side = str(request.path_params["name"]), int(request.path_params["side"])
    if side not in SIDES:
        raise NotFound("picture")
    content = await asyncio.to_thread(_shelf(request).read, name, side)
    return picture_answer(content, f"logo-{side}.webp")


async def _note(tx: Tx, /, action: str, **facts: object) -> None:
    tx.audit(action, "tenant", tx.tenant, **facts)


def _shelf(request: Request) -> Shelf:
    return Shelf(settings(request), tenant(request).id)


def _page(request: Request, refusal: str = "", status: int = 200) -> Response:
    return render(request, "tenants/logo/edit.html", status, refusal=refusal)
