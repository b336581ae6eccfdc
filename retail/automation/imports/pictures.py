"""Looking at a ZIP of pictures: each is scanned, decoded elsewhere and made small, before anybody is asked anything.

So the check says of every file what will become of it, and storing has only to move what was made. It lies beside the
ZIP until the import is done with. What is refused is noted, and never kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID
from zipfile import ZipInfo

from retail.automation.files import zip_files
from retail.automation.imports.files import made_of, path_of, spool_of, zip_of
from retail.automation.imports.queries import RunFacts
from retail.automation.kinds.named_pictures import index_of, named_in
from retail.automation.kinds.pictures import sizes_of
from retail.catalog.products.pictures import SIDES, pointer
from retail.kit.errors import Busy, DomainError, Invalid
from retail.kit.text import _
from retail.runtime.db import Database, Read
from retail.runtime.jobs import progress
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import AT_ONCE, MOST_BYTES, NoRoom, Shelf, scan, smaller
from retail.runtime.web.uploads import form_of as picture_form
from retail.settings import Settings, settings_of_process

_TOLD_EVERY: Final = 4


class Ended(Exception):
    """The import isn't being checked any more."""


@dataclass(slots=True)
class _Room:
    """What may still be made and read."""

    made: int
    read: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A ZIP, and the folder of what is made of its pictures."""

    settings: Settings
    packed: Path
    made: Path


async def spool_pictures(db: Database, scope: Scope, id: UUID, path: Path) -> int:
    """Look at every picture of a ZIP and note it as a row; gives how many. Raises Invalid, Ended, Busy."""
    entries = await asyncio.to_thread(zip_files.entries, path)
    await asyncio.to_thread(spool_of(path).write_text, "", encoding="utf-8")
    done = 0
    async for rows in _looked_at(db, scope, id, _Source(settings_of_process(), path, made_of(path)), entries):
        await asyncio.to_thread(_note, path, done, rows)
        done += len(rows)
    return len(entries)


async def make_named(db: Database, scope: Scope, id: UUID, path: Path) -> None:
    """Look at the pictures that came in a ZIP with their table, for its rows to name. Raises Invalid, Ended, Busy."""
    packed = zip_of(path)
    entries = [one for one in await asyncio.to_thread(zip_files.entries, packed) if not zip_files.is_table(one)]
    found: list[list[str]] = []
    async for rows in _looked_at(db, scope, id, _Source(settings_of_process(), packed, made_of(path)), entries):
        found += rows
    await asyncio.to_thread(index_of(made_of(path)).write_text, json.dumps(found), encoding="utf-8")


async def _looked_at(
    db: Database, scope: Scope, id: UUID, source: _Source, entries: Sequence[ZipInfo]
) -> AsyncIterator[list[list[str]]]:
    """Look at entries, some at a time; gives what is noted of them."""
    await asyncio.to_thread(source.made.mkdir, mode=0o700, exist_ok=True)
    left = await asyncio.to_thread(Shelf(source.settings, scope.tenant).room)
    room = _Room(left, zip_files.MOST_UNPACKED)
    for at in range(0, len(entries), AT_ONCE):
        some = entries[at : at + AT_ONCE]
        yield await asyncio.gather(*(_look(source, entry, room) for entry in some))
        if at % (AT_ONCE * _TOLD_EVERY) == 0:
            await _tell(db, scope, id, at, len(entries))


async def tidy(db: Database, scope: Scope, run: RunFacts) -> None:
    """Take back off the shelf what an import put there and no row of it stored."""
    async with db.read(scope) as read:
        left = await (_unstored if run.form == "zip" else _unclaimed)(read, run)
    shelf = Shelf(settings_of_process(), scope.tenant)
    for id in left:
        await asyncio.to_thread(shelf.take, pointer(id))


async def _unstored(read: Read, run: RunFacts) -> list[UUID]:
    rows = await read.fetch(
        """SELECT subject_id FROM import_row
            WHERE tenant_id = $1 AND run_id = $2 AND subject_id IS NOT NULL AND NOT stored AND state <> 'same'""",
        read.tenant,
        run.id,
    )
    return [row["subject_id"] for row in rows]


async def _unclaimed(read: Read, run: RunFacts) -> list[UUID]:
    """Give the pictures that rows of products name and no product has."""
    if "images" not in run.columns:
        return []
    came = await asyncio.to_thread(named_in, made_of(path_of(settings_of_process(), read.tenant, run.id)))
    rows = await read.fetch(
        """SELECT subject_id, cells ->> $3::integer AS named FROM import_row
            WHERE tenant_id = $1 AND run_id = $2 AND subject_id IS NOT NULL AND NOT stored AND state <> 'same'""",
        read.tenant,
        run.id,
        run.columns.index("images"),
    )
    wanted = {id for row in rows for id in came.ids(row["subject_id"], row["named"] or "")}
    kept = await read.fetch(
        "SELECT id FROM product_image WHERE tenant_id = $1 AND id = ANY($2)", read.tenant, list(wanted)
    )
    return list(wanted - {row["id"] for row in kept})


def _note(path: Path, before: int, rows: list[list[str]]) -> None:
    with spool_of(path).open("a", encoding="utf-8") as target:
        for line, row in enumerate(rows, before + 1):
            target.write(json.dumps([line, row]) + "\n")


async def _look(source: _Source, entry: ZipInfo, room: _Room) -> list[str]:
    """Look at one file; gives what is noted of it, in the order of HEADER."""
    name, sha256, size = zip_files.shown(entry.filename), "", entry.file_size
    try:
        content = await asyncio.to_thread(zip_files.content, source.packed, entry, MOST_BYTES)
        size, sha256 = len(content), hashlib.sha256(content).hexdigest()
        room.read -= size
        if room.read < 0:
            raise Invalid({"file": [_("The pictures are larger than %(most)d MB together; split the ZIP.")
                                    % {"most": zip_files.MOST_UNPACKED >> 20}]})  # fmt: skip
        await _make(source, content, sha256, room)
    except (Invalid, Busy):
        raise
    except zip_files.NotReadable as wrong:
        return [name, str(size), sha256, str(wrong)]
    except DomainError as wrong:
        return [name, str(size), sha256, wrong.sentence()]
    return [name, str(size), sha256, ""]


async def _make(source: _Source, content: bytes, sha256: str, room: _Room) -> None:
    """Make a picture's sizes, once for all files that are the same."""
    targets = sizes_of(source.made, sha256)
    if all(target.is_file() for target in targets.values()):
        return
    picture_form(content)
    if source.settings.upload_scanner:
        await scan(source.settings.upload_scanner, content)
    made = await smaller(content, SIDES)
    room.made -= sum(map(len, made))
    if room.made < 0:
        raise NoRoom
    await asyncio.to_thread(_keep, dict(zip(targets.values(), made, strict=True)))


def _keep(files: dict[Path, bytes]) -> None:
    for target, content in files.items():
        draft = target.with_name(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.replace(target)


async def _tell(db: Database, scope: Scope, id: UUID, done: int, total: int) -> None:
    """Tell how far it is, and stop where somebody cancelled."""
    await progress(done, total)
    async with db.read(scope) as read:
        stage = await read.fetchval("SELECT stage FROM import_run WHERE tenant_id = $1 AND id = $2", read.tenant, id)
    if stage != "checking":
        raise Ended
