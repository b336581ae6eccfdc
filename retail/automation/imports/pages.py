"""Pages of imports: hand a file in, say what its columns mean, look at what it would change, store it or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from retail.automation.files.json_files import nests
from retail.automation.files.reading import Form, rows_of
from retail.automation.imports import operations, queries
from retail.automation.imports.beyond import beyond
from retail.automation.imports.errors import FileTooLarge
from retail.automation.imports.files import forget, path_of
from retail.automation.imports.handing import PRODUCTS, Source, take_file
from retail.automation.imports.queries import RowFacts, RunFacts
from retail.automation.kinds.all_kinds import KINDS, columns_for, kind_of
from retail.catalog.queries import tax_classes
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Forbidden, Invalid
from retail.kit.guard import csv_text
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import db, edge, scope, settings
from retail.runtime.web.filenames import disposition
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

HOME: Final = "/products/imports"
NO_NEW: Final = "-"
"""Said of the tax class of new products: the file gives each its own, or has none that are new."""
_SAMPLES: Final = 3
_SHOWN: Final = 8
"""So many columns of a new row fit on a page."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What somebody said of a file's columns, to be shown again with what is wrong."""

    columns: list[str]
    match_by: str
    tax_class: str


async def index(request: Request) -> Response:
    """List imports, newest first."""
    after = request.query_params.get("after")
    async with db(request).read(scope(request)) as read:
        page = await queries.runs(read, limit=DEFAULT_LIMIT, after=after)
    following = f"{HOME}?after={page.next}" if page.next else None
    return render(
        request, "automation/imports/index.html", runs=page.items, next=following, kinds=_kinds(scope(request)),
        stages=stage_words(),
    )  # fmt: skip


async def new(request: Request) -> Response:
    """Show where a file is handed in."""
    return _hand_in_form(request, request.query_params.get("kind", "products"), {})


async def create(request: Request) -> Response:
    """Take a file in: it is kept, looked at, and nothing else."""
    fields = await Fields.read(request)
    wanted = fields.choice("kind", [name for name, _words in _kinds(scope(request))])
    file = fields.file("file")
    try:
        fields.check()
        run = await _hand_in(request, wanted, file) if file else None
    except Invalid as wrong:
        return _hand_in_form(request, wanted, wrong.errors, 422)
    except FileTooLarge as large:
        return _hand_in_form(request, wanted, {"file": [large.sentence()]}, 413)
    return redirect(request, f"{HOME}/{run.id if run else 'new'}")


async def _hand_in(request: Request, wanted: str, file: UploadFile) -> RunFacts:
    async def note(tx: Tx, new: operations.NewRun) -> RunFacts:
        run = await operations.hand_in(tx, new)
        if run.form == "zip":
            await operations.check_pictures(tx, run.id)
        return run

    async def noted(new: operations.NewRun) -> RunFacts:
        return await db(request).run(scope(request), note, new)

    source = Source(file.file, file.filename or "", wanted)
    return await take_file(settings(request), scope(request), source, noted)


async def show(request: Request) -> Response:
    """Show an import where it is: its columns, how far it is, what it would change, what became of it."""
    return await _page(request, await _run(request), {})


async def name_columns(request: Request) -> Response:
    """Say what the file's columns mean; its rows are then checked."""
    run = await _run(request)
    fields = await Fields.read(request)
    columns = [fields.raw(f"column-{place}")[:60] for place in range(len(run.header))]
    match_by = fields.raw("match_by") or kind_of(run.kind).matches[0]
    tax_class = fields.raw("tax_class")[:20] or (NO_NEW if "tax_class" in columns or run.kind != PRODUCTS else "")
    try:
        if not tax_class:
            said = _("No column of the file means the tax class. Pick the one that its new products get.")
            raise Invalid({"tax_class": [said]})
        chosen = None if tax_class == NO_NEW else tax_class
        await db(request).run(scope(request), operations.name_columns, run.id, columns, match_by, chosen)
    except Invalid as wrong:
        naming = Naming(columns, match_by, tax_class)
        return await _page(request, run, wrong.errors, naming)
    return redirect(request, f"{HOME}/{run.id}")


async def store(request: Request) -> Response:
    """Have a checked file stored."""
    run = await _run(request)
    fields = await Fields.read(request)
    whole = fields.raw("how") != "good"
    try:
        await db(request).run(scope(request), operations.ask_to_store, run.id, whole=whole)
    except Invalid as wrong:
        return await _page(request, run, wrong.errors)
    return redirect(request, f"{HOME}/{run.id}")


async def cancel(request: Request) -> Response:
    """Cancel an import."""
    run = await _run(request)
    await db(request).run(scope(request), operations.cancel, run.id)
    if not run.running:  # a job looks for itself
        await asyncio.to_thread(forget, path_of(settings(request), scope(request).tenant, run.id))
    return redirect(request, f"{HOME}/{run.id}", said=_("The import is cancelled."))


async def report(request: Request) -> Response:
    """Give the refused rows, or with ?rows=all every row, as a file that can be mended and handed in again."""
    run = await _run(request)
    return report_pieces(request, run, queries.STATES if request.query_params.get("rows") == "all" else ("refused",))


def report_pieces(request: Request, run: RunFacts, states: tuple[str, ...]) -> Response:
    """Answer with an import's rows of some states as CSV, in pieces."""
    name = f"{run.file_name.rpartition('.')[0] or run.file_name}-{'all' if len(states) > 1 else 'refused'}.csv"
    return StreamingResponse(
        _report(request, run, states),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition(name), "Cache-Control": "no-store"},
    )


async def _report(request: Request, run: RunFacts, states: tuple[str, ...]) -> AsyncIterator[str]:
    after: str | None = None
    yield csv_text([["line", "result", "reason", *run.header]])
    for state in states:
        more = True
        while more:
            async with db(request).read(scope(request)) as read:
                page = await queries.rows_of(read, run.id, state, limit=500, after=after)
            yield csv_text([_reported(row, run) for row in page.items])
            after, more = page.next, page.next is not None


def _reported(row: RowFacts, run: RunFacts) -> list[object]:
    reasons = [f"{one.column}: {one.sentence}" if one.column else one.sentence for one in row.reasons]
    changes = [f"{one.column}: {one.before} \u2192 {one.after}" for one in row.changes]
    result = row.state if row.stored or row.state in {"same", "refused"} else f"{row.state}, not stored"
    return [row.line, result if run.stage in queries.ENDED else row.state, " ".join(reasons or changes), *row.cells]


async def columns(request: Request) -> Response:
    """Explain the columns of every kind of file."""
    costs = scope(request).holds(VIEW_COSTS)
    known = [(kind, columns_for(kind, with_costs=costs)) for kind in KINDS.values()]
    return render(request, "automation/imports/columns.html", kinds=[(_(kind.label), kind, of) for kind, of in known])


async def _run(request: Request) -> RunFacts:
    """Give the import of the address. Raises NotFound, Forbidden where its kind isn't this person's."""
    async with db(request).read(scope(request)) as read:
        run = await queries.run_of(read, UUID(str(request.path_params["id"])))
    require(scope(request), run.kind)
    return run


def require(acting: Scope, kind: str) -> None:
    """Ask for the right that a kind of rows needs, in all stores: a file speaks of any of them. Raises Forbidden."""
    permission = kind_of(kind).permission
    acting.require(permission)
    if acting.reach(permission) is not None:
        raise Forbidden(permission)


async def _page(request: Request, run: RunFacts, errors: dict[str, list[str]], said: Naming | None = None) -> Response:
    kind = kind_of(run.kind)
    again = run.failed and run.stage == "checking" and run.form != "zip"
    naming = (
        said is not None
        or again
        or run.stage == "columns"
        or (run.stage == "checked" and "columns" in request.query_params)
    )
    live = run.running and run.job_id is not None
    return render(
        request,
        "automation/imports/show.html",
        422 if errors else 200,
        run=run,
        kind=kind,
        kind_words=_(kind.label),
        errors=errors,
        naming=naming,
        choices=[(one.name, one.words) for one in columns_for(kind, with_costs=run.with_costs)],
        labels={one.name: one.words for one in kind.columns},
        chosen=said.columns if said else list(run.columns),
        match_by=said.match_by if said else run.match_by,
        tax_class=said.tax_class if said else run.defaults.get("tax_class", NO_NEW if run.stage == "checked" else ""),
        tax_choices=await _tax_choices(request) if naming and run.kind == PRODUCTS else [],
        match_choices=[
            (name, one.words) for name in kind.matches for one in kind.columns if one.name in {name, f"{name}s"}
        ],
        samples=await asyncio.to_thread(_samples, request, run) if naming else [],
        stages=stage_words(),
        live=f"{edge(request).base}/live?topic=job:{run.job_id}" if live else None,
        **await _rows(request, run),
    )


async def _tax_choices(request: Request) -> list[tuple[str, str]]:
    async with db(request).read(scope(request)) as read:
        known = await tax_classes(read)
    return [
        ("", _("pick one, where the file has no column for it")),
        *((one.code, f"{one.code} \u00b7 {one.name}") for one in known),
        (NO_NEW, _("none: new products without one are refused")),
    ]


async def _rows(request: Request, run: RunFacts) -> dict[str, Any]:
    """Give a page of the rows of one state: the one asked for, else the first that has any."""
    asked = request.query_params.get("rows", "")
    first = next((one for one in ("refused", "changed", "new", "same") if run.count(one)), "new")
    state = asked if asked in queries.STATES else first
    if run.stage not in {"checked", "storing", *queries.ENDED}:
        return {"state": state, "rows": [], "next": None, "shown": [], "beyond": None}
    async with db(request).read(scope(request)) as read:
        page = await queries.rows_of(read, run.id, state, limit=DEFAULT_LIMIT, after=request.query_params.get("after"))
        over = await beyond(read, run)
    following = f"{HOME}/{run.id}?rows={state}&after={page.next}" if page.next else None
    shown = [(place, name) for place, name in enumerate(run.columns) if name][:_SHOWN]
    return {"state": state, "rows": page.items, "next": following, "shown": shown, "beyond": over}


def _samples(request: Request, run: RunFacts) -> list[list[str]]:
    path, form = path_of(settings(request), scope(request).tenant, run.id), run.form
    if not path.is_file() or form not in {"csv", "xlsx", "json"}:
        return []
    known: Form = form  # type: ignore[assignment]
    try:
        found = islice(rows_of(path, known, list(run.header)), _SAMPLES)
        return [[nests(cell)[1] for cell in cells[: len(run.header)]] for _line, cells in found]
    except Invalid:  # the check says so, with what to do
        return []


def _hand_in_form(request: Request, kind: str, errors: dict[str, list[str]], status: int = 200) -> Response:
    return render(
        request, "automation/imports/new.html", status, kinds=_kinds(scope(request)), kind=kind, errors=errors
    )


def _kinds(acting: Scope) -> list[tuple[str, str]]:
    return [
        (kind.name, _(kind.label))
        for kind in KINDS.values()
        if acting.may(kind.permission) and acting.reach(kind.permission) is None
    ]


def stage_words() -> dict[str, str]:
    """Say where an import is."""
    return {
        "columns": _("waits for its columns"),
        "checking": _("is being checked"),
        "checked": _("is checked"),
        "storing": _("is being stored"),
        "done": _("is stored"),
        "cancelled": _("was cancelled"),
        "stopped": _("could not be read"),
    }
