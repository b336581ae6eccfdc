"""Exports that take their time: asked for, made by a job that tells how far it is, fetched for a week, or cancelled."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from retail.audit.operations import told
from retail.automation.cells import Ways
from retail.automation.exports.label_files import PDF, Made, Tell, note_printed, write_labels
from retail.automation.exports.lists import PACKED, list_of
from retail.automation.exports.making import Order, write_file
from retail.automation.exports.narrowing import as_json, from_json, narrowed
from retail.automation.reports.files import label_of, report_in, write_file_of
from retail.identity.approval_queries import scope_of_person
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue, hold, progress
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import Settings, settings_of_process
from retail.tenants.queries import this_tenant

Note = Callable[[Tx], Awaitable[None]]
EXPORT_JOB: Final = "exports.make"
KEPT_SECONDS: Final = 7 * 24 * 3600
_PATIENCE: Final = 900
_LISTED: Final = """
SELECT e.id, e.list, e.form, e.asked::text AS asked, e.with_costs, e.stores, e.job_id, e.asked_by, e.asked_by_name,
       e.asked_at, e.ended_at, e.cancelled_at, e.row_count, e.size, coalesce(j.done, 0) AS done,
       j.failed_at IS NOT NULL AS failed
  FROM export_run e LEFT JOIN job j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
 WHERE e.tenant_id = $1"""


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """An export; `done` rows are written while it is made."""

    id: UUID
    list: str
    form: Made
    asked: str
    with_costs: bool
    stores: tuple[UUID, ...] | None
    job_id: UUID | None
    asked_by: UUID | None
    asked_by_name: str
    asked_at: datetime
    ended_at: datetime | None
    cancelled_at: datetime | None
    row_count: int | None
    size: int | None
    done: int
    failed: bool

    @property
    def state(self) -> str:
        """Give cancelled, failed, finished or running."""
        if self.cancelled_at is not None:
            return "cancelled"
        return "finished" if self.ended_at is not None else "failed" if self.failed else "running"


class Cancelled(Exception):
    """Somebody cancelled the export."""


async def ask_for_list(
    tx: Tx, name: str, form: Made, kept: Sequence[tuple[str, str]], *, costs: bool, stores: frozenset[UUID] | None
) -> UUID:
    """Have a list, or a report, made into a file, of the stores that the asker may see. Raises NotFound."""
    label_of(name)
    id = new_id()
    job = await enqueue(tx, EXPORT_JOB, {"run": str(id)})
    new = NewRun(id, name, form, kept, costs, stores, job, tx.actor.id if tx.actor.kind == "person" else None)
    await note_run(tx, new, tx.actor.name)
    tx.audit("data.exported", "table", None, table=name, format=form, filters=told(dict(kept)), export=id)
    return id


@dataclass(frozen=True, slots=True)
class NewRun:
    """A file that a job is to make; `person` fetches it."""

    id: UUID
    name: str
    form: Made
    kept: Sequence[tuple[str, str]]
    costs: bool
    stores: frozenset[UUID] | None
    job: UUID
    person: UUID | None


async def note_run(tx: Tx, new: NewRun, asked_by: str) -> None:
    """Write down what file is wanted, and in whose name."""
    await tx.execute(
        """INSERT INTO export_run (tenant_id, id, list, form, asked, with_costs, stores, job_id, asked_by,
                                   asked_by_name, asked_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        tx.tenant, new.id, new.name, new.form, as_json(new.kept), new.costs,
        None if new.stores is None else sorted(map(str, new.stores)), new.job, new.person, asked_by, tx.now,
    )  # fmt: skip


async def cancel_export(tx: Tx, id: UUID) -> None:
    """Cancel an export that is being made; one that is finished stays."""
    await export_of(tx, id)
    await tx.execute(
        """UPDATE export_run SET cancelled_at = $3, asked = '{}'
            WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND cancelled_at IS NULL""",
        tx.tenant,
        id,
        tx.now,
    )
    tx.audit("export.cancelled", "export", id)


async def exports_of(read: Read, person: UUID | None) -> list[ExportFacts]:
    """List somebody's own exports, newest first: what is in them is what that person may see."""
    rows = await read.fetch(
        f"{_LISTED} AND e.asked_by IS NOT DISTINCT FROM $2 ORDER BY e.id DESC LIMIT 30", read.tenant, person
    )
    return [_facts(row) for row in rows]


async def export_of(read: Read, id: UUID) -> ExportFacts:
    """Give one export, to whoever asked for it. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTED} AND e.id = $2", read.tenant, id)
    if row is None or (read.actor.kind == "person" and row["asked_by"] != read.actor.id):
        raise NotFound("export")
    return _facts(row)


async def make(db: Database, scope: Scope, id: UUID) -> None:
    """Make the file of an export; a second run begins again."""
    async with db.read(scope) as read:
        run = await export_of(read, id)
    if run.state != "running":
        return
    outside = contextvars.copy_context()

    async def tell(rows: int) -> None:
        await asyncio.get_running_loop().create_task(_tell(db, scope, id, rows), context=outside)

    path = path_of(settings_of_process(), scope.tenant, id)
    await asyncio.to_thread(_make_room, path)
    seeing = await _eyes(db, scope, run)
    unfinished = path.with_suffix(".part")
    try:
        count, note = await _write(db, seeing, run, unfinished, tell)
        unfinished.replace(path)
    except Cancelled:
        return
    finally:
        unfinished.unlink(missing_ok=True)
    await db.run(scope, _finish, id, count, path.stat().st_size, note)


async def _eyes(db: Database, scope: Scope, run: ExportFacts) -> Scope:
    """Give the scope that a file is made with: the asker's own as it is now, in the stores that they asked for."""
    async with db.read(scope) as read:
        asker = await scope_of_person(read, run.asked_by) if run.asked_by and report_in(run.list) is None else None
    eyes = asker or scope
    return replace(eyes, stores=eyes.stores if run.stores is None else frozenset(run.stores), proved_at=None)


async def _write(db: Database, seeing: Scope, run: ExportFacts, path: Path, tell: Tell) -> tuple[int, Note | None]:
    """Write the file; gives how many rows, and what is to be noted once it is there."""
    report = report_in(run.list)
    if report is not None:
        async with db.read(seeing, seconds=_PATIENCE) as read:
            wanted = (from_json(run.asked), run.form, run.with_costs)
            return await write_file_of(read, report, wanted, path, tell), None
    if run.form == PDF:
        printed = await write_labels(db, seeing, from_json(run.asked), path, tell)
        return len(printed.prices), partial(note_printed, made=printed)
    async with db.read(seeing, seconds=_PATIENCE) as read:
        facts = await this_tenant(read)
        where = await narrowed(read, run.list, from_json(run.asked))
        ways = Ways(facts.money, facts.timezone)
        shelf = Shelf(settings_of_process(), read.tenant) if run.list in PACKED else None
        order = Order(list_of(run.list), run.form, ways, where, run.with_costs, shelf)
        return await write_file(read, order, path, f"{run.list}.{run.form}", tell=tell), None


def path_of(settings: Settings, tenant: UUID, id: UUID) -> Path:
    """Name the file of an export."""
    return settings.data_dir / "lists" / str(tenant) / str(id)


async def _tell(db: Database, scope: Scope, id: UUID, rows: int) -> None:
    await progress(rows, 0)
    async with db.read(scope) as read:
        if (await export_of(read, id)).cancelled_at is not None:
            raise Cancelled


def _make_room(path: Path) -> None:
    """Make the folder, and delete files that have lain there for a week."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in path.parent.iterdir():
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)


async def _finish(tx: Tx, id: UUID, rows: int, size: int, note: Note | None) -> None:
    """Note that the file is there, tell who asked, forget what it was narrowed to: a name may have been typed."""
    await hold(tx)
    made = await tx.fetchrow(
        """UPDATE export_run SET ended_at = $3, row_count = $4, size = $5, asked = '{}'
            WHERE tenant_id = $1 AND id = $2 AND cancelled_at IS NULL RETURNING list, asked_by""",
        tx.tenant, id, tx.now, rows, size,
    )  # fmt: skip
    if made is not None and note is not None:
        await note(tx)
    if made is not None and made["asked_by"] is not None:
        await post_notice(
            tx, "report_ready", subject=id, people=[made["asked_by"]], key=str(id), list=label_of(made["list"])
        )


def _facts(row: object) -> ExportFacts:
    values = dict(row)  # type: ignore[call-overload]
    values["stores"] = None if values["stores"] is None else tuple(map(UUID, values["stores"]))
    return ExportFacts(**values)
