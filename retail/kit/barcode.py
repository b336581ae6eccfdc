"""Barcodes: GS1 check digits and one normal form, so that UPC-A, EAN-13 and GTIN-14 of an article are one key."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from retail.kit.gs1 import check_digit

__all__ = [
    "GTIN_LENGTHS",
    "MAX_LENGTH",
    "SHOP_PREFIXES",
    "check_digit",
    "gtin_is_valid",
    "gtin_kind",
    "normalise",
    "right_digit",
    "value_check_digit",
]

GTIN_LENGTHS = (8, 12, 13, 14)
MAX_LENGTH = 48
SHOP_PREFIXES: Final = ("02", *(str(number) for number in range(20, 30)))
"""Of EAN-13s that a shop makes for itself, and that mean nothing outside (GS1 General Specifications, 1.4.2)."""

_KINDS: Final = {8: "GTIN-8", 12: "GTIN-12", 13: "GTIN-13", 14: "GTIN-14"}

# The products of a digit 0 to 9 with the weights of 7.9.4, figures 7.9.4-1 to -4, and for "5-" the digit of a product.
_2_MINUS: Final = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_3: Final = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_5_PLUS: Final = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_5_MINUS: Final = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)


@lru_cache(maxsize=8_192)  # an import asks about each code of a batch several times
def gtin_is_valid(code: str) -> bool:
    """Claim that `code` is an EAN-8, UPC-A, EAN-13 or GTIN-14 whose check digit is right."""
    return looks_like_gtin(code) and check_digit(code[:-1]) == int(code[-1])


def looks_like_gtin(code: str) -> bool:
    """Claim that `code` has the digits of a GTIN, whatever its check digit."""
    return len(code) in GTIN_LENGTHS and code.isascii() and code.isdigit()


def gtin_kind(code: str) -> str:
    """Name the kind of a valid GTIN, "GTIN-13" and so on; '' for any other code."""
    return _KINDS[len(code)] if gtin_is_valid(code) else ""


def right_digit(code: str) -> int | None:
    """Give the check digit that `code` should end with; None where it is right, or has not the digits of a GTIN."""
    if not looks_like_gtin(code) or gtin_is_valid(code):
        return None
    return check_digit(code[:-1])


def value_check_digit(value: str) -> int:
    """Compute the digit that vouches for the price or weight in a shop's own label, of four or five digits (7.9.4).

    Raises ValueError for another length.
    """
    digits = [int(digit) for digit in value]
    if len(digits) == 4:
        return 3 * sum(row[d] for row, d in zip((_2_MINUS, _2_MINUS, _3, _5_MINUS), digits, strict=True)) % 10
    if len(digits) != 5:
        raise ValueError("only values of four or five digits have a check digit")
    total = sum(row[d] for row, d in zip((_5_PLUS, _2_MINUS, _5_MINUS, _5_PLUS, _2_MINUS), digits, strict=True))
    return _5_MINUS.index(-total % 10)


def normalise(code: str) -> str:
    """Bring a scanned or typed code to the form it is stored and found by.

    A valid GTIN becomes 14 digits with leading zeros; anything else keeps its characters, trimmed and upper-cased,
    because in-house labels may hold letters.
    """
    trimmed = code.strip()
    return trimmed.zfill(14) if gtin_is_valid(trimmed) else trimmed.upper()
