"""Making the file of a list: read in one transaction, at one moment, written by a thread beside it.

With pictures, the file is a ZIP of the table and of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from retail.automation.cells import Ways
from retail.automation.exports.lists import List
from retail.automation.exports.packing import COLUMN, named_in, pack
from retail.automation.exports.walking import Walk
from retail.automation.files.writing import Form, Sink, sink
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read
from retail.runtime.web.uploads import Shelf

AT_ONCE: Final = 1_000
AT_ONCE_SECONDS: Final = 1
"""So long somebody waits for a list; what takes longer is made by a job."""
Tell = Callable[[int], Awaitable[None]]


class TooMany(Exception):
    """The list has more rows than may be written at once, or takes too long."""


@dataclass(frozen=True, slots=True)
class Order:
    """What file is wanted: a list, in a form, narrowed as its page was, with what goods cost or without.

    `shelf` is where the pictures lie that go with it; None: it goes alone.
    """

    list: List
    form: Form
    ways: Ways
    narrowed: Conditions | Walk | None
    costs: bool
    shelf: Shelf | None = None


async def write_file(
    read: Read, order: Order, path: Path, name: str, *, tell: Tell | None = None, most: int | None = None
) -> int:
    """Write the file of a list, its table called `name` where it is packed; gives and raises what `write_list` does."""
    if order.shelf is None:
        return await write_list(read, order, path, tell=tell, most=most)
    table = path.with_name(f"{path.name}.table")
    pictures: dict[str, None] = {}
    try:
        count = await write_list(read, order, table, tell=tell, most=most, pictures=pictures)
        await asyncio.to_thread(pack, table, name, pictures, order.shelf, path)
    finally:
        await asyncio.to_thread(table.unlink, missing_ok=True)
    return count


async def write_list(
    read: Read,
    order: Order,
    path: Path,
    *,
    tell: Tell | None = None,
    most: int | None = None,
    pictures: dict[str, None] | None = None,
) -> int:
    """Write a list's table to a file; gives how many rows. `tell` hears how far it is.

    Raises TooMany beyond `most`, and where it takes whoever waits for so many too long. The pictures that it names are
    added to `pictures`, each once.
    """
    header, numbers = order.list.header(costs=order.costs), order.list.numbers(costs=order.costs)
    place = header.index(COLUMN) if pictures is not None else 0
    if most is not None and await order.list.longer(read, order.narrowed, most):
        raise TooMany
    file = await asyncio.to_thread(sink, path, order.form, header, numbers)
    waiting: list[Sequence[object]] = []
    count, until = 0, time.monotonic() + AT_ONCE_SECONDS
    try:
        async for row in order.list.rows(read, order.ways, order.form, order.narrowed, costs=order.costs):
            count += 1
            if most is not None and (count > most or time.monotonic() > until):
                raise TooMany
            waiting.append(row)
            if pictures is not None:
                pictures |= dict.fromkeys(named_in(str(row[place])))
            if len(waiting) >= AT_ONCE:
                await asyncio.to_thread(_add, file, waiting)
                waiting = []
                if tell is not None:
                    await tell(count)
        await asyncio.to_thread(_add, file, waiting)
    finally:
        await asyncio.to_thread(file.close)
    return count


def _add(file: Sink, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        file.add(row)
