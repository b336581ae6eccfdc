"""Values of a report as people of the business read them, and as programs do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval
from babel.numbers import format_decimal

from retail.analytics import writing
from retail.analytics.rules import Change, Direction
from retail.automation.reports.sheet import Kind
from retail.kit.money import format_money, major
from retail.kit.quantity import format_quantity, locale_of, quantity_text, to_milli
from retail.kit.text import _, dates_of
from retail.runtime.tenancy import TenantFacts

NOTHING: Final = "\u2013"
_MICROS: Final = 10_000


def _day(value: date, facts: TenantFacts) -> str:
    return str(format_date(value, "medium", locale=dates_of(facts.locale)))


Writer = Callable[[Any, TenantFacts], Any]
_SHOWN: Final[Mapping[Kind, Writer]] = {
    "text": lambda value, _facts: value,
    "money": lambda value, facts: format_money(value, facts.money, facts.locale),
    "quantity": lambda value, facts: format_quantity(value, facts.locale),
    "count": lambda value, facts: format_decimal(value, locale=locale_of(facts.locale)),
    "share": lambda value, facts: writing.share(value, facts.locale),
    "change": lambda value, facts: writing.moved(Change(value, _direction(value)), facts.locale),
    "rate": lambda value, facts: (
        f"{format_decimal(Decimal(value) / _MICROS, '#,##0.####', locale=locale_of(facts.locale))} %"
    ),
    "hour": lambda value, facts: writing.hour_label(value, facts.locale),
    "weekday": lambda value, facts: writing.weekday_words(value, facts.locale),
    "month": lambda value, facts: writing.month_words(value, facts.locale),
    "week": lambda value, facts: _("Week of %(day)s") % {"day": _day(value, facts)},
    "day": _day,
    "moment": lambda value, facts: format_datetime(
        value.astimezone(ZoneInfo(facts.timezone)), "short", locale=dates_of(facts.locale)
    ),
}


def _direction(value: Decimal) -> Direction:
    return "up" if value > 0 else "down" if value < 0 else "flat"


def shown(value: Any, kind: Kind, facts: TenantFacts) -> str:  # noqa: ANN401 - any column's own kind
    """Write a value for people."""
    return NOTHING if value is None or value == "" else str(_SHOWN[kind](value, facts))


def written(value: Any, kind: Kind, facts: TenantFacts) -> str:  # noqa: ANN401 - any column's own kind
    """Write a value for a spreadsheet: amounts in the currency's own units, days as ISO writes them."""
    if value is None:
        return ""
    if kind == "money":
        return f"{major(value, facts.money):f}"
    if kind == "quantity":
        return quantity_text(to_milli(value))
    if kind == "rate":
        return f"{(Decimal(value) / _MICROS).normalize():f}"
    if kind == "moment" and isinstance(value, datetime):
        return value.astimezone(ZoneInfo(facts.timezone)).replace(microsecond=0).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def days_words(first: date | None, last: date | None, facts: TenantFacts) -> str:
    """Say which days a report is of."""
    if first is None or last is None:
        return ""
    place = dates_of(facts.locale)
    span: str = format_interval(first, last, "yMMMd", locale=place) if first != last else ""
    return span or str(format_date(first, "medium", locale=place))
