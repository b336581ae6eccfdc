"""Pictures in a ZIP, and a table beside them: which entries there are and what is in each, never read past a limit.

Only the table is unpacked, to a file of our own naming: no name of an entry is ever a path of ours, so where it claims
to lie means nothing.
A ZIP can lie about everything: the length of its contents is looked at before they are read, and what comes out of an
entry is counted as it comes, not as it was announced.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from retail.kit.errors import Invalid
from retail.kit.text import _

MOST_ENTRIES: Final = 5_000
MOST_CONTENTS: Final = 4 * 1024 * 1024
MOST_UNPACKED: Final = 400 * 1024 * 1024
MOST_RATIO: Final = 100
"""A picture is packed already; what shrinks more than this is none."""
_LARGE_ENOUGH: Final = 256 * 1024
_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x07"
_TAIL: Final = 22 + 65_535
_PLAIN: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_CLUTTER: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".json")
_PIECE: Final = 1 << 20
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError,
)  # fmt: skip
"""What zipfile raises, by its own account and by trial, where the bytes of a ZIP are not what they should be."""


class NotReadable(Exception):
    """An entry can't be used; its text says why."""


def refuse_long_contents(path: Path) -> None:
    """Look at how long the table of contents says it is, before anything reads it. Raises Invalid."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL, 0))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise _refused(_("The file is damaged. Save it again and hand that in."))
    count, length = int.from_bytes(tail[at + 10 : at + 12], "little"), int.from_bytes(tail[at + 12 : at + 16], "little")
    if _END64 in tail[max(at - 20, 0) : at] or length > MOST_CONTENTS or count > 20_000:
        raise _refused(_("The file holds more than %(most)d files; split it.") % {"most": MOST_ENTRIES})


def entries(path: Path) -> list[zipfile.ZipInfo]:
    """Give the entries that may be pictures, those of one folder and name by their numbers. Raises Invalid.

    Folders and what systems leave behind (hidden files, __MACOSX, Thumbs.db) are passed over.
    """
    refuse_long_contents(path)
    try:
        with zipfile.ZipFile(path) as packed:
            found = [one for one in packed.infolist() if not one.is_dir() and not _is_clutter(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise _refused(_("The file is damaged. Save it again and hand that in.")) from broken
    if not found:
        raise _refused(_("There is no picture in this ZIP."))
    if len(found) > MOST_ENTRIES:
        raise _refused(_("The file holds more than %(most)d files; split it.") % {"most": MOST_ENTRIES})
    return sorted(found, key=lambda one: _natural(one.filename))


def table(path: Path) -> zipfile.ZipInfo:
    """Give the one table among the entries. Raises Invalid where there is none, or more than one."""
    found = [one for one in entries(path) if is_table(one)]
    if not found:
        said = _(
            "There is no table in this ZIP. Put the products' CSV, XLSX or JSON file beside their pictures, or pick"
            " pictures as what is in it."
        )
        raise _refused(said)
    if len(found) > 1:
        said = _("There are several tables in this ZIP: %(names)s. Leave one of them in it.")
        raise _refused(said % {"names": ", ".join(shown(one.filename)[:60] for one in found[:3])})
    return found[0]


def is_table(entry: zipfile.ZipInfo) -> bool:
    """Tell whether an entry is a table by its name."""
    return entry.filename.lower().endswith(_TABLES)


def unpack(path: Path, entry: zipfile.ZipInfo, target: Path, most: int) -> None:
    """Write an entry to a file of ours, of at most so many bytes; blocks. Raises Invalid."""
    if entry.flag_bits & 1 or entry.compress_type not in _PLAIN:
        raise _refused(_("The table is packed in an unusual way. Make an ordinary ZIP without a password."))
    left = most
    with target.open("wb") as kept:
        for piece in _pieces(path, entry):
            left -= len(piece)
            if left < 0:
                raise _refused(_("The file is larger than %(most)d MB; split it.") % {"most": most >> 20})
            kept.write(piece)


def _pieces(path: Path, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Read an entry bit by bit: what can't be read is the file's fault, what can't be written is ours and stays so."""
    try:
        with zipfile.ZipFile(path) as packed, packed.open(entry) as file:
            while piece := file.read(_PIECE):
                yield piece
    except _DAMAGE as broken:
        raise _refused(_("The file is damaged. Save it again and hand that in.")) from broken


def content(path: Path, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Read an entry of at most so many bytes; blocks. Raises NotReadable."""
    if ".." in PurePosixPath(entry.filename.replace("\\", "/")).parts:
        raise NotReadable(_("This file's path leads out of the ZIP. Pack the pictures without “..” in their paths."))
    if entry.flag_bits & 1:
        raise NotReadable(_("This file is locked with a password. Pack it without one."))
    if entry.compress_type not in _PLAIN:
        raise NotReadable(_("This file is packed in an unusual way. Make an ordinary ZIP."))
    try:
        with zipfile.ZipFile(path) as packed, packed.open(entry) as file:
            read = file.read(most + 1)
    except _DAMAGE as broken:
        raise NotReadable(_("This file is damaged.")) from broken
    if len(read) > most or entry.file_size > most:
        raise NotReadable(_("This picture is too large. Use one of at most 5 MB and 24 megapixels."))
    if len(read) > _LARGE_ENOUGH and len(read) > MOST_RATIO * max(entry.compress_size, 1):
        raise NotReadable(_("This can't be used as a picture. Pick a JPEG, PNG or WebP file."))
    return read


def shown(name: str) -> str:
    """Give an entry's name as people may see it: no letter in it that draws nothing or turns the line round."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)[:300]


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part.lower() in _CLUTTER for part in parts)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Put TEA before TEA-2, and that before TEA-10."""
    stem = name.rpartition(".")[0] or name
    parts = re.findall(r"[0-9]{1,9}|[^0-9]+|[0-9]", stem.casefold())
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]


def _refused(sentence: str) -> Invalid:
    return Invalid({"file": [sentence]})
