"""Files that come in: CSV, plain or gzipped, read row by row in bounded memory with the line each row began on."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from retail.kit.errors import Invalid
from retail.kit.text import _

MOST_CHARACTERS: Final = 10_000
_GZIP: Final = b"\x1f\x8b"

Row = tuple[int, list[str]]


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a text file, gzipped or not; what isn't UTF-8 is replaced. Raises Invalid where there is no such file."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
    except OSError as missing:
        raise Invalid({"file": [_("The file %(name)s can't be read.") % {"name": path.name}]}) from missing
    unpack = gzip.open if packed else open
    with unpack(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as text:
        yield text


def columns(header: Sequence[str], needed: Sequence[str]) -> list[int]:
    """Find where the needed columns stand; letter case and blanks don't matter. Raises Invalid where one is missing."""
    names = [name.strip().lower().replace(" ", "").replace("_", "") for name in header]
    missing = [name for name in needed if name.lower().replace("_", "") not in names]
    if missing:
        raise Invalid({"file": [_("The file lacks the columns: %(names)s.") % {"names": ", ".join(missing)}]})
    return [names.index(name.lower().replace("_", "")) for name in needed]


def rows(text: TextIO, needed: Sequence[str]) -> Iterator[Row]:
    """Give each row's line number and its needed cells, in their order; a row that is too short has empty cells.

    Commas, semicolons or tabs separate. Raises Invalid for a file that isn't such a table.
    """
    start = text.readline(MOST_CHARACTERS)
    separator = max(",;\t", key=start.count)
    places = columns(next(csv.reader([start], delimiter=separator), []), needed)
    width = max(places) + 1
    reader = csv.reader(text, delimiter=separator)
    begins = 2
    try:
        for cells in reader:
            if cells:
                full = cells if len(cells) >= width else cells + [""] * (width - len(cells))
                yield begins, [full[place] for place in places]
            begins = reader.line_num + 2
    except (csv.Error, EOFError, OSError) as broken:
        sentence = _("The file is damaged near line %(line)d.") % {"line": begins}
        raise Invalid({"file": [sentence]}) from broken
