"""What the calendar knows of days: weekday, month, holidays of a country. Holidays come from a package, offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from retail.forecasting.errors import UnknownCountry
from retail.forecasting.panel import Flags, Floats, Whole

YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Days:
    """Facts of days in a row, each (days,). weekday: 0 is Monday. month, day: from 1. of_year: 0 on 1 January."""

    weekday: Whole
    month: Whole
    day: Whole
    of_year: Whole


def days_from(first: date, count: int) -> Days:
    """Give the calendar of that many days."""
    days = np.datetime64(first, "D") + np.arange(count)
    months = days.astype("datetime64[M]")
    return Days(
        weekday=(days.astype(np.int64) + 3) % 7,  # 1 January 1970 was a Thursday
        month=months.astype(np.int64) % 12 + 1,
        day=(days - months).astype(np.int64) + 1,
        of_year=(days - days.astype("datetime64[Y]")).astype(np.int64),
    )


def yearly_waves(of_year: Whole, orders: int) -> Floats:
    """Give sine and cosine of the year, (days, 2 x orders)."""
    angle = 2 * np.pi * np.outer(of_year / YEAR_DAYS, np.arange(1, orders + 1))
    return np.hstack([np.sin(angle), np.cos(angle)])


def public_holidays(country: str, first: date, count: int, region: str | None = None) -> Flags:
    """Tell which of the days are public holidays of a country ("IT") or of its region; raises UnknownCountry."""
    known = named_holidays(country, first, count, region)
    return np.array([first + timedelta(days=at) in known for at in range(count)], dtype=np.bool_)


def named_holidays(country: str, first: date, count: int, region: str | None = None) -> dict[date, set[str]]:
    """Name the public holidays among these days; a day may be two at once. Raises UnknownCountry."""
    import holidays  # noqa: PLC0415 - only where forecasts are made

    last = first + timedelta(days=max(count, 1) - 1)
    try:
        known = holidays.country_holidays(country.upper(), subdiv=region, years=range(first.year, last.year + 1))
    except NotImplementedError as unknown:
        raise UnknownCountry(country, region) from unknown
    return {day: set(name.split("; ")) for day, name in known.items() if first <= day <= last}
