"""Money: whole minor units of a currency, one function that rounds, one that shares out, and both ways to text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import (
    NumberFormatError,
    NumberPattern,
    format_currency,
    get_currency_symbol,
    is_currency,
    parse_decimal,
)

from retail.kit.quantity import format_quantity, locale_of, ungrouped
from retail.kit.text import _

__all__ = [
    "MAX_MINOR",
    "AmountTooLarge",
    "Currency",
    "NotAnAmount",
    "allocate",
    "currency",
    "format_money",
    "format_quantity",
    "major",
    "mul_div",
    "parse_money",
]

MAX_MINOR = 10**15  # below 2**53, so that JSON and the browser carry it exactly
_LONGEST = 40
_DEFAULT_EXPONENT = 2

# ISO 4217 minor units that aren't 2. Pinned here, although Babel knows decimals too: Babel's are a habit of writing
# (CLDR has 0 for RSD and IQD) that may change with its next release, and every stored amount would change with it.
_EXPONENTS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"], 0),
    **dict.fromkeys(["UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
_UNITS_OF_ACCOUNT = frozenset({"CLF", "UYW", "XXX", "XTS"})  # nobody pays a sale with these

# The smallest coin, in minor units, where it isn't 1. A shop may choose another: replace(currency("EUR"), cash_unit=5).
_CASH_UNITS = {
    **dict.fromkeys(["AUD", "CAD", "CHF", "MYR", "SGD"], 5),
    **dict.fromkeys(["HKD", "ILS", "NZD", "ZAR"], 10),
    "THB": 25,
    "DKK": 50,
    **dict.fromkeys(["CZK", "NOK", "SEK", "TWD"], 100),
    "HUF": 500,
}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as a shop uses it: ISO code, decimals on paper, smallest coin in minor units."""

    code: str
    exponent: int
    cash_unit: int = 1


class NotAnAmount(ValueError):
    """The text is no amount of the currency."""

    def __init__(self, currency: Currency) -> None:
        super().__init__(currency)
        self.currency = currency

    def __str__(self) -> str:
        example = f"{major(1234 if self.currency.exponent else 12, self.currency)}"
        return _("Type an amount like %(example)s.") % {"example": example}


class AmountTooLarge(NotAnAmount):
    """The text is an amount of the currency, and beyond what is counted here; `below` zero or above."""

    def __init__(self, currency: Currency, *, below: bool) -> None:
        super().__init__(currency)
        self.below = below

    def __str__(self) -> str:
        if self.below:
            return _("The least is %(least)s.") % {"least": f"{major(-MAX_MINOR, self.currency)}"}
        return _("The most is %(most)s.") % {"most": f"{major(MAX_MINOR, self.currency)}"}


@lru_cache(maxsize=512)
def currency(code: str) -> Currency:
    """Find a currency by its ISO 4217 code. Raises ValueError on one that doesn't exist or isn't paid with."""
    if not is_currency(code) or code in _UNITS_OF_ACCOUNT:
        raise ValueError(_("There is no currency “%(code)s”. Use a code like EUR or USD.") % {"code": code})
    return Currency(code, _EXPONENTS.get(code, _DEFAULT_EXPONENT), _CASH_UNITS.get(code, 1))


def mul_div(a: int, b: int, c: int) -> int:
    """Compute a x b / c as a whole number, halves away from zero; `c` is above 0. The one function that rounds."""
    n = a * b
    return (2 * n + c) // (2 * c) if n >= 0 else -((c - 2 * n) // (2 * c))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out in proportion to weights that aren't negative: largest remainder, ties to the lowest index.

    The shares add up to `total`, and each is its exact quota rounded down or up; a negative total is shared as its
    mirror. Raises ValueError where there is something to share and nobody to share it with.
    """
    if total < 0:
        return [-share for share in allocate(-total, weights)]
    whole = sum(weights)
    if not whole:
        if total:
            raise ValueError("nothing to share over: all weights are 0")
        return [0] * len(weights)
    shares = []
    remainders = []
    for weight in weights:
        share, remainder = divmod(total * weight, whole)
        shares.append(share)
        remainders.append(-remainder)
    # sorted() is stable, so equal remainders stay in the order of their index
    for index in sorted(range(len(shares)), key=remainders.__getitem__)[: total - sum(shares)]:
        shares[index] += 1
    return shares


def major(minor: int, currency: Currency) -> Decimal:
    """Turn minor units into the decimal that is written on paper: 1234 EUR cents are Decimal("12.34")."""
    return Decimal(minor).scaleb(-currency.exponent)


def format_money(minor: int, currency: Currency, locale: str) -> str:
    """Write an amount for people with its currency, in the way of the locale, with exactly the currency's decimals."""
    pattern = _pattern(currency, locale)
    written: str = pattern.apply(
        major(minor, currency), locale_of(locale), currency=currency.code, currency_digits=False
    )
    return written


def format_cost(cost: Decimal, currency: Currency, locale: str) -> str:
    """Write what one unit costs, in minor units, for people: as money, with the finer parts that it has."""
    if cost == cost.to_integral_value():
        return format_money(int(cost), currency, locale)
    exact = cost.scaleb(-currency.exponent).normalize()
    written: str = format_currency(exact, currency.code, locale=locale_of(locale), decimal_quantization=False)
    return written


@lru_cache(maxsize=256)
def _pattern(currency: Currency, locale: str) -> NumberPattern:
    """Take the locale's way to write money, with the decimals of ISO 4217 in place of CLDR's."""
    pattern: NumberPattern = copy(locale_of(locale).currency_formats["standard"])
    pattern.frac_prec = (currency.exponent, currency.exponent)
    return pattern


def parse_money(text: str, currency: Currency, locale: str) -> int:
    """Read an amount that a person typed, in minor units: "1.234,50 €" is 123450 in German.

    Thousands separators are read the locale's way; where that makes no sense, a single point or comma is the decimal
    separator ("12.50" in German too). Digits are 0 to 9, and blanks stand between thousands only where the locale
    writes them so. Raises NotAnAmount, also on more decimals than the currency has: money is never rounded on the way
    in; AmountTooLarge beyond MAX_MINOR.
    """
    place = locale_of(locale)
    if any(c.isnumeric() and not c.isascii() for c in text):
        raise NotAnAmount(currency)
    digits = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("'", "\u2019")
    for sign in (get_currency_symbol(currency.code, place), currency.code):
        digits = digits.replace(unicodedata.normalize("NFKC", sign), "")
    digits = "".join(c for c in digits if unicodedata.category(c) != "Cf").strip()
    digits = ungrouped(re.sub(r"^([-+])\s+", r"\1", digits), locale)
    if len(digits) > _LONGEST or not re.fullmatch(r"[-+]?[0-9.,\u2019]+", digits):
        raise NotAnAmount(currency)
    try:
        exact = _read(digits, place)
    except (NumberFormatError, InvalidOperation) as error:
        raise NotAnAmount(currency) from error
    minor = exact.scaleb(currency.exponent)
    if minor != minor.to_integral_value():
        raise NotAnAmount(currency)
    if abs(minor) > MAX_MINOR:
        raise AmountTooLarge(currency, below=minor < 0)
    return int(minor)


def _read(digits: str, place: Locale) -> Decimal:
    """Read a number the locale's way, else as digits with one decimal separator."""
    try:
        return parse_decimal(digits, locale=place, strict=True)
    except NumberFormatError:
        return Decimal(digits.replace(",", "."))
