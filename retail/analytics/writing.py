"""Figures, hours and days as people of a place write them; days in words of the language that the pages speak."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent

from retail.analytics.rules import Change
from retail.kit.money import Currency, format_money, mul_div
from retail.kit.quantity import locale_of
from retail.kit.text import dates_of

_WHOLE_FROM: Final = 1000
_WEEK: Final = 7
_TEN: Final = 10
_MINUS: Final = "\u2212"


def short_money(minor: int, money: Currency, locale: str) -> str:
    """Write an amount for a large figure: from a thousand up without the decimals, which only cost room there."""
    unit = 10**money.exponent
    if abs(minor) < _WHOLE_FROM * unit:
        return format_money(minor, money, locale)
    return format_money(mul_div(minor, 1, unit), replace(money, exponent=0), locale)


def share(value: Decimal, locale: str) -> str:
    """Write a share with one decimal: 0.3142 is 31.4%."""
    place = locale_of(locale)
    pattern = str(place.percent_formats[None].pattern).replace("##0", "##0.0")
    tenths = Decimal(mul_div(int(value.scaleb(4)), 1, 10)).scaleb(-3)
    written: str = format_percent(tenths, pattern, locale=place)
    return written


def moved(change: Change, locale: str) -> str:
    """Write how a figure moved, with its sign: +8.2%, or -0.6 where it is points (the word is the template's)."""
    sign = {"up": "+", "down": _MINUS, "flat": "\u00b1"}[change.direction]
    if change.points:
        written: str = format_decimal(abs(change.by) * 100, "0.0", locale=locale_of(locale))
        return sign + written
    return sign + share(abs(change.by), locale)


def tenths(count: int, over: int, locale: str) -> str:
    """Write how many there are for each of `over`, with one decimal where it says something: 12, 3.4."""
    by_ten = mul_div(count * 10, 1, over)
    pattern = "#,##0" if by_ten >= 10 * _TEN or by_ten % 10 == 0 else "#,##0.0"
    written: str = format_decimal(Decimal(by_ten).scaleb(-1), pattern, locale=locale_of(locale))
    return written


def hour_label(hour: int, locale: str) -> str:
    """Write an hour as short as the place's clock does: 14, or 2 PM."""
    place = dates_of(locale)
    pattern = "h a" if "a" in str(place.time_formats["short"].pattern) else "HH"
    written: str = format_time(time(hour), pattern, locale=place)
    return written


def day_label(day: date, days: int, locale: str) -> str:
    """Write a day on an axis: with its weekday in a period of a week, with its month in a longer one."""
    place = dates_of(locale)
    written: str = (
        format_date(day, "EEE d", locale=place) if days <= _WEEK else format_skeleton("MMMd", day, locale=place)
    )
    return written


def long_day(day: date, locale: str) -> str:
    """Write a day with its weekday and month in full, without the year."""
    place, name = dates_of(locale), weekday(day, locale)
    written: str = format_skeleton("MMMMEEEEd", day, locale=place)
    # Some locales only know the form with short names; "Friday, November 20" is then put together.
    return written if name in written else f"{name}, {format_skeleton('MMMMd', day, locale=place)}"


def weekday(day: date, locale: str) -> str:
    """Write the day of the week in full."""
    written: str = format_date(day, "EEEE", locale=dates_of(locale))
    return written


def weekday_words(day: int, locale: str) -> str:
    """Write a day of the week in full; Monday is 1."""
    return weekday(date(2024, 1, day), locale)  # that January began with a Monday


def month_words(day: date, locale: str) -> str:
    """Write the month of a day as short as it is still clear: Nov 2026."""
    written: str = format_skeleton("yMMM", day, locale=dates_of(locale))
    return written


def clock(at: datetime, timezone: str, locale: str) -> str:
    """Write a moment as a store's own clock showed it."""
    written: str = format_time(at.astimezone(ZoneInfo(timezone)), "short", locale=dates_of(locale))
    return written
