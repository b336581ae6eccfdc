"""Numbers as people type them: the locale's separators, the other ones, and those that could mean two things."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.quantity import Ambiguous, format_field, on_a_line, plain_number

LOCALES = ["en", "de", "fr", "de-CH", "ar", "hi", "sv", "es"]


@pytest.mark.parametrize(
    ("typed", "locale", "read"),
    [
        ("1500", "en", "1500"),
        ("1.5", "de", "1.5"),
        ("1,5", "en", "1.5"),
        ("0,762", "en", "0.762"),
        ("0.762", "de", "0.762"),
        ("12.345", "en", "12.345"),
        ("12,345", "de", "12.345"),
        ("1.234,5", "de", "1234.5"),
        ("1,234.5", "en", "1234.5"),
        ("1,234,567", "en", "1234567"),
        ("1 234,5", "fr", "1234.5"),
        ("-3,25", "de", "-3.25"),
        ("1,2345", "en", "1.2345"),
    ],
)
def test_separators_are_read_the_locales_way_and_else_as_the_decimals(typed: str, locale: str, read: str) -> None:
    assert plain_number(typed, locale) == read


@pytest.mark.parametrize(("typed", "locale"), [("1,500", "en"), ("1.500", "de"), ("-12,000", "en"), ("999.999", "es")])
def test_what_could_be_two_numbers_is_neither(typed: str, locale: str) -> None:
    with pytest.raises(Ambiguous) as either:
        plain_number(typed, locale)
    for one in (either.value.small, either.value.large):
        assert one in str(either.value)
        plain_number(one, locale)  # what it says to type can be typed


@pytest.mark.parametrize("typed", ["1e3", "\u0663", "1_0", "+1", "", "abc", "1,2,3", "--1", "NaN"])
def test_what_is_no_number_stays_none(typed: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|barcode"):
        on_a_line(plain_number(typed, "en"))


@given(st.decimals("-1000000", "1000000", places=3), st.sampled_from(LOCALES))
def test_what_a_field_shows_is_read_as_the_same_number(number: Decimal, locale: str) -> None:
    assert Decimal(plain_number(format_field(number, locale), locale)) == number
