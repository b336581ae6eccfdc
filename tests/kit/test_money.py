"""Rounding, sharing out, currencies, and money as text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.money import Currency, NotAnAmount, allocate, currency, format_money, major, mul_div, parse_money


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        (5, 1, 2, 3),
        (-5, 1, 2, -3),
        (5, -1, 2, -3),
        (-5, -1, 2, 3),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
        (-1, 1, 3, 0),
        (0, 9, 7, 0),
    ],
)
def test_halves_are_rounded_away_from_zero(a: int, b: int, c: int, expected: int) -> None:
    assert mul_div(a, b, c) == expected


@given(st.integers(), st.integers(), st.integers(min_value=1))
def test_rounding_is_off_by_half_at_most_and_has_a_mirror(a: int, b: int, c: int) -> None:
    assert abs(mul_div(a, b, c) - Fraction(a * b, c)) <= Fraction(1, 2)
    assert mul_div(-a, b, c) == -mul_div(a, b, c)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [333, 333, 334], [33, 33, 34]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [0, 1, 0], [0, 5, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
)
def test_shares_go_to_the_largest_remainder_then_to_the_first(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert allocate(total, weights) == shares


@given(st.integers(), st.lists(st.integers(min_value=0), min_size=1).filter(any))
def test_shares_add_up_and_are_quotas_rounded_down_or_up(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    assert all(abs(share - Fraction(total * weight, whole)) < 1 for share, weight in zip(shares, weights, strict=True))


def test_something_cannot_be_shared_over_nobody() -> None:
    with pytest.raises(ValueError, match="nothing to share over"):
        allocate(1, [0, 0])


@pytest.mark.parametrize(
    ("code", "exponent", "cash_unit"),
    [
        ("EUR", 2, 1),
        ("USD", 2, 1),
        ("JPY", 0, 1),
        ("KWD", 3, 1),
        ("CHF", 2, 5),
        ("SEK", 2, 100),
        ("RSD", 2, 1),
        ("IQD", 3, 1),
    ],
)
def test_a_currency_has_its_iso_decimals_and_its_smallest_coin(code: str, exponent: int, cash_unit: int) -> None:
    assert currency(code) == Currency(code, exponent, cash_unit)


@pytest.mark.parametrize("code", ["", "eur", "EU", "XYZ", "XXX", "CLF"])
def test_a_currency_that_nobody_pays_with_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="There is no currency"):
        currency(code)


@pytest.mark.parametrize(
    ("minor", "code", "locale", "text"),
    [
        (123_450, "EUR", "de", "1.234,50\u00a0€"),
        (123_450, "EUR", "en-US", "€1,234.50"),
        (-5, "USD", "en", "-$0.05"),
        (1980, "JPY", "ja", "￥1,980"),
        (1250, "KWD", "en", "KWD1.250"),
        (100, "RSD", "en", "RSD1.00"),
        (0, "EUR", "fr_FR", "0,00\u00a0€"),
    ],
)
def test_money_is_written_the_way_of_the_place(minor: int, code: str, locale: str, text: str) -> None:
    assert format_money(minor, currency(code), locale) == text


@pytest.mark.parametrize(
    ("text", "code", "locale", "minor"),
    [
        ("1.234,50 €", "EUR", "de", 123_450),
        ("12.50", "EUR", "de", 1250),
        ("12,50", "EUR", "en", 1250),
        ("1,234", "EUR", "en", 123_400),
        ("1.234", "EUR", "de", 123_400),
        ("1'234.50", "CHF", "de-CH", 123_450),
        ("1 234,50", "EUR", "fr", 123_450),
        ("¥1,980", "JPY", "ja", 1980),
        ("1.250", "KWD", "en", 1250),
        ("1\u00a0234,50", "EUR", "fr", 123_450),
        ("- 5,00 €", "EUR", "fr", -500),
        ("12500.50", "EUR", "ar-EG", 1_250_050),
        ("\u22125", "EUR", "en", -500),
        ("0,5", "EUR", "de", 50),
        ("$3", "USD", "en", 300),
        ("3 USD", "USD", "en", 300),
    ],
)
def test_what_a_person_types_is_read(text: str, code: str, locale: str, minor: int) -> None:
    assert parse_money(text, currency(code), locale) == minor


@pytest.mark.parametrize("text", ["", " ", "abc", "1e5", "12.345", "1,2,3", "1.000.000", "NaN", "--5", "5-", "1" * 50])
def test_what_is_no_amount_is_refused_and_never_rounded(text: str) -> None:
    with pytest.raises(NotAnAmount, match=r"Type an amount like 12\.34"):
        parse_money(text, currency("EUR"), "en")


@pytest.mark.parametrize("locale", ["en", "fr", "ar-EG"])
@pytest.mark.parametrize(
    "text", ["\u0663", "\uff13", "1\u00b2", "\u0661\u066b\u0665", "1 2", "1 00", "1 0000", "1_000"]
)
def test_digits_are_0_to_9_and_blanks_stand_between_thousands_only(text: str, locale: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_money(text, currency("EUR"), locale)


def test_thousands_are_parted_by_a_blank_only_where_that_is_the_way() -> None:
    with pytest.raises(NotAnAmount):
        parse_money("1 000", currency("EUR"), "en")
    assert parse_money("1 000", currency("EUR"), "sv") == 100_000


@pytest.mark.parametrize("locale", ["en", "de", "fr", "de-CH", "sv", "hi", "ja", "pt-BR", "pl"])
@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CHF"])
@pytest.mark.parametrize("minor", [0, 5, -1999, 123_456_789])
def test_what_was_written_is_read_back(locale: str, code: str, minor: int) -> None:
    money = currency(code)
    assert parse_money(format_money(minor, money, locale), money, locale) == minor


def test_minor_units_become_the_decimal_on_paper() -> None:
    assert [str(major(1234, currency(code))) for code in ("EUR", "JPY", "KWD")] == ["12.34", "1234", "1.234"]
