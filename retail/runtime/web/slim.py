"""What goes over the wire: our own scripts and style sheets without their comments and blanks.

The files stay as people wrote them and nothing is built; vendored files are sent as they are. A style sheet that only
imports others (css/office.css) is sent with them in their places: a browser that had to ask for each asks in rounds.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Final

import minify

_KINDS: Final = {".js": "application/javascript", ".css": "text/css"}

_IMPORT: Final = re.compile(rb'^@import "([a-z0-9_-]+\.css)";$', re.MULTILINE)


def written(file: Path) -> bytes:
    """Read a file, a style sheet with those that it imports. Raises FileNotFoundError for a wrong name."""
    body = file.read_bytes()
    return _IMPORT.sub(lambda found: _beside(file, found).read_bytes(), body) if file.suffix == ".css" else body


def changed(file: Path) -> float:
    """Say when a file, or one that it imports, was changed last. Raises FileNotFoundError."""
    own = file.stat().st_mtime
    if file.suffix != ".css":
        return own
    return max([own, *(_beside(file, found).stat().st_mtime for found in _IMPORT.finditer(file.read_bytes()))])


def _beside(file: Path, found: re.Match[bytes]) -> Path:
    return file.parent / found[1].decode()


def slim(path: PurePath, body: bytes) -> bytes:
    """Give the bytes to send for a file: the same program or style sheet in fewer of them.

    By tdewolff/minify, which shortens names inside functions and keeps what a module exports.
    """
    kind = _KINDS.get(path.suffix)
    if kind is None or "vendor" in path.parts:
        return body
    text: str = minify.string(kind, body.decode())
    return text.encode()
