"""Numbers of payment cards: found in a text, masked. None may ever be stored, logged or written out (PCI DSS 3).

A number counts as a card's where its length and its first digits are those of a brand and its check digit is right;
blanks and dashes between its groups don't hide it. Numbers of 13 and 14 digits are left alone: they are barcodes. So
are ids (UUIDs) and checksums: by chance alone, the digits of one in ten thousand are those of a card.
"""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(r"(?<![0-9])(?<![0-9][ \-.])[0-9](?:[ \-.]?[0-9]){14,18}(?![ \-.]?[0-9])")
_ID: Final = re.compile(
    r"(?<![0-9A-Za-z])([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32,})(?![0-9A-Za-z])"
)
_DIGITS: Final = re.compile(r"[^0-9]")
_BRANDS: Final = (
    (re.compile(r"4"), {16, 18, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"3[0689]"), {16, 17, 18, 19}),
    (re.compile(r"35(2[89]|[3-8])"), {16, 17, 18, 19}),
    (re.compile(r"6011|64[4-9]|65|62|81"), {16, 17, 18, 19}),
    (re.compile(r"50|5[6-9]|6[0-9]"), {15, 16, 17, 18, 19}),
)


def holds_card(text: str) -> bool:
    """Claim that a text holds the number of a payment card."""
    return any(_is_card(_DIGITS.sub("", found[0])) for part in _ID.split(text)[::2] for found in _RUN.finditer(part))


def without_cards(text: str) -> str:
    """Give a text with every card's number masked but its first six and last four digits."""
    parts = _ID.split(text)
    parts[::2] = [_RUN.sub(_masked, part) for part in parts[::2]]
    return "".join(parts)


def _masked(found: re.Match[str]) -> str:
    digits = _DIGITS.sub("", found[0])
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}" if _is_card(digits) else found[0]


def _is_card(digits: str) -> bool:
    return any(len(digits) in lengths and brand.match(digits) for brand, lengths in _BRANDS) and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0
