"""What people do with an import: hand a file in, say what its columns mean, have it stored, cancel it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.automation.columns import IGNORED, guess, heading_of, own_names
from retail.automation.imports.errors import NotAtThisStage
from retail.automation.imports.files import Handed
from retail.automation.imports.queries import RUNNING, RunFacts, headings, run_of
from retail.automation.kinds.all_kinds import columns_for, kind_of
from retail.automation.kinds.base import Kind
from retail.catalog.queries import tax_classes
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue
from retail.runtime.switches import IMPORTS, require

CHECK_JOB: Final = "imports.check"
STORE_JOB: Final = "imports.store"

_INSERT: Final = """
INSERT INTO import_run (tenant_id, id, kind, form, file_name, size, sha256, header, columns, match_by, with_costs,
                        whole, stage, problem, row_count, new_count, changed_count, same_count, refused_count,
                        stored_count, makes, asked_by, asked_by_name, asked_at, goes_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'columns', '', 0, 0, 0, 0, 0, 0, '{}', $13, $14, $15, $16)
"""
_REMEMBER: Final = """
INSERT INTO import_heading (tenant_id, kind, heading, key)
SELECT $1, $2, u.heading, u.key FROM unnest($3::text[], $4::text[]) AS u (heading, key)
ON CONFLICT (tenant_id, kind, heading) DO UPDATE SET key = excluded.key
"""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A file that was handed in, and what it is. `goes_on`: what is good is stored without anybody asking again."""

    id: UUID
    kind: str
    form: str
    file_name: str
    handed: Handed
    header: Sequence[str]
    with_costs: bool
    whole: bool = True
    goes_on: bool = False


async def hand_in(tx: Tx, new: NewRun) -> RunFacts:
    """Note a file that was handed in, with a guess at what its columns mean. Raises SwitchedOff."""
    await require(tx, IMPORTS)
    kind = kind_of(new.kind)
    columns = columns_for(kind, with_costs=new.with_costs)
    guessed = guess(new.header, columns, await headings(tx, new.kind))
    finds = [name for name in kind.matches if {name, f"{name}s"} & set(guessed)]
    await tx.execute(
        _INSERT, tx.tenant, new.id, new.kind, new.form, new.file_name[:200] or "file", new.handed.size,
        new.handed.sha256, list(new.header), guessed, (finds or list(kind.matches))[0], new.with_costs,
        new.whole, tx.actor.id if tx.actor.kind == "person" else None, tx.actor.name, tx.now, new.goes_on,
    )  # fmt: skip
    tx.audit("import.handed_in", "import", new.id, kind=new.kind, sha256=new.handed.sha256.hex(), size=new.handed.size)
    return await run_of(tx, new.id)


async def name_columns(tx: Tx, id: UUID, columns: Sequence[str], match_by: str, tax_class: str | None = None) -> None:
    """Say what the file's columns mean, remember it, and have the rows checked. Raises Invalid, NotAtThisStage.

    `tax_class`, by its code, is that of new products where the file says nothing; None for a file without any such.
    """
    run = await at_stage(tx, id, "columns", "checked", "checking")
    kind = kind_of(run.kind)
    errors = _wrong_columns(run, kind, columns, match_by)
    if tax_class is not None and tax_class not in {tax.code for tax in await tax_classes(tx)}:
        errors["tax_class"] = [_("Pick one of the choices.")]
    if errors:
        raise Invalid(errors)
    own = own_names(kind.columns)
    said_of = [(heading_of(one), name) for one, name in zip(run.header, columns, strict=True)]
    known = {heading: name for heading, name in said_of if heading and (name != IGNORED or heading not in own)}
    await tx.execute(_REMEMBER, tx.tenant, run.kind, list(known), list(known.values()))
    await _have_checked(tx, id, columns, match_by, {} if tax_class is None else {"tax_class": tax_class})


def _wrong_columns(run: RunFacts, kind: Kind, columns: Sequence[str], match_by: str) -> dict[str, list[str]]:
    """Say what is wrong with what is said of a file's columns."""
    allowed = {column.name for column in columns_for(kind, with_costs=run.with_costs)}
    labels = {column.name: column.words for column in kind.columns}
    errors: dict[str, list[str]] = {}
    meant = [one for one in columns if one != IGNORED]
    if len(columns) != len(run.header) or not set(meant) <= allowed:
        errors["columns"] = [_("Pick one of the choices.")]
    if not meant:
        lacking = ", ".join(column.words for column in kind.columns if column.needed)
        errors["columns"] = [_("The file lacks the columns: %(names)s.") % {"names": lacking}]
    for name in sorted({one for one in meant if meant.count(one) > 1}):
        said = _("Two columns of the file mean “%(name)s”. Leave one of them out.")
        errors.setdefault("columns", []).append(said % {"name": labels.get(name, name)})
    if meant and (match_by not in kind.matches or not {match_by, f"{match_by}s"} & set(meant)):
        said = _("Say which column of the file finds the row: none means “%(name)s” yet.")
        errors["match_by"] = [said % {"name": labels.get(match_by) or labels.get(f"{match_by}s") or match_by}]
    return errors


async def check_pictures(tx: Tx, id: UUID) -> None:
    """Have the pictures of a ZIP looked at; their columns are ours. Raises NotAtThisStage."""
    run = await at_stage(tx, id, "columns")
    await _have_checked(tx, id, run.columns, run.match_by, {})


async def _have_checked(tx: Tx, id: UUID, columns: Sequence[str], match_by: str, defaults: Mapping[str, str]) -> None:
    job = await enqueue(tx, CHECK_JOB, {"run": str(id)})
    await tx.execute(
        """UPDATE import_run
              SET columns = $3, match_by = $4, stage = 'checking', problem = '', job_id = $5, defaults = $6
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, list(columns), match_by, job, json.dumps(dict(defaults)),
    )  # fmt: skip


async def ask_to_store(tx: Tx, id: UUID, *, whole: bool) -> None:
    """Have a checked file stored: `whole` as one or not at all, else its good rows. Raises Invalid, NotAtThisStage."""
    run = await at_stage(tx, id, "checked", "storing")
    if whole and run.refused_count:
        said = _("Some rows are refused. Correct the file and hand it in again, or have the good rows stored alone.")
        raise Invalid({"": [said]})
    if not run.to_store:
        raise Invalid({"": [_("There is nothing to store: no row is new or changes anything.")]})
    job = await enqueue(tx, STORE_JOB, {"run": str(id)})
    await tx.execute(
        """UPDATE import_run SET stage = 'storing', whole = $3, problem = '', job_id = $4
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant, id, whole, job,
    )  # fmt: skip
    tx.audit("import.asked", "import", id, kind=run.kind, whole=whole, rows=run.to_store)


async def cancel(tx: Tx, id: UUID) -> None:
    """Cancel an import: rows that are stored already stay, of an import as a whole there are none. NotAtThisStage."""
    run = await at_stage(tx, id, "columns", "checked", *RUNNING, busy=True)
    await tx.execute(
        "UPDATE import_run SET stage = 'cancelled', ended_at = $3 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
        tx.now,
    )
    tx.audit("import.cancelled", "import", id, kind=run.kind, stored=run.stored_count)


async def at_stage(tx: Tx, id: UUID, *stages: str, busy: bool = False) -> RunFacts:
    """Lock an import that is at one of some stages, and that no job is at work on unless `busy` ones count too.

    Raises NotFound, NotAtThisStage.
    """
    await tx.execute("SELECT 1 FROM import_run WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, id)
    run = await run_of(tx, id)
    if run.stage not in stages or (run.running and not busy):
        raise NotAtThisStage
    return run
