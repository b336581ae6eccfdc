"""The JSON API of imports: hand a file in, see how far it is and what each row comes to, have it stored, cancel it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import IO, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from retail.automation.columns import heading_of
from retail.automation.imports import operations, queries
from retail.automation.imports.files import MOST_ZIP, forget, path_of
from retail.automation.imports.handing import Source, take_file
from retail.automation.imports.pages import report_pieces, require
from retail.automation.imports.queries import RowFacts, RunFacts
from retail.automation.kinds.all_kinds import KINDS
from retail.identity.permissions import IMPORT
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, edge, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.idempotency import Answered, idempotent
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["imports"])

_AT_ONCE: Final = 1 << 20
MODES: Final = ("whole", "good")
_WISH: Final = {
    "kind": {"type": "string", "enum": list(KINDS)},
    "mode": {"type": "string", "enum": list(MODES), "default": "whole"},
    "dry_run": {"type": "boolean", "default": False},
    "match_by": {"type": "string", "enum": ["sku", "barcode"]},
    "mapping": {"type": "string", "description": "JSON: {heading of the file: our column, or null to leave it out}."},
    "name": {"type": "string", "description": "What the file is called."},
}
_BODY: Final[dict[str, Any]] = {
    "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in _WISH.items()],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "kind"],
                    "properties": _WISH | {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a program says of the file it sends."""

    kind: str
    name: str
    whole: bool
    dry_run: bool
    match_by: str
    mapping: Mapping[str, str | None] | None

    def digest(self, sha256: bytes) -> bytes:
        """Sum up the request, for a key that comes again."""
        told = [self.kind, self.name, self.whole, self.dry_run, self.match_by, self.mapping]
        return hashlib.sha256(sha256 + json.dumps(told, sort_keys=True).encode()).digest()


@router.post("/imports", status_code=201, openapi_extra=_BODY)
async def create_import(request: Request, scope: Scope = allow(IMPORT)) -> Response:
    """Hand a file in, as a form with `file` or as the body itself with the rest in the address; it is checked at once.

    `dry_run` stops when it is checked. Else it is stored then: with the mode `whole` if no row is refused, with `good`
    the good rows. Columns are recognised by their headings unless `mapping` says which is which. Takes an
    Idempotency-Key.
    """
    edge(request).body_limit = MOST_ZIP + 64 * 1024
    try:
        return (await _taken(request, scope)).response()
    finally:
        await request.close()  # the uploaded file with it


async def _taken(request: Request, scope: Scope) -> Answered:
    multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
    fields = await Fields.read(request) if multipart else Fields(request.query_params)
    sent = fields.file("file") if multipart else None
    wish = _wish(fields, sent)
    require(scope, wish.kind)
    with tempfile.SpooledTemporaryFile(_AT_ONCE) as spooled:
        file: IO[bytes] = sent.file if sent else spooled
        if sent is None:
            async for piece in request.stream():
                await asyncio.to_thread(spooled.write, piece)
            await asyncio.to_thread(spooled.seek, 0)
        source = Source(file, wish.name, wish.kind)
        return await take_file(settings(request), scope, source, _noted(request, scope, wish))


@router.get("/imports")
async def list_imports(
    request: Request, scope: Scope = allow(IMPORT), limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Response:
    """List imports, newest first."""
    async with db(request).read(scope) as read:
        page = await queries.runs(read, limit=limit, after=after)
    return json_answer({"items": [_told(one) for one in page.items], "next": page.next})


@router.get("/imports/{id}")
async def show_import(request: Request, id: UUID, scope: Scope = allow(IMPORT)) -> Response:
    """Give one import: where it is, how far its job is, and what its rows come to."""
    return json_answer(_told(await _run(request, scope, id)))


@router.get("/imports/{id}/report")
async def report_import(
    request: Request,
    id: UUID,
    scope: Scope = allow(IMPORT),
    rows: Literal["refused", "changed", "new", "same", "all"] = "refused",
    format: Literal["json", "csv"] = "json",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """Give rows with what each comes to and why: pages of JSON, or all of them as CSV to be mended and sent again."""
    run = await _run(request, scope, id)
    if format == "csv":
        return report_pieces(request, run, queries.STATES if rows == "all" else (rows,))
    async with db(request).read(scope) as read:
        page = await queries.rows_of(read, id, "" if rows == "all" else rows, limit=limit, after=after)
    return json_answer({"items": [_row(one, run) for one in page.items], "next": page.next})


@router.post("/imports/{id}/start")
async def start_import(
    request: Request,
    id: UUID,
    scope: Scope = allow(IMPORT),
    mode: Annotated[Literal["whole", "good"] | None, Query()] = None,
) -> Response:
    """Have a checked file stored; `mode` as it was handed in, or another. 409 `import_went_on` at any other stage."""
    run = await _run(request, scope, id)

    async def start(tx: Tx) -> Answered:
        async def make() -> object:
            await operations.ask_to_store(tx, id, whole=run.whole if mode is None else mode == "whole")
            return _told(await queries.run_of(tx, id))

        return await idempotent(request, tx, f"imports.start:{id}:{mode}", make)

    return (await db(request).run(scope, start)).response(200)


@router.post("/imports/{id}/cancel")
async def cancel_import(request: Request, id: UUID, scope: Scope = allow(IMPORT)) -> Response:
    """Cancel an import. What is stored already stays; of one that is stored as a whole nothing is."""
    run = await _run(request, scope, id)

    async def stop(tx: Tx) -> Answered:
        async def make() -> object:
            await operations.cancel(tx, id)
            return _told(await queries.run_of(tx, id))

        return await idempotent(request, tx, f"imports.cancel:{id}", make)

    answered = await db(request).run(scope, stop)
    if not run.running:  # a job looks for itself
        await asyncio.to_thread(forget, path_of(settings(request), scope.tenant, id))
    return answered.response(200)


def _noted(request: Request, scope: Scope, wish: Wish) -> Callable[[operations.NewRun], Awaitable[Answered]]:
    async def note(new: operations.NewRun) -> Answered:
        new = replace(new, whole=wish.whole, goes_on=not wish.dry_run)

        async def begin(tx: Tx) -> Answered:
            async def make() -> object:
                run = await operations.hand_in(tx, new)
                if run.form == "zip":
                    await operations.check_pictures(tx, run.id)
                else:
                    columns = _columns(run, wish.mapping)
                    await operations.name_columns(tx, run.id, columns, wish.match_by or _finder(run, columns))
                return _told(await queries.run_of(tx, run.id))

            return await idempotent(request, tx, "imports.add", make, digest=wish.digest(new.handed.sha256))

        answered = await db(request).run(scope, begin)
        if answered.replayed:  # the first one has its file
            await asyncio.to_thread(forget, new.handed.path)
        return answered

    return note


def _wish(fields: Fields, sent: UploadFile | None) -> Wish:
    """Read what is said of the file. Raises Invalid."""
    kind = fields.choice("kind", list(KINDS))
    mode, dry = (
        fields.choice("mode", MODES, required=False),
        fields.choice("dry_run", ("true", "false"), required=False),
    )
    match_by = fields.choice("match_by", ("sku", "barcode"), required=False)
    mapping: dict[str, str | None] | None = None
    if typed := fields.raw("mapping"):
        mapping = _mapping(fields, typed)
    name = fields.text("name", 200) or (sent.filename if sent and sent.filename else "") or kind
    fields.check()
    return Wish(kind, name, mode != "good", dry == "true", match_by, mapping)


def _mapping(fields: Fields, typed: str) -> dict[str, str | None]:
    try:
        found = json.loads(typed)
    except ValueError:
        found = None
    if isinstance(found, dict) and all(one is None or isinstance(one, str) for one in found.values()):
        return found
    fields.error("mapping", _("This must be a JSON object of headings and the columns that they mean."))
    return {}


def _columns(run: RunFacts, mapping: Mapping[str, str | None] | None) -> list[str]:
    """Tell what each column of the file means: as the mapping says, else as its heading does. Raises Invalid."""
    if mapping is None:
        return list(run.columns)
    meant = {heading_of(heading): column or "" for heading, column in mapping.items()}
    lacking = sorted(set(meant) - {heading_of(one) for one in run.header})
    if lacking:
        raise Invalid({"mapping": [_("The file has no column “%(name)s”.") % {"name": lacking[0]}]})
    return [meant.get(heading_of(one), "") for one in run.header]


def _finder(run: RunFacts, columns: list[str]) -> str:
    finds = [name for name in KINDS[run.kind].matches if {name, f"{name}s"} & set(columns)]
    return finds[0] if finds else run.match_by


async def _run(request: Request, scope: Scope, id: UUID) -> RunFacts:
    """Give an import. Raises NotFound, Forbidden where its kind isn't the caller's."""
    async with db(request).read(scope) as read:
        run = await queries.run_of(read, id)
    require(scope, run.kind)
    return run


def _told(run: RunFacts) -> dict[str, Any]:
    return {
        "id": run.id, "kind": run.kind, "form": run.form, "file": run.file_name, "size": run.size,
        "state": "failed" if run.failed else run.stage, "problem": run.problem,
        "mode": "whole" if run.whole else "good", "dry_run": not run.goes_on,
        "columns": [{"heading": h, "column": c or None} for h, c in zip(run.header, run.columns, strict=True)],
        "match_by": run.match_by, "progress": {"done": run.done, "total": run.total},
        "counts": {
            "rows": run.row_count, "new": run.new_count, "changed": run.changed_count, "same": run.same_count,
            "refused": run.refused_count, "stored": run.stored_count,
        },
        "asked_by": run.asked_by_name, "asked_at": run.asked_at, "checked_at": run.checked_at,
        "ended_at": run.ended_at,
    }  # fmt: skip


def _row(row: RowFacts, run: RunFacts) -> dict[str, Any]:
    return {
        "line": row.line, "result": row.state, "stored": row.stored, "name": row.name, "subject": row.subject,
        "cells": dict(zip(run.header, row.cells, strict=True)),
        "changes": [{"column": one.column, "before": one.before, "after": one.after} for one in row.changes],
        "reasons": [{"column": one.column, "detail": one.sentence} for one in row.reasons],
    }  # fmt: skip
