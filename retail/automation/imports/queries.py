"""Reads of imports: the list, one run with how far it is, its rows page by page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.automation.kinds.base import Change, Reason
from retail.kit.errors import NotFound
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row

RUNNING: Final = frozenset({"checking", "storing"})
ENDED: Final = frozenset({"done", "cancelled", "stopped"})
STATES: Final = ("new", "changed", "same", "refused")
_PREFETCH: Final = 1_000

_RUN: Final = """
SELECT r.id, r.kind, r.form, r.file_name, r.size, r.header, r.columns, r.match_by, r.with_costs, r.whole, r.goes_on,
       r.stage, r.problem, r.row_count, r.new_count, r.changed_count, r.same_count, r.refused_count, r.stored_count,
       r.makes, r.defaults,
       r.asked_by, r.asked_by_name, r.asked_at, r.checked_at, r.ended_at, r.job_id,
       coalesce(j.done, 0) AS done, coalesce(j.total, 0) AS total, j.failed_at IS NOT NULL AS failed
  FROM import_run r LEFT JOIN job j ON j.tenant_id = r.tenant_id AND j.id = r.job_id
 WHERE r.tenant_id = $1"""
_ROWS: Final = """
SELECT line, state, name, subject_id, cells, changes, reasons, stored FROM import_row
 WHERE tenant_id = $1 AND run_id = $2 AND line > $3"""
_NEWEST: Final = f"{_RUN} AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """An import; `columns` says of each heading which of our columns it means, "" none. `done` of `total` rows.

    `defaults` are cells of a new row for columns that the file lacks or leaves empty.
    """

    id: UUID
    kind: str
    form: str
    file_name: str
    size: int
    header: tuple[str, ...]
    columns: tuple[str, ...]
    match_by: str
    with_costs: bool
    whole: bool
    goes_on: bool
    stage: str
    problem: str
    row_count: int
    new_count: int
    changed_count: int
    same_count: int
    refused_count: int
    stored_count: int
    makes: Mapping[str, list[str]]
    defaults: Mapping[str, str]
    asked_by: UUID | None
    asked_by_name: str
    asked_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None
    job_id: UUID | None
    done: int
    total: int
    failed: bool

    @property
    def running(self) -> bool:
        """Claim that a job is at work on it."""
        return self.stage in RUNNING and not self.failed

    @property
    def to_store(self) -> int:
        """Count the rows that would change something."""
        return self.new_count + self.changed_count

    def count(self, state: str) -> int:
        """Count the rows of a state."""
        return {
            "new": self.new_count, "changed": self.changed_count, "same": self.same_count,
            "refused": self.refused_count,
        }[state]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A row of an import; `cells` as they stand in the file, in the order of the run's columns."""

    line: int
    state: str
    name: str
    subject: UUID | None
    cells: tuple[str, ...]
    changes: tuple[Change, ...]
    reasons: tuple[Reason, ...]
    stored: bool


async def runs(read: Read, *, limit: int, after: str | None = None) -> Page[RunFacts]:
    """List imports, newest first."""
    below = UUID(str(decode_cursor(after, str)[0])) if after is not None else None
    rows = await read.fetch(_NEWEST, read.tenant, below, limit + 1)
    found = [_run(row) for row in rows[:limit]]
    return Page(found, encode_cursor(str(found[-1].id)) if len(rows) > limit else None)


async def run_of(read: Read, id: UUID) -> RunFacts:
    """Give one import. Raises NotFound."""
    row = await read.fetchrow(f"{_RUN} AND r.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("import")
    return _run(row)


async def rows_of(read: Read, id: UUID, state: str, *, limit: int, after: str | None = None) -> Page[RowFacts]:
    """Give a page of an import's rows of one state, '' of any, in the order of the file."""
    line = int(decode_cursor(after, int)[0]) if after else 0
    where = Conditions(read.tenant, id, line)
    if state:
        where.add("state = {}", state)
    rows = await read.fetch(f"{_ROWS}{where.sql} ORDER BY line LIMIT {limit + 1:d}", *where.args)
    found = [_row(row) for row in rows[:limit]]
    return Page(found, encode_cursor(found[-1].line) if len(rows) > limit else None)


async def every_row(read: Read, id: UUID, states: Sequence[str]) -> AsyncIterator[RowFacts]:
    """Give an import's rows of some states, in the order of the file."""
    cursor = read.conn.cursor(
        """SELECT line, state, name, subject_id, cells, changes, reasons, stored FROM import_row
            WHERE tenant_id = $1 AND run_id = $2 AND state = ANY($3) ORDER BY line""",
        read.tenant,
        id,
        list(states),
        prefetch=_PREFETCH,
    )
    async for row in cursor:
        yield _row(row)


async def headings(read: Read, kind: str) -> dict[str, str]:
    """Tell which column each heading meant when this business said so last."""
    rows = await read.fetch(
        "SELECT heading, key FROM import_heading WHERE tenant_id = $1 AND kind = $2", read.tenant, kind
    )
    return {row["heading"]: row["key"] for row in rows}


def _run(row: Row) -> RunFacts:
    values: dict[str, Any] = dict(row)
    values |= {"header": tuple(row["header"]), "columns": tuple(row["columns"]), "makes": json.loads(row["makes"])}
    values["defaults"] = json.loads(row["defaults"])
    return RunFacts(**values)


def _row(row: Row) -> RowFacts:
    return RowFacts(
        row["line"],
        row["state"],
        row["name"],
        row["subject_id"],
        tuple(json.loads(row["cells"])),
        tuple(Change(*one) for one in json.loads(row["changes"])),
        tuple(Reason(*one) for one in json.loads(row["reasons"])),
        row["stored"],
    )
