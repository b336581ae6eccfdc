"""Quantities: decimals with at most three places outside, whole thousandths ("milli") inside the rules."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal

from retail.kit.text import _

MILLI = 1000
PLACES = 3
MAX_MILLI = 99_999_999_999_999  # what numeric(14,3) holds

_ONE_MILLI = Decimal("0.001")
_LONGEST = 20


class NotAQuantity(ValueError):
    """The text or number is no quantity with at most three decimals."""

    def __str__(self) -> str:
        return _("Type a quantity with at most three decimals, like 2 or 0.762.")


def to_milli(quantity: Decimal | str | int) -> int:
    """Turn a quantity into whole thousandths, exactly: "0.762" is 762. Raises NotAQuantity, never rounds."""
    if isinstance(quantity, str) and len(quantity) > _LONGEST:
        raise NotAQuantity
    try:
        exact = Decimal(quantity)
        milli = exact.scaleb(PLACES).to_integral_exact() if exact.is_finite() else None
    except InvalidOperation as error:
        raise NotAQuantity from error
    if milli is None or abs(milli) > MAX_MILLI or milli.scaleb(-PLACES) != exact:
        raise NotAQuantity
    return int(milli)


def from_milli(milli: int) -> Decimal:
    """Turn whole thousandths into a decimal with three places: 762 is Decimal("0.762")."""
    return Decimal(milli) * _ONE_MILLI


def quantity_text(milli: int) -> str:
    """Write a quantity as JSON carries it, without zeros at the end: 3000 is "3", 762 is "0.762"."""
    whole, rest = divmod(abs(milli), MILLI)
    text = f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)
    return f"-{text}" if milli < 0 else text


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """Find the locale of a BCP 47 tag or a POSIX name ("pt-BR", "pt_BR"). Raises ValueError on an unknown one."""
    return Locale.parse(tag.replace("-", "_"))


def format_quantity(quantity: Decimal | int, locale: str) -> str:
    """Write a quantity for people, with as many of its three decimals as it needs. An int is in thousandths."""
    exact = from_milli(quantity) if isinstance(quantity, int) else quantity
    return format_decimal(exact, "#,##0.###", locale=locale_of(locale))
