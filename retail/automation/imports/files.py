"""Where the files of imports lie until they are done with: DATA_DIR/imports/<business>/<import>."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from retail.automation.files.reading import MOST_BYTES, Form, rows_of
from retail.automation.imports.errors import FileTooLarge
from retail.settings import Settings

MOST_ZIP: Final = 256 * 1024 * 1024
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it was handed in."""

    path: Path
    size: int
    sha256: bytes


def folder_of(settings: Settings, tenant: UUID) -> Path:
    """Name the folder of a business's files."""
    return settings.data_dir / "imports" / str(tenant)


def path_of(settings: Settings, tenant: UUID, id: UUID) -> Path:
    """Name the file of an import."""
    return folder_of(settings, tenant) / str(id)


def keep(source: IO[bytes], path: Path, most: int = MOST_BYTES) -> Handed:
    """Copy what was handed in to its place, piece by piece; blocks. Raises FileTooLarge, and leaves nothing then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            while piece := source.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise FileTooLarge(most)
                digest.update(piece)
                target.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Handed(path, size, digest.digest())


def forget(path: Path) -> None:
    """Delete a file and what was made of it."""
    path.unlink(missing_ok=True)
    zip_of(path).unlink(missing_ok=True)
    spool_of(path).unlink(missing_ok=True)
    shutil.rmtree(made_of(path), ignore_errors=True)


def zip_of(path: Path) -> Path:
    """Name the ZIP that a table came in, with the pictures that it names."""
    return path.with_name(f"{path.name}.zip")


def made_of(path: Path) -> Path:
    """Name the folder of what is made of a file's contents while it is checked."""
    return path.with_name(f"{path.name}.made")


def spool_of(path: Path) -> Path:
    """Name the file of rows that is made of another."""
    return path.with_name(f"{path.name}.rows")


def spool(path: Path, form: Form, header: list[str]) -> int:
    """Read a whole file once, to rows that are read again in no time; gives how many. Blocks. Raises Invalid.

    So a file that is broken at its end is refused before anything is made of its beginning.
    """
    count = 0
    with spool_of(path).open("w", encoding="utf-8") as target:
        for row in rows_of(path, form, header):
            target.write(json.dumps(row) + "\n")
            count += 1
    return count


def spooled(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows again."""
    with spool_of(path).open(encoding="utf-8") as source:
        for text in source:
            line, cells = json.loads(text)
            yield line, cells
