"""The JSON API of reports: what is kept, have one made, see how far it is, fetch its file."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse

from retail.audit import EXPORT
from retail.automation.exports import operations as exports
from retail.automation.exports.operations import ExportFacts
from retail.automation.reports import operations, queries
from retail.automation.reports.bases import BASES
from retail.automation.reports.files import PREFIX, report_in, rights_to
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, settings
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["reports"])

_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class NewRun(BaseModel):
    """A report's file that is wanted: of a kept report, or of a base and what its address asks for."""

    model_config = ConfigDict(extra="forbid")

    report: UUID | None = None
    base: str = Field("", max_length=20)
    query: str = Field("", max_length=2000)
    form: Literal["pdf", "xlsx", "csv"] = "csv"


@router.get("/reports/bases")
async def list_bases(scope: Scope = allow(VIEW_DASHBOARD)) -> Response:
    """List what reports can be made of: those that whoever asks may see."""
    items = [
        {"base": name, "name": _(one.label), "about": _(one.about)}
        for name, one in BASES.items()
        if all(map(scope.may, one.rights))
    ]
    return json_answer({"items": items, "next": None})


@router.get("/reports")
async def list_reports(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """List kept reports, one's own and those that are shared, by name."""
    async with db(request).read(scope) as read:
        page = await queries.reports(read, q=q, limit=limit, after=after)
    items = [
        {
            "id": one.id,
            "name": one.name,
            "base": one.base,
            "query": one.query,
            "shared": one.shared,
            "updated_at": one.updated_at,
        }
        for one in page.items
    ]
    return json_answer({"items": items, "next": page.next})


@router.post("/reports/runs", status_code=202)
async def create_run(request: Request, new: NewRun, scope: Scope = allow(EXPORT)) -> Response:
    """Have a report made into a file; it waits for a week once it is there."""
    base, query, title = new.base, new.query, ""
    if not base and new.report is None:
        raise Invalid({"base": [_("Name a base, or the id of a kept report.")]})
    if new.report is not None:
        async with db(request).read(scope) as read:
            found = await queries.report(read, new.report)
        base, query, title = found.base, found.query, found.name
    id = await db(request).run(scope, operations.ask_for_report, base, new.form, query, title=title)
    async with db(request).read(scope) as read:
        return json_answer(_told(await exports.export_of(read, id)), 202)


@router.get("/reports/runs/{id}")
async def show_run(request: Request, id: UUID, scope: Scope = allow(EXPORT)) -> Response:
    """Say how far a report's file is: running, finished, failed or cancelled. Only to whoever asked for it."""
    return json_answer(_told(await _run(request, scope, id)))


@router.get("/reports/runs/{id}/file")
async def fetch_run(request: Request, id: UUID, scope: Scope = allow(EXPORT)) -> Response:
    """Give a report's file, once it is finished."""
    run = await _run(request, scope, id)
    for permission in rights_to(run.list):
        scope.require(permission)
    path = exports.path_of(settings(request), scope.tenant, id)
    if run.state != "finished" or not path.is_file():
        raise NotFound("export")
    name = f"{run.list.removeprefix(PREFIX)}-{run.asked_at.date()}.{run.form}"
    return FileResponse(path, media_type=_TYPES[run.form], filename=name, headers={"Cache-Control": "no-store"})


async def _run(request: Request, scope: Scope, id: UUID) -> ExportFacts:
    async with db(request).read(scope) as read:
        run = await exports.export_of(read, id)
    if report_in(run.list) is None:
        raise NotFound("export")
    return run


def _told(run: ExportFacts) -> dict[str, Any]:
    return {
        "id": run.id,
        "base": run.list.removeprefix(PREFIX),
        "form": run.form,
        "state": run.state,
        "done": run.done,
        "rows": run.row_count,
        "size": run.size,
        "asked_at": run.asked_at,
        "ended_at": run.ended_at,
    }
