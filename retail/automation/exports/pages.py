"""Lists as files: what a page shows with its filters, all of it; large ones are made beside and fetched when ready."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from asyncpg import QueryCanceledError
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from retail.audit import EXPORT
from retail.audit.operations import note, told
from retail.automation.cells import Ways
from retail.automation.exports import operations
from retail.automation.exports.label_files import FIELDS, PDF, Made
from retail.automation.exports.lists import LISTS, PACKED, list_of, rights_of
from retail.automation.exports.making import AT_ONCE_SECONDS, Order, TooMany, write_file
from retail.automation.exports.narrowing import kept_of, narrowed
from retail.automation.files.writing import FORMS, Form
from retail.automation.reports.files import label_of, rights_to
from retail.catalog.labels.asking import wish_in
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import db, edge, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.runtime.web.routing import Handler
from retail.runtime.web.uploads import Shelf
from retail.tenants import queries as tenants

HOME: Final = "/products/exports"
AT_ONCE: Final = 5_000
"""So many rows are written while somebody waits; more are made by a job."""
PACKED_AT_ONCE: Final = 200
"""So many where their pictures go along."""


def fetch(name: str) -> Handler:
    """Give the handler that answers with a list as a file: ?format=csv, xlsx or json, and the page's own filters."""

    async def answer(request: Request) -> Response:
        form = _form(request.query_params.get("format", "csv"))
        kept = kept_of(request.query_params)
        with tempfile.NamedTemporaryFile(prefix="list-", delete=False) as made:
            path = Path(made.name)
        try:
            async with db(request).read(scope(request), seconds=AT_ONCE_SECONDS) as read:
                order = await _order(request, read, name, form, kept)
                most = AT_ONCE if order.shelf is None else PACKED_AT_ONCE
                await write_file(read, order, path, f"{name}.{form}", most=most)
                day = read.now.date()
        except (TooMany, QueryCanceledError):
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return redirect(request, f"{HOME}?{urlencode([('list', name), ('format', form), *kept])}")
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        facts = {"table": name, "format": form, "filters": told(dict(kept))}
        await note(db(request), scope(request), "data.exported", "table", None, **facts)
        return _file(path, f"{name}-{day}", name, form, BackgroundTask(path.unlink, missing_ok=True))

    answer.__doc__ = f"Give the list of {name} as a file."
    return answer


async def index(request: Request) -> Response:
    """List one's own exports, and offer to make the one that the address names."""
    acting = scope(request)
    async with db(request).read(acting) as read:
        found = await operations.exports_of(read, acting.actor.id)
    running = next((one for one in found if one.state == "running"), None)
    asked, name = request.query_params, request.query_params.get("list", "")
    return render(
        request,
        "automation/exports/index.html",
        exports=found,
        wanted=name if name in LISTS else "",
        format=_form(asked.get("format", "csv")),
        kept=urlencode(kept_of(asked)),
        labels={one.list: _(label_of(one.list)) for one in found},
        offered=[(key, _(one.label)) for key, one in LISTS.items() if all(map(acting.may, rights_of(one)))],
        live=f"{edge(request).base}/live?topic=job:{running.job_id}" if running else None,
    )


async def create(request: Request) -> Response:
    """Have a list made into a file."""
    fields = await Fields.read(request)
    name, form = fields.choice("list", tuple(LISTS)), cast("Form", fields.choice("format", FORMS))
    fields.check()
    acting = _seeing(scope(request), name)
    kept = kept_of(QueryParams(parse_qsl(fields.raw("kept")[:8000], keep_blank_values=True)))
    async with db(request).read(acting) as read:
        await narrowed(read, name, kept)  # what is asked wrongly is refused here, not by a job
    costs = acting.holds(VIEW_COSTS)
    stores = acting.stores
    await db(request).run(scope(request), operations.ask_for_list, name, form, kept, costs=costs, stores=stores)
    return redirect(request, HOME, said=_("The file is being made. You may leave this page."))


async def print_due(request: Request) -> Response:
    """Have the labels of all products that are due in a store made into a file."""
    fields = await Fields.read(request)
    wish_in(fields)
    store = fields.uuid("store", required=True)
    fields.check()
    acting = _seeing(scope(request), "labels")
    async with db(request).read(acting) as read:
        await tenants.store(read, store or UUID(int=0))
    kept = [(name, fields.raw(name)) for name in FIELDS]
    stores = acting.stores
    await db(request).run(scope(request), operations.ask_for_list, "labels", PDF, kept, costs=False, stores=stores)
    return redirect(request, HOME, said=_("The file is being made. You may leave this page."))


async def cancel(request: Request) -> Response:
    """Cancel an export that is being made."""
    await db(request).run(scope(request), operations.cancel_export, UUID(str(request.path_params["id"])))
    return redirect(request, HOME, said=_("The export is cancelled."))


async def download(request: Request) -> Response:
    """Give the file of an export to whoever asked for it. Raises NotFound, also when its week is over."""
    id = UUID(str(request.path_params["id"]))
    async with db(request).read(scope(request)) as read:
        run = await operations.export_of(read, id)
    path = operations.path_of(settings(request), scope(request).tenant, id)
    for permission in rights_to(run.list):
        scope(request).require(permission)
    if run.state != "finished" or not path.is_file():
        raise NotFound("export")
    return _file(path, f"{run.list}-{run.asked_at.date()}", run.list, run.form)


async def _order(request: Request, read: Read, name: str, form: Form, kept: list[tuple[str, str]]) -> Order:
    facts = tenant(request)
    where = await narrowed(read, name, kept)
    costs = scope(request).holds(VIEW_COSTS)
    shelf = Shelf(settings(request), facts.id) if name in PACKED else None
    return Order(list_of(name), form, Ways(facts.money, facts.timezone), where, costs, shelf)


def _seeing(acting: Scope, name: str) -> Scope:
    """Narrow a scope to the stores whose list may be seen and taken out. Raises Forbidden, NotFound."""
    for permission in (*rights_of(list_of(name)), EXPORT):
        acting.require(permission)
        reach, seen = acting.reach(permission), acting.stores
        if reach is not None:
            acting = replace(acting, stores=reach if seen is None else seen & reach)
    return acting


def _form(text: str) -> Form:
    if text not in FORMS:
        raise NotFound("format")
    return text


def _file(path: Path, stem: str, name: str, form: Made, after: BackgroundTask | None = None) -> Response:
    if form == PDF and name != "labels":
        ending, kind = "pdf", "application/pdf"
    else:
        ending, kind = ("zip", "application/zip") if name in PACKED or form == PDF else (form, FORMS[form])
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type=kind, filename=f"{stem}.{ending}", headers=headers, background=after)
