"""Lists as files: what a page shows with its filters, all of it, as CSV that no spreadsheet runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from retail.analytics.exports import TABLES, export, without_costs
from retail.audit.operations import note
from retail.catalog import queries as catalog
from retail.catalog.asking import choices as product_choices
from retail.catalog.asking import picks_in
from retail.catalog.asking import wanted_in as products_in
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import NotFound
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.filenames import disposition
from retail.sales import listing
from retail.sales.list_pages import wanted_in as sales_in
from retail.stock import levels
from retail.stock.handlers import wanted_in as levels_in
from retail.tenants import queries as tenants

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024


async def products(request: Request) -> Response:
    """Give the products of the list, or the ticked ones."""
    asked = Asked.of(request, "/products")
    async with db(request).read(scope(request)) as read:
        wanted = products_in(asked, await product_choices(read, tenant(request)))
        asked.check()
        ids = frozenset(pick.id for pick in picks_in(asked.many("ids")))
        wanted = catalog.Wanted(ids=ids) if ids else wanted
        made = await _file(request, read, "products", catalog.narrowing(read.tenant, wanted))
    return await _noted(request, asked, "products", made)


async def stock(request: Request) -> Response:
    """Give the levels of the list, or the ticked ones, as far as anything ever moved."""
    asked = Asked.of(request, "/stock")
    async with db(request).read(scope(request)) as read:
        wanted = levels_in(asked, await tenants.stores(read))
        asked.check()
        rows = frozenset(_level(text) for text in asked.many("ids"))
        wanted = levels.Narrowed(rows=rows, archived=True) if rows else wanted
        made = await _file(request, read, "stock", levels.narrowing(read.tenant, wanted))
    return await _noted(request, asked, "stock", made)


async def sales(request: Request) -> Response:
    """Give the lines of the sales of the list, or of the ticked ones."""
    asked = Asked.of(request, "/sales")
    async with db(request).read(scope(request)) as read:
        wanted = sales_in(asked, await tenants.stores(read), await tenants.tills(read))
        asked.check()
        ids = frozenset(pick.id for pick in picks_in(asked.many("ids")))
        made = await _file(request, read, "sales", listing.narrowing(read, listing.Wanted(ids=ids) if ids else wanted))
    return await _noted(request, asked, "sales", made)


async def _noted(request: Request, asked: Asked, name: str, made: Response) -> Response:
    """Record who took what, before a byte of it goes out."""
    facts = {"table": name, "format": "csv", "filters": asked.kept}
    await note(db(request), scope(request), "data.exported", "table", None, **facts)
    return made


async def _file(request: Request, read: Read, name: str, narrowed: Conditions) -> Response:
    """Write the whole table down first: a slow reader holds no connection, and what fails is no torn file."""
    written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the answer has gone out
    table = TABLES[name] if scope(request).holds(VIEW_COSTS) else without_costs(TABLES[name])
    async for piece in export(read, table, "csv", tenant(request).money, narrowed):
        written.write(piece.encode())
    written.seek(0)
    return StreamingResponse(
        _pieces(written),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": disposition(f"{name}-{read.now.date()}.csv"),
            "Cache-Control": "no-store",
        },
    )


async def _pieces(written: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    with written:
        while piece := written.read(_PIECE):
            yield piece


def _level(text: str) -> tuple[UUID, UUID]:
    """Read a ticked level, "<product>@<version>@<store>". Raises NotFound."""
    try:
        product, _version, store = text.split("@")
        return UUID(product), UUID(store)
    except ValueError as wrong:
        raise NotFound("level") from wrong
