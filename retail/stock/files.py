"""Lists of stock as CSV that no spreadsheet runs; who took what is recorded before a byte of it goes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from retail.audit.operations import note
from retail.kit.guard import csv_text
from retail.runtime.web.context import db, scope
from retail.runtime.web.filenames import disposition


async def csv_file(
    request: Request, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], **filters: object
) -> Response:
    """Answer rows as a file, under their columns' names."""
    facts = {"table": name, "format": "csv", "filters": {key: str(value) for key, value in filters.items() if value}}
    await note(db(request), scope(request), "data.exported", "table", None, **facts)
    day = db(request).clock.now().date()
    return Response(
        csv_text([columns, *rows]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition(f"{name}-{day}.csv"), "Cache-Control": "no-store"},
    )
