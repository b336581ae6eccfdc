"""Pictures that people send: known by their content, decoded elsewhere, written anew, and nobody's bytes kept.

JPEG, PNG and WebP; no SVG, which is a program. The first bytes decide, never the name or the announced type. The size
in pixels is read from the header before anything is decoded; the decoder runs in a process of its own
(retail/runtime/picture_worker.py). What is stored is WebP that we wrote: no metadata, no trailing script, no polyglot.
Files are DATA_DIR/files/<business>/<128 random bits>-<side>.webp; a business has QUOTA bytes.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import secrets
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response

from retail.kit.errors import Busy, DomainError, NotFound
from retail.kit.text import _
from retail.runtime import picture_worker
from retail.runtime.web.filenames import disposition
from retail.settings import Settings

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_PIXELS: Final = 24_000_000
QUOTA: Final = 200 * 1024 * 1024
SECONDS: Final = 15.0
AT_ONCE: Final = 2
SCAN_SECONDS: Final = 15.0
FORM_BYTES: Final = MOST_BYTES + 64 * 1024
FORMS: Final = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
POLICY: Final = "default-src 'none'; sandbox"
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_places = asyncio.Semaphore(AT_ONCE)


class NotAPicture(DomainError):
    """The file is none of the kinds that we take, or can't be read as what it says it is."""

    status = 415
    code = "not_a_picture"

    def sentence(self) -> str:
        """Name the kinds."""
        return _("This can't be used as a picture. Pick a JPEG, PNG or WebP file.")


class PictureTooLarge(DomainError):
    """The file has too many bytes or pixels."""

    status = 413
    code = "picture_too_large"

    def sentence(self) -> str:
        """Say how large it may be."""
        return _("This picture is too large. Use one of at most 5 MB and 24 megapixels.")


class NoRoom(DomainError):
    """The business has used up its room for pictures."""

    status = 409
    code = "no_room_for_pictures"

    def sentence(self) -> str:
        """Say what makes room."""
        return _("Your room for pictures is used up. Remove pictures that you no longer need.")


class Infected(DomainError):
    """The scanner that the operator set up refuses the file."""

    status = 422
    code = "file_refused"

    def sentence(self) -> str:
        """Say to take another file."""
        return _("This file was refused by the virus scanner. Pick another one.")


def form_of(content: bytes) -> str:
    """Tell the kind of a picture from its first bytes. Raises NotAPicture."""
    for mark, form in FORMS.items():
        if content.startswith(mark) and (form != "WEBP" or content[8:12] == b"WEBP"):
            return form
    raise NotAPicture


async def read_picture(file: UploadFile, settings: Settings) -> bytes:
    """Read what was sent, and have the operator's scanner look at it.

    Raises PictureTooLarge, NotAPicture, Infected, Busy where the scanner doesn't answer.
    """
    content = await file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PictureTooLarge
    form_of(content)
    if settings.upload_scanner:
        await scan(settings.upload_scanner, content)
    return content


async def smaller(content: bytes, sides: Sequence[int]) -> list[bytes]:
    """Write a picture anew as WebP, fitted into a square of each side. Raises NotAPicture, PictureTooLarge, Busy."""
    command = [sys.executable, "-I", picture_worker.__file__, form_of(content), str(MOST_PIXELS), *map(str, sides)]
    async with _places:
        code, written = await _run(command, content, SECONDS)
    if code == picture_worker.TOO_LARGE:
        raise PictureTooLarge
    made = list(_parts(written)) if code == 0 else []
    if len(made) != len(sides):
        raise NotAPicture
    return made


async def scan(program: str, content: bytes) -> None:
    """Give a file to a virus scanner on its standard input: 0 is clean, 1 is infected, anything else is a failure.

    Raises Infected, and Busy where the scanner fails: what nobody looked at isn't taken.
    """
    try:
        code, _said = await _run([program, "-"], content, SCAN_SECONDS)
    except OSError as missing:
        raise Busy from missing
    if code == 1:
        raise Infected
    if code != 0:
        raise Busy


class Shelf:
    """The pictures of one business. The methods block for a moment: they belong into a thread."""

    def __init__(self, settings: Settings, tenant: UUID) -> None:
        self.folder = settings.data_dir / "files" / str(tenant)

    def put(self, files: dict[int, bytes], pointer: str) -> str:
        """Keep a picture's sizes and point to it; what `pointer` led to before is deleted. Raises NoRoom."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        with self._alone():
            before = self.name_of(pointer)
            others = (one for one in self.folder.glob("*.webp") if not one.name.startswith(before or "-"))
            kept = sum(one.stat().st_size for one in others)
            if kept + sum(map(len, files.values())) > QUOTA:
                raise NoRoom
            for side, content in files.items():
                self._write(f"{name}-{side}.webp", content)
            self._write(pointer, name.encode())
            self._forget(before)
        return name

    def adopt(self, made: Sequence[tuple[dict[int, Path], str]]) -> list[str]:
        """Keep pictures whose sizes lie as files elsewhere in our folder, which stay there; else as `put`.

        Raises NoRoom; what came before it is kept by then, so the caller takes it back.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = []
        with self._alone():
            left = self._left()
            for files, pointer in made:
                left -= sum(one.stat().st_size for one in files.values())
                if left < 0:
                    raise NoRoom
                name, before = secrets.token_hex(16), self.name_of(pointer)
                for side, source in files.items():
                    (self.folder / f"{name}-{side}.webp").hardlink_to(source)
                self._write(pointer, name.encode())
                self._forget(before)
                names.append(name)
        return names

    def room(self) -> int:
        """Tell how many bytes may still be kept."""
        return self._left() if self.folder.is_dir() else QUOTA

    def _left(self) -> int:
        return QUOTA - sum(one.stat().st_size for one in self.folder.glob("*.webp"))

    def take(self, pointer: str) -> bool:
        """Delete what a pointer leads to; claims that there was something."""
        if not self.folder.is_dir():
            return False
        with self._alone():
            before = self.name_of(pointer)
            (self.folder / pointer).unlink(missing_ok=True)
            self._forget(before)
        return before is not None

    def name_of(self, pointer: str) -> str | None:
        """Tell the name that a pointer leads to, or None."""
        try:
            name = (self.folder / pointer).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if _NAME.fullmatch(name) else None

    def read(self, name: str, side: int) -> bytes:
        """Read one size of a picture. Raises NotFound, for every name that isn't one of ours too."""
        if not _NAME.fullmatch(name):
            raise NotFound("picture")
        try:
            return (self.folder / f"{name}-{side}.webp").read_bytes()
        except OSError as missing:
            raise NotFound("picture") from missing

    @contextmanager
    def still(self) -> Iterator[list[Path]]:
        """Give all files, pointers too, in a while in which nobody replaces or deletes one."""
        if not self.folder.is_dir():
            yield []
            return
        with self._alone():
            yield sorted(one for one in self.folder.iterdir() if one.is_file() and not one.name.startswith("."))

    def _forget(self, name: str | None) -> None:
        for old in self.folder.glob(f"{name}-*.webp") if name else ():
            old.unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f".{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.replace(self.folder / name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def picture_answer(content: bytes, name: str) -> Response:
    """Answer with a picture: even opened by itself it can run nothing, and only our own pages may show it."""
    return Response(
        content,
        media_type="image/webp",
        headers={
            "Content-Security-Policy": POLICY,
            "Content-Disposition": disposition(name, inline=True),
            "Cache-Control": "private, max-age=31536000, immutable",
        },
    )


async def _run(command: Sequence[str], content: bytes, seconds: float) -> tuple[int, bytes]:
    """Run a program with nothing of our environment. Gives its exit code (-1: too slow) and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path("/"),
        env={},
    )
    try:
        async with asyncio.timeout(seconds):
            written, _nothing = await process.communicate(content)
    except TimeoutError:
        return -1, b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, written


def _parts(written: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(written):
        (size,) = struct.unpack_from(">I", written, at)
        yield written[at + 4 : at + 4 + size]
        at += 4 + size
