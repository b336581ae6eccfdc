"""The guard of written tables: no text that a spreadsheet would run."""

from __future__ import annotations

from typing import Final

# Some programs read the wide signs of Chinese and Japanese keyboards as the narrow ones.
_TRIGGERS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def guarded(text: str) -> str:
    """Put an apostrophe before a text that begins like a formula; numbers that are numbers need no guard."""
    return f"'{text}" if text[:1] in _TRIGGERS else text


def unguarded(text: str) -> str:
    """Take the apostrophe off again that `guarded` put there."""
    return text[1:] if text[:1] == "'" and text[1:2] in _TRIGGERS else text
