"""The section Sales: when, where, by whom and how it was paid."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final

from retail.analytics.sections.breakdown import SIDES, Broken, Line, breakdown, tender_words
from retail.analytics.sections.charts.time import boxes, heat
from retail.analytics.sections.course import course
from retail.analytics.sections.reading import TooLong, tenders
from retail.analytics.sections.sheet import Rows, Sheet, said_against
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

_MOST: Final = 50
_TABLES: Final[tuple[Broken, ...]] = tuple(side for side in SIDES if side != "product")


async def shown(read: Read, on: Sheet, _asked: Asked) -> dict[str, Any]:
    """Read what the section shows. Raises TooLong."""
    told = await course(read, on.asked)
    period = on.asked.period
    paid_by = (
        None
        if on.asked.narrowed.sides - {"till", "cashier"}
        else await tenders(read, on.asked.narrowed, period.first, period.last)
    )
    return {
        "points": told.points,
        "total": told.total,
        "against": said_against(on.asked),
        "tables": {side: await _table(read, on, side) for side in _TABLES},
        "paid": paid_by,
        "hours_of_week": await _or_none(heat(read, on)),
        "spread": await boxes(read, on),
        "tender_words": tender_words,
        "nothing": not told.points or not (told.total.revenue or told.total.sales),
    }


async def _or_none(rows: Awaitable[Rows]) -> Rows | None:
    """Give a chart's rows for its table; None where the time is too long for this combination."""
    try:
        return await rows
    except TooLong:
        return None


async def _table(read: Read, on: Sheet, side: Broken) -> list[Line] | None:
    """Give a side's lines; None where the time is too long for this combination."""
    try:
        return await breakdown(read, on.asked, side, most=_MOST)
    except TooLong:
        return None
