"""Letters as they are searched: small, and without marks above or below them. "CAFÉ" is found by "cafe".

The database folds the same way (`search_form` of m0036): what is stored and what is typed must meet.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_FIRST_MARK: Final = "\u0300"
_LAST_MARK: Final = "\u036f"


def folded(text: str) -> str:
    """Fold a text for searching."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not _FIRST_MARK <= c <= _LAST_MARK).lower().replace("ß", "ss")


def one_slip_apart(typed: str, word: str) -> bool:
    """Claim that one letter more, one less, a wrong one or two swapped ones make `typed` out of `word`."""
    if abs(len(typed) - len(word)) > 1 or typed == word:
        return False
    same = next((at for at, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    rest, of = typed[same:], word[same:]
    return rest[1:] == of or rest == of[1:] or rest[1:] == of[1:] or (rest[:2] == of[1::-1] and rest[2:] == of[2:])
