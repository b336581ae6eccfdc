"""A file handed in, from a page or by a program: kept, looked at, and noted as an import."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeVar

from retail.automation.files import zip_files
from retail.automation.files.reading import MOST_BYTES, Form, form_of, header_of, refused
from retail.automation.imports.errors import FileTooLarge
from retail.automation.imports.files import MOST_ZIP, forget, keep, path_of, zip_of
from retail.automation.imports.operations import NewRun
from retail.automation.kinds.all_kinds import kind_of
from retail.automation.kinds.pictures import HEADER, PICTURES
from retail.identity.permissions import VIEW_COSTS
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.settings import Settings

Noted = TypeVar("Noted")
PRODUCTS: Final = "products"
PACKED: Final = frozenset({PICTURES, PRODUCTS})
"""Kinds that may come as a ZIP."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is handed in: the file, its name, and the kind of rows that somebody says it has."""

    file: IO[bytes]
    name: str
    kind: str


def look(path: Path, kind: str) -> tuple[Form, list[str]]:
    """Tell what a file is and which columns it has; blocks. Raises Invalid where it can't be of the kind."""
    form = form_of(path)
    if kind == PICTURES and form != "zip":
        raise refused(_("Pictures come in one ZIP. Pack them and hand that in."))
    if kind == PRODUCTS and form == "zip":
        form = _unpack_table(path)
    elif kind != PICTURES and path.stat().st_size > MOST_BYTES:
        raise FileTooLarge(MOST_BYTES)
    if kind != PICTURES and form == "zip":
        said = _("This zip holds no workbook. Hand in a CSV, XLSX or JSON file, or pick pictures as what is in it.")
        raise refused(said)
    if form == "zip":
        return form, list(HEADER)
    return form, header_of(path, form, _finding(kind))


def _finding(kind: str) -> list[str]:
    """Name the column by which rows of a kind are found."""
    known = kind_of(kind)
    finds = {name for match in known.matches for name in (match, f"{match}s")}
    return [one.name for one in known.columns if one.name in finds][:1]


def _unpack_table(path: Path) -> Form:
    """Lay the table that came in a ZIP with its pictures in the file's place, and the ZIP beside it."""
    packed, table = zip_of(path), zip_files.table(path)
    path.rename(packed)
    zip_files.unpack(packed, table, path, MOST_BYTES)
    return form_of(path)


async def take_file(
    settings: Settings, scope: Scope, source: Source, note: Callable[[NewRun], Awaitable[Noted]]
) -> Noted:
    """Keep a file, look at it, and have it noted by `note`. Raises Invalid, FileTooLarge; nothing is left then."""
    id = new_id()
    path = path_of(settings, scope.tenant, id)
    handed = await asyncio.to_thread(keep, source.file, path, MOST_ZIP if source.kind in PACKED else MOST_BYTES)
    try:
        form, header = await asyncio.to_thread(look, path, source.kind)
        costs = scope.holds(VIEW_COSTS)
        return await note(NewRun(id, source.kind, form, source.name[:200], handed, header, with_costs=costs))
    except BaseException:
        await asyncio.to_thread(forget, path)
        raise
