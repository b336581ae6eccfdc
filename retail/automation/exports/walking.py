"""Lists that go out as their pages read them: the page's own query and filters, walked from its first page to its last.

So a file can't say anything else than its page, and nothing is written twice. A list says which columns it has, where
each stands in the page's rows, and how its address is read; it only goes out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from retail.automation.cells import Ways
from retail.automation.exports.sql_lists import cell
from retail.kit.paging import Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

AT_ONCE: Final = 500
"""So many rows are read at a time: as many as the longest page has."""
FIGURES: Final = frozenset({"money", "worth", "cost", "quantity"})
COSTS: Final = frozenset({"worth", "cost"})
"""Kinds of columns that tell what goods cost: for who may see costs alone."""

Walk = Callable[[str | None], Awaitable[Page[Any]]]
Begin = Callable[[Read, Asked], Awaitable[Walk]]


@dataclass(frozen=True, slots=True)
class Col:
    """A column: its heading, how it is written, and where its value stands in a row; "" where the heading says it."""

    name: str
    kind: str = "text"
    at: str = ""

    @property
    def value(self) -> Callable[[Any], Any]:
        """Give what takes it out of a row."""
        return attrgetter(self.at or self.name)


@dataclass(frozen=True)
class Walked:
    """A list that goes out as its page reads it."""

    label: str
    permission: str
    columns: tuple[Col, ...]
    begin: Begin
    also: str = ""
    """A second permission that its page asks for."""

    def _columns(self, *, costs: bool) -> tuple[Col, ...]:
        return tuple(column for column in self.columns if costs or column.kind not in COSTS)

    def header(self, *, costs: bool) -> list[str]:
        """Name the columns; without `costs` those that tell what goods cost are left out."""
        return [column.name for column in self._columns(costs=costs)]

    def numbers(self, *, costs: bool) -> frozenset[int]:
        """Say at which places numbers stand."""
        return frozenset(at for at, one in enumerate(self._columns(costs=costs)) if one.kind in FIGURES)

    async def narrowed(self, read: Read, asked: Asked) -> Walk:
        """Read the address as the page does. Raises Invalid."""
        walk = await self.begin(read, asked)
        asked.refuse_others()
        asked.check()
        return walk

    async def longer(self, _read: Read, _narrowed: Walk | None, _most: int) -> bool:
        """Claim nothing: its page's own query is what tells."""
        return False

    async def rows(
        self, read: Read, ways: Ways, form: str, narrowed: Walk | None, *, costs: bool
    ) -> AsyncIterator[Sequence[object]]:
        """Give the rows, page by page in one transaction."""
        walk = narrowed or await self.narrowed(read, Asked("", {}))
        columns = [(one.kind, one.value) for one in self._columns(costs=costs)]
        after: str | None = None
        more = True
        while more:
            page = await walk(after)
            for row in page.items:
                yield [cell(value(row), kind, form, ways.money) for kind, value in columns]
            after, more = page.next, page.next is not None


def at_once(read: Callable[[], Awaitable[Sequence[Any]]]) -> Walk:
    """Make a walk of a list that is one page."""

    async def walk(_after: str | None) -> Page[Any]:
        return Page(list(await read()), None)

    return walk
