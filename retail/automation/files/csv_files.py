"""CSV as people have it: comma, semicolon, tab or bar; UTF-8, marked or not, UTF-16, or Windows' own letters."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from retail.kit.errors import Invalid
from retail.kit.guard import unguarded
from retail.kit.text import _

SEPARATORS: Final = ",;\t|"
_PIECE: Final = 1 << 20
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the line it begins on, the headings first. Raises Invalid where it is no table."""
    try:
        with path.open(encoding=encoding_of(path), errors="replace", newline="") as text:
            start = text.readline(_PIECE)
            before = 0
            while start and not start.strip("\ufeff \t\r\n"):  # blank lines before the table
                start, before = text.readline(_PIECE), before + 1
            separator = separator_of(start)
            text.seek(0)
            reader = csv.reader(text, delimiter=separator)
            begins = 1
            for cells in reader:
                if begins > before:
                    yield begins, [unguarded(cell) for cell in cells]
                begins = reader.line_num + 1
    except csv.Error as broken:
        raise Invalid({"file": [_("This is not a CSV file. Save the table as CSV and hand that in.")]}) from broken


def separator_of(heading: str) -> str:
    """Tell what parts the cells: the sign that stands most often outside of quotation marks."""
    outside = "".join(heading.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def encoding_of(path: Path) -> str:
    """Tell how a file's letters are written: what its mark says, else UTF-8 where all of it is, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(3)
        for mark, name in _MARKS.items():
            if start.startswith(mark):
                return name
        try:
            decoder.decode(start)
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
