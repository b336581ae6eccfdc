"""Checking a file: it is read once as a whole, its rows are judged batch by batch, and nothing is changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways
from retail.automation.files.json_files import LIST, PAIRS, nests
from retail.automation.imports.files import made_of, path_of, spool, spool_of, spooled, zip_of
from retail.automation.imports.operations import ask_to_store
from retail.automation.imports.pictures import Ended, make_named, spool_pictures
from retail.automation.imports.queries import RunFacts, run_of
from retail.automation.imports.singling import judged, known_to
from retail.automation.kinds.all_kinds import kind_of
from retail.automation.kinds.base import Change, Given, Kind, Reason, Settled, Terms, Verdict
from retail.automation.kinds.named_pictures import named_in
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import hold, progress
from retail.runtime.tenancy import Scope
from retail.settings import settings_of_process
from retail.tenants.queries import this_tenant

AT_ONCE: Final = 2_000
_CLEARED_AT_ONCE: Final = 10_000
_INSERT: Final = """
INSERT INTO import_row (tenant_id, run_id, line, state, place, name, subject_id, cells, changes, reasons, stored)
SELECT $1, $2, u.line, u.state, 0, u.name, u.subject_id, u.cells::jsonb, u.changes::jsonb, u.reasons::jsonb, false
  FROM unnest($3::integer[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[])
       AS u (line, state, name, subject_id, cells, changes, reasons)
"""
_REFUSE: Final = """
UPDATE import_row r SET state = 'refused', reasons = u.reasons::jsonb
  FROM unnest($3::integer[], $4::text[]) AS u (line, reasons)
 WHERE r.tenant_id = $1 AND r.run_id = $2 AND r.line = u.line
"""
_PLACE: Final = """
UPDATE import_row r SET place = u.place FROM unnest($3::integer[], $4::smallint[]) AS u (line, place)
 WHERE r.tenant_id = $1 AND r.run_id = $2 AND r.line = u.line
"""
_COUNT: Final = """
UPDATE import_run r SET row_count = c.rows, new_count = c.new, changed_count = c.changed, same_count = c.same,
                        refused_count = c.refused
  FROM (SELECT count(*) AS rows, count(*) FILTER (WHERE state = 'new') AS new,
               count(*) FILTER (WHERE state = 'changed') AS changed, count(*) FILTER (WHERE state = 'same') AS same,
               count(*) FILTER (WHERE state = 'refused') AS refused
          FROM import_row WHERE tenant_id = $1 AND run_id = $2) c
 WHERE r.tenant_id = $1 AND r.id = $2
"""
_CHECKED: Final = """
UPDATE import_run SET stage = 'checked', checked_at = $3, makes = $4
 WHERE tenant_id = $1 AND id = $2 AND stage = 'checking'
"""


class WentOn(Exception):
    """The import was cancelled, or is at another stage: this job has nothing more to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, and what they say, in the order of the run's columns."""

    given: list[Given]
    cells: Mapping[int, list[str]]
    parted: list[Verdict]
    """Rows with more cells than headings, or several values in the place of one: refused, before anybody takes their
    cells for what they seem to be."""


async def check(db: Database, scope: Scope, id: UUID) -> None:
    """Check an import's rows. What is wrong with the file as a whole ends the import with a sentence."""
    try:
        run = await db.run(scope, _begin, id)
        while await db.run(scope, _clear, id):
            pass
        await _check(db, scope, run)
    except WentOn:
        return
    except Invalid as wrong:
        await db.run(scope, stop, id, " ".join(one for of in wrong.errors.values() for one in of))


async def _check(db: Database, scope: Scope, run: RunFacts) -> None:
    path = path_of(settings_of_process(), scope.tenant, run.id)
    total = await _spool(db, scope, run, path)
    await progress(0, total)
    kind = kind_of(run.kind)
    async with db.read(scope) as read:
        terms = await terms_of(read, run, kind)
    seen, done, waiting = kind.begin(), 0, spooled(path)
    while batch := await asyncio.to_thread(_next, waiting, run):
        verdicts = list(batch.parted)
        for given, known in await known_to(db, scope, kind, batch.given, terms, verdicts):
            verdicts += await asyncio.to_thread(judged, kind, given, known, terms, seen)
        await db.run(scope, _write, run.id, batch, verdicts)
        done += len(batch.cells)
        await progress(done, total)
    async with db.read(scope) as read:
        settled = await kind.settle(read, seen)
    await db.run(scope, _settle, run.id, settled)
    spool_of(path).unlink(missing_ok=True)


async def _spool(db: Database, scope: Scope, run: RunFacts, path: Path) -> int:
    """Read the whole file once, to rows; gives how many."""
    try:
        if run.form == "zip":
            return await spool_pictures(db, scope, run.id, path)
        total = await asyncio.to_thread(spool, path, run.form, list(run.header))  # type: ignore[arg-type]
        if zip_of(path).is_file() and "images" in run.columns:
            await make_named(db, scope, run.id, path)
    except Ended as ended:
        raise WentOn from ended
    return total


async def terms_of(read: Read, run: RunFacts, kind: Kind, *, final: bool = False) -> Terms:
    """Give the terms on which an import's rows are read."""
    facts = await this_tenant(read)
    meant = set(run.columns)
    columns = [column for column in kind.columns if column.name in meant]
    made = made_of(path_of(settings_of_process(), read.tenant, run.id))
    pictures = await asyncio.to_thread(named_in, made) if "images" in meant else None
    folder = made if run.form == "zip" else None
    ways, made_so_far = Ways(facts.money, facts.timezone), frozenset(one.lower() for one in run.makes.get("groups", ()))
    terms = Terms(ways, columns, run.match_by, read.now, final, folder, pictures)
    return replace(terms, defaults=run.defaults, made=made_so_far if final else frozenset())


def given_of(
    line: int,
    cells: Sequence[str],
    run: RunFacts,
    subject: UUID | None = None,
    was: Sequence[Change] | None = None,
) -> Given:
    """Make a row of what stands in the file's columns."""
    names = run.header if run.form == "zip" else run.columns
    return Given(line, {name: cell for name, cell in zip(names, cells, strict=True) if name}, subject, was)


def _next(waiting: Iterator[tuple[int, list[str]]], run: RunFacts) -> Batch | None:
    rows = list(islice(waiting, AT_ONCE))
    if not rows:
        return None
    width = len(run.header)
    parted = [_parted(line, cells, run) for line, cells in rows if len(cells) > width]
    if run.form == "json":
        parted, rows = _nested(rows, run), [(line, [nests(cell)[1] for cell in cells]) for line, cells in rows]
    refused = {one.line for one in parted}
    given = [given_of(line, cells, run) for line, cells in rows if line not in refused]
    return Batch(given, {line: cells[:width] for line, cells in rows}, parted)


def _nested(rows: Sequence[tuple[int, list[str]]], run: RunFacts) -> list[Verdict]:
    """Refuse rows of JSON with a list or an object in a column that takes one value."""
    takes = {
        column.name: {LIST, PAIRS} if column.sort.unordered else {LIST} if column.sort.several else set()
        for column in kind_of(run.kind).columns
    }
    said = _("A list or an object stands here in the file. This column takes one value: write that alone.")
    several = _("An object stands here in the file. This column takes a list of values.")
    refused = []
    for line, cells in rows:
        named = [(name, *nests(cell)) for name, cell in zip(run.columns, cells, strict=True) if name]
        wrong = [name for name, sign, _text in named if sign and sign not in takes[name]]
        if wrong:
            called = next((text for name, _sign, text in named if name == run.match_by), "")
            reasons = [Reason(name, several if takes[name] else said) for name in wrong]
            refused.append(Verdict(line, "refused", called, reasons=reasons))
    return refused


def _parted(line: int, cells: Sequence[str], run: RunFacts) -> Verdict:
    said = _(
        "The row has more cells than the file has headings: “%(text)s” is too much. Put quotation marks around what has"
        ' the separator in it, such as "4,20".'
    )
    found = [cell for name, cell in zip(run.columns, cells, strict=False) if name == run.match_by]
    surplus = next(cell.strip() for cell in cells[len(run.header) :] if cell.strip())
    return Verdict(line, "refused", (found or [""])[0], reasons=[Reason("", said % {"text": surplus[:60]})])


async def _begin(tx: Tx, id: UUID) -> RunFacts:
    await hold(tx)
    run = await run_of(tx, id)
    if run.stage != "checking":
        raise WentOn
    return run


async def _clear(tx: Tx, id: UUID) -> bool:
    """Remove rows of an earlier check, some at a time; claims that there may be more."""
    await hold(tx)
    tag = await tx.execute(
        """DELETE FROM import_row WHERE tenant_id = $1 AND run_id = $2 AND line IN (
             SELECT line FROM import_row WHERE tenant_id = $1 AND run_id = $2 LIMIT $3)""",
        tx.tenant,
        id,
        _CLEARED_AT_ONCE,
    )
    return tag == f"DELETE {_CLEARED_AT_ONCE}"


async def _write(tx: Tx, id: UUID, batch: Batch, verdicts: Sequence[Verdict]) -> None:
    await hold(tx)
    stage = await tx.fetchval("SELECT stage FROM import_run WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    if stage != "checking":
        raise WentOn
    await tx.execute(
        _INSERT,
        tx.tenant,
        id,
        [one.line for one in verdicts],
        [one.state for one in verdicts],
        [one.name[:160] for one in verdicts],
        [one.subject for one in verdicts],
        [_json(batch.cells[one.line]) for one in verdicts],
        [_json([(c.column, c.before, c.after) for c in one.changes]) if one.changes else "[]" for one in verdicts],
        [reasons_json(one.reasons) for one in verdicts],
    )


def reasons_json(reasons: Sequence[Reason]) -> str:
    """Write reasons as their column holds them."""
    return _json([(one.column, one.sentence, one.remedy) for one in reasons]) if reasons else "[]"


async def refuse_rows(tx: Tx, id: UUID, refused: Mapping[int, Sequence[Reason]]) -> None:
    """Refuse rows after all."""
    lines = list(refused)
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        await tx.execute(_REFUSE, tx.tenant, id, some, [reasons_json(refused[line]) for line in some])


async def count_rows(tx: Tx, id: UUID) -> None:
    """Count an import's rows by what they come to."""
    await tx.execute(_COUNT, tx.tenant, id)


async def _settle(tx: Tx, id: UUID, settled: Settled) -> None:
    await hold(tx)
    await refuse_rows(tx, id, {line: [reason] for line, reason in settled.refused.items()})
    lines = list(settled.places)
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        await tx.execute(_PLACE, tx.tenant, id, some, [settled.places[line] for line in some])
    await count_rows(tx, id)
    if await tx.execute(_CHECKED, tx.tenant, id, tx.now, _json(settled.makes)) != "UPDATE 1":
        raise WentOn
    run = await run_of(tx, id)
    if run.goes_on and run.to_store and not (run.whole and run.refused_count):
        await ask_to_store(tx, id, whole=run.whole)


async def stop(tx: Tx, id: UUID, problem: str) -> None:
    """End an import that can't go on."""
    await hold(tx)
    await tx.execute(
        """UPDATE import_run SET stage = 'stopped', problem = $3, ended_at = $4
            WHERE tenant_id = $1 AND id = $2 AND stage IN ('checking', 'storing')""",
        tx.tenant,
        id,
        problem[:1000],
        tx.now,
    )
    tx.audit("import.stopped", "import", id, problem=problem[:200])


def _json(value: Any) -> str:  # noqa: ANN401 - what a column holds
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
