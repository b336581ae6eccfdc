"""Quantities between text, decimals and thousandths."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.quantity import MAX_MILLI, NotAQuantity, format_quantity, from_milli, quantity_text, to_milli


@pytest.mark.parametrize(
    ("quantity", "milli"),
    [
        ("0.762", 762),
        ("3", 3000),
        (Decimal("3.000"), 3000),
        ("-1.5", -1500),
        (Decimal("1E+1"), 10_000),
        (2, 2000),
        ("1.5000", 1500),
    ],
)
def test_quantities_become_thousandths(quantity: Decimal | str | int, milli: int) -> None:
    assert to_milli(quantity) == milli


@pytest.mark.parametrize(
    "quantity",
    [
        "0.7621",
        "",
        "x",
        "NaN",
        "Infinity",
        Decimal("1e-4"),
        "1e30",
        "100000000000",
        "1" * 30,
        "1e3",
        "1E3",
        "\u0663",
        "\uff13",
        "1_000",
        " 1",
        "+1",
        ".5",
        "1.",
    ],
)
def test_what_is_no_quantity_is_refused_and_never_rounded(quantity: Decimal | str) -> None:
    with pytest.raises(NotAQuantity, match="at most three decimals"):
        to_milli(quantity)


@given(st.integers(-MAX_MILLI, MAX_MILLI))
def test_thousandths_come_back_the_same(milli: int) -> None:
    assert to_milli(from_milli(milli)) == milli
    assert to_milli(quantity_text(milli)) == milli


@pytest.mark.parametrize(
    ("milli", "text"), [(762, "0.762"), (3000, "3"), (-1500, "-1.5"), (0, "0"), (-5, "-0.005"), (10_010, "10.01")]
)
def test_json_carries_no_needless_zeros(milli: int, text: str) -> None:
    assert quantity_text(milli) == text


@pytest.mark.parametrize(
    ("quantity", "locale", "text"),
    [
        (762, "de", "0,762"),
        (12_000, "en", "12"),
        (Decimal("1234.500"), "de", "1.234,5"),
        (1_234_500, "en-US", "1,234.5"),
    ],
)
def test_people_read_as_many_decimals_as_there_are(quantity: Decimal | int, locale: str, text: str) -> None:
    assert format_quantity(quantity, locale) == text
