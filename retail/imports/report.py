"""The report of refused rows: a CSV file that can be mended and read again, and the counts by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from retail.kit.guard import csv_text

_FOLDER: Final = "reports"


class RefusedRows:
    """Gathers refused rows: each goes to the file at once, only the counts stay in memory."""

    def __init__(self, write: Callable[[Sequence[object]], object]) -> None:
        self._write = write
        self.counts: Counter[str] = Counter()

    def add(self, line: int, cells: Sequence[str], reason: str) -> None:
        """File one row: its line in the file, its cells, and a sentence."""
        self.counts[reason] += 1
        self._write([line, reason, *cells])


def report_path(data_dir: Path, source: Path) -> Path:
    """Name the report of a file: reports/<file name>.refused.csv in the data directory."""
    return data_dir / _FOLDER / f"{source.name}.refused.csv"


@contextmanager
def refused_rows(path: Path, columns: Sequence[str]) -> Iterator[RefusedRows]:
    """Write a report; it appears under its name only when it is whole, in place of the last one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as text:
            text.write(csv_text([["line", "reason", *columns]]))
            yield RefusedRows(lambda row: text.write(csv_text([row])))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
