"""A unit of work's connection, with the writes that nobody waits for held back to go out as one statement.

Each round trip to the server costs a request more than most of its own work. What only adds rows is therefore
gathered, and sent as one statement: before the next one that the unit of work sends, whoever sends it, else before its
COMMIT. So everything reads what was written before it, and all is written or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import asyncpg

_PLACE: Final = re.compile(r"\$(\d+)")
_MOST_ARGUMENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Writing:
    """Inserts that hang together, each with a name of its own: `$n` count its arguments, later ones see earlier names.

    Nothing in it may depend on the rows of another Writing: which goes first is not said.
    """

    steps: tuple[tuple[str, str], ...]

    @property
    def places(self) -> int:
        """Give how many arguments it takes."""
        return max((int(place) for _name, sql in self.steps for place in _PLACE.findall(sql)), default=0)


Explain = Callable[[asyncpg.PostgresError], Exception | None]


@dataclass(frozen=True, slots=True)
class _Held:
    writing: Writing
    arguments: tuple[object, ...]
    explain: Explain | None


class Line:
    """An open transaction's connection. `connection` is what it sends over; verbs are asyncpg's own."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self._held: list[_Held] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what sends nothing: is_closed, get_server_pid, ...
        return getattr(self.connection, name)

    async def write(self, writing: Writing, *arguments: object, explain: Explain | None = None) -> None:
        """Send rows with the next statement. `explain` turns an error that is this writing's own into a better one."""
        held = sum(len(one.arguments) for one in self._held)
        if held + len(arguments) > _MOST_ARGUMENTS or any(one.writing is writing for one in self._held):
            await self.settle()
        self._held.append(_Held(writing, arguments, explain))

    async def settle(self) -> None:
        """Send what is held back, now. Raises what the database says to it, or what a writing makes of that."""
        if not self._held:
            return
        held, self._held = self._held, []
        sql = together(tuple(one.writing for one in held))
        try:
            await self.connection.execute(sql, *(argument for one in held for argument in one.arguments))
        except asyncpg.PostgresError as error:
            for one in held:
                if one.explain is not None and (better := one.explain(error)) is not None:
                    raise better from error
            raise

    def forget(self) -> None:
        """Send nothing of what is held back: what it belongs to is undone."""
        self._held = []

    async def fetch(self, sql: str, *args: object, **limits: Any) -> list[asyncpg.Record]:  # noqa: ANN401
        """Run one statement and give all its rows."""
        if self._held:
            await self.settle()
        rows: list[asyncpg.Record] = await self.connection.fetch(sql, *args, **limits)
        return rows

    async def fetchrow(self, sql: str, *args: object, **limits: Any) -> asyncpg.Record | None:  # noqa: ANN401
        """Run one statement and give its first row, or None."""
        if self._held:
            await self.settle()
        row: asyncpg.Record | None = await self.connection.fetchrow(sql, *args, **limits)
        return row

    async def fetchval(self, sql: str, *args: object, **limits: Any) -> Any:  # noqa: ANN401
        """Run one statement and give the first column of its first row, or None."""
        if self._held:
            await self.settle()
        return await self.connection.fetchval(sql, *args, **limits)

    async def execute(self, sql: str, *args: object, **limits: Any) -> str:  # noqa: ANN401
        """Run one statement and give its command tag."""
        if self._held:
            await self.settle()
        return str(await self.connection.execute(sql, *args, **limits))

    async def executemany(self, sql: str, rows: Any, **limits: Any) -> None:  # noqa: ANN401
        """Run one statement for many rows."""
        if self._held:
            await self.settle()
        await self.connection.executemany(sql, rows, **limits)

    async def prepare(self, sql: str, **limits: Any) -> Any:  # noqa: ANN401
        """Prepare a statement, which sees what was written before."""
        if self._held:
            await self.settle()
        return await self.connection.prepare(sql, **limits)


@lru_cache(maxsize=256)
def together(writings: tuple[Writing, ...]) -> str:
    r"""Write several writings as one statement that takes the arguments of each in turn.

    >>> one = Writing((("a", "INSERT INTO t SELECT $1, $2"),))
    >>> two = Writing((("b", "INSERT INTO u SELECT $1"),))
    >>> together((one, two))
    'WITH a AS (INSERT INTO t SELECT $1, $2)\nINSERT INTO u SELECT $3'
    """
    steps, before = [], 0
    for writing in writings:
        steps += [(name, _moved(sql, before)) for name, sql in writing.steps]
        before += writing.places
    *earlier, (_name, last) = steps
    if not earlier:
        return last
    return f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in earlier)}\n{last}"


def _moved(sql: str, by: int) -> str:
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql)
