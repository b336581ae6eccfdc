"""CSV as people have it: comma, semicolon, tab or bar; UTF-8, marked or not, UTF-16, or Windows' own letters."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from retail.kit.errors import Invalid
from retail.kit.guard import unguarded
from retail.kit.text import _

SEPARATORS: Final = ",;\t|"
_PIECE: Final = 1 << 20
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the line it begins on, the headings first. Raises Invalid where it is no table."""
    begins = 1
    try:
        with path.open(encoding=encoding_of(path), errors="replace", newline="") as text:
            start = text.readline(_PIECE)
            before = 0
            while start and not start.strip("\ufeff \t\r\n"):  # blank lines before the table
                start, before = text.readline(_PIECE), before + 1
            separator = separator_of(start)
            text.seek(0)
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=separator)
            for cells in reader:
                lines.refuse_open(separator, begins)
                if begins > before:
                    yield begins, [unguarded(cell) for cell in cells]
                begins = reader.line_num + 1
    except csv.Error as broken:
        if "field larger" in str(broken):
            raise _never_closed(begins) from broken
        raise Invalid({"file": [_("This is not a CSV file. Save the table as CSV and hand that in.")]}) from broken


class _Lines:
    """A file's lines, and those of the row that is being read: what stands in quotation marks may go over several."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._row: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self._row.append(line)
        return line

    def refuse_open(self, separator: str, begins: int) -> None:
        """Refuse a row that swallowed others because a quotation mark is never closed, or only by the next row's."""
        row, self._row = self._row, []
        if len(row) == 1 and row[0].count('"') % 2 == 0:
            return
        try:
            for _cells in csv.reader(row, delimiter=separator, strict=True):
                pass
        except csv.Error as wrong:
            if len(row) > 1 or "unexpected end" in str(wrong):
                raise _never_closed(begins) from wrong


def _never_closed(line: int) -> Invalid:
    said = _("A quotation mark in line %(line)d is never closed. Close it or take it out, and hand the file in again.")
    return Invalid({"file": [said % {"line": line}]})


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
