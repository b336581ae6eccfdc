"""How SKUs and own barcodes are written: SKU-BA260017, and the EAN-13 that says the same. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import product
from string import ascii_uppercase
from typing import Final

from retail.kit.barcode import check_digit

NO_CATEGORY: Final = "XX"
"""The letters of products without a category; no category gets them."""
LAST_NUMBER: Final = 99_999
_OWN_RUNNING: Final = 10**9
_SKU: Final = re.compile(r"SKU-([A-Z]{2})(\d{2})(\d{4,5})")
_WRITTEN: Final = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS", "Ø": "O", "Ł": "L", "Æ": "AE", "Đ": "D"})


def sku_of(letters: str, year: int, number: int) -> str:
    """Write a SKU: a category's two letters, the year's last two digits, four digits of a number, or five."""
    return f"SKU-{letters}{year % 100:02d}{number:04d}"


def letters_for(name: str, taken: Collection[str]) -> str:
    """Choose two letters for a category that none of `taken` are: of its name, as people would shorten it.

    Raises ValueError where all are taken.
    """
    for letters in _candidates(name):
        if letters != NO_CATEGORY and letters not in taken:
            return letters
    raise ValueError(name)


def _candidates(name: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", name.upper().translate(_WRITTEN))
    words = re.findall(r"[A-Z]+", plain.encode("ascii", "ignore").decode())
    letters = "".join(words)
    if letters:
        yield letters[:2] if len(letters) > 1 else letters * 2
        if len(words) > 1:
            yield words[0][0] + words[1][0]
        yield from (letters[0] + other for other in letters[2:])
        yield from (letters[0] + other for other in ascii_uppercase)
    yield from ("".join(pair) for pair in product(ascii_uppercase, repeat=2))


def matching_barcode(prefix: str, sku: str) -> str:
    """Write the EAN-13 that says what a SKU of our form does, '' for any other SKU.

    Prefix, the letters as one of 676 pairs (three digits), year (two), number (five), check digit.
    """
    shaped = _SKU.fullmatch(sku)
    if shaped is None:
        return ""
    letters, year, number = shaped.groups()
    pair = ascii_uppercase.index(letters[0]) * 26 + ascii_uppercase.index(letters[1])
    return _ean13(f"{prefix}{pair:03d}{year}{int(number):05d}")


def running_barcode(prefix: str, number: int) -> str:
    """Write an EAN-13 for a SKU of another form: prefix, a 9, which no pair of letters begins with, nine digits."""
    return _ean13(f"{prefix}9{number % _OWN_RUNNING:09d}")


def _ean13(body: str) -> str:
    return body + str(check_digit(body))
