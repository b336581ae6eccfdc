"""Words of one's own in a password: name, address, business. Whoever guesses at an account tries them first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

LEAST_LEFT: Final = 8  # letters and figures beside one's own words that nobody would have tried
LOOKS_LIKE: Final = str.maketrans("@$013457!", "asoleasti")
ROWS: Final = (
    "1234567890" * 13,
    "abcdefghijklmnopqrstuvwxyz" * 6,
    "qwertyuiopasdfghjklzxcvbnm" * 6,
    "qwertzuiopasdfghjklyxcvbnm" * 6,
)
_WORD: Final = 3
_ROW: Final = 4
_DIGITS: Final = re.compile(r"\d{2,}")
_REPEATED: Final = re.compile(r"(.)\1{2,}")


def is_of_own_words(plain: str, about: Iterable[str], common: frozenset[str]) -> bool:
    """Claim that little is left of a casefolded password without words `about` its person.

    What is tried right after them counts for nothing either: years and other numbers, rows of the keyboard, one
    character many times, the same thing again, a `common` password. False where it holds no such word at all.
    """
    text = "".join(c for c in plain if c.isalnum() or ord(c) in LOOKS_LIKE)
    left = _without(text, _words(about))
    if left == [text]:
        return False
    parts = {part for each in left for part in _parts(each) if part not in common}
    return sum(c.isalnum() for part in parts for c in part) < LEAST_LEFT


def _words(about: Iterable[str]) -> set[str]:
    """Give each word, and each text in one piece: "Corner Shop" is corner, shop and cornershop."""
    split = [re.findall(r"[^\W_]+", text.casefold()) for text in about]
    found = {word for words in split for word in [*words, "".join(words)]}
    return {word for word in found if len(word) >= _WORD}


def _without(text: str, words: set[str]) -> list[str]:
    """Give what stands between the words, also where 0 stands for o and the like."""
    own = [False] * len(text)
    for form in (text, text.translate(LOOKS_LIKE)):
        for word in words:
            at = form.find(word)
            while at >= 0:
                own[at : at + len(word)] = [True] * len(word)
                at = form.find(word, at + 1)
    rest = "".join("\0" if taken else c for c, taken in zip(text, own, strict=True))
    return [part for part in rest.split("\0") if part]


def _parts(text: str) -> Iterator[str]:
    """Give what is left of a piece without numbers, repetitions and rows."""
    for piece in _REPEATED.sub("\0", _DIGITS.sub("\0", text)).split("\0"):
        yield from filter(None, _without_rows(piece).split("\0"))


def _without_rows(text: str) -> str:
    at, kept = 0, ""
    while at < len(text):
        length = _row_at(text, at, ROWS)
        kept += "\0" if length else text[at]
        at += length or 1
    return kept


def _row_at(text: str, at: int, rows: Sequence[str]) -> int:
    """Give how many characters from here on stand in one row of keys, or in the alphabet, either way; 0 for few."""
    longest = 0
    for row in rows:
        for way in (row, row[::-1]):
            end = at + _ROW
            while end <= len(text) and text[at:end] in way:
                longest = max(longest, end - at)
                end += 1
    return longest
