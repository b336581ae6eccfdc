"""Quantities: decimals with at most three places outside, whole thousandths ("milli") inside the rules."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberFormatError, format_decimal, get_decimal_symbol, get_group_symbol, parse_decimal

from retail.kit.text import _

MILLI = 1000
PLACES = 3
MAX_MILLI = 99_999_999_999_999  # what numeric(14,3) holds

LINE_MOST = Decimal(1_000_000)
"""Of one product on one line of a document, in its unit: what is above was scanned, or slipped in."""

_ONE_MILLI = Decimal("0.001")
_SCAN = re.compile(r"[0-9]{8,}|(\][A-Za-z][0-9]|\(01\)).*")
_LONGEST = 20
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SEPARATED = re.compile(r"-?[0-9]+[.,\u2019][0-9.,\u2019]*")
_EITHER = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")


class NotAQuantity(ValueError):
    """The text or number is no quantity with at most three decimals."""

    def __str__(self) -> str:
        return _("Type a quantity with at most three decimals, like 2 or 0.762.")


class ScannedForQuantity(NotAQuantity):
    """A barcode stands where somebody should say how many."""

    def __str__(self) -> str:
        return _("That looks like a barcode: type how many.")


class TooMany(NotAQuantity):
    """More than LINE_MOST."""

    def __str__(self) -> str:
        return _("This is more than any shelf holds. Type a smaller quantity.")


class Ambiguous(NotAQuantity):
    """A separator that the locale writes between thousands stands where one could have meant the decimals."""

    def __init__(self, small: str, large: str) -> None:
        super().__init__(small)
        self.small = small
        self.large = large

    def __str__(self) -> str:
        return _("This could be %(small)s or %(large)s. Type one of these.") % {
            "small": self.small, "large": self.large
        }  # fmt: skip


def is_plain(text: str) -> bool:
    """Claim that a text is a number as it is written by hand: ASCII digits, one point at most, no exponent, no "+".

    Python reads "1e3", "\u0663" and "1_000" as numbers too; whoever typed them meant something else.
    """
    return _PLAIN.fullmatch(text) is not None


def ungrouped(text: str, locale: str) -> str:
    """Take out the blanks between thousands where the locale writes them ("1 000,5" in French), and round the text."""
    plain = text.strip()
    if not get_group_symbol(locale_of(locale)).isspace():
        return plain
    return re.sub(r"(?<=[0-9])\s(?=[0-9]{3}(?![0-9]))", "", plain)


def plain_number(text: str, locale: str) -> str:
    """Read a number that a person typed into plain digits with a point: "1.234,5" is "1234.5" in German.

    Separators are read the locale's way; where that makes no sense, a single one is the decimal separator ("12.5" in
    German too). Raises Ambiguous for "1,500" in English and "1.500" in German: thousands to some who type it, and one
    and a half to others. What isn't a number comes back as it is.
    """
    plain, place = ungrouped(text, locale), locale_of(locale)
    if _SEPARATED.fullmatch(plain) is None:
        return plain
    if _EITHER.fullmatch(plain) and get_decimal_symbol(place) not in plain:
        digits = re.sub("[.,]", "", plain)
        small = format_field(Decimal(re.sub("[.,]", ".", plain)), locale)
        raise Ambiguous(small, digits)
    try:
        return format(parse_decimal(plain, locale=place, strict=True), "f")
    except NumberFormatError:
        return plain.replace(",", ".") if "." not in plain else plain


def to_milli(quantity: Decimal | str | int) -> int:
    """Turn a quantity into whole thousandths, exactly: "0.762" is 762. Raises NotAQuantity, never rounds."""
    if isinstance(quantity, str) and not (len(quantity) <= _LONGEST and is_plain(quantity)):
        raise NotAQuantity
    try:
        exact = Decimal(quantity)
        milli = exact.scaleb(PLACES).to_integral_exact() if exact.is_finite() else None
    except InvalidOperation as error:
        raise NotAQuantity from error
    if milli is None or abs(milli) > MAX_MILLI or milli.scaleb(-PLACES) != exact:
        raise NotAQuantity
    return int(milli)


def on_a_line(quantity: Decimal | str | int) -> Decimal:
    """Read how many of something a line of a document has, exactly; text in plain digits.

    Raises ScannedForQuantity for 8 digits and more without a separator, TooMany above LINE_MOST, NotAQuantity.
    """
    written = str(quantity)
    if _SCAN.fullmatch(written):
        raise ScannedForQuantity
    exact = from_milli(to_milli(quantity))
    if abs(exact) > LINE_MOST:
        raise TooMany
    return exact


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


def format_field(quantity: Decimal, locale: str) -> str:
    """Write a number for a field that somebody may change: as plain_number() reads it, nothing between thousands."""
    return format_decimal(quantity, "0.##########", locale=locale_of(locale))


def format_quantity(quantity: Decimal | int, locale: str) -> str:
    """Write a quantity for people, with as many of its three decimals as it needs. An int is in thousandths."""
    exact = from_milli(quantity) if isinstance(quantity, int) else quantity
    return format_decimal(exact, "#,##0.###", locale=locale_of(locale))
