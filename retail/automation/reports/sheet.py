"""A report as a table: its columns, its rows page by page, and what they come to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from retail.kit.errors import Invalid
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _

Kind = Literal[
    "text", "count", "money", "quantity", "share", "change", "rate", "day", "week", "month", "hour", "weekday", "moment"
]
SHOWN: Final = 50
AT_ONCE: Final = 500
ADDED_UP: Final = 5_000
"""Of a list of so many rows a page tells the totals; of a longer one they stand in its file."""
NUMBERS: Final = frozenset({"count", "money", "quantity", "share", "change", "rate"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `adds`: its total is the sum of the rows, where the sheet doesn't know it better."""

    label: str
    kind: Kind = "text"
    adds: bool = False

    @property
    def number(self) -> bool:
        """Claim that it is written to the right."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Row:
    """A row's values in the order of the columns, and the address of the receipts behind it, if there is one."""

    values: Sequence[Any]
    behind: str = ""


Walk = Callable[[str | None], Awaitable[Page[Row]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of `first` to `last`; None where it has no days. `totals` are known, or added up where they are None.

    `walk` gives the rows in pages of its own length. `drawn` are the rows that a chart shows.
    """

    columns: Sequence[Column]
    walk: Walk
    first: date | None = None
    last: date | None = None
    totals: Sequence[Any] | None = None
    drawn: Sequence[Row] = ()
    """What a chart shows: rows with what they are called, and then the measures."""
    measure: Column | None = None
    """What a chart shows of them: their second value."""

    async def rows(self) -> AsyncIterator[Row]:
        """Give all rows."""
        after, more = None, True
        while more:
            page = await self.walk(after)
            for row in page.items:
                yield row
            after, more = page.next, page.next is not None

    async def page(self, after: str | None) -> Page[Row]:
        """Give the rows of a page that people look at. Raises Invalid for a cursor that is none."""
        before, at = ("", 0) if after is None else _place(after)
        page = await self.walk(before or None)
        shown = page.items[at : at + SHOWN]
        if at + SHOWN < len(page.items):
            return Page(shown, encode_cursor(before, at + SHOWN))
        return Page(shown, encode_cursor(page.next, 0) if page.next else None)

    async def come_to(self, most: int = ADDED_UP) -> list[Any] | None:
        """Give the totals, None for a column without one; None altogether of more than `most` rows."""
        if self.totals is not None:
            return list(self.totals)
        sums = Sums(self.columns)
        async for row in self.rows():
            sums.add(row)
            if sums.count > most:
                return None
        return sums.totals


class Sums:
    """Adds rows up as they come by."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.count = 0
        self.totals: list[Any] = [0 if column.adds else None for column in columns]

    def add(self, row: Row) -> None:
        """Add a row."""
        self.count += 1
        for place, total in enumerate(self.totals):
            if total is not None and row.values[place] is not None:
                self.totals[place] = total + row.values[place]


def whole(rows: Sequence[Row]) -> Walk:
    """Make a walk over rows that are all there."""

    async def walk(after: str | None) -> Page[Row]:
        at = 0 if after is None else _place(after)[1]
        more = at + AT_ONCE < len(rows)
        return Page(list(rows[at : at + AT_ONCE]), encode_cursor("", at + AT_ONCE) if more else None)

    return walk


def _place(cursor: str) -> tuple[str, int]:
    before, at = decode_cursor(cursor, str, int)
    if not isinstance(at, int) or at < 0:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]})
    return str(before), at
