"""Barcodes: GS1 check digits and one normal form, so that UPC-A, EAN-13 and GTIN-14 of an article are one key."""

from __future__ import annotations

GTIN_LENGTHS = (8, 12, 13, 14)
MAX_LENGTH = 48


def check_digit(body: str) -> int:
    """Compute the GS1 modulo-10 check digit of `body`, the digits without it (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -total % 10


def gtin_is_valid(code: str) -> bool:
    """Claim that `code` is an EAN-8, UPC-A, EAN-13 or GTIN-14 whose check digit is right."""
    if len(code) not in GTIN_LENGTHS or not (code.isascii() and code.isdigit()):
        return False
    return check_digit(code[:-1]) == int(code[-1])


def normalise(code: str) -> str:
    """Bring a scanned or typed code to the form it is stored and found by.

    A valid GTIN becomes 14 digits with leading zeros; anything else keeps its characters, trimmed and upper-cased,
    because in-house labels may hold letters.
    """
    trimmed = code.strip()
    return trimmed.zfill(14) if gtin_is_valid(trimmed) else trimmed.upper()
