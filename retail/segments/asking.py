"""What the addresses of lists of segments ask for; their pages and their files read them alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from retail.customers.segmented import SEGMENTS, Segment
from retail.runtime.web.asked import Asked
from retail.segments.queries import Wanted
from retail.segments.rules import RISKS, Risk


def wanted_in(asked: Asked) -> Wanted:
    """Read which customers are wanted."""
    segment, risk = asked.option("segment", SEGMENTS), asked.option("risk", RISKS)
    return Wanted(asked.search(), cast("Segment | None", segment or None), cast("Risk | None", risk or None))


def moved_in(asked: Asked) -> tuple[Segment | None, Segment | None]:
    """Read from and to which segments moves are wanted."""
    was, became = (asked.option(name, SEGMENTS) or None for name in ("was", "became"))
    return cast("Segment | None", was), cast("Segment | None", became)


def month_in(asked: Asked, known: list[date]) -> date | None:
    """Read which of the months with moves is wanted, by its first day."""
    names = {f"{one:%Y-%m}": one for one in known}
    return names.get(asked.option("month", names))


def whole(month: date | None) -> tuple[date | None, date | None]:
    """Give the first and the last day of a month."""
    if month is None:
        return None, None
    return month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
