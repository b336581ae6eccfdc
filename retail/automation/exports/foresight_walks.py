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
from retail.kit.money import Currency, major
from retail.kit.paging import Page
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
    asked.text("q")  # the page looks for a product by it; what it then shows is the same forecast
    asked.check()
    found = await queries.series(read, wanted.measure, wanted.store, wanted.category, wanted.product)
    money = (await this_tenant(read)).money

    def amount(value: Decimal) -> Decimal:
        return _amount(value, wanted.measure, money)

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


@dataclass(frozen=True, slots=True)
class Supposed:
    """A scenario with its sums, in the currency's own units, or in units of goods."""

    of: scenarios.Scenario
    forecast: Decimal
    supposed: Decimal


async def _scenarios(read: Read, asked: Asked) -> Walk:
    archived, money = scenario_pages.shows_archived(asked), (await this_tenant(read)).money

    async def rows(after: str | None) -> Page[Supposed]:
        page = await scenarios.scenarios(read, archived=archived, limit=AT_ONCE, after=after)
        items = [
            Supposed(one, _amount(one.plain_total, one.measure, money), _amount(one.total, one.measure, money))
            for one in page.items
        ]
        return Page(items, page.next)

    return rows


def _amount(value: Decimal, measure: str, money: Currency) -> Decimal:
    """Give a figure as a file has it: amounts in the currency's own units, goods as they are counted."""
    return value if measure == "units" else major(int(value.to_integral_value(ROUND_HALF_UP)), money)


FORESEEN: Final[dict[str, Walked]] = {
    "forecast": Walked(
        said("Forecast"), VIEW_DASHBOARD,
        (Col("day", "plain"), Col("likely", "plain"), Col("low", "plain"), Col("high", "plain")),
        _days,
    ),
    "forecast-scenarios": Walked(
        said("What-if scenarios"), VIEW_DASHBOARD,
        (Col("id", "plain", "of.id"), Col("name", at="of.name"), Col("level", at="of.level"),
         Col("measure", at="of.measure"), Col("store", at="of.store"), Col("subject", at="of.subject"),
         Col("first_day", "plain", "of.first_day"), Col("last_day", "plain", "of.last_day"), Col("forecast", "plain"),
         Col("supposed", "plain"), Col("created_at", "moment", "of.created_at")),
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
