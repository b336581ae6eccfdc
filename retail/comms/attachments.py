"""Files of messages: pictures are written anew, papers and plain texts are kept as they are and never shown as a page.

They lie in the business's folder (retail/runtime/web/uploads.py) as <128 random bits>.msg: the business's export has
them, and they go with it. A business has QUOTA bytes for them.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response

from retail.comms.threads import FILES_MOST, Kept
from retail.kit.errors import DomainError, Invalid, NotFound
from retail.kit.text import _
from retail.runtime.web.filenames import disposition
from retail.runtime.web.uploads import FORMS, MOST_BYTES, POLICY, NoRoom, scan, smaller
from retail.settings import Settings

QUOTA: Final = 200 * 1024 * 1024
SIDE: Final = 1600
NAME_MOST: Final = 120
FORM_BYTES: Final = FILES_MOST * MOST_BYTES + 64 * 1024
TEXTS: Final = frozenset(
    {"txt", "text", "csv", "tsv", "log", "md", "json", "xml", "yaml", "yml", "toml", "ics", "vcf", "srt"}
)
"""How the name of a plain text may end: whoever opens one is shown it, and nothing runs."""
_STORED: Final = re.compile(r"[0-9a-f]{32}")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class NotTaken(DomainError):
    """The file is none of the kinds that messages carry."""

    status = 415
    code = "file_not_taken"

    def sentence(self) -> str:
        """Name the kinds."""
        return _("Messages carry pictures (JPEG, PNG, WebP), PDF files and plain texts. Pick one of these.")


class NameNotTaken(DomainError):
    """The file is a text whose name ends as no text's does: it could be a program."""

    status = 415
    code = "file_name_not_taken"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        """Name the endings."""
        return _(
            "%(name)s isn't named as a plain text is, and could be a program. Send a text under a name that ends in"
            " .txt, .csv, .log, .md, .json or .xml."
        ) % {"name": self.name}


class FileTooLarge(DomainError):
    """The file has too many bytes."""

    status = 413
    code = "file_too_large"

    def sentence(self) -> str:
        """Say how large it may be."""
        return _("This file is too large. Send one of at most 5 MB.")


async def keep(settings: Settings, tenant: UUID, files: Sequence[UploadFile]) -> list[Kept]:
    """Take files as they were sent: known by their content, scanned where a scanner is set, kept under names of ours.

    Raises Invalid, NotTaken, NameNotTaken, FileTooLarge, NotAPicture, PictureTooLarge, Infected, NoRoom, Busy; nothing
    is kept then.
    """
    if len(files) > FILES_MOST:
        raise Invalid({"files": [_("Send at most %(most)d files at once.") % {"most": FILES_MOST}]})
    taken = [await _take(settings, file) for file in files]
    folder = settings.data_dir / "files" / str(tenant)
    return await asyncio.to_thread(_put, folder, taken) if taken else []


async def _take(settings: Settings, file: UploadFile) -> tuple[str, str, bytes]:
    """Give a file's name, kind and bytes."""
    content = await file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FileTooLarge
    if settings.upload_scanner:
        await scan(settings.upload_scanner, content)
    name = "".join(c for c in file.filename or "" if c.isprintable() and c not in "/\\").strip(" .")[-NAME_MOST:]
    if any(content.startswith(mark) for mark in FORMS):
        (picture,) = await smaller(content, (SIDE,))
        return _ending(name or _("picture"), "webp"), "image/webp", picture
    if content.startswith(b"%PDF-"):
        return _ending(name or "file", "pdf"), "application/pdf", content
    if content and not _CONTROL.search(content) and _is_text(content):
        if name and name.rpartition(".")[2].lower() not in TEXTS:
            raise NameNotTaken(name)
        return name or "file.txt", "text/plain", content
    raise NotTaken


def _ending(name: str, kind: str) -> str:
    """Have a name end as its kind does, whatever it ended in."""
    return f"{(name.rpartition('.')[0] or name)[: NAME_MOST - len(kind) - 1]}.{kind}"


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _put(folder: Path, taken: Sequence[tuple[str, str, bytes]]) -> list[Kept]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = sum(one.stat().st_size for one in folder.glob("*.msg"))
    if there + sum(len(content) for _name, _kind, content in taken) > QUOTA:
        raise NoRoom
    kept = []
    for name, kind, content in taken:
        stored = secrets.token_hex(16)
        draft = folder / f".{stored}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.replace(folder / f"{stored}.msg")
        kept.append(Kept(name, kind, len(content), stored))
    return kept


async def forget(settings: Settings, tenant: UUID, kept: Sequence[Kept]) -> None:
    """Delete files that no message came to carry."""
    folder = settings.data_dir / "files" / str(tenant)

    def remove() -> None:
        for one in kept:
            (folder / f"{one.stored}.msg").unlink(missing_ok=True)

    await asyncio.to_thread(remove)


async def answer(settings: Settings, tenant: UUID, stored: str, name: str, media_type: str) -> Response:
    """Answer with a file, to be saved and never to be shown: whatever is in it runs nothing here. Raises NotFound."""
    if not _STORED.fullmatch(stored):
        raise NotFound("file")
    path = settings.data_dir / "files" / str(tenant) / f"{stored}.msg"
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as missing:
        raise NotFound("file") from missing
    headers = {
        "Content-Security-Policy": POLICY,
        "Content-Disposition": disposition(name),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
