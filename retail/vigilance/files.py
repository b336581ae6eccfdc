"""The report of cashiers as rows of a file: counts, what was expected, and how many times as often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Final

from retail.kit.paging import Page
from retail.runtime.db import Read
from retail.vigilance.asking import Wanted
from retail.vigilance.pages import lines
from retail.vigilance.report import Line

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Row:
    """A line, with its days; `figures` has for each measure its count, what was expected, and the times."""

    of: Line
    first: date
    last: date
    beside: Decimal | None
    figures: SimpleNamespace


async def rows(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Row]:
    """Give a page of rows. Raises Invalid for a cursor that is none."""
    page = await lines(read, wanted, limit=limit, after=after)
    return Page([_row(one, wanted) for one in page.items], page.next)


def _row(one: Line, wanted: Wanted) -> Row:
    figures: dict[str, int | Decimal | None] = {}
    for kind, told in one.measures.items():
        figures[kind] = told.seen
        figures[f"{kind}_expected"] = _written(told.expected)
        figures[f"{kind}_times"] = _written(told.times)
    return Row(one, wanted.first, wanted.last, _written(one.basket_beside), SimpleNamespace(**figures))


def _written(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(_CENT)
