"""Days of a place in words that are spoken: until a language is translated, its dates are not in it either."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.dates import format_date

from retail.analytics.writing import clock, day_label, hour_label, long_day, weekday
from retail.kit.money import currency, format_money
from retail.kit.quantity import format_quantity
from retail.kit.text import dates_of, use_language

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("place", "short", "long", "hour"),
    [
        ("de-DE", "20/11/2026", "Friday, 20 November", "14"),
        ("de", "20/11/2026", "Friday, 20 November", "14"),
        ("de-CH", "20.11.2026", "Friday, 20 November", "14"),
        ("fr-CA", "2026-11-20", "Friday, November 20", "2\N{NARROW NO-BREAK SPACE}p.m."),
        ("ja", "20/11/2026", "Friday 20 November", "14"),
        ("en-GB", "20/11/2026", "Friday 20 November", "14"),
        ("en-US", "11/20/26", "Friday, November 20", "2 PM"),
        ("en", "11/20/26", "Friday, November 20", "2 PM"),
    ],
)
def test_dates_speak_english_in_the_places_own_way(place: str, short: str, long: str, hour: str) -> None:
    with use_language(place):
        assert format_date(DAY, "short", locale=dates_of(place)) == short
        assert long_day(DAY, place) == long
        assert weekday(DAY, place) == "Friday"
        assert day_label(DAY, 7, place) in {"Fri 20", "Fri. 20"}
        assert "Nov" in day_label(DAY, 31, place)
        assert hour_label(14, place).replace("\N{NARROW NO-BREAK SPACE}", " ") == hour.replace(
            "\N{NARROW NO-BREAK SPACE}", " "
        )


def test_a_german_shops_amounts_stay_german() -> None:
    with use_language("de-DE"):
        assert format_money(123456, currency("EUR"), "de-DE") == "1.234,56\N{NO-BREAK SPACE}€"
        assert format_quantity(Decimal("1.5"), "de-DE") == "1,5"
        assert clock(datetime(2026, 11, 20, 13, 5, tzinfo=UTC), "Europe/Berlin", "de-DE") == "14:05"
