"""Writing tables: CSV, XLSX or JSON, row by row into a file; no text in it that a spreadsheet would run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, Protocol

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font

from retail.automation.files.xlsx_files import escaped_letters
from retail.kit.guard import csv_text, guarded
from retail.kit.quantity import is_plain

Form = Literal["csv", "xlsx", "json"]
FORMS: Final[dict[Form, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_DIGITS: Final = 15
"""So many digits a spreadsheet's number keeps."""


class Sink(Protocol):
    """Where a table is written to: rows of texts, then the end."""

    def add(self, cells: Sequence[object]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Write the end; the file is whole then."""


class _Csv:
    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self.add(header)

    def add(self, cells: Sequence[object]) -> None:
        self._file.write(csv_text([cells]))

    def close(self) -> None:
        self._file.close()


class _Json:
    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._header = header
        self._before = "[\n"

    def add(self, cells: Sequence[object]) -> None:
        self._file.write(self._before + json.dumps(dict(zip(self._header, cells, strict=True)), ensure_ascii=False))
        self._before = ",\n"

    def close(self) -> None:
        self._file.write("[]\n" if self._before == "[\n" else "\n]\n")
        self._file.close()


class _Xlsx:
    def __init__(self, path: Path, header: Sequence[str], numbers: frozenset[int]) -> None:
        self._path, self._numbers = path, numbers
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._bold(name) for name in header])

    def add(self, cells: Sequence[object]) -> None:
        self._sheet.append([self._cell(place, value) for place, value in enumerate(cells)])

    def close(self) -> None:
        self._book.save(self._path)

    def _bold(self, name: str) -> Cell:
        cell = WriteOnlyCell(self._sheet, name)
        cell.font = Font(bold=True)
        return cell

    def _cell(self, place: int, value: object) -> object:
        text = "" if value is None else str(value)
        if place in self._numbers and is_plain(text) and len(text) <= _DIGITS:
            return Decimal(text)
        return escaped_letters(guarded(text)) if text else None


def sink(path: Path, form: Form, header: Sequence[str], numbers: frozenset[int] = frozenset()) -> Sink:
    """Begin a table; in a workbook the columns of `numbers` hold numbers where they can. The methods block."""
    if form == "xlsx":
        return _Xlsx(path, header, numbers)
    return _Csv(path, header) if form == "csv" else _Json(path, header)
