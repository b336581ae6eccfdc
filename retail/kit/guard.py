"""The guard of written tables: the one writer of CSV, and no text in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

# Some programs read the wide signs of Chinese and Japanese keyboards as the narrow ones.
_TRIGGERS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER: Final = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(text: str) -> str:
    """Put an apostrophe before a text that begins like a formula; a number, also below zero, stays a number.

    A text that looks as if it had one already gets one more, so that `unguarded` gives every text back as it was.
    """
    return f"'{text}" if text.lstrip("'")[:1] in _TRIGGERS and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe off again that `guarded` put there."""
    return text[1:] if text[:1] == "'" and text.lstrip("'")[:1] in _TRIGGERS else text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Write rows as CSV (RFC 4180), every cell guarded, None as an empty one: the way of every table that goes out."""
    written = io.StringIO()
    csv.writer(written).writerows([["" if cell is None else guarded(str(cell)) for cell in row] for row in rows])
    return written.getvalue()
