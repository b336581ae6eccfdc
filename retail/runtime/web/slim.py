"""What goes over the wire: our own scripts and style sheets without their comments and blanks.

The files stay as people wrote them, nothing is built or joined; vendored files are sent as they are.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

import minify

_KINDS: Final = {".js": "application/javascript", ".css": "text/css"}


def slim(path: PurePath, body: bytes) -> bytes:
    """Give the bytes to send for a file: the same program or style sheet in fewer of them.

    By tdewolff/minify, which shortens names inside functions and keeps what a module exports.
    """
    kind = _KINDS.get(path.suffix)
    if kind is None or "vendor" in path.parts:
        return body
    text: str = minify.string(kind, body.decode())
    return text.encode()
