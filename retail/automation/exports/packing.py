"""A list and the pictures that it names in one ZIP, which imports as it is, also where the pictures never were."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from retail.automation.signs import plain, split
from retail.catalog.products.pictures import SIDES
from retail.kit.errors import NotFound
from retail.runtime.web.uploads import Shelf

COLUMN: Final = "images"
"""The column that names pictures, each by the file that it is in the ZIP."""
_ENDING: Final = ".webp"


def named_in(cell: str) -> list[str]:
    """Give the pictures that a cell names."""
    return [plain(one) for one in split(cell, "|") if one]


def pack(table: Path, name: str, pictures: Iterable[str], shelf: Shelf, target: Path) -> None:
    """Write a ZIP of a table, under this name, and of the pictures in their largest size; blocks.

    A picture that somebody removed since the table was read is left out.
    """
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        packed.write(table, name)
        for picture in pictures:
            try:
                content = shelf.read(picture.removesuffix(_ENDING), max(SIDES))
            except NotFound:
                continue
            packed.writestr(picture, content, ZIP_STORED)  # it is small already
