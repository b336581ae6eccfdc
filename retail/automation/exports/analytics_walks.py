"""Figures of analytics as they go out: by any of their sides, or over time, narrowed as the page was."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from retail.analytics import queries
from retail.analytics.rules import Totals
from retail.analytics.sections.asking import ask
from retail.analytics.sections.breakdown import SIDES, Broken, breakdown
from retail.analytics.sections.course import course
from retail.analytics.sections.pages import too_long_sentence
from retail.analytics.sections.reading import TooLong
from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked, at_once
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import Invalid
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

_TIME: Final = "time"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: a thing or a time, with its figures and the revenue that it is compared with."""

    key: str
    name: str
    now: Totals
    before: int | None

    @property
    def gross_margin(self) -> Decimal | None:
        """Give the margin as a share."""
        return self.now.gross_margin


async def _figures(read: Read, asked: Asked) -> Walk:
    await queries.plan_for_any_business(read)
    side = asked.option("side", {*SIDES, _TIME}) or _TIME
    question = await ask(read, asked)
    asked.check()

    async def rows() -> list[Row]:
        try:
            if side != _TIME:
                lines = await breakdown(read, question, cast("Broken", side))
                return [Row(one.key, one.name, one.now, one.before.revenue) for one in lines]
            points = (await course(read, question)).points
        except TooLong:
            raise Invalid({"from": [too_long_sentence()]}) from None
        return [
            Row(
                one.day.isoformat() if one.hour is None else f"{one.day.isoformat()}T{one.hour:02d}",
                "",
                one.now,
                one.before.revenue if one.before else None,
            )
            for one in points
            if one.now
        ]

    return at_once(rows)


FIGURES: Final[dict[str, Walked]] = {
    "figures": Walked(
        said("Figures of analytics"), VIEW_DASHBOARD,
        (Col("key", "plain"), Col("name"), Col("revenue", "money", "now.revenue"), Col("sales", "plain", "now.sales"),
         Col("units", "quantity", "now.units"), Col("tax", "money", "now.tax"), Col("cost", "worth", "now.cost"),
         Col("margin", "worth", "now.margin"), Col("refunds", "money", "now.refunds"),
         Col("discounts", "money", "now.discount"), Col("revenue_before", "money", "before")),
        _figures,
    ),
}  # fmt: skip
