"""Forecasts as they go out: which models they were made by, run by run, and how those did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked, at_once
from retail.foresight import queries, scenario_pages, scenarios
from retail.foresight.asking import wanted_in
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.money import major
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants.queries import this_tenant

AT_ONCE: Final = 50


async def _models(read: Read, _asked: Asked) -> Walk:
    return lambda after: queries.register(read, limit=AT_ONCE, after=after)


@dataclass(frozen=True, slots=True)
class Row:
    """A day that is forecast, in the currency's own units, or in units of goods."""

    day: str
    likely: Decimal
    low: Decimal | None
    high: Decimal | None


async def _days(read: Read, asked: Asked) -> Walk:
    wanted = await wanted_in(read, asked)
    asked.check()
    found = await queries.series(read, wanted.measure, wanted.store, wanted.category, wanted.product)
    money = (await this_tenant(read)).money

    def amount(value: Decimal) -> Decimal:
        return value if wanted.measure == "units" else major(int(value.to_integral_value(ROUND_HALF_UP)), money)

    async def rows() -> list[Row]:
        if found is None:
            return []
        low, high = found.low, found.high
        return [
            Row(
                (found.first + timedelta(days=at)).isoformat(),
                amount(likely),
                amount(low[at]) if low else None,
                amount(high[at]) if high else None,
            )
            for at, likely in enumerate(found.likely[: wanted.days])
        ]

    return at_once(rows)


async def _scenarios(read: Read, asked: Asked) -> Walk:
    archived = scenario_pages.shows_archived(asked)
    return lambda after: scenarios.scenarios(read, archived=archived, limit=AT_ONCE, after=after)


FORESEEN: Final[dict[str, Walked]] = {
    "forecast": Walked(
        said("Forecast"), VIEW_DASHBOARD,
        (Col("day", "plain"), Col("likely", "plain"), Col("low", "plain"), Col("high", "plain")),
        _days,
    ),
    "forecast-scenarios": Walked(
        said("What-if scenarios"), VIEW_DASHBOARD,
        (Col("id", "plain"), Col("name"), Col("level"), Col("measure"), Col("store"), Col("subject"),
         Col("first_day", "plain"), Col("last_day", "plain"), Col("forecast", "plain", "plain_total"),
         Col("supposed", "plain", "total"), Col("created_at", "moment")),
        _scenarios,
    ),
    "forecast-models": Walked(
        said("Models of forecasts"), VIEW_DASHBOARD,
        (Col("version", "plain", "run"), Col("made_at", "moment"), Col("level"), Col("measure"), Col("model"),
         Col("before"), Col("first_day", "plain"), Col("last_day", "plain"), Col("series", "plain"),
         Col("days", "plain"), Col("wape", "plain"), Col("bias", "plain"), Col("mase", "plain"), Col("rmsse", "plain"),
         Col("cover", "plain"), Col("naive_wape", "plain"), Col("naive_rmsse", "plain"),
         Col("past_days", "plain"), Col("past_wape", "plain"), Col("past_naive", "plain"), Col("past_cover", "plain"),
         Col("base_wape", "plain"), Col("drift", "plain")),
        _models,
    ),
}  # fmt: skip
