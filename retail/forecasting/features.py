"""What one boosted model for all series looks at: a row per series, last known day and day to forecast.

Quantities are divided by the series' own mean of its last 91 days, so that small and large series are alike and a
series that is scaled has the same rows. docs/algorithms/forecasting.md, 3, lists the columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from retail.forecasting.calendars import Days, days_from
from retail.forecasting.panel import Flags, Floats, Panel, Whole

LEVEL_DAYS: Final = 91
YEAR: Final = 364
WEEK: Final = 7
NAMES: Final = (
    "mean_7", "mean_28", "mean_364", "sd_91", "zeros_91",
    "weekday_1", "weekday_4", "weekday_13", "weekday_52",
    "last_year", "last_year_ratio", "two_years_ratio",
    "horizon", "weekday", "month", "day", "of_year",
    "holiday_before", "holiday", "holiday_after", "closed_before", "closed_after",
    "promo", "promo_before", "promo_after", "promo_run",
    "on_promo_91", "off_promo_91", "on_promo_364", "off_promo_364", "uplift", "promo_share", "price",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums over a block of series, (series, days + 1); those by weekday (series, weeks + 1, 7)."""

    panel: Panel
    calendar: Days
    quantity: Floats
    count: Floats
    squares: Floats
    zeros: Floats
    promoted: Floats
    promo_count: Floats
    weekday: Floats
    weekday_count: Floats
    price: Floats
    price_count: Floats
    run: Whole


def sums(panel: Panel) -> Sums:
    """Add up once what rows of any origin are made of."""
    usable = panel.usable
    quantity = np.where(usable, panel.quantity, 0.0)
    promo = panel.promo[:, : panel.known]
    price = panel.price[:, : panel.known]
    return Sums(
        panel=panel,
        calendar=days_from(panel.first, panel.days + 1),
        quantity=_running(quantity),
        count=_running(usable),
        squares=_running(quantity**2),
        zeros=_running(usable & (quantity == 0)),
        promoted=_running(quantity * promo),
        promo_count=_running(usable & promo),
        weekday=_by_weeks(quantity),
        weekday_count=_by_weeks(usable),
        price=_running(np.nan_to_num(price)),
        price_count=_running(np.isfinite(price)),
        run=_run(panel.promo),
    )


def levels(of: Sums, series: Whole, origin: Whole) -> Floats:
    """Give the mean of the last 91 usable days before each origin; of all before it where those have none; else 0."""
    recent = _mean(of.quantity, of.count, series, origin - LEVEL_DAYS, origin)
    ever = _mean(of.quantity, of.count, series, np.zeros_like(origin), origin)
    return np.where(np.nan_to_num(recent) > 0, recent, np.nan_to_num(ever))


def rows(of: Sums, series: Whole, origin: Whole, target: Whole) -> Floats:
    """Make the rows, (rows, columns), NaN where nothing is known.

    origin: the number of known days; target: the day to forecast, at least the origin. Nothing sold at or behind the
    origin is looked at. Give only series whose level is above 0.
    """
    level = levels(of, series, origin)
    columns = [
        *_recent(of, series, origin, level),
        *_weekdays(of, series, origin, target, level),
        *_years(of, series, origin, target, level),
        *_calendar(of, series, origin, target),
        *_promotions(of, series, origin, target, level),
        _price(of, series, origin, target),
    ]
    return np.column_stack(columns).astype(np.float32)


def _recent(of: Sums, series: Whole, origin: Whole, level: Floats) -> list[Floats]:
    means = [_mean(of.quantity, of.count, series, origin - days, origin) / level for days in (7, 28, YEAR)]
    begun = origin - LEVEL_DAYS
    middle = _mean(of.quantity, of.count, series, begun, origin)
    spread = np.sqrt(np.maximum(_mean(of.squares, of.count, series, begun, origin) - middle**2, 0.0))
    return [*means, spread / level, _mean(of.zeros, of.count, series, begun, origin)]


def _weekdays(of: Sums, series: Whole, origin: Whole, target: Whole, level: Floats) -> list[Floats]:
    """Give the means of the target's weekday over the last 1, 4, 13 and 52 weeks that are known."""
    latest = target - WEEK * ((target - origin) // WEEK + 1)
    week, place = latest // WEEK + 1, latest % WEEK
    made = []
    for weeks in (1, 4, 13, 52):
        begun = np.maximum(week - weeks, 0)
        upto = np.maximum(week, 0)
        count = of.weekday_count[series, upto, place] - of.weekday_count[series, begun, place]
        total = of.weekday[series, upto, place] - of.weekday[series, begun, place]
        made.append(_over(total, count) / level)
    return made


def _years(of: Sums, series: Whole, origin: Whole, target: Whole, level: Floats) -> list[Floats]:
    made = []
    for years in (1, 2):
        then = target - YEAR * years
        week = _mean(of.quantity, of.count, series, then - 3, np.minimum(then + 4, origin))
        before = origin - YEAR * years
        usual = _mean(of.quantity, of.count, series, before - LEVEL_DAYS, before)
        if years == 1:
            made.append(week / level)
        made.append(_over(week, usual))
    return made


def _calendar(of: Sums, series: Whole, origin: Whole, target: Whole) -> list[Floats]:
    panel, days = of.panel, of.calendar
    near = [_flag(panel.holiday, series, target + by, otherwise=False) for by in (-1, 0, 1)]
    shut = [~_flag(panel.open, series, target + by, otherwise=True) for by in (-1, 1)]
    told = [target - origin + 1, days.weekday[target], days.month[target], days.day[target], days.of_year[target]]
    return [np.asarray(one, dtype=np.float64) for one in (*told, *near, *shut)]


def _promotions(of: Sums, series: Whole, origin: Whole, target: Whole, level: Floats) -> list[Floats]:
    promo = of.panel.promo
    flags = [_flag(promo, series, target + by, otherwise=False).astype(np.float64) for by in (0, -1, 1)]
    made = [*flags, of.run[series, target].astype(np.float64)]
    means = {}
    for days in (LEVEL_DAYS, YEAR):
        begun = origin - days
        on = _mean(of.promoted, of.promo_count, series, begun, origin)
        rest = _between(of.quantity, series, begun, origin) - _between(of.promoted, series, begun, origin)
        left = _between(of.count, series, begun, origin) - _between(of.promo_count, series, begun, origin)
        means[days] = (on, _over(rest, left))
        made += [on / level, means[days][1] / level]
    share = _mean(of.promo_count, of.count, series, origin - LEVEL_DAYS, origin)
    return [*made, _over(*means[YEAR]), share]


def _price(of: Sums, series: Whole, origin: Whole, target: Whole) -> Floats:
    """Give the price of that day over the mean price of the last 91 days."""
    return _over(of.panel.price[series, target], _mean(of.price, of.price_count, series, origin - LEVEL_DAYS, origin))


def _running(values: Floats | Flags) -> Floats:
    made = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=made[:, 1:])
    return made


def _by_weeks(values: Floats | Flags) -> Floats:
    series, days = values.shape
    weeks = -(-days // WEEK)
    whole = np.zeros((series, weeks * WEEK))
    whole[:, :days] = values
    made = np.zeros((series, weeks + 1, WEEK))
    np.cumsum(whole.reshape(series, weeks, WEEK), axis=1, out=made[:, 1:])
    return made


def _run(promo: Flags) -> Whole:
    """Count the days that a promotion has run; 0 off promotion."""
    made = np.zeros(promo.shape, dtype=np.int64)
    before = np.zeros(promo.shape[0], dtype=np.int64)
    for day in range(promo.shape[1]):
        before = np.where(promo[:, day], before + 1, 0)
        made[:, day] = before
    return made


def _between(running: Floats, series: Whole, begun: Whole, upto: Whole) -> Floats:
    last = running.shape[1] - 1
    return running[series, np.clip(upto, 0, last)] - running[series, np.clip(begun, 0, last)]


def _mean(running: Floats, counts: Floats, series: Whole, begun: Whole, upto: Whole) -> Floats:
    return _over(_between(running, series, begun, upto), _between(counts, series, begun, upto))


def _over(total: Floats, count: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)


def _flag(flags: Flags, series: Whole, day: Whole, *, otherwise: bool) -> Flags:
    inside = (day >= 0) & (day < flags.shape[1])
    return np.where(inside, flags[series, np.clip(day, 0, flags.shape[1] - 1)], otherwise)
