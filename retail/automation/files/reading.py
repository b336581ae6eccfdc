"""Reading a file of any of our forms: what it is says its content, never its name; rows come with their line numbers.

Every cell comes as the text that a person would type. A file that can't be read is refused as a whole (Invalid), with
what to do about it.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from retail.automation.files import csv_files, json_files, xlsx_files, zip_files
from retail.kit.errors import Invalid
from retail.kit.text import _

Form = Literal["csv", "xlsx", "json", "zip"]
Row = tuple[int, list[str]]

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_UNPACKED: Final = 400 * 1024 * 1024
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 200
MOST_LETTERS: Final = 10_000
_LOOKED_AT: Final = 65_536
_BINARY: Final = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
_OTHER_KINDS: Final = (b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"RIFF")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def form_of(path: Path) -> Form:
    """Tell what a file is by its content; one packed with gzip is unpacked in its place. Raises Invalid."""
    start = _start(path)
    if start.startswith(b"\x1f\x8b"):
        _unpack(path)
        start = _start(path)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refused(_("The file is empty."))
    if start.startswith(b"PK\x03\x04"):
        return _packed(path)
    utf16 = start.startswith(_UTF16)
    if start.startswith(_OTHER_KINDS) or (not utf16 and any(byte in _BINARY for byte in start)):
        raise refused(_("This is neither a CSV, an XLSX nor a JSON file. Save the table as one of these first."))
    return "json" if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{"} else "csv"


def header_of(path: Path, form: Form, bare: Sequence[str] = ()) -> list[str]:
    """Read the headings of a file. Raises Invalid for one without, and where the same one stands twice.

    JSON has none beside its rows: an empty list, as an export of nothing is, has those of `bare`.
    """
    found = (
        (json_files.keys(path) or list(bare))
        if form == "json"
        else next((cells for _line, cells in _raw(path, form)), [])
    )
    while found and not found[-1].strip():
        found.pop()
    if not found:
        raise refused(_("The file is empty."))
    if len(found) > MOST_COLUMNS:
        raise refused(
            _("The file has more than %(most)d columns. Take out what isn't needed.") % {"most": MOST_COLUMNS}
        )
    named = [one.strip()[:200] for one in found]
    _refuse_twice(named)
    return named


def rows_of(path: Path, form: Form, header: list[str]) -> Iterator[Row]:
    """Give each row's line number and as many cells as there are headings; rows without any text are left out.

    Only where a CSV's row says something beyond the last heading it has more cells: one of them was parted in two.
    Raises Invalid where the file breaks off, is no such file after all, or has too many rows.
    """
    width = len(header)
    found = json_files.rows(path, header) if form == "json" else islice(_raw(path, form), 1, None)
    count = 0
    for line, cells in found:
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise refused(_("The file has more than %(most)d rows; split it.") % {"most": MOST_ROWS})
        if max(map(len, cells)) > MOST_LETTERS:
            raise refused(_("The file is damaged near line %(line)d.") % {"line": line})
        parted = form == "csv" and any(map(str.strip, cells[width:]))
        yield line, cells if parted else cells[:width] + [""] * (width - len(cells))


def _refuse_twice(header: list[str]) -> None:
    """Refuse a file of which nobody can tell which of two columns is meant."""
    seen: dict[str, int] = {}
    for place, heading in enumerate(header, start=1):
        first = seen.setdefault(heading.casefold(), place)
        if heading and first != place:
            said = _(
                "The heading “%(name)s” stands twice, in columns %(first)d and %(second)d. Rename or take out one of"
                " them, and hand the file in again."
            )
            raise refused(said % {"name": heading[:60], "first": first, "second": place})


def refused(sentence: str) -> Invalid:
    """Make the refusal of a whole file."""
    return Invalid({"file": [sentence]})


def _raw(path: Path, form: Form) -> Iterator[Row]:
    return xlsx_files.rows(path) if form == "xlsx" else csv_files.rows(path)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LOOKED_AT)


def _unpack(path: Path) -> None:
    """Unpack a file packed with gzip. Raises Invalid where it is damaged, or too large by then."""
    whole = path.with_suffix(".unpacked")
    try:
        with gzip.open(path) as packed, whole.open("wb") as target:
            shutil.copyfileobj(_Measured(packed), target)
        whole.replace(path)
    except (OSError, EOFError) as broken:
        raise refused(_("The file is damaged. Save it again and hand that in.")) from broken
    finally:
        whole.unlink(missing_ok=True)


class _Measured:
    """A file that may give so many bytes and no more."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._left = MOST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size if size > 0 else _LOOKED_AT)
        self._left -= len(piece)
        if self._left < 0:
            raise refused(_("The file is larger than %(most)d MB; split it.") % {"most": MOST_UNPACKED >> 20})
        return piece


def _packed(path: Path) -> Form:
    zip_files.refuse_long_contents(path)
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            if sum(one.file_size for one in entries) > MOST_UNPACKED or len(entries) > 20_000:
                raise refused(_("The file is larger than %(most)d MB; split it.") % {"most": MOST_UNPACKED >> 20})
            if "xl/workbook.xml" in {one.filename for one in entries}:
                xlsx_files.refuse_traps(packed)
                return "xlsx"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise refused(_("The file is damaged. Save it again and hand that in.")) from broken
    return "zip"
