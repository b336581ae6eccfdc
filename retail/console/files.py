"""The operator's lists as files: read as their pages read them, in the forms and cells of every other list.

They are read at one moment, a page after the other; what goes out is on the platform's own trail before it does.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from retail.audit.operations import note, told
from retail.automation.exports.sql_lists import cell
from retail.automation.exports.walking import Col, Walk
from retail.automation.files.writing import FORMS, Form, Sink, sink
from retail.comms.operator_pages import operators_scope
from retail.kit.errors import NotFound
from retail.kit.money import Currency
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db

AT_ONCE: Final = 500
"""So many rows are read at a time."""
_NO_MONEY: Final = Currency("", 0)
"""No list of the operator has amounts."""

Begin = Callable[[Read, Asked], Awaitable[Walk]]


def as_file(name: str, columns: Sequence[Col], begin: Begin) -> Callable[[Request], Awaitable[Response]]:
    """Give the handler that answers with a list as a file: ?format=csv, xlsx or json, and its page's own filters.

    `begin` reads the address as the page does and gives what reads a page of the list.
    """

    async def answer(request: Request) -> Response:
        form = _form(request.query_params.get("format", "csv"))
        asked = Asked("", {key: value for key, value in request.query_params.items() if key != "format"})
        with tempfile.NamedTemporaryFile(prefix="list-", delete=False) as made:
            path = Path(made.name)
        try:
            async with db(request).read(Scope.system(PLATFORM)) as read:
                walk = await begin(read, asked)
                asked.refuse_others()
                asked.check()
                await _write(walk, columns, path, form)
                day = read.now.date()
            facts = {"table": f"platform-{name}", "format": form, "filters": told(asked.kept)}
            await note(db(request), operators_scope(request), "data.exported", "table", None, **facts)
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        return FileResponse(
            path,
            media_type=FORMS[form],
            filename=f"{name}-{day}.{form}",
            headers={"Cache-Control": "no-store"},
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    answer.__doc__ = f"Give the operator's list of {name} as a file."
    return answer


async def _write(walk: Walk, columns: Sequence[Col], path: Path, form: Form) -> None:
    file = await asyncio.to_thread(sink, path, form, [one.name for one in columns], _numbers(columns))
    after: str | None = None
    more = True
    try:
        while more:
            page = await walk(after)
            rows = [[cell(one.value(row), one.kind, form, _NO_MONEY) for one in columns] for row in page.items]
            await asyncio.to_thread(_add, file, rows)
            after, more = page.next, page.next is not None
    finally:
        await asyncio.to_thread(file.close)


def _numbers(columns: Sequence[Col]) -> frozenset[int]:
    return frozenset(at for at, one in enumerate(columns) if one.kind == "plain")


def _add(file: Sink, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        file.add(row)


def _form(text: str) -> Form:
    if text not in FORMS:
        raise NotFound("format")
    return text
