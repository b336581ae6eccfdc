"""Lists as files: what a page shows with its filters, all of it, as CSV that no spreadsheet runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from retail.analytics.exports import TABLES, export
from retail.catalog import queries as catalog
from retail.kit.errors import NotFound
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope, tenant
from retail.sales import listing
from retail.sales.handlers import wanted_in
from retail.stock import levels
from retail.tenants import queries as tenants

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024


async def products(request: Request) -> Response:
    """Give the products of the list."""
    asked = request.query_params
    wanted = catalog.Wanted(
        text=asked.get("q", ""), category=_id(asked, "category"), archived=asked.get("show") == "archived"
    )
    async with db(request).read(scope(request)) as read:
        return await _file(request, read, "products", catalog.narrowing(read.tenant, wanted))


async def stock(request: Request) -> Response:
    """Give the levels of the list, as far as anything ever moved."""
    asked = request.query_params
    wanted = levels.Narrowed(store=_id(asked, "store"), text=asked.get("q", "")[:100], low=asked.get("low") == "1")
    async with db(request).read(scope(request)) as read:
        return await _file(request, read, "stock", levels.narrowing(read.tenant, wanted))


async def sales(request: Request) -> Response:
    """Give the lines of the sales of the list."""
    async with db(request).read(scope(request)) as read:
        wanted = wanted_in(request.query_params, {till.code: till.id for till in await tenants.tills(read)})
        return await _file(request, read, "sales", listing.narrowing(read, wanted))


async def _file(request: Request, read: Read, name: str, narrowed: Conditions) -> Response:
    """Write the whole table down first: a slow reader holds no connection, and what fails is no torn file."""
    written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the answer has gone out
    async for piece in export(read, TABLES[name], "csv", tenant(request).money, narrowed):
        written.write(piece.encode())
    written.seek(0)
    return StreamingResponse(
        _pieces(written),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{read.now.date()}.csv"',
            "Cache-Control": "no-store",
        },
    )


async def _pieces(written: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    with written:
        while piece := written.read(_PIECE):
            yield piece


def _id(asked: QueryParams, name: str) -> UUID | None:
    try:
        return UUID(asked[name]) if asked.get(name) else None
    except ValueError as wrong:
        raise NotFound(name) from wrong
