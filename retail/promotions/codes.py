"""Coupon codes: made of a series' prefix, ten characters that nobody guesses, and one that tells a slip; pure.

The check character is ISO 7064, MOD 37,36. kiosk/till/coupon_codes.js is the twin.
"""

from __future__ import annotations

import secrets
from typing import Final

ALL: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLEAR: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_LENGTH: Final = 10
MOST_LENGTH: Final = 40


def plain(typed: str) -> str:
    """Give a code as it is kept: capitals and digits; blanks and hyphens mean nothing. "" for what is none."""
    code = typed.upper().replace(" ", "").replace("-", "")
    return code if 0 < len(code) <= MOST_LENGTH and all(one in ALL for one in code) else ""


def check_character(text: str) -> str:
    """Give the character that goes after a text."""
    held = 36
    for one in text:
        held = (held + ALL.index(one)) % 36 or 36
        held = held * 2 % 37
    return ALL[(37 - held) % 36]


def is_made(code: str, prefix: str) -> bool:
    """Claim that a code could be one of a series: its prefix, its length and its check character are right."""
    fits = code.startswith(prefix) and len(code) == len(prefix) + RANDOM_LENGTH + 1
    return fits and check_character(code[:-1]) == code[-1]


def make(prefix: str) -> str:
    """Make a code that nobody guesses."""
    text = prefix + "".join(secrets.choice(CLEAR) for _ in range(RANDOM_LENGTH))
    return text + check_character(text)


def written(code: str, prefix: str) -> str:
    """Write a made code as people read it: SUM-ABCDE-FGHJK-M."""
    rest = code[len(prefix) :]
    return "-".join(part for part in (prefix, rest[:5], rest[5:10], rest[10:]) if part)
