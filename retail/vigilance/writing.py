"""Rates as people of a place write them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel.numbers import format_decimal

from retail.kit.quantity import locale_of

_TENTH: Final = Decimal("0.1")
_TEN: Final = 10


def decimal(value: float, locale: str) -> str:
    """Write a rate with one decimal."""
    rounded = Decimal(repr(value)).quantize(_TENTH, ROUND_HALF_UP)
    written: str = format_decimal(rounded, "#,##0.0", locale=locale_of(locale))
    return written


def beside(times: float | None, locale: str) -> str:
    """Write how many times as often as others, as in x2.4, from ten on without the decimal; "" where nobody knows."""
    if times is None:
        return ""
    if times < _TEN:
        return f"\u00d7{decimal(times, locale)}"
    written: str = format_decimal(round(times), "#,##0", locale=locale_of(locale))
    return f"\u00d7{written}"
