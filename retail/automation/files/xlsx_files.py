"""Workbooks: the first sheet, read as it streams by; formulas count as the values they last had."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from retail.kit.errors import Invalid
from retail.kit.guard import unguarded
from retail.kit.text import _

MOST_SHARED: Final = 100 * 1024 * 1024
_START: Final = 4096
_EXACT: Final = 10**15
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WRONG: Final = (
    zipfile.BadZipFile, InvalidFileException, SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OSError, EOFError,
)  # fmt: skip


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each row of the first sheet with its number, the headings first. Raises Invalid for a damaged file."""
    with path.open("rb") as file:
        yield from _rows(file)


def _rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _WRONG as broken:
        raise _damaged() from broken
    try:
        sheet = next((one for one in book.worksheets if isinstance(one, ReadOnlyWorksheet)), None)
        if sheet is None:
            raise _damaged()
        sheet.reset_dimensions()
        begun = False
        for line, cells in _lines(sheet):
            read = [cell_text(one) for one in cells]
            begun = begun or any(read)
            if begun:
                yield line, read
    except _WRONG as broken:
        raise _damaged() from broken
    finally:
        book.close()


class _Parser(WorkSheetParser):
    """Tells a formula that nobody has worked out from an empty cell; one that comes to no text has a "t"."""

    def parse_cell(self, element: Any) -> dict[str, Any]:  # noqa: ANN401 - an element of XML
        found: dict[str, Any] = super().parse_cell(element)
        if found["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            said = _(
                "Cell %(cell)s holds a formula without a value. Open the workbook in a spreadsheet program, save it,"
                " and hand that in."
            )
            raise Invalid({"file": [said % {"cell": f"{get_column_letter(found['column'])}{found['row']}"}]})
        return found


def _lines(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:  # noqa: ANN401 - its stubs know less than it has
    """Give the rows that a sheet has, read as openpyxl does (ReadOnlyWorksheet._cells_by_row), but by our parser."""
    book = sheet.parent
    with sheet._get_source() as source:  # noqa: SLF001 - there is no other way to a parser of one's own
        parser = _Parser(
            source,
            sheet._shared_strings,  # noqa: SLF001
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        for line, row in parser.parse():
            yield line, sheet._get_row(row, values_only=True)  # noqa: SLF001


def cell_text(value: Any) -> str:  # noqa: ANN401 - what a cell may hold
    """Write a cell's value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return unguarded(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _figure(value)
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def _figure(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{Decimal(repr(value)):f}"


def escaped_letters(text: str) -> str:
    """Write letters that XML can't hold as the format does, _x000D_, and what looks so too (ECMA-376, 22.9.2.19)."""
    return _UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def refuse_traps(packed: zipfile.ZipFile) -> None:
    """Refuse a workbook that is made to eat memory: entities in its XML, or endless shared texts. Raises Invalid."""
    for entry in packed.infolist():
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        with packed.open(entry) as part:
            if b"<!DOCTYPE" in part.read(_START):
                raise _damaged()
        if entry.filename.endswith("sharedStrings.xml") and entry.file_size > MOST_SHARED:
            raise Invalid({"file": [_("The workbook holds too much text. Save the sheet as CSV and hand that in.")]})


def _damaged() -> Invalid:
    return Invalid({"file": [_("The workbook is damaged. Open it, save it again, and hand that in.")]})
