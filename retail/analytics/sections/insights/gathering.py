"""All insights of a page, from here and from what lies above analytics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from retail.analytics.sections.breakdown import Line, breakdown
from retail.analytics.sections.course import Course, course
from retail.analytics.sections.insights.figures import told_by_figures
from retail.analytics.sections.insights.insight import Insight, ranked
from retail.analytics.sections.insights.standing import told_by_standing
from retail.analytics.sections.sheet import Sheet
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants.settings_changes import values

Source = Callable[[Read, Sheet], Awaitable[list[Insight]]]


@dataclass(slots=True)
class Further:
    """Who else tells something: set by the application, for analytics knows nothing of what lies above it."""

    sources: Sequence[Source] = ()


FURTHER: Final = Further()


async def insights(
    read: Read, on: Sheet, told: Course, categories: Sequence[Line], products: Sequence[Line]
) -> list[Insight]:
    """List what to look at, the most money first."""
    found = await told_by_figures(read, on, told, categories, products)
    found += await told_by_standing(read, on)
    for source in FURTHER.sources:
        found += await source(read, on)
    return ranked(found, told.total.revenue)


async def shown(read: Read, on: Sheet, _asked: Asked) -> dict[str, Any]:
    """Read what the section shows. Raises TooLong."""
    told = await course(read, on.asked)
    products, categories = [await breakdown(read, on.asked, side) for side in ("product", "category")]
    found = await insights(read, on, told, categories, products)
    turned_on = (await values(read))["insights_worded"]
    whole = on.short(sum(one.at_stake for one in found))
    return {"turned_on": turned_on, "insights": found, "whole": whole}
