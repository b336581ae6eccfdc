"""The kept forecast as what if begins with it: revenue and units with their price, cost and tax.

docs/algorithms/foresight.md, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from retail.analytics.rules import Totals
from retail.analytics.sections.reading import figures
from retail.foresight import queries
from retail.foresight.asking import Wanted
from retail.foresight.planned import Planned, planned
from retail.foresight.supposing import Line, Plain
from retail.identity.permissions import VIEW_COSTS
from retail.runtime.db import Read

RATES_DAYS: Final = 91


async def plain_of(read: Read, wanted: Wanted) -> Plain | None:
    """Read the kept forecast of a subject, its usual price, cost and tax; None where there is none."""
    at = (wanted.store, wanted.category, wanted.product)
    units = await queries.series(read, "units", *at)
    if units is None:
        return None
    last = units.first - timedelta(days=1)
    begins = last - timedelta(days=RATES_DAYS - 1)
    by_day = await figures(read, wanted.narrowed, ("day",) if wanted.product else (), begins, last)
    sold = sum(by_day.values(), Totals())
    pieces = float(sold.units)
    line, costs = _line(units, wanted.days), pieces > 0 and sold.cost > 0 and read.scope.holds(VIEW_COSTS)
    prices = None
    if wanted.product is None:
        money = await queries.series(read, "revenue", *at)
        revenue = _line(money, wanted.days) if money else _times(line, [_each(sold.revenue, pieces)] * wanted.days)
    else:
        offers = await _offers(read, wanted, begins, units.first + timedelta(days=wanted.days - 1))
        prices = _prices(offers, units.first, len(line.likely))
        # What one brings at its usual price: days on offer count at what was left of that.
        usual = sum(float(one.units) * _price(offers, day) for (day,), one in by_day.items())
        revenue = _times(line, [_each(sold.revenue, usual) * price for price in prices])
    return Plain(
        units.first,
        revenue,
        line,
        sold.cost / pieces if costs else None,
        sold.tax / sold.revenue if sold.revenue > 0 else 0.0,
        prices,
        units.closed,
    )


def _each(money: int, pieces: float) -> float:
    return money / pieces if pieces > 0 else 0.0


async def _offers(read: Read, wanted: Wanted, first: date, last: date) -> list[Planned]:
    """Give the offers on a product that its forecast knew when it was made."""
    made_at = (await queries.state(read)).made_at
    found = await planned(read, first, last, known_at=made_at, product=wanted.product)
    return [one for one in found if wanted.store is None or one.is_in(wanted.store)]


def _prices(offers: Sequence[Planned], first: date, days: int) -> list[float]:
    return [_price(offers, first + timedelta(days=at)) for at in range(days)]


def _price(offers: Sequence[Planned], day: date) -> float:
    """Give a day's price over the usual one: that of the largest offer, else 1."""
    return min((one.ratio for one in offers if one.is_on(day)), default=1.0)


def _line(of: queries.Series, days: int) -> Line:
    likely, low, high = ([float(one) for one in side[:days]] if side else None for side in (of.likely, of.low, of.high))
    return Line(likely or [], low, high)


def _times(line: Line, each: Sequence[float]) -> Line:
    likely, low, high = (
        [value * one for value, one in zip(side, each, strict=False)] if side is not None else None
        for side in (line.likely, line.low, line.high)
    )
    return Line(likely or [], low, high)
