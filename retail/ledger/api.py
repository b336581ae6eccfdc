"""The JSON API of the books: the journal as text for accounting programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from retail.audit import EXPORT
from retail.audit.operations import note
from retail.identity.permissions import VIEW_BOOKS
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.ledger import queries
from retail.ledger.exports import FORMATS, Format
from retail.ledger.queries import Period
from retail.runtime.db import Database, Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, tenant
from retail.runtime.web.filenames import disposition

router = APIRouter(tags=["books"])


@router.get("/exports/journal")
async def export_journal(
    request: Request,
    scope: Scope = allow(VIEW_BOOKS, also=EXPORT),
    format: Literal["hledger", "beancount", "csv"] = "hledger",
    from_: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    to: Annotated[date | None, Query(description="Last business day.")] = None,
) -> Response:
    """Give the journal of a period as a file, entry by entry as it is read."""
    if from_ and to and from_ > to:
        raise Invalid({"to": [_("The last day must not come before the first.")]})
    facts = {"table": "journal", "format": format, "from": from_, "to": to}
    await note(db(request), scope, "data.exported", "table", None, **facts)
    form = FORMATS[format]
    name = "-".join(["journal", *(day.isoformat() for day in (from_, to) if day)])
    return StreamingResponse(
        written(db(request), scope, form, Period(from_, to), tenant(request).currency),
        media_type=form.media_type,
        headers={"Content-Disposition": disposition(f"{name}.{form.suffix}")},
    )


async def written(database: Database, scope: Scope, form: Format, period: Period, code: str) -> AsyncIterator[str]:
    """Write a journal piece by piece; each batch is read in a unit of work of its own, so a slow reader holds none."""
    async with database.read(scope) as read:
        accounts = await queries.accounts(read, period)
        first = period.first or await _first_day(read)
    yield form.head(accounts, code, first.isoformat())
    last = None
    while True:
        async with database.read(scope) as read:
            batch = await queries.journal_after(read, period, last)
        yield "".join(form.entry(entry) for entry in batch if entry.lines)
        if len(batch) < queries.EXPORT_BATCH:
            return
        last = batch[-1]


async def _first_day(read: Read) -> date:
    day: date | None = await read.fetchval(
        "SELECT min(business_date) FROM journal_entry WHERE tenant_id = $1", read.tenant
    )
    return day or read.now.date()
