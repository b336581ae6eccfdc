"""What every kind of import has in common: rows that were given, what was found about each, and the verbs of a kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

from retail.automation.cells import NotRead, Ways
from retail.automation.columns import Column
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx

State = Literal["new", "changed", "same", "refused"]
_REMEMBERED = 20_000
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes: a column, as it is written before and after."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Given:
    """A row: its line in the file, what stands in the columns that mean something.

    When it is stored, `subject` and `was` are known: what it changes by the check that somebody has seen.
    """

    line: int
    cells: Mapping[str, str]
    subject: UUID | None = None
    was: Sequence[Change] | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused: the column ('' for the row), a sentence, and where what it lacks can be made."""

    column: str
    sentence: str
    remedy: str = ""


@dataclass(slots=True)
class Verdict:
    """What a row comes to. `made` is the kind's own: what is to be stored; `place`: lower ones are stored first."""

    line: int
    state: State
    name: str
    subject: UUID | None = None
    changes: list[Change] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    made: Any = None
    place: int = 0

    def refuse(self, reason: Reason) -> None:
        """Refuse the row after all."""
        self.state = "refused"
        self.reasons.append(reason)


@dataclass(slots=True)
class Terms:
    """How rows are to be read: the mapped columns, what finds a product, and how the business writes.

    `final`: they are stored now, so what they refer to must be there. `folder`: what was made of the file before,
    `pictures` what came with it for rows to name. `cache` remembers cells that were read. `defaults` are cells of a new
    row for columns that the file lacks or leaves empty. `made`: groups that the file makes itself, in small letters.
    """

    ways: Ways
    columns: Sequence[Column]
    match_by: str
    now: datetime
    final: bool = False
    folder: Path | None = None
    pictures: Any = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    cache: dict[tuple[str, str], Any] = field(default_factory=dict)

    def read(self, column: Column, cell: str) -> Any:  # noqa: ANN401 - what the column's sort gives
        """Read a cell that isn't empty. Raises NotRead."""
        sort = column.sort
        if not sort.shared:
            return sort.read(cell, self.ways)
        key = (column.name, cell)
        if key not in self.cache:
            if len(self.cache) > _REMEMBERED:
                self.cache.clear()
            self.cache[key] = sort.read(cell, self.ways)
        return self.cache[key]


@dataclass(frozen=True, slots=True)
class Settled:
    """What the end of the file says of its rows: those that are refused after all, and the order of the others."""

    refused: Mapping[int, Reason]
    places: Mapping[int, int]
    makes: Mapping[str, list[str]]


class Kind(Protocol):
    """A kind of rows. `judge` is pure; `known` and `store` speak to the database."""

    name: str
    label: str
    columns: tuple[Column, ...]
    permission: str
    matches: tuple[str, ...]

    def begin(self) -> Any:  # noqa: ANN401 - the kind's own memory of the file's rows
        """Begin to remember rows, so that two of them that meet are told apart."""

    async def known(self, read: Read, given: Sequence[Given], terms: Terms) -> Any:  # noqa: ANN401
        """Read what rows refer to."""

    def judge(self, given: Sequence[Given], known: Any, terms: Terms, seen: Any) -> list[Verdict]:  # noqa: ANN401
        """Say of each row what it comes to; refused ones with every reason."""

    async def settle(self, read: Read, seen: Any) -> Settled:  # noqa: ANN401
        """Look at rows that refer to each other, when all of them have been judged."""

    async def lock(self, tx: Tx) -> None:
        """Have to oneself what the rows are judged by."""

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], known: Any) -> None:  # noqa: ANN401
        """Store rows that are new or changed; all of them in this transaction."""

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Give the statement that reads what there is, as yet in no order, and its values."""

    def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give what there is as rows of this kind's columns, all of them in their order."""


def read_cells(given: Given, terms: Terms, present: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[Reason]]:
    """Read a row's cells to values; a cell that says what is there already is right as it is, whatever it holds.

    What an empty cell means is its sort's word; a needed one must not be empty.
    """
    values: dict[str, Any] = {}
    reasons: list[Reason] = []
    for column in terms.columns:
        if column.key:
            continue
        cell = given.cells.get(column.name, "")
        if present is not None and cell == present[column.name]:
            values[column.name] = cell
        elif not cell.strip():
            values[column.name] = column.sort.empty
            if column.needed:
                reasons.append(Reason(column.name, _("%(column)s is empty.") % {"column": column.words}))
        else:
            try:
                values[column.name] = terms.read(column, cell)
            except NotRead as wrong:
                was = None if present is None else present[column.name]
                if was is not None and column.sort.write(was, terms.ways) == cell:
                    values[column.name] = was
                else:
                    reasons.append(Reason(column.name, str(wrong), wrong.remedy))
    return values, reasons


def compared(values: Mapping[str, Any], present: Mapping[str, Any], terms: Terms) -> list[Change]:
    """Say what a row changes about what is there."""
    found = []
    for column in terms.columns:
        if column.key or column.name not in values:
            continue
        before, after = present[column.name], values[column.name]
        if before == after or (column.sort.unordered and dict(before) == dict(after)):
            continue
        write = column.sort.write
        found.append(
            Change(
                column.name,
                "" if before is None else write(before, terms.ways),
                "" if after is None else write(after, terms.ways),
            )
        )
    return found


def overtaken(changes: Sequence[Change], row: Given, passing: Collection[str] = ()) -> list[Reason]:
    """Say what others changed since the check of what a row is about to change; nothing before it is stored.

    A row that found nothing then and finds something now is overtaken too. `passing`: columns that the file's own
    earlier rows may have moved.
    """
    if row.was is None:
        return []
    stood = {one.column: one.before for one in row.was}
    said = _("Somebody changed this since the check: it is “%(now)s” by now. Check the file again to see what it does.")
    return [
        Reason(one.column, said % {"now": one.before[:_SHOWN]})
        for one in changes
        if one.column not in passing and stood.get(one.column, one.after) != one.before
    ]
